"""What sources answered, each question once: answers in a list, their bytes by SHA-256.

::

    FOLDER/snapshot.json     {"snapshot": 1, "made": "2026-11-30T05:00:00Z"}
    FOLDER/answers.jsonl     a line a question: address, range, accepted form, status, headers, digest
    FOLDER/blobs/ab/ab12...  the bytes

What is there stays as it is: whoever asks gets what the first one got, at whatever time. A source that fails
is no answer: it is asked again.
"""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO

import msgspec

from lockfiles.regular_files import open_regular_file, read_whole
from resolver.errors import InputError, OutputError
from resolver.model.json_text import decode_json
from resolver.model.origin import Origin
from resolver.sources.http.response import ByteRange, Response
from resolver.sources.tape import Asking, TapedAnswer

#: Version of the folder's form.
VERSION = 1
#: Headers that somebody reads.
_HEADERS = frozenset({"content-type", "content-range", "content-length", "etag", "last-modified"})
#: Asks a server: address, range, where the body of a 200 goes, how.
Fetch = Callable[[str, ByteRange | None, IO[bytes], Asking], Response]
#: Bytes of a line of the answers, whose addresses are bounded; one that was cut off is left out.
_LONGEST_LINE = 1 << 20
_Key = tuple[str, ByteRange | None, str]


class _SnapshotHead(msgspec.Struct, frozen=True):
    snapshot: int
    made: str


class _Line(msgspec.Struct, frozen=True):
    accept: str
    answer: TapedAnswer


class AnswerStore:
    """Answers of sources in a folder; safe for threads."""

    def __init__(self, folder: Path, fetch: Fetch, now: str) -> None:
        """``now``: the moment of a new folder. Raises InputError for another's folder, OutputError."""
        self.folder, self._fetch = folder, fetch
        self.asked = 0  #: questions that went to a server
        self._answers: dict[_Key, TapedAnswer] = {}
        self._locks: dict[_Key, threading.Lock] = {}
        self._lock = threading.Lock()
        self.made = self._open(now)

    def _open(self, now: str) -> str:
        head, lines = self.folder / "snapshot.json", self.folder / "answers.jsonl"
        try:
            (self.folder / "blobs").mkdir(parents=True, exist_ok=True)
            if not head.exists():
                if any(entry.name != "blobs" for entry in self.folder.iterdir()):
                    raise InputError("isn't empty, and no snapshot", Origin(file=str(self.folder)))
                head.write_bytes(msgspec.json.encode(_SnapshotHead(VERSION, now)))
            found = decode_json(read_whole(head), _SnapshotHead)
            if found.snapshot != VERSION:
                raise InputError("is a snapshot of another form", Origin(file=str(self.folder)))
            with open_regular_file(lines if lines.exists() else os.devnull) as file:
                while (line := file.readline(_LONGEST_LINE)).endswith(b"\n"):
                    known = decode_json(line, _Line)
                    self._answers[known.answer.url, known.answer.byte_range, known.accept] = known.answer
                if len(line) == _LONGEST_LINE:
                    raise ValueError("a line of its answers has no end")
        except ValueError as error:
            raise InputError(f"isn't a snapshot: {error}", Origin(file=str(self.folder))) from None
        except OSError as error:
            raise self._trouble(error) from error
        return found.made

    def _trouble(self, error: OSError) -> InputError | OutputError:
        """Return why a folder can't be opened: the disk's fault, or that of what lies there."""
        told = (error.strerror or str(error)).lower()
        if error.errno in (errno.EINVAL, errno.EISDIR, errno.EEXIST, errno.ENOTDIR, errno.EFBIG, errno.ELOOP):
            named = error.filename if isinstance(error.filename, str) else str(self.folder)
            told = told.partition(" (")[0]
            return InputError(f"isn't a snapshot: {told}", Origin(file=named))
        return OutputError(str(self.folder), told)

    def answer(self, url: str, byte_range: ByteRange | None, how: Asking) -> TapedAnswer:
        """Return the answer to a question, asking once; ``body`` is a digest. Raises as the source does."""
        key = (url, byte_range, how.headers.get("accept", ""))
        with self._lock:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            known = self._answers.get(key)
            if known is None:
                known = self._ask(key, how)
        return known

    def _ask(self, key: _Key, how: Asking) -> TapedAnswer:
        url, byte_range, accept = key
        with tempfile.NamedTemporaryFile(dir=self.folder / "blobs", delete=False) as file:
            try:
                response = self._fetch(url, byte_range, file, how)
                if response.status != 200:
                    file.seek(0)
                    file.truncate()
                file.write(response.body)
                file.flush()
                digest = self._settle(Path(file.name))
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise
        answer = TapedAnswer(
            url=url, byte_range=byte_range, status=response.status, final_url=response.url,
            headers={name: text for name, text in response.headers.items() if name in _HEADERS},
            is_complete=response.is_complete, is_framed=response.is_framed, body=digest,
        )  # fmt: skip
        with self._lock:
            self.asked += 1
            self._answers[key] = answer
            with (self.folder / "answers.jsonl").open("ab") as file_of_all:
                file_of_all.write(msgspec.json.encode(_Line(accept, answer)) + b"\n")
        return answer

    def _settle(self, file: Path) -> str:
        """Move a file to the place of its content; return its SHA-256, 64 hex digits."""
        with file.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        place = self.blob(digest)
        place.parent.mkdir(exist_ok=True)
        os.replace(file, place)  # noqa: PTH105
        return digest

    def blob(self, digest: str) -> Path:
        """Return where the bytes of a digest lie."""
        return self.folder / "blobs" / digest[:2] / digest
