"""Records of one package: what a search looks at of all of them, and each record once it is asked for.

::

    head | versions    run by run, as records stand in order: 2.1 x 14, 2.0 x 9, ...
         | columns     build strings, build numbers, track_features; each read once it is asked for
         | carriers    dependency string -> what it asks for, and the records that have it, as bits
         | places      where each row ends, and its checksum
    rows | one record after the other, each decoded alone

A search decides one record of most packages, so all that it takes of the others are a few columns. Of what
lies mapped from disk head and rows are proved apart, each row once it is read: they are nine tenths of all.
"""

from __future__ import annotations

import itertools
import struct
import zlib
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar, overload

import msgspec

from resolver.model.decoders import msgpack_decoder
from resolver.model.dependency_text import dependency_names, names_build
from resolver.model.plain_versions import plain_key
from resolver.model.records import CondaRecord

T = TypeVar("T")

#: In front of all: bytes of the head, and its checksum.
_FRONT = struct.Struct("<II")
#: Where a row ends, and its checksum; one of nothing stands before the first row's.
_PLACE = struct.Struct("<II")
#: A row's place with that of the row before it.
_ROW = struct.Struct("<I4xII")
#: In front of a set: bytes of the form (:mod:`plain_specs`) that stands between; how many of the set's bytes,
#: lowest first, are left out as zero, or that it lists its members.
_HEAD = struct.Struct(">BI")
_LISTED = 0xFFFF_FFFF
_ONE_BIT = [bytes([1 << place]) for place in range(8)]
_MEMBER = "I"
#: A member's bits when it is listed: where bits alone would take more, so that no set takes more than that.
_MEMBER_BITS = 32


class _Block(msgspec.Struct, array_like=True, gc=False):
    """The head; parts that are bytes of their own are read once they are asked for."""

    faulty: int  #: records with a fault, which stand last and count in ``rows`` alone
    versions: memoryview  #: of runs of records, ...
    runs: tuple[int, ...]  #: ... each so many records long
    keys: memoryview  #: of the versions of runs, as :func:`plain_key`; none where one isn't plain
    has_more: bool
    has_purls: bool
    python: bytes  #: records that are ``noarch: python``, as :func:`_packed`
    features: tuple[str, ...]  #: track_features of each; empty where none has any
    builds: memoryview
    numbers: memoryview
    depends: memoryview
    constrains: memoryview
    needed: memoryview  #: names that ``depends`` are about
    with_build: memoryview  #: those of ``depends`` that name a build
    places: memoryview  #: of the rows
    rows_check: int  #: checksum of all rows


_encoder = msgspec.msgpack.Encoder()
_blocks = msgpack_decoder(_Block)
#: Who carries a text that nobody has, and its form.
_NOBODY = 0, b""
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
        versions=_part([text for text, _ in runs]),
        runs=tuple(length for _, length in runs),
        keys=_part([] if None in keys else keys),
        has_more=any(record.more is not None for record in usable),
        has_purls=any(record.purls is not None for record in usable),
        python=_packed([n for n, record in enumerate(usable) if record.noarch == "python"]),
        features=tuple(record.track_features for record in usable) if has_features else (),
        builds=_part([record.build for record in usable]),
        numbers=_part([record.build_number for record in usable]),
        depends=_part(depends),
        constrains=_part(_carriers_of([record.constrains for record in usable])),
        needed=_part(dependency_names(depends)),
        with_build=_part([text for text in depends if names_build(text)]),
        places=memoryview(_places_of(rows)),
        rows_check=zlib.crc32(b"".join(rows)),
    )
    return _joined(block, b"".join(rows))


def _joined(block: _Block, rows: bytes) -> bytes:
    head = _encoder.encode(block)
    return _FRONT.pack(len(head), zlib.crc32(head)) + head + rows


def _part(value: object) -> memoryview:
    return memoryview(_encoder.encode(value))


def _places_of(rows: Sequence[bytes]) -> bytes:
    ends = itertools.accumulate(map(len, rows))
    places = (_PLACE.pack(end, zlib.crc32(row)) for end, row in zip(ends, rows, strict=True))
    return _PLACE.pack(0, 0) + b"".join(places)


def _carriers_of(texts: Sequence[Sequence[str]]) -> dict[str, bytes]:
    """Return for each text the records that have it, as :func:`_packed`; ``texts``: of each record."""
    from resolver.model.plain_specs import form_of  # for who writes them alone

    carriers: dict[str, list[int]] = {}
    for place, mine in enumerate(texts):
        for text in mine:
            found = carriers.get(text)
            if found is None:
                carriers[text] = [place]
            elif found[-1] != place:
                found.append(place)
    return {text: _packed(places, form_of(text)) for text, places in carriers.items()}


