"""A file that finds bytes by a name without reading anything else.

::

    magic | block block block ... | entries | slots | names | facts | footer
            └ one for each name ┘

    slots    open addressing: CRC-32 of the name & mask -> number of an entry + 1, 0: free
    entries  sorted by name: where its name and its block lie, the block's CRC-32 and its mark

Looking a name up touches two or three pages, however many names there are.
Written in one pass, little-endian; every part is guarded by a checksum. A checksum
finds damage and costs little each time a block is read; a mark, 128 bits of SHA-256
(which most processors compute as fast as a checksum) worked out once, when the block is
written, tells a block from every other.
"""

from __future__ import annotations

import struct
import zlib
from bisect import bisect_left
from collections.abc import Collection, Iterator
from mmap import mmap
from typing import IO, TypeAlias

import msgspec

Buffer: TypeAlias = bytes | mmap

_MAGIC = b"LockTab2"
_MARK_SIZE = 16  #: bytes
#: name offset, name length, block offset, block length, block CRC-32, block mark
_ENTRY = struct.Struct(f"<IIQQI{_MARK_SIZE}s")
_SLOT = struct.Struct("<I")
#: entries, slots, names, facts (offsets), end of facts, count, slot count
_PLACES = struct.Struct("<QQQQQII")
#: CRC-32 of all these parts and of their places
_FOOTER = struct.Struct("<I8s")
_TAIL = _PLACES.size + _FOOTER.size


class NameTableWriter:
    """Writes a table into an open file, from its current position 0 on."""

    def __init__(self, file: IO[bytes]) -> None:
        from hashlib import sha256  # OpenSSL's, as blocks are many

        self._file, self._sha256 = file, sha256
        self._at = file.write(_MAGIC)
        self._blocks: dict[str, tuple[int, int, int, bytes]] = {}

    def add(self, name: str, block: bytes) -> None:
        """Append the block of ``name``; each name once, in any order."""
        if name in self._blocks:
            raise ValueError(f"two blocks for `{name}`")
        mark = self._sha256(block).digest()[:_MARK_SIZE]
        self._blocks[name] = (self._at, len(block), zlib.crc32(block), mark)
        self._at += self._file.write(block)

    def finish(self, facts: bytes) -> None:
        """Write the tables; ``facts`` is the user's own, given back by :attr:`NameTable.facts`."""
        encoded = sorted((name.encode(), place) for name, place in self._blocks.items())
        slot_count = 1 << max(1, (2 * len(encoded)).bit_length())
        slots = [0] * slot_count
        entries, names, offset = [], [], 0
        for number, (name, place) in enumerate(encoded, start=1):
            entries.append(_ENTRY.pack(offset, len(name), *place))
            names.append(name)
            offset += len(name)
            slot = zlib.crc32(name) & (slot_count - 1)
            while slots[slot]:
                slot = (slot + 1) & (slot_count - 1)
            slots[slot] = number
        parts = [b"".join(entries), struct.pack(f"<{slot_count}I", *slots), b"".join(names), facts]
        offsets = [self._at]
        for part in parts:
            offsets.append(offsets[-1] + self._file.write(part))
        places = _PLACES.pack(*offsets, len(encoded), slot_count)
        check = zlib.crc32(places, zlib.crc32(b"".join(parts)))
        self._file.write(places + _FOOTER.pack(check, _MAGIC))


