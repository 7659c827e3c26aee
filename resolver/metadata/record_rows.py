"""Records of one package: what a search looks at of all of them, and each record once it is asked for.

::

    versions    run by run, as records stand in order: 2.1 x 14, 2.0 x 9, ...
    columns     build strings, build numbers, track_features; each read once it is asked for
    carriers    dependency string -> the records that have it, as bits
    rows        one record after the other, each decoded alone

A search decides one record of most packages, so all that it takes of the others are a few columns.
"""

from __future__ import annotations

import itertools
import struct
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar, overload

import msgspec

from resolver.model.decoders import msgpack_decoder
from resolver.model.dependency_text import dependency_names, names_build
from resolver.model.plain_versions import plain_key
from resolver.model.records import CondaRecord

T = TypeVar("T")

#: In front of a set: how many of its bytes, lowest first, are left out as zero; or that it lists its members.
_HEAD = struct.Struct(">I")
_LISTED = 0xFFFF_FFFF
_MEMBER = "I"
#: A member's bits when it is listed: where bits alone would take more, so that no set takes more than that.
_MEMBER_BITS = 32


class _Block(msgspec.Struct, array_like=True, gc=False):
    """What is stored; ``Raw`` parts are read once they are asked for."""

    faulty: int  #: records with a fault, which stand last and count in ``rows`` alone
    versions: msgspec.Raw  #: of runs of records, ...
    runs: tuple[int, ...]  #: ... each so many records long
    keys: msgspec.Raw  #: of the versions of runs, as :func:`plain_key`; none where one isn't plain
    has_more: bool
    has_purls: bool
    python: bytes  #: records that are ``noarch: python``, as :func:`_packed`
    features: tuple[str, ...]  #: track_features of each; empty where none has any
    builds: msgspec.Raw
    numbers: msgspec.Raw
    depends: msgspec.Raw
    constrains: msgspec.Raw
    needed: msgspec.Raw  #: names that ``depends`` are about
    with_build: msgspec.Raw  #: those of ``depends`` that name a build
    lengths: msgspec.Raw  #: bytes of each row
    rows: memoryview


_encoder = msgspec.msgpack.Encoder()
_blocks = msgpack_decoder(_Block)
_record = msgpack_decoder(CondaRecord)
_texts = msgpack_decoder(tuple[str, ...])
_numbers = msgpack_decoder(tuple[int, ...])
_keys = msgpack_decoder(tuple[bytes, ...])
_carriers: msgspec.msgpack.Decoder[dict[str, Any]] = msgpack_decoder(dict[str, bytes])


def encode_rows(records: Sequence[CondaRecord]) -> bytes:
    """Return records as bytes; those with a fault stand last."""
    rows = [_encoder.encode(record) for record in records]
    usable = [record for record in records if record.fault is None]
    runs = [(text, len(list(run))) for text, run in itertools.groupby(usable, key=lambda r: r.version)]
    keys = [plain_key(text) for text, _ in runs]
    has_features = any(record.track_features for record in usable)
    depends = _carriers_of([record.depends for record in usable])
    block = _Block(
        faulty=len(records) - len(usable),
        versions=_raw([text for text, _ in runs]),
        runs=tuple(length for _, length in runs),
        keys=_raw([] if None in keys else keys),
        has_more=any(record.more is not None for record in usable),
        has_purls=any(record.purls is not None for record in usable),
        python=_packed([n for n, record in enumerate(usable) if record.noarch == "python"]),
        features=tuple(record.track_features for record in usable) if has_features else (),
        builds=_raw([record.build for record in usable]),
        numbers=_raw([record.build_number for record in usable]),
        depends=_raw(depends),
        constrains=_raw(_carriers_of([record.constrains for record in usable])),
        needed=_raw(dependency_names(depends)),
        with_build=_raw([text for text in depends if names_build(text)]),
        lengths=_raw([len(row) for row in rows]),
        rows=memoryview(b"".join(rows)),
    )
    return _encoder.encode(block)


def _raw(value: object) -> msgspec.Raw:
    return msgspec.Raw(_encoder.encode(value))


def _carriers_of(texts: Sequence[Sequence[str]]) -> dict[str, bytes]:
    """Return for each text the records that have it, as :func:`_packed`; ``texts``: of each record."""
    carriers: dict[str, list[int]] = {}
    for place, mine in enumerate(texts):
        for text in mine:
            carriers.setdefault(text, []).append(place)
    return {text: _packed(sorted(set(places))) for text, places in carriers.items()}


