"""Compressed files, recognised by their first bytes: a name may lie, and servers unpack on the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO, Any

_ZSTD, _BZIP2, _GZIP = b"\x28\xb5\x2f\xfd", b"BZh", b"\x1f\x8b"
_LARGEST_WINDOW = 1 << 31  #: bytes; what ``zstd --ultra --long=31`` may ask for
_CHUNK = 1 << 16  #: compressed bytes read at a time


class Unpacked:
    """The decompressed bytes of an open file (zstd, bzip2, gzip, else as they are), from its start.

    ``read`` raises ValueError for damaged data and for data that ends inside a
    frame: a stream cut short must not look like a shorter one.
    """

    def __init__(self, file: IO[bytes]) -> None:
        file.seek(0)
        self._file, self._rest = file, file.read(_CHUNK)
        self._make = _unpacker_of(self._rest[:4])
        self._current: Any = None

    def read(self, size: int) -> bytes:
        """Return the next bytes, more or fewer than ``size``; empty only at the end."""
        while data := self._rest or self._file.read(max(_CHUNK, size) if self._make is None else _CHUNK):
            self._rest = b""
            if self._make is None:
                return data
            if self._current is None:
                self._current = self._make()
            try:
                out: bytes = self._current.decompress(data)
            except Exception as error:  # each module has an error of its own; bz2 says OSError
                raise ValueError(f"the compressed data is damaged: {error}") from None
            if self._current.eof:  # another frame may follow
                self._rest, self._current = self._current.unused_data, None
            if out:
                return out
        if self._current is not None:
            raise ValueError("the compressed data ends too early")
        return b""


def _unpacker_of(start: bytes) -> Callable[[], Any] | None:
    """Return what makes a decompressor of one frame; None for plain bytes."""
    if start == _ZSTD:
        import zstandard

        return zstandard.ZstdDecompressor(max_window_size=_LARGEST_WINDOW).decompressobj
    if start[:3] == _BZIP2:
        import bz2

        return bz2.BZ2Decompressor
    if start[:2] == _GZIP:
        import zlib

        return lambda: zlib.decompressobj(16 + zlib.MAX_WBITS)
    return None


def unpack_zstd(data: bytes) -> bytes:
    """Return the decompressed bytes of one zstd frame; raises ValueError for anything else."""
    import zstandard

    unpacker = zstandard.ZstdDecompressor(max_window_size=_LARGEST_WINDOW).decompressobj()
    try:
        result: bytes = unpacker.decompress(data)
    except zstandard.ZstdError as error:
        raise ValueError(str(error)) from None
    if not unpacker.eof:
        raise ValueError("the compressed data ends too early")
    return result