class NameTable(Collection[str]):
    """A written table over ``buffer``; iterates its names in sorted order (of their UTF-8 bytes).

    Raises ValueError for bytes that are not a whole, undamaged table.
    """

    def __init__(self, buffer: Buffer) -> None:
        tail = len(buffer) - _TAIL
        if tail < len(_MAGIC) or buffer[: len(_MAGIC)] != _MAGIC:
            raise ValueError("is not a table of names")
        *offsets, count, slots = _PLACES.unpack_from(buffer, tail)
        check, magic = _FOOTER.unpack_from(buffer, tail + _PLACES.size)
        if magic != _MAGIC or offsets[4] != tail or sorted(offsets) != offsets:
            raise ValueError("the table of names is cut short")
        with memoryview(buffer) as view:
            parts = zlib.crc32(view[offsets[0] : tail])
            found = zlib.crc32(view[tail : tail + _PLACES.size], parts)
        if found != check:
            raise ValueError("the table of names is damaged")
        self._count: int = count
        self._buffer, self._mask = buffer, slots - 1
        self._entries, self._slots, self._names, start, end = offsets
        self._end = start
        self.facts = bytes(buffer[start:end])
        self._found: dict[str, tuple[int, int, int, bytes] | None] = {}  # names that were looked up

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[str]:
        return (self._name(number).decode() for number in range(self._count))

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._place(name) is not None

    def block(self, name: str) -> bytes | None:
        """Return the block of ``name``, None for an unknown one. Raises ValueError if it is damaged."""
        place = self._place(name)
        if place is None:
            return None
        start, length, check, _ = place
        block = self._buffer[start : start + length]
        if len(block) != length or zlib.crc32(block) != check:
            raise ValueError(f"the block of `{name}` is damaged")
        return block

    def view(self, name: str) -> memoryview | None:
        """Return the block of ``name`` where it lies, None for an unknown one; nothing of it is proved.

        As long as somebody has it, the table stays open.
        """
        place = self._place(name)
        if place is None:
            return None
        start, length, _, _ = place
        return memoryview(self._buffer)[start : start + length]

    def mark(self, name: str) -> bytes:
        """Return what tells the block of ``name`` from every other, without reading it; empty: unknown."""
        place = self._place(name)
        return b"" if place is None else place[3]

    def is_like(self, other: NameTable) -> bool:
        """Tell whether all names have the same blocks, undamaged, in the same order."""
        return self._index() == other._index()

    def _index(self) -> bytes:
        """Return the part that says where names and blocks lie, with all checksums and marks."""
        return self._buffer[self._entries : self._end]

    def near(self, prefix: str) -> Iterator[str]:
        """Yield the names that start with ``prefix``, sorted."""
        wanted = prefix.encode()
        for number in range(bisect_left(range(self._count), wanted, key=self._name), self._count):
            name = self._name(number)
            if not name.startswith(wanted):
                return
            yield name.decode()

    def _name(self, number: int) -> bytes:
        at: int
        at, length, *_ = _ENTRY.unpack_from(self._buffer, self._entries + number * _ENTRY.size)
        return self._buffer[self._names + at : self._names + at + length]

    def _place(self, name: str) -> tuple[int, int, int, bytes] | None:
        """Return what :meth:`_find` does, found once: block and mark are asked for one after the other."""
        if name not in self._found:
            self._found[name] = self._find(name.encode())
        return self._found[name]

    def _find(self, name: bytes) -> tuple[int, int, int, bytes] | None:
        """Return offset, length, checksum and mark of the block."""
        buffer, slot = self._buffer, zlib.crc32(name) & self._mask
        number: int
        at: int
        while number := _SLOT.unpack_from(buffer, self._slots + slot * _SLOT.size)[0]:
            entry = self._entries + (number - 1) * _ENTRY.size
            at, length, start, size, check, mark = _ENTRY.unpack_from(buffer, entry)
            if length == len(name) and buffer[self._names + at : self._names + at + length] == name:
                return start, size, check, mark
            slot = (slot + 1) & self._mask
        return None


def encode_facts(facts: dict[str, str | int | None]) -> bytes:
    """Return small facts as bytes for :meth:`NameTableWriter.finish`; equal facts give equal bytes."""
    return msgspec.msgpack.encode(dict(sorted(facts.items())))


def decode_facts(data: bytes) -> dict[str, str | int | None]:
    """Read what :func:`encode_facts` wrote."""
    return msgspec.msgpack.decode(data, type=dict[str, str | int | None])
