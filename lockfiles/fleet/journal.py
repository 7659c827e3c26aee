"""A fleet's journal: one line a file as soon as it is done, so that what is done stays done.

::

    {"fleet": 1, "key": "...", "run": "..."}   what was asked for; another fleet's journal isn't taken up
    {"file": "a/environment.yml", ...}  a record (:mod:`lockfiles.fleet.records`)

Lines are appended whole. A process that is killed loses at most the line that it was writing: a last line
that is none is left out, and its file done again. A power cut may take the last second's lines. A run holds
the file locked for as long as it lives.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import msgspec

from lockfiles.fleet.leftovers import new_word
from lockfiles.fleet.records import FleetRecord, record_from_json, record_to_json
from lockfiles.fleet.run_folder import lock_file
from lockfiles.regular_files import open_regular_file
from resolver.errors import InputError, OutputError
from resolver.model.json_text import decode_json
from resolver.model.origin import Origin

#: Version of the journal; another one's is begun anew.
VERSION = 1
#: Seconds between two flushes to the disk itself.
_SYNC = 1.0
_LONGEST_HEAD = 10_000


class _Head(msgspec.Struct, frozen=True):
    fleet: int
    key: str
    run: str = ""  #: a word of the run's own (:mod:`lockfiles.fleet.leftovers`)


class Journal:
    """Takes records, and gives them back; used as a context."""

    def __init__(self, path: Path, key: str, *, resume: bool) -> None:
        """``resume``: keep what an earlier run of the same fleet has done.

        Raises OutputError where the file can't be written, InputError for a file that is no journal, and for
        one that another run is writing.
        """
        self.path = path
        self.run = new_word()  #: of a run that is resumed, its own
        self.earlier: tuple[str, ...] = ()  #: words of runs that are over
        self.kept: dict[str, FleetRecord] = {}  #: what an earlier run has done: key of the job -> record
        self._kept_places: dict[str, tuple[int, int]] = {}
        self._places: dict[int, tuple[int, int]] = {}
        self._synced = 0.0
        _check(path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
            self._file: IO[bytes] = os.fdopen(os.open(path, flags, 0o666), "r+b")
        except OSError as error:
            raise OutputError(str(path), (error.strerror or str(error)).lower()) from error
        try:
            self._begin(key, resume=resume)
        except OSError as error:
            self._file.close()
            raise OutputError(str(path), (error.strerror or str(error)).lower()) from error
        except BaseException:
            self._file.close()
            raise

    def _begin(self, key: str, *, resume: bool) -> None:
        """Take up the file where another run has ended, or begin it anew; raises OSError."""
        is_locked = lock_file(self._file.fileno())
        if is_locked is None:
            told = "is the journal of a run of this fleet that is at work"
            raise InputError(
                told, Origin(file=str(self.path)), "Wait for it, or choose another place: `--journal FILE`."
            )
        head = _head(self._file.readline(_LONGEST_HEAD).rstrip(b"\n"))
        if is_locked and head is not None and head.run:  # else that run may be at work
            self.earlier = (head.run,)
        whole = self._read(key) if resume else 0
        self._file.truncate(whole)
        self._file.seek(whole)
        if not whole:
            self._append(msgspec.json.encode(_Head(VERSION, key, self.run)))
        elif head is not None and head.run:
            self.run = head.run

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._file.flush()
            os.fsync(self._file.fileno())
        with contextlib.suppress(OSError):  # what couldn't be written has been told by :meth:`add`
            self._file.close()

    def add(self, number: int, record: FleetRecord) -> None:
        """Write down what became of the file at a place of the fleet; raises OutputError."""
        try:
            self._places[number] = self._append(record_to_json(record))
            now = time.monotonic()
            if now - self._synced > _SYNC:
                os.fsync(self._file.fileno())
                self._synced = now
        except OSError as error:
            raise OutputError(str(self.path), (error.strerror or str(error)).lower()) from error

    def keep(self, number: int, key: str) -> None:
        """Take what an earlier run has written down of a job as what became of the file at a place."""
        self._places[number] = self._kept_places[key]

    def records(self) -> Iterator[FleetRecord]:
        """Yield the records of this run in the fleet's order, whole."""
        self._file.flush()
        for number in sorted(self._places):
            start, size = self._places[number]
            self._file.seek(start)
            yield record_from_json(self._file.read(size))

    def _append(self, line: bytes) -> tuple[int, int]:
        start = self._file.seek(0, os.SEEK_END)
        self._file.write(line + b"\n")
        self._file.flush()
        return start, len(line)

    def _read(self, key: str) -> int:
        """Read what an earlier run has done; return the bytes of its whole lines, 0 for another fleet's."""
        try:
            with open_regular_file(self.path) as file:
                data = file.read()
        except FileNotFoundError:
            return 0
        head, *lines = data.split(b"\n")
        found = _head(head)
        if found is None or (found.fleet, found.key) != (VERSION, key):
            return 0
        size = len(head) + 1
        for line in lines[:-1]:  # behind the last line's end stands nothing, or half a line
            try:
                record = record_from_json(line)
            except ValueError:
                break
            self.kept[record.key] = record
            self._kept_places[record.key] = size, len(line)
            size += len(line) + 1
        return size


def _check(path: Path) -> None:
    """Refuse what is there and is no journal: it would be written over, or can't be read again."""
    hint = "Choose another place for the journal."
    try:
        with open_regular_file(path) as file:
            first = file.readline(_LONGEST_HEAD)
    except FileNotFoundError:
        return
    except OSError as error:
        reason = (error.strerror or str(error)).partition(" (")[0].lower()
        raise InputError(f"can't be a fleet's journal: {reason}", Origin(file=str(path)), hint) from error
    if (first and _head(first.rstrip(b"\n")) is None) or not path.is_file():
        raise InputError("isn't a fleet's journal, and would be written over", Origin(file=str(path)), hint)


def _head(line: bytes) -> _Head | None:
    try:
        return decode_json(line, _Head)
    except ValueError:
        return None


def is_final(record: FleetRecord) -> bool:
    """Tell whether another run would come to the same: not where a source failed, or a worker was lost."""
    return record.code in (0, 2, 4, 5)
