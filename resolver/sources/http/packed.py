"""Compressed files, recognised by their first bytes: a name may lie, and servers unpack on the way.

What comes out is bounded while it comes: by a piece of some megabytes, by the bounds of its kind
of resource, and by how much it may grow.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Generator, Iterator
from typing import IO, TYPE_CHECKING, Any

from resolver.sources.limits import LimitError, ResourceKind, Unpacking

if TYPE_CHECKING:
    from typing import NamedTuple
else:
    from resolver.model.named_tuples import NamedTuple

_ZSTD, _BZIP2, _GZIP = b"\x28\xb5\x2f\xfd", b"BZh", b"\x1f\x8b"
_LARGEST_WINDOW = 1 << 27  #: bytes of memory; what ``zstd`` itself takes unless told otherwise
_CHUNK = 1 << 16  #: compressed bytes read at a time
_PIECE = 1 << 20  #: most bytes that bz2 and zlib give at once
#: Compressed bytes that zstd gets at once: it can't be told how much to give, and makes 128 KiB of 4.
_SIP = 1 << 10

#: Yields what comes of some compressed bytes, and returns those behind the frame's end.
_Steps = Generator[bytes, None, bytes]


class _Method(NamedTuple):
    make: Callable[[], Any]  #: a decompressor of one frame
    steps: Callable[[Any, bytes], _Steps]


class Unpacked:
    """The decompressed bytes of an open file (zstd, bzip2, gzip, else as they are), from its start.

    ``read`` raises ValueError for damaged data, for data beyond its bounds, and for data that ends
    inside a frame: a stream cut short must not look like a shorter one.
    """

    def __init__(self, file: IO[bytes], count: Unpacking | None = None) -> None:
        """``count`` holds the bounds; None: those of repodata."""
        file.seek(0)
        self._pieces = _iter_pieces(file, count or Unpacking(ResourceKind.REPODATA))

    def read(self, _size: int) -> bytes:
        """Return the next bytes, more or fewer than asked for; empty only at the end."""
        try:
            return next(self._pieces, b"")
        except LimitError as error:
            raise ValueError(str(error)) from None


def unpack_zstd(data: bytes, count: Unpacking) -> bytes:
    """Return the decompressed bytes of zstd frames; raises ValueError for anything else."""
    if data[:4] != _ZSTD:
        raise ValueError("the data is not compressed as it should be (zstd)")
    unpacked = Unpacked(io.BytesIO(data), count)
    return b"".join(iter(lambda: unpacked.read(_CHUNK), b""))


class FirstBytes:
    """What a file begins with once it is unpacked, told while it comes.

    ``is_plain``: None until it is known how the file is packed.
    """

    def __init__(self) -> None:
        self.is_plain: bool | None = None
        self._head = b""
        self._method: _Method | None = None
        self._frame: Any = None

    def feed(self, data: bytes) -> bytes | None:
        """Return what comes of some more bytes: a piece at most; None where that can't be told from here on.

        Raises ValueError for what is damaged.
        """
        if self.is_plain is None:
            data, self._head = self._head + data, self._head + data
            if len(data) < len(_ZSTD):
                return b""
            self._method = _method_of(data[:4])
            self.is_plain = self._method is None
        if self._method is None:
            return data
        if self._frame is None:
            self._frame = self._method.make()
        if self._frame.eof:  # there was nothing in it, and another may follow
            return None
        try:
            return next((piece for piece in self._method.steps(self._frame, data) if piece), b"")
        except Exception as error:  # each module has an error of its own; bz2 says OSError
            raise ValueError(f"the compressed data is damaged: {error}") from None


def _iter_pieces(file: IO[bytes], count: Unpacking) -> Iterator[bytes]:
    """Yield what is in a file, counted; empty pieces are left out."""
    chunk = file.read(_CHUNK)
    method = _method_of(chunk[:4])
    frame: Any = None
    while chunk:
        count.receive(len(chunk))
        if method is None:
            count.unpack(len(chunk))
            yield chunk
        rest = b"" if method is None else chunk
        while rest and method is not None:
            frame = frame or method.make()
            rest = yield from _frame_pieces(method.steps(frame, rest), count)
            if frame.eof:  # another frame may follow
                frame = None
        chunk = file.read(_CHUNK if method else _PIECE)
    if frame is not None:
        raise ValueError("the compressed data ends too early")


def _frame_pieces(steps: _Steps, count: Unpacking) -> _Steps:
    while True:
        try:
            piece = next(steps)
        except StopIteration as end:
            rest: bytes = end.value
            return rest
        except Exception as error:  # each module has an error of its own; bz2 says OSError
            raise ValueError(f"the compressed data is damaged: {error}") from None
        if piece:
            count.unpack(len(piece))
            yield piece


def _method_of(start: bytes) -> _Method | None:
    """Return how a file that begins like this is decompressed; None for plain bytes."""
    if start == _ZSTD:
        import zstandard

        return _Method(zstandard.ZstdDecompressor(max_window_size=_LARGEST_WINDOW).decompressobj, _zstd_steps)
    if start[:3] == _BZIP2:
        import bz2

        return _Method(bz2.BZ2Decompressor, _bz2_steps)
    if start[:2] == _GZIP:
        import zlib

        return _Method(lambda: zlib.decompressobj(16 + zlib.MAX_WBITS), _zlib_steps)
    return None


def _zstd_steps(frame: Any, data: bytes) -> _Steps:
    view = memoryview(data)
    for at in range(0, len(data), _SIP):
        yield frame.decompress(view[at : at + _SIP])
        if frame.eof:
            return bytes(frame.unused_data) + data[at + _SIP :]
    return b""


def _bz2_steps(frame: Any, data: bytes) -> _Steps:
    yield frame.decompress(data, _PIECE)
    while not frame.eof and not frame.needs_input:
        yield frame.decompress(b"", _PIECE)
    return bytes(frame.unused_data) if frame.eof else b""


def _zlib_steps(frame: Any, data: bytes) -> _Steps:
    yield frame.decompress(data, _PIECE)
    while frame.unconsumed_tail and not frame.eof:
        yield frame.decompress(frame.unconsumed_tail, _PIECE)
    return bytes(frame.unused_data) if frame.eof else b""
