"""The central directory of a zip archive, read from its last bytes (APPNOTE.TXT 6.3).

::

    [local header, data] ... [local header, data] [central directory] [zip64 end] [end]
                                        ^--- offset, size ---------------------------'

The standard library's reader needs the whole file and makes an object for each
of up to 20,000 entries; here one entry is looked for in the bytes of a tail.
"""

from __future__ import annotations

import re
import struct
import zlib

import msgspec

from resolver.model.names import pypi_name

_END = struct.Struct("<4s4H2LH")
_END_MARK = b"PK\x05\x06"
_END64_LOCATOR = struct.Struct("<4sLQL")
_END64_LOCATOR_MARK = b"PK\x06\x07"
_END64 = struct.Struct("<4sQ2H2L4Q")
_END64_MARK = b"PK\x06\x06"
_ENTRY = struct.Struct("<4s6H3L5H2L")
_HEAD = _ENTRY.size
_LENGTHS = struct.Struct("<28x3H")  #: of an entry's name, extra field and comment
_ENTRY_MARK = b"PK\x01\x02"
_LOCAL = struct.Struct("<4s5H3L2H")
_LOCAL_MARK = b"PK\x03\x04"
_STORED, _DEFLATED = 0, 8
_FULL = 0xFFFFFFFF
_SUFFIX = b".dist-info/METADATA"
#: bytes; the largest METADATA of a popular wheel is under 1 MB
_LARGEST_METADATA = 16 << 20


class BadArchiveError(Exception):
    """The bytes are no zip archive, or one that can't be read; the text says why."""


class Directory(msgspec.Struct, frozen=True, kw_only=True):
    """Where the central directory lies, in bytes from the start of the archive."""

    offset: int
    size: int


class ZipEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One file of the archive."""

    name: str
    method: int
    crc: int
    compressed_size: int  #: bytes
    size: int  #: bytes
    offset: int  #: of the local header, in bytes from the start of the archive

    @property
    def likely_end(self) -> int:
        """Where the entry's data ends at the latest, for a local header with a usual extra field."""
        return self.offset + _LOCAL.size + len(self.name.encode()) + 256 + self.compressed_size


def find_directory(tail: bytes, total_size: int) -> Directory:
    """Find the central directory, given the last bytes of an archive of ``total_size`` bytes.

    Raises BadArchiveError where ``tail`` has no end record (a comment may push it out of a short tail).
    """
    place = tail.rfind(_END_MARK)
    if place < 0 or len(tail) - place < _END.size:
        raise BadArchiveError("it has no end record of a zip archive")
    _, _, _, _, _, size, offset, _ = _END.unpack_from(tail, place)
    locator = place - _END64_LOCATOR.size
    if _FULL in (size, offset) and locator >= 0 and tail.startswith(_END64_LOCATOR_MARK, locator):
        start = tail.rfind(_END64_MARK, 0, locator)
        if start < 0 or len(tail) - start < _END64.size:
            raise BadArchiveError("its zip64 end record is out of place")
        size, offset = _END64.unpack_from(tail, start)[8:10]
    if offset + size > total_size:
        raise BadArchiveError("its central directory lies outside of the archive")
    return Directory(offset=offset, size=size)


def find_metadata(directory: bytes, project: str) -> ZipEntry:
    """Find ``*.dist-info/METADATA`` in the bytes of a central directory.

    ``project`` is the wheel's; where several packages are inside, its folder
    counts. Raises BadArchiveError where there is none.
    """
    found = [entry for entry in _iter_metadata(directory) if entry.name.count("/") == 1]
    own = [entry for entry in found if pypi_name(entry.name.split("-", 1)[0]) == project]
    if own or len(found) == 1:
        return (own or found)[0]
    if not found:
        raise BadArchiveError("it has no `.dist-info/METADATA`")
    raise BadArchiveError("it has several `METADATA` files")


def _iter_metadata(directory: bytes) -> list[ZipEntry]:
    # A wheel may have thousands of entries: of most nothing but their lengths is looked at.
    ends = {match.end() for match in re.finditer(re.escape(_SUFFIX), directory)}
    found, place, last = [], 0, len(directory) - _ENTRY.size
    is_entry, lengths = directory.startswith, _LENGTHS.unpack_from
    while is_entry(_ENTRY_MARK, place):
        if place > last:
            raise BadArchiveError("its central directory is cut short")
        name_size, extra_size, comment_size = lengths(directory, place)
        start = place + _HEAD
        place = end = start + name_size
        if end in ends and name_size >= len(_SUFFIX):
            fields = _ENTRY.unpack_from(directory, start - _HEAD)
            extra = directory[end : end + extra_size]
            found.append(_entry(directory[start:end].decode("utf-8", "replace"), fields, extra))
        place += extra_size + comment_size
    return found


def _entry(name: str, fields: tuple[int, ...], extra: bytes) -> ZipEntry:
    """Make an entry; sizes and offset of a zip64 archive stand in the extra field, those that are full."""
    compressed, size, offset = fields[8], fields[9], fields[16]
    wide: list[int] = []
    place = 0
    while place + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, place)
        if kind == 1:
            wide = list(struct.unpack_from(f"<{min(length, len(extra) - place - 4) // 8}Q", extra, place + 4))
        place += 4 + length
    try:
        size = wide.pop(0) if size == _FULL else size
        compressed = wide.pop(0) if compressed == _FULL else compressed
        offset = wide.pop(0) if offset == _FULL else offset
    except IndexError:
        raise BadArchiveError("its zip64 fields are cut short") from None
    return ZipEntry(
        name=name, method=fields[4], crc=fields[7], compressed_size=compressed, size=size, offset=offset
    )


def read_entry(data: bytes, entry: ZipEntry) -> bytes | None:
    """Return the entry's content from ``data``, which starts at its local header.

    None where ``data`` is too short. Raises BadArchiveError for a damaged, encrypted or huge entry.
    """
    if len(data) < _LOCAL.size:
        return None
    fields = _LOCAL.unpack_from(data, 0)
    if fields[0] != _LOCAL_MARK:
        raise BadArchiveError("its central directory points to a wrong place")
    if fields[2] & 1:
        raise BadArchiveError("its METADATA is encrypted")
    if max(entry.size, entry.compressed_size) > _LARGEST_METADATA:
        raise BadArchiveError(f"its METADATA is larger than {_LARGEST_METADATA >> 20} MiB")
    start = _LOCAL.size + fields[9] + fields[10]
    packed = data[start : start + entry.compressed_size]
    if len(packed) < entry.compressed_size:
        return None
    content = _unpack(packed, entry)
    if len(content) != entry.size or zlib.crc32(content) != entry.crc:
        raise BadArchiveError("its METADATA is damaged")
    return content


def _unpack(packed: bytes, entry: ZipEntry) -> bytes:
    if entry.method == _STORED:
        return packed
    if entry.method != _DEFLATED:
        raise BadArchiveError(f"its METADATA is compressed by an unknown method: {entry.method}")
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, entry.size + 1)
    except zlib.error:
        raise BadArchiveError("its METADATA is damaged") from None
