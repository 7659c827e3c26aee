"""A temporary file that goes on in memory when the disk takes no more."""

from __future__ import annotations

import io
from pathlib import Path
from typing import IO, TYPE_CHECKING

from resolver.model.loggers import lazy_logger

if TYPE_CHECKING:
    from collections.abc import Sequence

    from _typeshed import ReadableBuffer, WriteableBuffer

_log = lazy_logger(__name__)


def open_scratch(folders: Sequence[Path | None]) -> IO[bytes]:
    """Return an empty file without a name, gone when it is closed.

    The first of ``folders`` (None: the system's) that takes one is used; in memory if none does.
    """
    import tempfile

    for folder in folders:
        try:
            if folder:
                folder.mkdir(parents=True, exist_ok=True)
            file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115 - handed on
        except OSError:
            continue
        return io.BufferedRandom(_Spill(file))
    return io.BytesIO()


class _Spill(io.RawIOBase):
    """Passes everything on to a file; the first write that fails moves what is there into memory."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__()
        self._file = file

    def write(self, data: ReadableBuffer, /) -> int:
        try:
            return self._file.write(data)
        except OSError as error:
            if isinstance(self._file, io.BytesIO):
                raise
            _log.info("a temporary file goes on in memory: %s", error.strerror)
            self._move()
            return self._file.write(data)

    def _move(self) -> None:
        place = self._file.tell()
        self._file.seek(0)
        memory = io.BytesIO(self._file.read())
        memory.seek(place)
        self._file.close()
        self._file = memory

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        data = self._file.read(len(view))
        view[: len(data)] = data
        return len(data)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def truncate(self, size: int | None = None, /) -> int:
        return self._file.truncate(size)

    def fileno(self) -> int:
        """Return the file's number; raises OSError where it is in memory."""
        return self._file.fileno()

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()