def _packed(places: Sequence[int]) -> bytes:
    """Return a set of records, in order, as bytes."""
    if not places:
        return _HEAD.pack(0)
    low, high = (places[0] + 1) // 8, (places[-1] + 1) // 8
    if 8 * (high - low) > _MEMBER_BITS * len(places):
        return _HEAD.pack(_LISTED) + struct.pack(f">{len(places)}{_MEMBER}", *places)
    members = bytearray(high - low + 1)
    for place in places:
        members[(place + 1) // 8 - low] |= 1 << (place + 1) % 8
    return _HEAD.pack(low) + members


def _unpacked(data: bytes, count: int) -> int:
    """Return what was packed, of so many records, as bits; raises ValueError for what is no such set."""
    shift = int.from_bytes(data[: _HEAD.size], "big")
    if shift == _LISTED:
        size = (len(data) - _HEAD.size) // (_MEMBER_BITS // 8)
        places = struct.unpack_from(f">{size}{_MEMBER}", data, _HEAD.size)
        bits = sum(2 << place for place in set(places)) if max(places, default=count) < count else -1
    else:
        bits = int.from_bytes(data[_HEAD.size :], "little") << 8 * shift if shift <= count else -1
    if bits >> (count + 1):
        raise ValueError("a record that isn't there is named")
    return bits


def decode_rows(block: bytes, damaged: Callable[[ValueError], Exception] | None = None) -> RecordRows:
    """Read what :func:`encode_rows` wrote; raises ValueError (msgspec's) for other bytes.

    ``damaged`` makes the exception of what shows only once it is asked for; None: the ValueError itself.
    """
    return RecordRows(_blocks.decode(block), damaged)


def find_row(block: bytes, file_name: str) -> CondaRecord | None:
    """Return the record of a file among :func:`encode_rows`' bytes, the others unread; None: it isn't there.

    Raises ValueError as :func:`decode_rows` does, and where records with a fault are among them.
    """
    stored = _blocks.decode(block)
    if stored.faulty:
        raise ValueError("some of the records have a fault")
    rows, wanted = bytes(stored.rows), _encoder.encode(file_name)
    ends = list(itertools.accumulate(_numbers.decode(stored.lengths)))
    at = rows.find(wanted)
    while at >= 0:
        number = bisect_right(ends, at)
        start = ends[number - 1] if number else 0
        record = _record.decode(rows[start : ends[number]])
        if record.file_name == file_name:
            return record
        at = rows.find(wanted, ends[number])
    return None


class RecordRows(Sequence[CondaRecord]):
    """The usable records of one package, in their order; each is decoded when it is first asked for."""

    __slots__ = (
        "_block", "_builds", "_carriers", "_damaged", "_ends", "_made", "_needed", "_numbers", "_versions",
        "_with_build", "has_more", "has_purls",
    )  # fmt: skip

    def __init__(self, block: _Block, damaged: Callable[[ValueError], Exception] | None = None) -> None:
        """Take what is stored; raises ValueError where its parts don't agree."""
        if min(block.runs, default=1) < 1 or block.faulty < 0:
            raise ValueError("the columns of records don't agree")
        self._block, self._damaged = block, damaged
        self._made: list[CondaRecord | None] = [None] * sum(block.runs)
        if block.features and len(block.features) != len(self._made):
            raise ValueError("the columns of records don't agree")
        self._ends: tuple[int, ...] | None = None
        self._versions: tuple[str, ...] | None = None
        self._builds: tuple[str, ...] | None = None
        self._numbers: tuple[int, ...] | None = None
        self._needed: tuple[str, ...] | None = None
        self._with_build: tuple[str, ...] | None = None
        self._carriers: list[dict[str, bytes | int] | None] = [None, None]
        self.has_more = block.has_more  #: whether some say more than revision 2 of repodata does
        self.has_purls = block.has_purls  #: whether some say themselves what they ship

    def __len__(self) -> int:
        return len(self._made)

    @overload
    def __getitem__(self, place: int) -> CondaRecord: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[CondaRecord, ...]: ...
    def __getitem__(self, place: int | slice) -> CondaRecord | tuple[CondaRecord, ...]:
        """Return one record, or some; raises what ``damaged`` makes of bytes that are none."""
        if isinstance(place, slice):
            return tuple([self[n] for n in range(*place.indices(len(self._made)))])
        found = self._made[place]
        if found is None:
            found = self._made[place] = self._row(place if place >= 0 else place + len(self._made))
        return found

    def __iter__(self) -> Iterator[CondaRecord]:
        return map(self.__getitem__, range(len(self._made)))

    @property
    def faulty(self) -> tuple[CondaRecord, ...]:
        """Those that can't be used."""
        if not self._block.faulty:
            return ()
        count = len(self._made)
        return tuple([self._row(place) for place in range(count, count + self._block.faulty)])

    def may_have(self, file_name: str) -> bool:
        """Tell whether one of them may be of a file: False is sure."""
        return _encoder.encode(file_name) in bytes(self._block.rows)

    def version_runs(self) -> Iterator[tuple[str, int]]:
        """Yield version and count of records that stand together, in order; a version may come again."""
        if self._versions is None:
            versions = self._read(_texts, self._block.versions)
            if len(versions) != len(self._block.runs):
                raise self._fault(ValueError("the columns of records don't agree"))
            self._versions = versions
        return zip(self._versions, self._block.runs, strict=True)

    def run_lengths(self) -> Sequence[int]:
        """Return how many records of one version stand together, run by run."""
        return self._block.runs

    def version_keys(self) -> Sequence[bytes] | None:
        """Return the keys (:func:`plain_key`) of the versions of the runs; None where one isn't plain."""
        keys = self._read(_keys, self._block.keys)
        return keys if len(keys) == len(self._block.runs) else None

    @property
    def features(self) -> Sequence[str]:
        """The track_features of each; empty where none has any."""
        return self._block.features

    @property
    def builds(self) -> Sequence[str]:
        """The build string of each."""
        if self._builds is None:
            self._builds = self._column(_texts, self._block.builds)
        return self._builds

    @property
    def numbers(self) -> Sequence[int]:
        """The build number of each."""
        if self._numbers is None:
            self._numbers = self._column(_numbers, self._block.numbers)
        return self._numbers

    @property
    def python(self) -> int:
        """Those that are ``noarch: python``; bit n + 1 is record n, as in all sets here."""
        try:
            return _unpacked(self._block.python, len(self._made))
        except ValueError as error:
            raise self._fault(error) from None

    def texts(self, *, constrains: bool = False) -> Sequence[str]:
        """Return each distinct dependency string (or each of ``constrains``) as it first comes up."""
        return tuple(self._carried(constrains=constrains))

    @property
    def needed(self) -> Sequence[str]:
        """The name of each package that :meth:`texts` are about."""
        if self._needed is None:  # for the next search of this process
            self._needed = self._read(_texts, self._block.needed)
        return self._needed

    @property
    def with_build(self) -> Sequence[str]:
        """Those of :meth:`texts` that name a build: ``name version build``, one space between each two."""
        if self._with_build is None:
            self._with_build = self._read(_texts, self._block.with_build)
        return self._with_build

    def carriers(self, text: str, *, constrains: bool = False) -> int:
        """Return the records that have a dependency string (or one of ``constrains``); none for another."""
        known = self._carriers[constrains]
        if known is None:
            known = self._carried(constrains=constrains)
        data = known.get(text, 0)
        if isinstance(data, int):
            return data
        try:
            bits = known[text] = _unpacked(data, len(self._made))  # for the next search of this process
        except ValueError as error:
            raise self._fault(error) from None
        return bits

    def _carried(self, *, constrains: bool) -> dict[str, bytes | int]:
        """Return for each text who has it: as it is stored, or as bits once it was asked for."""
        known = self._carriers[constrains]
        if known is None:
            stored = self._block.constrains if constrains else self._block.depends
            known = self._carriers[constrains] = self._read(_carriers, stored)
        return known

    def _row(self, place: int) -> CondaRecord:
        if self._ends is None:
            lengths = self._read(_numbers, self._block.lengths)
            self._ends = tuple(itertools.accumulate(lengths, initial=0))
            whole = len(self._made) + self._block.faulty == len(lengths)
            if not whole or self._ends[-1] != len(self._block.rows):
                raise self._fault(ValueError("the rows of records don't agree"))
        return self._read(_record, self._block.rows[self._ends[place] : self._ends[place + 1]])

    def _column(self, decoder: msgspec.msgpack.Decoder[tuple[T, ...]], data: msgspec.Raw) -> tuple[T, ...]:
        column = self._read(decoder, data)
        if len(column) != len(self._made):
            raise self._fault(ValueError("the columns of records don't agree"))
        return column

    def _read(self, decoder: msgspec.msgpack.Decoder[T], data: msgspec.Raw | memoryview) -> T:
        try:
            return decoder.decode(data)
        except ValueError as error:
            raise self._fault(error) from None

    def _fault(self, error: ValueError) -> Exception:
        return error if self._damaged is None else self._damaged(error)
