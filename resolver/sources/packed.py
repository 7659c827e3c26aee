"""Compressed files, recognised by their first bytes: a name may lie, and servers unpack on the way."""

from __future__ import annotations

from typing import IO, BinaryIO, cast

_ZSTD, _BZIP2, _GZIP = b"\x28\xb5\x2f\xfd", b"BZh", b"\x1f\x8b"
_LARGEST_WINDOW = 1 << 31  #: bytes; what ``zstd --ultra --long=31`` may ask for


def unpacked(file: IO[bytes]) -> BinaryIO:
    """Return a stream of the decompressed bytes of ``file`` (zstd, bzip2, gzip, else as they are)."""
    file.seek(0)
    start = file.read(4)
    file.seek(0)
    if start == _ZSTD:
        import zstandard

        unpacker = zstandard.ZstdDecompressor(max_window_size=_LARGEST_WINDOW)
        return cast("BinaryIO", unpacker.stream_reader(file, read_across_frames=True, closefd=False))
    if start[:3] == _BZIP2:
        import bz2

        return cast("BinaryIO", bz2.BZ2File(file))
    if start[:2] == _GZIP:
        import gzip

        return cast("BinaryIO", gzip.GzipFile(fileobj=file))
    return cast("BinaryIO", file)


def unpack_zstd(data: bytes) -> bytes:
    """Return decompressed bytes; raises ValueError for data that is not whole zstd frames."""
    import zstandard

    try:
        unpacker = zstandard.ZstdDecompressor(max_window_size=_LARGEST_WINDOW).decompressobj()
        unpacked_data: bytes = unpacker.decompress(data)
    except zstandard.ZstdError as error:
        raise ValueError(str(error)) from None
    if not unpacker.eof:
        raise ValueError("the compressed data ends too early")
    return unpacked_data
