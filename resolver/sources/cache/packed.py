"""The contents of a pack: what files say of themselves, packed, beside what others give as bytes."""

from __future__ import annotations

from array import array
from typing import TypeAlias, TypeVar

import msgspec

from resolver.model.decoders import msgpack_decoder
from resolver.model.records import CoreMetadata

_ENCODER = msgspec.msgpack.Encoder()


class _KeptMetadata(msgspec.Struct, array_like=True, frozen=True):
    name: str
    version: str
    requires_python: str | None
    list: int  #: place of ``requires_dist`` and ``extras``


class _KeptList(msgspec.Struct, array_like=True, frozen=True):
    texts: bytes  #: of ``requires_dist``: 4 bytes each
    extras: tuple[str, ...]


class _PackedRows(msgspec.Struct, array_like=True):
    program: bytes
    pages: dict[bytes, bytes]
    texts: list[str]
    lists: list[bytes]
    metadata: dict[bytes, bytes]
    domains: dict[bytes, bytes]


T = TypeVar("T")
_DECODER = msgpack_decoder(_PackedRows)
_METADATA = msgpack_decoder(_KeptMetadata)
_LIST = msgpack_decoder(_KeptList)
_Requires: TypeAlias = tuple[tuple[str, ...], tuple[str, ...]]  #: requirements, extras


class _Places(dict[T, int]):
    """Where some values stand; one that doesn't yet is added to them."""

    def __init__(self, values: list[T]) -> None:
        super().__init__(zip(values, range(len(values)), strict=True))
        self._values = values

    def __missing__(self, value: T) -> int:
        place = self[value] = len(self._values)
        self._values.append(value)
        return place


class Packed:
    """See :mod:`resolver.sources.cache.pack`; who puts metadata in from several threads holds a lock."""

    def __init__(self, stored: _PackedRows) -> None:
        self._program = stored.program
        self.pages, self.metadata, self.domains = stored.pages, stored.metadata, stored.domains
        self.texts, self.lists = stored.texts, stored.lists
        #: of the texts and of the lists, once one comes in
        self._places: tuple[_Places[str], _Places[bytes]] | None = None
        self._lists: dict[int, _Requires] = {}  # that were unpacked

    @classmethod
    def empty(cls, program: bytes) -> Packed:
        """Return one with nothing in it."""
        return cls(_PackedRows(program, {}, [], [], {}, {}))

    def packed(self) -> bytes:
        """Return all as bytes."""
        return _ENCODER.encode(
            _PackedRows(self._program, self.pages, self.texts, self.lists, self.metadata, self.domains)
        )

    def unpacked(self, key: bytes) -> CoreMetadata | None:
        """Return what a file says of itself; None where that isn't there, or is damaged."""
        data = self.metadata.get(key)
        if data is None:
            return None
        try:
            kept = _METADATA.decode(data)
            requires = self._lists.get(kept.list) or self._unpack_list(kept.list)
        except (msgspec.MsgspecError, TypeError, IndexError):
            return None
        return CoreMetadata(kept.name, kept.version, requires[0], kept.requires_python, requires[1])

    def _unpack_list(self, place: int) -> _Requires:
        if place < 0:
            raise IndexError(place)
        kept = _LIST.decode(self.lists[place])
        texts = tuple(map(self.texts.__getitem__, memoryview(kept.texts).cast("I")))
        found = self._lists[place] = texts, kept.extras
        return found

    def put(self, key: bytes, said: CoreMetadata) -> None:
        """Add what a file says of itself."""
        if self._places is None:
            self._places = _Places(self.texts), _Places(self.lists)
        texts, lists = self._places
        numbers = array("I", map(texts.__getitem__, said.requires_dist)).tobytes()
        place = lists[_ENCODER.encode(_KeptList(numbers, said.extras))]
        self.metadata[key] = _ENCODER.encode(
            _KeptMetadata(said.name, said.version, said.requires_python, place)
        )


def read_packed(data: bytes, program: bytes) -> Packed | None:
    """Return what :meth:`Packed.packed` gave of the same program; None for anything else."""
    try:
        stored = _DECODER.decode(data)
    except msgspec.MsgspecError:
        return None
    return Packed(stored) if stored.program == program else None
