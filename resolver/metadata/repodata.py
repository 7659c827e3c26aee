"""A channel's repodata.json, read as a stream: bytes in, conda records out (CEP 36, CEP 15, CEP 48).

::

    {"info": {...}, "packages": {"a-1-0.tar.bz2": {...}, ...}, "packages.conda": {...}, "removed": [...],
     "v3": {"conda": {"a-2-0": {...}}}}          └──── slab ────┘└─ slab ─┘

The file of a large channel has hundreds of megabytes and 600,000 records. Only a
slab of some megabytes is in memory at a time. Where it ends is guessed (the
section's end looks like ``}}``, a member's like ``},"``) and proved by decoding the
slab: a guess inside a string or a nested object leaves something open, and then
the brackets are counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Protocol, TypeVar

import msgspec

from resolver.metadata.faulty import Named, faulty_record, reason_unread, unread_of
from resolver.model.decoders import json_decoder
from resolver.model.patterns import pattern
from resolver.model.records import CondaRecord

T = TypeVar("T")

_SLAB = 4 << 20  #: bytes; decoded records of one slab take about as much again
_TAIL = 1 << 16  #: bytes at a slab's end in which the last member must end
_LARGEST_RECORD = 16 << 20  #: bytes; the largest published one has 0.1 MiB
_LARGEST_VALUE = 32 << 20  #: bytes of ``info`` or ``removed``
_LONGEST_KEY = 1 << 14  #: bytes; keys of the file itself and single values are far shorter
#: Timestamps up to here are seconds, those above are milliseconds (CEP 34).
_LAST_SECOND = 253_402_300_799
_LARGEST_NUMBER = 1 << 53  #: of builds and bytes; up to here JSON's readers agree
_MOST_DEPENDENCIES = 10_000  #: of one record, limits included; the most that is published is a thousand
_HEX = pattern(r"[0-9A-Fa-f]+\Z")
_LAST_TIME = _LAST_SECOND * 1000  #: milliseconds; the end of the year 9999

_SECTION_END = pattern(rb"\}\s*\}")
_MEMBER_END = pattern(rb"\}\s*,\s*\"")
_BLANK = pattern(rb"[\s,]*")
# Strings are matched piece by piece: with a choice at each character a long one takes its length in stack.
_KEY = pattern(rb'"([^"\\]*(?:\\.[^"\\]*)*)"\s*:\s*')
_SCALAR = pattern(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[^\s,{}\[\]"]+')
#: A bracket or a string; group 1 is missing from a string that the buffer's end cuts.
_TOKEN = pattern(rb'"[^"\\]*(?:\\.[^"\\]*)*(?:(")|\\?\Z)|[{}\[\]]', re.DOTALL)
_OWN_KEYS = frozenset({b"info", b"packages", b"packages.conda", b"repodata_version", b"v3"})
_REVISION = pattern(rb"v[1-9][0-9]*\Z")  #: CEP 48: a table of sections by ending of file
#: What a record of revision 3 has, or what says that a classic one has it nevertheless.
_LATER = (b'"extra_depends"', b'"flags"', b"when=", b"extras=")
_QUOTE, _OPENING = ord('"'), b"{["


class RepodataInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What repodata says of itself."""

    base_url: str | None = None  #: address of the packages, absolute or relative to the repodata (CEP 15)
    subdir: str | None = None


class RawRecord(msgspec.Struct):
    """A record as repodata writes it; hashes are bytes inside shards, text elsewhere."""

    name: str
    version: str
    build: str = ""
    build_number: Annotated[int, msgspec.Meta(ge=0, le=_LARGEST_NUMBER)] = 0
    depends: tuple[str, ...] | None = ()
    constrains: tuple[str, ...] | None = None
    md5: Any = None
    sha256: Any = None
    size: int | None = None
    timestamp: int | float | None = None
    indexed_timestamp: int | float | None = None
    track_features: str | list[str] | None = None
    noarch: str | bool | None = None
    license: str | None = None
    purls: tuple[str, ...] | None = None
    features: str | None = None
    extra_depends: Any = None
    flags: Any = None

    def revised(self, file_name: str, *, is_classic: bool) -> CondaRecord:
        """Return the record with what revision 3 brought (CEP 48), in the project's own form.

        ``is_classic``: it stands among those that have no such fields, so odd ones mean something else.
        """
        from resolver.metadata.revision_three import revised

        record = self.record(file_name)
        if record.fault:
            return record
        try:
            return revised(record, self.extra_depends, self.flags)
        except ValueError as error:
            return revised(record, None, None) if is_classic else faulty_record(file_name, str(error))

    def record(self, file_name: str) -> CondaRecord:
        """Return the record in the project's own form, without what only revision 3 has."""
        features, noarch = self.track_features, self.noarch
        if not f"{file_name}{self.name}{self.version}{self.build}".isprintable() or "/" in file_name:
            return faulty_record(file_name, "its names hold characters that no name may have")
        if len(self.depends or ()) + len(self.constrains or ()) > _MOST_DEPENDENCIES:
            return faulty_record(file_name, f"it has more than {_MOST_DEPENDENCIES:,} dependencies")
        return CondaRecord(
            self.name,
            self.version,
            self.build,
            self.build_number,
            file_name,
            self.depends or (),
            self.constrains or (),
            _digest(self.md5, 32),
            _digest(self.sha256, 64),
            self.size if 0 <= (self.size or 0) <= _LARGEST_NUMBER else None,
            _milliseconds(self.timestamp),
            " ".join(features) if isinstance(features, list) else features or "",
            noarch if isinstance(noarch, str) else ("generic" if noarch else None),
            self.license,
            self.purls,
            self.features or "",
            None,
            _milliseconds(self.indexed_timestamp),
        )


