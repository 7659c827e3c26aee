"""The file of a recording: a zip archive that any tool opens.

::

    record.json       what was asked, how each question to a server was answered, what came of it
    files/...         input files and the earlier lockfile, in their places below one folder
    answers/00001     bodies of answers, as they came (text without secrets)
    conda-lock.yml    the lockfile that was made, pixi.lock that of several environments; not where it failed
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from lockfiles.regular_files import open_regular_file
from resolver.errors import InputError
from resolver.model.json_text import decode_json
from resolver.model.origin import Origin
from resolver.sources.tape import TapedAnswer

#: Bytes that a recording may hold, unpacked: what is written stays below it, what is larger isn't read.
MOST = 512 << 20
#: What reading a damaged member raises.
_DAMAGE = (KeyError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)
#: Version of the form.
_FORM = 1
_RECORD, _LOCKFILES = "record.json", ("conda-lock.yml", "pixi.lock")
_FILES, _ANSWERS = "files/", "answers/"


class GivenSetting(msgspec.Struct, frozen=True, kw_only=True):
    """A setting that somebody gave: its value as a settings file would have it."""

    value: Any
    source: str
    layer: str


class RecordedEnd(msgspec.Struct, frozen=True, kw_only=True):
    """How the solve ended."""

    exit_code: int
    error: str | None = None


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked, and how sources answered. Names of files are relative to the folder that all share."""

    form: int = _FORM
    program: str
    today: str | None
    files: tuple[str, ...]  #: inputs, in order; ``-`` is standard input
    held: tuple[str, ...]  #: files that the archive holds: inputs, what they name, the earlier lockfile
    output: str
    lockfile: str = _LOCKFILES[0]  #: the name of the one in the archive
    is_output_asked: bool = True  #: False: the place is where it stands anyway
    request: dict[str, Any]
    machine: dict[str, str | None]
    settings: dict[str, GivenSetting]
    environ: dict[str, str]
    answers: tuple[TapedAnswer, ...]
    outcome: RecordedEnd


def write_recording(
    place: Path, record: Record, files: Mapping[str, bytes], bodies: Path, lockfile: str | None
) -> None:
    """Write the archive; raises OSError. Equal recordings have equal bytes."""
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
        text = msgspec.json.format(msgspec.json.encode(record), indent=1)
        _add(archive, _RECORD, text)
        for name, data in sorted(files.items()):
            _add(archive, _FILES + name, data)
        for body in sorted(bodies.iterdir()):
            _add(archive, _ANSWERS + body.name, body.read_bytes())
        if lockfile is not None:
            _add(archive, record.lockfile, lockfile.encode())


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    info = zipfile.ZipInfo(name)  # of 1980: no clock enters the file
    info.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(info, data)


class Recording:
    """An open recording. It may be a stranger's: nothing of it is run, and its names are checked."""

    def __init__(self, place: str) -> None:
        """Open the archive; raises InputError for what is no recording, or too large."""
        self._place = place
        try:
            open_regular_file(place).close()  # no pipe and no device, which would be read for ever
            self._archive = zipfile.ZipFile(place)
            size = sum(info.file_size for info in self._archive.infolist())
            if size > MOST + (64 << 20):
                raise self._fault(f"unpacks to more than {MOST >> 20} MiB")
            self.record = decode_json(self._archive.read(_RECORD), Record)
        except OSError as error:
            raise self._fault(f"can't be read: {error.strerror or error}") from None
        except (ValueError, *_DAMAGE):
            raise self._fault("is no recording of a solve") from None
        if self.record.form != _FORM:
            raise self._fault(f"is a recording of form {self.record.form}; this program reads {_FORM}")
        if self.record.lockfile not in _LOCKFILES:
            raise self._fault("is no recording of a solve")
        for name in (*self.record.files, *self.record.held, self.record.output):
            path = PurePosixPath(name)
            if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name:
                raise self._fault(f"names a file outside its folder: `{name}`")

    def body(self, name: str) -> bytes:
        """Return the bytes of an answer."""
        return self._read(_ANSWERS + name)

    def file(self, name: str) -> bytes:
        """Return a file that was read."""
        return self._read(_FILES + name)

    def write_files(self, folder: Path) -> None:
        """Write the files that were read below a folder."""
        for name in self.record.held:
            data, place = self.file(name), folder / name
            try:
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(data)
            except (FileExistsError, NotADirectoryError, IsADirectoryError, ValueError):
                raise self._fault(f"names a file that can't be: `{name}`") from None

    def lockfile(self) -> str | None:
        """Return the lockfile that was made; None where the solve failed."""
        if self.record.outcome.exit_code != 0:
            return None
        name = self.record.lockfile
        try:
            return self._read(name).decode()
        except UnicodeDecodeError:
            raise self._fault(f"lacks `{name}`, or it is damaged") from None

    def _read(self, name: str) -> bytes:
        try:
            return self._archive.read(name)
        except _DAMAGE:
            raise self._fault(f"lacks `{name}`, or it is damaged") from None

    def _fault(self, words: str) -> InputError:
        return InputError(words, Origin(file=self._place))