def _packed(places: Sequence[int], form: bytes = b"") -> bytes:
    """Return a set of records, in order, as bytes, with a form."""
    if not places:
        return _HEAD.pack(len(form), 0) + form
    if len(places) == 1:  # most are of a single record
        (place,) = places
        return _HEAD.pack(len(form), (place + 1) // 8) + form + _ONE_BIT[(place + 1) % 8]
    low, high = (places[0] + 1) // 8, (places[-1] + 1) // 8
    if 8 * (high - low) > _MEMBER_BITS * len(places):
        return _HEAD.pack(len(form), _LISTED) + form + struct.pack(f">{len(places)}{_MEMBER}", *places)
    members = bytearray(high - low + 1)
    for place in places:
        members[(place + 1) // 8 - low] |= 1 << (place + 1) % 8
    return _HEAD.pack(len(form), low) + form + members


def _unpacked(data: bytes, count: int) -> tuple[int, bytes]:
    """Return what was packed, of so many records, as bits, and the form.

    Raises ValueError for what is no such set.
    """
    try:
        length, shift = _HEAD.unpack_from(data)
    except struct.error:
        raise ValueError("a set of records is cut short") from None
    start = _HEAD.size + length
    if len(data) < start:
        raise ValueError("a set of records is cut short")
    if shift == _LISTED:
        size = (len(data) - start) // (_MEMBER_BITS // 8)
        places = struct.unpack_from(f">{size}{_MEMBER}", data, start) if size > 0 else ()
        bits = sum(2 << place for place in set(places)) if max(places, default=count) < count else -1
    else:
        bits = int.from_bytes(data[start:], "little") << 8 * shift if shift <= count else -1
    if bits >> (count + 1):
        raise ValueError("a record that isn't there is named")
    return bits, data[_HEAD.size : start]


def decode_rows(
    block: bytes | memoryview,
    damaged: Callable[[ValueError], Exception] | None = None,
    anew: Callable[[ValueError], bytes] | None = None,
) -> RecordRows:
    """Read what :func:`encode_rows` wrote; raises ValueError (msgspec's) for other bytes.

    ``damaged`` makes the exception of what shows only once it is asked for; None: the ValueError itself.
    ``anew``: nothing of the bytes is proved yet; where a row proves to be damaged it gives all of them as
    they were written. None: all are proved.
    """
    head, rows = _parted(block, prove=anew is not None)
    return RecordRows(_blocks.decode(head), rows, damaged, anew)


def _parted(block: bytes | memoryview, *, prove: bool) -> tuple[memoryview, memoryview]:
    """Return head and rows; raises ValueError for a head that proves to be damaged."""
    if len(block) < _FRONT.size:
        raise ValueError("the head of records is cut short")
    length, check = _FRONT.unpack_from(block)
    view = memoryview(block)
    head = view[_FRONT.size : _FRONT.size + length]
    if prove and zlib.crc32(head) != check:
        raise ValueError("the head of records is damaged")
    return head, view[_FRONT.size + length :]


def _row_at(rows: memoryview, places: memoryview, place: int) -> memoryview:
    """Return a row; raises ValueError where it is damaged."""
    try:
        start, end, check = _ROW.unpack_from(places, place * _PLACE.size)
    except struct.error:
        raise ValueError("the rows of records don't agree") from None
    row = rows[start:end]
    if zlib.crc32(row) != check:
        raise ValueError("a row of records is damaged")
    return row


def find_row(block: bytes | memoryview, file_name: str) -> CondaRecord | None:
    """Return the record of a file among :func:`encode_rows`' bytes, the others unread; None: it isn't there.

    Nothing need be proved yet. Raises ValueError as :func:`decode_rows` does, and where records with a fault
    are among them.
    """
    head, view = _parted(block, prove=True)
    stored = _blocks.decode(head)
    if stored.faulty:
        raise ValueError("some of the records have a fault")
    rows, wanted = bytes(view), _encoder.encode(file_name)
    at = rows.find(wanted)
    if at >= 0:
        ends = [end for end, _ in _PLACE.iter_unpack(stored.places)]
        while at >= 0:
            number = bisect_right(ends, at)
            record = _record.decode(_row_at(view, stored.places, number - 1))
            if record.file_name == file_name:
                return record
            at = rows.find(wanted, ends[number])
    if zlib.crc32(rows) != stored.rows_check:
        raise ValueError("the rows of records are damaged")
    return None


class RecordRows(Sequence[CondaRecord]):
    """The usable records of one package, in their order; each is decoded when it is first asked for."""

    __slots__ = (
        "_anew", "_block", "_builds", "_carriers", "_damaged", "_made", "_needed", "_numbers", "_rows",
        "_versions", "_with_build", "has_more", "has_purls",
    )  # fmt: skip

    def __init__(
        self,
        block: _Block,
        rows: memoryview,
        damaged: Callable[[ValueError], Exception] | None = None,
        anew: Callable[[ValueError], bytes] | None = None,
    ) -> None:
        """Take what is stored, as :func:`decode_rows` does; raises ValueError where its parts don't agree."""
        if min(block.runs, default=1) < 1 or block.faulty < 0:
            raise ValueError("the columns of records don't agree")
        self._block, self._rows, self._damaged, self._anew = block, rows, damaged, anew
        self._made: list[CondaRecord | None] = [None] * sum(block.runs)
        if block.features and len(block.features) != len(self._made):
            raise ValueError("the columns of records don't agree")
        if len(block.places) != _PLACE.size * (len(self._made) + block.faulty + 1):
            raise ValueError("the rows of records don't agree")
        self._versions: tuple[str, ...] | None = None
        self._builds: tuple[str, ...] | None = None
        self._numbers: tuple[int, ...] | None = None
        self._needed: tuple[str, ...] | None = None
        self._with_build: tuple[str, ...] | None = None
        self._carriers: list[dict[str, Any] | None] = [None, None]
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
        wanted = _encoder.encode(file_name)
        if wanted in bytes(self._rows):
            return True
        if self._anew is not None and zlib.crc32(self._rows) != self._block.rows_check:
            self._renew(ValueError("the rows of records are damaged"))
        return wanted in bytes(self._rows)

    def version_runs(self) -> Iterator[tuple[str, int]]:
        """Yield version and count of records that stand together, in order; a version may come again."""
        if self._versions is None:
            versions = self._read(_texts, self._block.versions)
            if len(versions) != len(self._block.runs):
                raise self._fault(ValueError("the columns of records don't agree"))
            self._versions = versions
        return zip(self._versions, self._block.runs, strict=True)

    def keyed_runs(self) -> tuple[Sequence[int], Sequence[str], Sequence[bytes] | None]:
        """Return of each run where it ends, its version, and its key; None for the keys where one lacks."""
        if self._versions is None:
            self.version_runs()
        return list(itertools.accumulate(self._block.runs)), self._versions or (), self.version_keys()

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
            return _unpacked(self._block.python, len(self._made))[0]
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
        return self.said(text, constrains=constrains)[0]

    def said(self, text: str, *, constrains: bool = False) -> tuple[int, bytes]:
        """Return what :meth:`carriers` does, and the text's form (:mod:`plain_specs`): empty, it has none."""
        known = self._carriers[constrains]
        if known is None:
            known = self._carried(constrains=constrains)
        found = known.get(text, _NOBODY)
        if type(found) is bytes:
            try:
                found = known[text] = _unpacked(found, len(self._made))  # for the next search of this process
            except ValueError as error:
                raise self._fault(error) from None
        return found  # type: ignore[no-any-return]

    def _carried(self, *, constrains: bool) -> dict[str, Any]:
        """Return for each text what :meth:`said` gives: as it is stored until it was asked for."""
        known = self._carriers[constrains]
        if known is None:
            stored = self._block.constrains if constrains else self._block.depends
            known = self._carriers[constrains] = self._read(_carriers, stored)
        return known

    def _row(self, place: int) -> CondaRecord:
        try:
            row = _row_at(self._rows, self._block.places, place)
        except ValueError as error:
            if self._anew is None:
                raise self._fault(error) from None
            row = self._row_anew(place, error)
        return self._read(_record, row)

    def _row_anew(self, place: int, error: ValueError) -> memoryview:
        """Return a row from bytes as they were written, which are proved; raises what ``anew`` raises."""
        self._renew(error)
        try:
            return _row_at(self._rows, self._block.places, place)
        except ValueError as again:
            raise self._fault(again) from None

    def _renew(self, error: ValueError) -> None:
        if self._anew is not None:
            _, self._rows = _parted(self._anew(error), prove=False)
            self._anew = None

    def _column(self, decoder: msgspec.msgpack.Decoder[tuple[T, ...]], data: memoryview) -> tuple[T, ...]:
        column = self._read(decoder, data)
        if len(column) != len(self._made):
            raise self._fault(ValueError("the columns of records don't agree"))
        return column

    def _read(self, decoder: msgspec.msgpack.Decoder[T], data: memoryview) -> T:
        try:
            return decoder.decode(data)
        except ValueError as error:
            raise self._fault(error) from None

    def _fault(self, error: ValueError) -> Exception:
        return error if self._damaged is None else self._damaged(error)
