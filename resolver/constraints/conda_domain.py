"""One conda package as a finite domain: its candidates in order, match specs as bitsets."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, chain, repeat
from operator import or_
from typing import TYPE_CHECKING, TypeVar
from weakref import ref

import msgspec

from resolver.constraints.bits import all_bits, bits_between, bits_of
from resolver.constraints.candidate_columns import (
    Carriers,
    Columns,
    Listed,
    RecordColumns,
    columns_of_rows,
    features_at,
)
from resolver.constraints.conda_order import (
    cuda_first,
    in_order,
    oriented,
    pin_first,
    same_version,
)
from resolver.constraints.cuda_builds import CudaRanks, build_id
from resolver.constraints.record_source import Source
from resolver.constraints.registry import Key, Kind
from resolver.metadata.record_index import version_ranks
from resolver.model.choices import StrEnum
from resolver.model.conda_types import Version
from resolver.model.dependency_text import dependency_names
from resolver.model.match_spec import (
    MatchSpec,
    build_matcher,
    parse_match_spec,
    plain_parts,
    version,
    version_matcher,
    version_text_matcher,
)
from resolver.model.patterns import pattern
from resolver.model.plain_specs import read_form
from resolver.model.plain_versions import plain_range
from resolver.model.records import CondaRecord

if TYPE_CHECKING:
    from typing import NamedTuple
else:
    from resolver.model.named_tuples import NamedTuple

T = TypeVar("T")

#: Stands for the keys of versions until they are asked for.
_UNREAD: Sequence[bytes] = []
#: Up to so many versions are looked at one by one.
_FEW = 6
#: a dependency on the interpreter, under any of the names that conda builds use for it
is_python = re.compile(r"(?:[^:\s]*::)?(?:python|python_abi|cpython)(?![\w.\-])").match
#: Bounds joined by commas, such as ``>=1.2,<2.0a0``.
_ONLY_BOUNDS = pattern(r"[<>]=?[^*|,<>=!~]+(,\s*[<>]=?[^*|,<>=!~]+)*\Z")


class RecordFault(StrEnum):
    """Why a record may not be selected."""

    OTHER_CHANNEL = "another channel is asked for"
    TOO_NEW = "newer than the date allowed"
    UNDATED = "without a date, where only what is old enough is allowed"
    FAULTY = "its record can't be used"


class LeftOut(msgspec.Struct, frozen=True, kw_only=True):
    """A record that may not be selected, and why."""

    record: CondaRecord
    source: Source
    fault: RecordFault


class Relation:
    """What a dependency or constrains string of some candidates says, read once for all universes.

    ``group``: who carries it. ``form``: what it asks for (:mod:`plain_specs`); empty: that must be read.
    ``excluded`` are bits of the very candidates that it was read beside, ``domain``: other universes may
    have others of that name. ``outside``: all that are in neither.
    """

    __slots__ = ("constrains", "domain", "excluded", "form", "group", "outside", "text")

    def __init__(self, text: str, group: int, form: bytes, *, constrains: bool) -> None:
        self.text, self.group, self.form, self.constrains = text, group, form, constrains
        self.domain: Callable[[], CondaDomain | None] = _nothing  #: nobody has read it yet
        self.excluded = 0
        self.outside = 0, 0


def _nothing() -> None:
    """Stand for a reference to candidates that are gone."""


class RankedBuilds(NamedTuple):
    """A group of builds, best first, and the very candidates of other names that this rests on."""

    bits: Sequence[int]
    beside: Sequence[tuple[str, ref[CondaDomain]]]


class CondaDomain:
    """Candidates of one conda package, best first, and the bits of match specs over them.

    ``candidates`` of one subdir stand together, best first (as the sources give
    them); subdirs are merged here. Bit 0 is *absent*, bit i+1 candidate i; ``bits``
    never holds the absent bit.
    """

    def __init__(
        self,
        name: str,
        candidates: Sequence[tuple[CondaRecord, Source]],
        *,
        channels_first: bool = False,
        preferred: str | None = None,
        ranks: CudaRanks | None = None,
        ascending: bool = False,
    ) -> None:
        """``ranks``: CUDA builds come before CPU builds (None: there is no difference).

        ``ascending``: the lower of two versions is the better one.
        """
        self.name = name
        columns: Columns | None = None
        if ranks is None and not ascending and isinstance(candidates, Listed):
            columns = columns_of_rows(candidates, pin=preferred, channels_first=channels_first)
        #: before and within the version, of each candidate; None: there is no difference
        self._cuda_ranks: list[tuple[int, int]] | None = None
        self.cuda = 0  #: CUDA builds, as bits, of a package that has builds of both kinds
        if columns is None:
            ordered = in_order(candidates, channels_first=channels_first, ascending=ascending)
            if ranks is not None:
                ordered = cuda_first(ordered, ranks, channels_first=channels_first, ascending=ascending)
            if preferred is not None:
                ordered = pin_first(ordered, preferred, ranks, channels_first=channels_first)
            columns = RecordColumns(ordered)
            if ranks is not None:
                ids = [build_id(record, source) for record, source in ordered]
                self._cuda_ranks = [(ranks.before_version(one), ranks.within_version(one)) for one in ids]
                self.cuda = bits_of(n for n, one in enumerate(ids) if one in ranks.cuda)
        self._columns = columns
        self.records: Sequence[CondaRecord] = columns.records
        self.sources: Sequence[Source] = columns.sources
        self.has_more = columns.has_more  #: whether some say more than revision 2 of repodata does
        #: the first candidate is a pin to keep: nothing ranks above it
        self._preferred = (
            preferred is not None and bool(self.records) and self.records[0].file_name == preferred
        )
        self._wanted = preferred
        self.all = all_bits(len(self.records))
        self._version_bits_by_text: dict[str, int] | None = None
        self._newest_first: list[str] | None = None
        self._newer: list[int] = []  # by place among these: the candidates of the versions before it
        #: where the runs of candidates in order of versions end, behind 0; empty: they don't stand like that
        self._ends: Sequence[int] = ()
        self._parsed: list[tuple[Version, int]] | None = None
        self._bounds: dict[str, int] = {}
        self._keys: Sequence[bytes] | None = _UNREAD  # of the versions, oldest first
        self._memo: dict[str, int] = {}
        #: what dependency strings say, and what constrains do
        self.relations: list[Relation] = []
        self._places: tuple[dict[str, int], dict[str, int]] = {}, {}  # of the texts among them
        self.key = Key(Kind.CONDA, name)
        #: builds that differ in nothing but a name's pattern, ranked, by group
        self.ranked: dict[int, RankedBuilds] = {}
        self._builds: Sequence[str] | None = None
        self._numbers: Sequence[int] | None = None
        self._groups: dict[str, int] | None = None
        self._limits: dict[str, int] | None = None
        #: dependency strings that may say what kind of build one is, once that was asked
        self.telling: tuple[str, ...] | None = None
        self._conditional: tuple[dict[str, int], dict[str, int]] | None = None
        self._extras: dict[str, dict[str, int]] | None = None
        self._channels_first, self._ascending = channels_first, ascending
        self._levels: list[int] | None = None
        self._rank_of: dict[str, int] | None = None
        self._version_ranks: list[int] | None = None
        self._same_levels: dict[int, tuple[int, int]] = {}  # by place: the run that it stands in
        self._same_numbers: dict[int, tuple[int, int]] = {}

    def __len__(self) -> int:
        return len(self.records)

    @property
    def has_recent_cuda(self) -> bool:
        """Whether a CUDA build outranks newer CPU builds."""
        return any(before == 0 for before, _ in self._cuda_ranks or ())

    @property
    def is_pinned(self) -> bool:
        """Whether the first candidate is a pin to keep."""
        return self._preferred

    @property
    def version_kept(self) -> int:
        """Where no channel has a pin's file any more: its build in the other form, else its version."""
        if self._preferred or self._wanted is None:
            return 0
        stem = _stem(self._wanted)
        same_build = bits_of(n for n, record in enumerate(self.records) if _stem(record.file_name) == stem)
        if same_build:
            return same_build
        parts = stem.rsplit("-", 2)
        if len(parts) < 3:
            return 0
        return sum(bits for text, bits in self._by_version.items() if same_version(text, parts[1]))

    @property
    def _by_version(self) -> dict[str, int]:
        """The candidates of each version, in candidate order."""
        found = self._version_bits_by_text
        if found is None:
            found = self._version_bits_by_text = {}
            place = 1
            for text, count in self._columns.version_runs():
                found[text] = found.get(text, 0) | ((1 << count) - 1) << place
                place += count
        return found

    def bits(self, text: str) -> int:
        """Return the candidates that a match spec admits; raises ValueError for a text that is none."""
        known = self._memo.get(text)
        if known is None:
            plain = plain_parts(text)
            known = self._memo[text] = (
                self.bits_of(parse_match_spec(text)) if plain is None else self.plain_bits(plain[1], plain[2])
            )
        return known

    def bits_by_form(self, text: str, form: bytes) -> int:
        """Return the same of a text by its form (:mod:`plain_specs`)."""
        known = self._memo.get(text)
        if known is None:
            version_spec, build, found = read_form(text, form)
            if found is None or not self._has_keys:
                known = self.plain_bits(version_spec, build)
            else:
                known = self._among(self._between(*found), build)
            self._memo[text] = known
        return known

    def admitted(self, text: str) -> int:
        """Return the candidates that a dependency string admits; none for one that nobody can read."""
        try:
            return self.bits(text)
        except ValueError:
            return 0

    def bits_of(self, spec: MatchSpec) -> int:
        """Return the candidates that the spec admits, whatever channel it names."""
        result = self.all
        if spec.version is not None:
            result = self._version_bits(spec.version)
        return self._filter(result, spec) if result and spec.asks_more_than_version else result

    def plain_bits(self, version_spec: str | None, build: str | None) -> int:
        """Return the candidates that a version and a build admit; None: any will do."""
        return self._among(self.all if version_spec is None else self._version_bits(version_spec), build)

    def _among(self, bits: int, build: str | None) -> int:
        """Return those of some candidates that a build admits; None: any will do."""
        if build is None or not bits:
            return bits
        if self._builds is None:
            self._builds = self._columns.builds
        return _where(bits, self._builds, build_matcher(build))

    @property
    def _has_keys(self) -> bool:
        """Whether each version has a key."""
        return (self._keys if self._keys is not _UNREAD else self._read_keys()) is not None

    def _between(self, low: bytes | None, low_too: bool, high: bytes | None, high_too: bool) -> int:
        """Return the candidates whose versions have keys in a range (:class:`PlainRange`); all have one."""
        keys = self._keys or ()
        ends, newer, count = self._ends, self._newer, len(keys)
        if ends:
            last = count if low is None else count - (bisect_left if low_too else bisect_right)(keys, low)
            first = 0 if high is None else count - (bisect_right if high_too else bisect_left)(keys, high)
            return bits_between(ends[first], ends[last]) if first < last else 0
        result = self.all
        if low is not None:
            result = newer[count - (bisect_left if low_too else bisect_right)(keys, low)]
        if high is not None:
            result &= ~newer[count - (bisect_right if high_too else bisect_left)(keys, high)]
        return result

    def _version_bits(self, spec: str) -> int:
        """Return the candidates whose version a version spec admits."""
        if self._has_keys and (found := plain_range(spec)) is not None:
            return self._between(*found)
        if len(self._by_version) > _FEW and _ONLY_BOUNDS.match(spec):
            result = self.all
            for clause in spec.split(","):
                result &= self._side_of(clause.strip())
            return result
        by_text = version_text_matcher(spec)
        if by_text is not None:
            return sum(bits for text, bits in self._by_version.items() if by_text(text))
        matches = version_matcher(spec)
        result = 0
        if self._parsed is None:
            self._parsed = [(version(text), bits) for text, bits in self._by_version.items()]
        for parsed, bits in self._parsed:
            if matches(parsed):
                result |= bits
        return result

    def _read_keys(self) -> Sequence[bytes] | None:
        """Return the keys of the versions, oldest first; None where some version isn't plain."""
        keys: Sequence[bytes] | None = self._columns.version_keys()
        if keys is not None:
            if self._are_in_order():
                self._ends = list(accumulate(self._columns.run_lengths(), initial=0))
            else:
                runs = self._columns.version_runs()
                by_text = {text: key for (text, _), key in zip(runs, keys, strict=True)}
                keys = [by_text[text] for text in self._versions()]
            keys = keys[::-1]
        self._keys = keys
        return keys

    def _side_of(self, clause: str) -> int:
        """Return what one bound (``>=1.2``) admits: all up to some version, or all from it on."""
        known = self._bounds.get(clause)
        if known is None:
            newer = self._found_newer(clause)
            known = self._bounds[clause] = newer if clause[0] == ">" else self.all & ~newer
        return known

    def _found_newer(self, clause: str) -> int:
        """Return the candidates of the versions that stand before the first one on a bound's other side."""
        texts = self._versions()
        matches = version_matcher(clause)
        takes_newer = clause[0] == ">"
        low, high = 0, len(texts)  # the first place whose version is on the other side
        while low < high:
            middle = (low + high) // 2
            if matches(version(texts[middle])) is takes_newer:
                low = middle + 1
            else:
                high = middle
        return self._newer[low]

    def _versions(self) -> list[str]:
        """Return the versions, newest first."""
        if self._newest_first is None:
            texts = list(self._by_version)
            if not self._are_in_order():
                ranks = self._ranks()
                texts.sort(key=ranks.__getitem__)
            self._newest_first = texts
            self._newer = [*accumulate(map(self._by_version.__getitem__, texts), or_, initial=0)]
        return self._newest_first

    def _are_in_order(self) -> bool:
        """Tell whether candidates stand newest first: no pin, CUDA, track_features, channels between."""
        if self._ascending or self._preferred or self._cuda_ranks is not None or self._columns.features:
            return False
        return self._columns.has_one_rank

    def _filter(self, bits: int, spec: MatchSpec) -> int:
        if spec.asks_more_than_build:
            return _where(bits, self.records, spec.matches_build)
        return self._among(bits, spec.build)

    def version_bits(self) -> dict[str, int]:
        """Return for each distinct version the candidates of it, in candidate order."""
        return dict(self._by_version)

    @property
    def has_purls(self) -> bool:
        """Whether some records say themselves what they ship."""
        return self._columns.has_purls

    def python_bits(self) -> int | None:
        """Return the candidates that depend on python; None where records say themselves what they ship."""
        if self._columns.has_purls:
            return None
        return self._columns.python | self._columns.carriers_where(is_python)

    @property
    def group(self) -> Carriers:
        """Gives the candidates that carry a dependency string, or a constrains string."""
        return self._columns.carriers

    def has_form(self, text: str) -> bool:
        """Tell whether a constrains string surely is a match spec, as its form is at hand."""
        return bool(self._columns.said(text, constrains=True)[1])

    def places(self, *, constrains: bool) -> Mapping[str, int]:
        """Return where dependency strings, or constrains strings, stand in ``relations``: those noted yet."""
        return self._places[constrains]

    def relation(self, text: str, *, constrains: bool) -> Relation:
        """Return what a dependency string, or a constrains string, of some candidates says."""
        return self.relations[self.note(text, constrains=constrains)]

    def note(self, text: str, *, constrains: bool) -> int:
        """Return the place of such a string in ``relations``, where it stands from now on."""
        place = self._places[constrains].get(text)
        if place is None:
            group, form = self._columns.said(text, constrains=constrains)
            relation = Relation(text, group, form, constrains=constrains)
            place = self._places[constrains][text] = len(self.relations)
            self.relations.append(relation)
        return place

    def groups(self) -> dict[str, int]:
        """Return for each dependency string the candidates that carry it."""
        if self._groups is None:
            self._groups = {text: self.group(text) for text in self._columns.texts()}
        return self._groups

    def limits(self) -> dict[str, int]:
        """Return for each constrains string the candidates that carry it."""
        if self._limits is None:
            texts = self._columns.texts(constrains=True)
            self._limits = {text: self.group(text, constrains=True) for text in texts}
        return self._limits

    def conditional(self, *, constrains: bool = False) -> dict[str, int]:
        """Return for each text under conditions, or that brings in extras, the candidates that carry it."""
        if self._conditional is None:
            self._conditional = {}, {}
            for place, record in enumerate(self.records if self._columns.has_more else ()):
                more = record.more
                for kind, texts in enumerate((more.depends, more.constrains) if more is not None else ()):
                    for text in texts:
                        groups = self._conditional[kind]
                        groups[text] = groups.get(text, 0) | (2 << place)
        return self._conditional[constrains]

    def carried(self, name: str) -> dict[str, int]:
        """Return for each dependency of a group of extras (CEP 44) the candidates that carry it."""
        if self._extras is None:
            self._extras = {}
            for place, record in enumerate(self.records if self._columns.has_more else ()):
                for group, texts in record.more.extras if record.more is not None else ():
                    members = self._extras.setdefault(group, {})
                    for text in texts:
                        members[text] = members.get(text, 0) | (2 << place)
        return self._extras.get(name, {})

    def texts(self) -> Iterable[str]:
        """Return each dependency that some candidates have, always or perhaps."""
        if self._columns.has_more:
            return (text for text, _ in self.every_text())
        return self._columns.texts()

    def needed(self) -> Collection[str]:
        """Return the name of each package that some candidates depend on, always or perhaps; in any order."""
        return dependency_names(self.texts()) if self.has_more else self._columns.needed()

    def every_text(self) -> Iterator[tuple[str, int]]:
        """Yield each dependency that some candidates have, always or perhaps, with these candidates."""
        yield from self.groups().items()
        if self._columns.has_more:
            yield from self.conditional().items()
            self.carried("")
            for texts in (self._extras or {}).values():
                yield from texts.items()

    def levels(self) -> list[int]:
        """Return for each candidate its level: 0 for the best, -1 for a pin to keep.

        A level is (channel's rank where priority counts, CUDA build worth going back for or not, number of
        track_features, rank of the version, CUDA or CPU build), compared left to right.
        """
        if self._levels is None and self._are_in_order():
            self._levels = self.version_ranks()
        if self._levels is None:
            kinds = self._cuda_ranks or repeat((0, 0), len(self.records))
            features = [features_at(self._columns, place) for place in range(len(self.records))]
            keys = [
                (source.rank if self._channels_first else 0, before, count, rank, within)
                for count, source, rank, (before, within) in zip(
                    features, self.sources, self.version_ranks(), kinds, strict=True
                )
            ]
            dense = {key: level for level, key in enumerate(sorted(set(keys)))}
            if self._preferred:
                dense[keys[0]] = -1
            self._levels = [dense[key] for key in keys]
        return self._levels

    def version_ranks(self) -> list[int]:
        """Return for each candidate the rank of its version alone: 0 for the best, as a rule the newest."""
        keys = self._columns.version_keys() if self._version_ranks is None and not self._ascending else None
        if keys is not None:
            dense = {key: rank for rank, key in enumerate(sorted(set(keys), reverse=True))}
            each = map(repeat, map(dense.__getitem__, keys), self._columns.run_lengths())
            self._version_ranks = [*chain.from_iterable(each)]
        elif self._version_ranks is None:
            ranks = oriented(self._ranks(), ascending=self._ascending)
            runs = self._columns.version_runs()
            self._version_ranks = [*chain.from_iterable(repeat(ranks[text], count) for text, count in runs)]
        return self._version_ranks

    def _ranks(self) -> dict[str, int]:
        """Return the rank of each version: 0 for the newest, one for equal ones such as 1.0 and 1.0.0."""
        if self._rank_of is None:
            keys = self._columns.version_keys()
            if keys is None:
                self._rank_of = version_ranks(set(self._by_version))
            else:
                places = {key: rank for rank, key in enumerate(sorted(set(keys), reverse=True))}
                runs = zip(self._columns.version_runs(), keys, strict=True)
                self._rank_of = {text: places[key] for (text, _), key in runs}
        return self._rank_of

    def level_run(self, place: int) -> tuple[int, int]:
        """Return the places, from and before, of the candidates of one level: they stand together."""
        keys = self._keys if self._keys is not _UNREAD else self._read_keys()
        if not keys or not self._ends:
            return self._run(place, self._same_level, self._same_levels)
        newest = oldest = len(self._ends) - 1 - bisect_right(self._ends, place)
        key = keys[oldest]
        while oldest and keys[oldest - 1] == key:
            oldest -= 1
        while newest + 1 < len(keys) and keys[newest + 1] == key:
            newest += 1
        return self._ends[len(keys) - 1 - newest], self._ends[len(keys) - oldest]

    def number_run(self, place: int) -> tuple[int, int]:
        """Return the places, from and before, of the candidates of the same level and build number."""
        numbers = self._numbers
        if numbers is None:
            numbers = self._numbers = self._columns.numbers
        number = numbers[place]
        if self._are_in_order():
            first, last = self.level_run(place)
            start, end = place, place + 1
            while start > first and numbers[start - 1] == number:
                start -= 1
            while end < last and numbers[end] == number:
                end += 1
            return start, end

        def alike(a: int, b: int) -> bool:
            same_place = self.sources[a].rank == self.sources[b].rank
            return same_place and numbers[a] == number and self._same_level(a, b)

        return self._run(place, alike, self._same_numbers)

    def _same_level(self, a: int, b: int) -> bool:
        columns = self._columns
        return (
            same_version(columns.versions[a], columns.versions[b])
            and features_at(columns, a) == features_at(columns, b)
            and (not self._channels_first or self.sources[a].rank == self.sources[b].rank)
            and (self._cuda_ranks is None or self._cuda_ranks[a] == self._cuda_ranks[b])
        )

    def _run(
        self, place: int, alike: Callable[[int, int], bool], known: dict[int, tuple[int, int]]
    ) -> tuple[int, int]:
        """Return the longest run around a place of candidates that are like it; a pin stands alone."""
        found = known.get(place)
        if found is not None:
            return found
        least = 1 if self._preferred else 0
        start, end = place, place + 1
        while start > least and alike(start - 1, place):
            start -= 1
        while least <= place and end < len(self.records) and alike(end, place):
            end += 1
        known.update(dict.fromkeys(range(start, end), (start, end)))
        return start, end


def _where(bits: int, column: Sequence[T], holds: Callable[[T], object]) -> int:
    """Return those of some candidates of whose part in a column something holds."""
    result = 0
    while bits:
        lowest = bits & -bits
        if holds(column[lowest.bit_length() - 2]):
            result |= lowest
        bits ^= lowest
    return result


def _stem(file_name: str) -> str:
    """Return a file's name without its form: name, version and build."""
    return file_name.removesuffix(".conda").removesuffix(".tar.bz2")