def _milliseconds(time: float | None) -> int:
    """Return a time of repodata, which may be in seconds; 0 for none, and for one beyond all calendars."""
    whole = int(time or 0) if -_LAST_TIME < (time or 0) < _LAST_TIME else 0
    return whole * 1000 if 0 < whole <= _LAST_SECOND else whole


def _digest(value: Any, size: int) -> str | None:
    """Return a hash in hex; what can't be one (of another length, no digits) is as if it weren't there."""
    if isinstance(value, bytes):
        value = value.hex()
    if isinstance(value, str) and len(value) == size and _HEX.match(value):
        return value
    return None


def records_of(
    members: Iterable[tuple[str, Any]], decode: Any, *, is_classic: bool = True
) -> Iterator[CondaRecord]:
    """Yield the records of (file name, encoded record); one that ``decode`` can't read holds its fault.

    ``is_classic``: they are of no revision, and have what revision 3 brought by mistake at most.
    """
    for file_name, encoded in members:
        try:
            raw: RawRecord = decode(encoded)
        except msgspec.ValidationError as error:
            yield faulty_record(file_name, f"its record is not as it should be: {error}")
        else:
            yield raw.revised(file_name, is_classic=is_classic)


_SECTION = json_decoder(dict[str, RawRecord])
_LOOSELY = json_decoder(dict[str, msgspec.Raw])
_ONE = json_decoder(RawRecord, strict=False)
_NAME = json_decoder(Named)


class _Section(msgspec.Struct, frozen=True):
    """What kind of records stand in a section."""

    ending: str = ""  #: of a revision: what its keys lack of file names
    unread: str | None = None  #: why they can't be used


_CLASSIC = _Section()


def _decode_slab(members: bytes, section: _Section) -> Iterable[CondaRecord] | None:
    """Return the records of a JSON object; None where it is none."""
    is_plain = section == _CLASSIC and not any(word in members for word in _LATER)
    try:
        if is_plain:
            return [raw.record(file_name) for file_name, raw in _SECTION.decode(members).items()]
    except msgspec.ValidationError:
        pass  # one odd record must not spoil its neighbours
    except msgspec.DecodeError:
        return None
    try:
        loose = ((key + section.ending, value) for key, value in _LOOSELY.decode(members).items())
        if section.unread is not None:
            return list(unread_of(loose, _NAME.decode, section.unread))
        return list(records_of(loose, _ONE.decode, is_classic=not section.ending))
    except msgspec.DecodeError:
        return None


class Readable(Protocol):
    """A stream of bytes."""

    def read(self, size: int, /) -> bytes:
        """Return about ``size`` bytes; empty only at the end."""
        ...


class RepodataReader:
    """Reads one repodata.json from a stream of decompressed bytes; iterate it once.

    ``info`` and ``removed`` are complete after the iteration. Raises ValueError
    for what is not repodata. An empty stream holds no records (CEP 36).
    """

    def __init__(self, stream: Readable, *, slab: int = _SLAB) -> None:
        """Read ``slab`` bytes at a time."""
        self.info = RepodataInfo()
        self.removed: frozenset[str] = frozenset()
        self._stream, self._slab = stream, slab
        self._buffer, self._at, self._ended = b"", 0, False

    def __iter__(self) -> Iterator[CondaRecord]:
        """Yield every record of ``packages``, ``packages.conda`` and ``v3``, in the file's order.

        Files of other kinds, and of later revisions, are faulty records.
        """
        if not self._next_byte():
            if self._buffer:
                raise ValueError("is not repodata: it holds nothing but blanks")
            return
        self._step(b"{")
        is_empty, is_known = True, False
        while self._next_byte() != b"}":
            key = self._match(_KEY)[1]
            is_empty, is_known = False, is_known or key in _OWN_KEYS
            is_table = self._next_byte() == b"{"
            if key in (b"packages", b"packages.conda") and is_table:
                yield from self._section(_CLASSIC)
            elif key == b"packages.whl" and is_table:
                yield from self._section(_Section(unread=reason_unread("", "whl")))
            elif _REVISION.match(key) and is_table:
                yield from self._revision(key.decode())
            elif key == b"info":
                self.info = _decode_or(self._value(), RepodataInfo, self.info)
            elif key == b"removed":
                self.removed = _decode_or(self._value(), frozenset[str], self.removed)
            else:  # `signatures`, and what is still to come
                self._value(keep=False)
        if not is_empty and not is_known:  # `{"error": "log in first"}`
            raise ValueError("is not repodata: it has none of its keys")

    def _revision(self, name: str) -> Iterator[CondaRecord]:
        """Yield the records of a revision's sections; their names stand there without ending."""
        self._step(b"{")
        while self._next_byte() != b"}":
            ending = self._match(_KEY)[1].decode(errors="replace")
            if self._next_byte() != b"{":
                self._value(keep=False)
                continue
            unread = reason_unread(name, ending)
            yield from self._section(_Section(ending=f".{ending}", unread=unread))
        self._step(b"}")

    def _section(self, section: _Section) -> Iterator[CondaRecord]:
        self._step(b"{")
        while self._next_byte() != b"}":
            yield from self._next_slab(section)
        self._step(b"}")

    def _next_slab(self, section: _Section) -> Iterable[CondaRecord]:
        """Decode as many whole members as the buffer holds, and step behind them."""
        wanted = self._slab
        while True:
            self._fill(wanted)
            for end in self._member_ends():
                records = _decode_slab(b"{" + self._buffer[self._at : end] + b"}", section)
                if records is not None:
                    self._at = end
                    return records
            if self._ended:
                raise ValueError("a record is damaged, or the file ends inside it")
            wanted *= 2  # one member is larger than the slab
            if wanted > max(_LARGEST_RECORD, 2 * self._slab):
                raise ValueError(f"a record is larger than {_LARGEST_RECORD >> 20} MiB")

    def _member_ends(self) -> Iterator[int]:
        """Yield places behind a member's closing bracket: two guesses, then the last one for certain."""
        if found := _SECTION_END.search(self._buffer, self._at):
            yield found.start() + 1
        start = max(self._at, len(self._buffer) - _TAIL)
        if ends := list(_MEMBER_END.finditer(self._buffer, start)):
            yield ends[-1].start() + 1
        depth, last = 0, None
        for token in _TOKEN.finditer(self._buffer, self._at):
            kind = self._buffer[token.start()]
            if kind == _QUOTE:
                continue
            depth += 1 if kind in _OPENING else -1
            if depth == 0:
                last = token.end()
            elif depth < 0:
                break
        if last is not None:
            yield last

    def _value(self, *, keep: bool = True) -> bytes:
        """Step behind the value that begins here; return its text, or nothing."""
        if self._next_byte() not in (b"{", b"["):
            return self._match(_SCALAR)[0]
        parts, depth, end, size = [], 0, -1, 0
        while end < 0:
            self._fill(self._slab)
            cut = len(self._buffer)
            for token in _TOKEN.finditer(self._buffer, self._at):
                kind = self._buffer[token.start()]
                if kind == _QUOTE:
                    if token[1] is None:
                        cut = token.start()
                        break
                    continue
                depth += 1 if kind in _OPENING else -1
                if depth == 0:
                    end = cut = token.end()
                    break
            if end < 0 and (self._ended or cut == self._at):
                raise ValueError("the file ends too early")
            if keep:
                parts.append(self._buffer[self._at : cut])
                size += cut - self._at
                if size > _LARGEST_VALUE:
                    raise ValueError(f"`info` or `removed` is larger than {_LARGEST_VALUE >> 20} MiB")
            self._at = cut
        return b"".join(parts)

    def _next_byte(self) -> bytes:
        """Step over blanks and commas; return the byte that follows, empty at the end of the file."""
        while True:
            self._fill(_LONGEST_KEY)
            found = _BLANK.match(self._buffer, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._buffer) or self._ended:
                return self._buffer[self._at : self._at + 1]

    def _match(self, pattern: re.Pattern[bytes]) -> re.Match[bytes]:
        self._fill(_LONGEST_KEY)
        found = pattern.match(self._buffer, self._at)
        if not found:
            raise ValueError("is not repodata, or ends too early")
        self._at = found.end()
        return found

    def _step(self, byte: bytes) -> None:
        if self._next_byte() != byte:
            raise ValueError("is not repodata, or ends too early")
        self._at += 1

    def _fill(self, wanted: int) -> None:
        """Have at least ``wanted`` bytes from here on, or all that are left."""
        missing = wanted - (len(self._buffer) - self._at)
        if self._ended or missing <= 0:
            return
        parts = [self._buffer[self._at :]]
        missing = max(missing, self._slab)
        while missing > 0:
            part = self._stream.read(missing)
            if not part:
                self._ended = True
                break
            parts.append(part)
            missing -= len(part)
        self._buffer, self._at = b"".join(parts), 0


def _decode_or(text: bytes, kind: type[T], fallback: T) -> T:
    from resolver.model.json_text import decode_json  # for what most channels don't have

    try:
        return decode_json(text, kind, strict=False)
    except ValueError:
        return fallback
