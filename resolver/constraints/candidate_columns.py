"""The candidates of one conda package, best first, as columns; records are read once they are asked for.

::

    a subdir's rows    2.1 2.1 2.0 | 1.4 1.3        each subdir gives its own in order
    another's                        1.9 1.9
    merged             2.1 2.1 2.0   1.9 1.9   1.4 1.3        three runs of rows

1. Rows of one subdir stand as they are. Of two subdirs of a channel the versions are compared, by bisection
   as far as that will do, since one mostly has the newer ones and the other those from before.
2. Where versions, numbers and channels leave a tie between two subdirs, records are read and compared whole.
3. What rows say (which of them carry a dependency string) is moved run by run.

Whatever asks for another order (a pin, CUDA builds, the lowest version) or for dates reads all records, and
has columns made from them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, groupby, repeat
from typing import Any, Protocol, TypeVar, overload

from resolver.constraints.bits import bits_between, bits_of
from resolver.constraints.conda_order import Candidate
from resolver.constraints.record_source import Source
from resolver.metadata.record_index import order_key
from resolver.metadata.record_rows import RecordRows
from resolver.model.dependency_text import dependency_names, names_build
from resolver.model.match_spec import version
from resolver.model.plain_versions import plain_key
from resolver.model.records import CondaRecord

T = TypeVar("T")

#: Where rows of several subdirs stand in more runs than this, sets are made from the records instead.
_MOST_RUNS = 16


class Listed(Sequence[Candidate]):
    """What subdirs give of one name, one behind the other, in their own orders."""

    def __init__(self) -> None:
        self.parts: list[tuple[Sequence[CondaRecord], Source]] = []

    def add(self, records: Sequence[CondaRecord], source: Source) -> None:
        """Put a subdir's records behind those that are there."""
        if records:
            self.parts.append((records, source))

    def __len__(self) -> int:
        return sum(len(records) for records, _ in self.parts)

    def __iter__(self) -> Iterator[Candidate]:
        return chain.from_iterable(zip(records, repeat(source)) for records, source in self.parts)

    @overload
    def __getitem__(self, place: int) -> Candidate: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Candidate]: ...
    def __getitem__(self, place: int | slice) -> Candidate | Sequence[Candidate]:
        """Return one candidate, or some."""
        if isinstance(place, slice):
            return list(self)[place]
        for records, source in self.parts:
            if place < len(records):
                return records[place], source
            place -= len(records)
        raise IndexError(place)

    def needed(self) -> Collection[str] | None:
        """Return the name of each package that some depend on; None where records have to be looked at."""
        found: dict[str, None] = {}
        for rows, _ in self.parts:
            if not isinstance(rows, RecordRows) or rows.has_more:
                return None
            found |= dict.fromkeys(rows.needed)
        return found

    def said(self) -> tuple[Collection[str], Collection[str]]:
        """Return the names of the packages that some depend on, and the dependency strings that name a build.

        What is said under conditions, or of extras, has no part in them.
        """
        names: dict[str, None] = {}
        with_build: dict[str, None] = {}
        for records, _ in self.parts:
            if isinstance(records, RecordRows):
                names |= dict.fromkeys(records.needed)
                with_build |= dict.fromkeys(records.with_build)
            else:
                texts = dict.fromkeys(chain.from_iterable([record.depends for record in records]))
                names |= dict.fromkeys(dependency_names(texts))
                with_build |= dict.fromkeys(filter(names_build, texts))
        return names, with_build

    def depends(self) -> Iterator[str]:
        """Yield each dependency string as it first comes up in a subdir."""
        for records, _ in self.parts:
            if isinstance(records, RecordRows):
                yield from records.texts()
            else:
                yield from chain.from_iterable([record.depends for record in records])


class Carriers(Protocol):
    """Gives those that carry a text; none for a text that nobody has."""

    def __call__(self, text: str, *, constrains: bool = False) -> int:
        """Return them, as :meth:`Columns.carriers` does."""
        ...


class Columns(Protocol):
    """Candidates in order. In sets bit n + 1 is candidate n."""

    records: Sequence[CondaRecord]
    sources: Sequence[Source]
    features: Sequence[str]  #: track_features of each; empty where none has any
    has_more: bool  #: whether some say more than revision 2 of repodata does
    has_purls: bool  #: whether some say themselves what they ship

    @property
    def has_one_rank(self) -> bool:
        """Whether all come from channels of one rank."""
        ...

    @property
    def versions(self) -> Sequence[str]:
        """The version of each."""
        ...

    @property
    def builds(self) -> Sequence[str]:
        """The build string of each."""
        ...

    @property
    def numbers(self) -> Sequence[int]:
        """The build number of each."""
        ...

    @property
    def python(self) -> int:
        """Those that are ``noarch: python``."""
        ...

    def version_runs(self) -> Iterator[tuple[str, int]]:
        """Yield version and count of those that stand together, in order; a version may come again."""
        ...

    def run_lengths(self) -> Sequence[int]:
        """Return the counts of :meth:`version_runs`."""
        ...

    def version_keys(self) -> Sequence[bytes] | None:
        """Return the keys (:func:`plain_key`) of the versions of the runs; None where one isn't plain."""
        ...

    def texts(self, *, constrains: bool = False) -> Sequence[str]:
        """Return each dependency string (or each of ``constrains``) as it first comes up."""
        ...

    def carriers(self, text: str, *, constrains: bool = False) -> int:
        """Return those that carry one of :meth:`texts`."""
        ...

    def said(self, text: str, *, constrains: bool = False) -> tuple[int, bytes]:
        """Return these, and the text's form (:mod:`plain_specs`); empty where none is at hand."""
        ...

    def needed(self) -> Collection[str]:
        """Return the name of each package that a dependency string is about, in any order."""
        ...

    def carriers_where(self, is_wanted: Callable[[str], object]) -> int:
        """Return those that carry a dependency string for which something is true; none is put in order."""
        ...


class RecordColumns:
    """Columns of candidates whose records are all at hand."""

    def __init__(self, ordered: Sequence[Candidate]) -> None:
        self.records: Sequence[CondaRecord] = [record for record, _ in ordered]
        self.sources: Sequence[Source] = [source for _, source in ordered]
        self.versions: Sequence[str] = [record.version for record in self.records]
        features = [record.track_features for record in self.records]
        self.features: Sequence[str] = features if any(features) else ()
        self.has_more = any(record.more is not None for record in self.records)
        self.has_purls = any(record.purls is not None for record in self.records)
        self._carriers: tuple[dict[str, int], dict[str, int]] | None = None

    @property
    def has_one_rank(self) -> bool:
        """Whether all come from channels of one rank."""
        return len({source.rank for source in self.sources}) == 1

    @property
    def builds(self) -> Sequence[str]:
        """The build string of each."""
        return [record.build for record in self.records]

    @property
    def numbers(self) -> Sequence[int]:
        """The build number of each."""
        return [record.build_number for record in self.records]

    @property
    def python(self) -> int:
        """Those that are ``noarch: python``."""
        return bits_of([n for n, record in enumerate(self.records) if record.noarch == "python"])

    def version_runs(self) -> Iterator[tuple[str, int]]:
        """Yield version and count of those that stand together, in order."""
        return ((text, len(list(run))) for text, run in groupby(self.versions))

    def run_lengths(self) -> Sequence[int]:
        """Return the counts of the runs."""
        return [count for _, count in self.version_runs()]

    def version_keys(self) -> Sequence[bytes] | None:
        """Return the keys of the versions of the runs; None where one isn't plain."""
        keys: list[bytes] = []
        for text, _ in self.version_runs():
            key = plain_key(text)
            if key is None:
                return None
            keys.append(key)
        return keys

    def texts(self, *, constrains: bool = False) -> Sequence[str]:
        """Return each dependency string (or each of ``constrains``) as it first comes up."""
        return tuple(self._carried(constrains=constrains))

    def carriers(self, text: str, *, constrains: bool = False) -> int:
        """Return those that carry one of :meth:`texts`."""
        return self._carried(constrains=constrains).get(text, 0)

    def said(self, text: str, *, constrains: bool = False) -> tuple[int, bytes]:
        """Return these; forms are not at hand."""
        return self.carriers(text, constrains=constrains), b""

    def needed(self) -> Collection[str]:
        """Return the name of each package that a dependency string is about."""
        return dependency_names(self.texts())

    def carriers_where(self, is_wanted: Callable[[str], object]) -> int:
        """Return those that carry a dependency string for which something is true."""
        return _carriers_where(self, is_wanted)

    def _carried(self, *, constrains: bool) -> Mapping[str, int]:
        if self._carriers is None:
            depends: dict[str, int] = {}
            limits: dict[str, int] = {}
            self._carriers = depends, limits
            bit = 2
            for record in self.records:
                for text in record.depends:
                    depends[text] = depends.get(text, 0) | bit
                for text in record.constrains:
                    limits[text] = limits.get(text, 0) | bit
                bit <<= 1
        return self._carriers[constrains]


class RowColumns:
    """Columns of one subdir's rows, which stand as they are."""

    def __init__(self, rows: RecordRows, source: Source) -> None:
        self.records: Sequence[CondaRecord] = rows
        self.sources: Sequence[Source] = (source,) * len(rows)
        self._versions: Sequence[str] | None = None
        self.features = rows.features
        self.has_more, self.has_purls, self.has_one_rank = rows.has_more, rows.has_purls, True
        self.version_runs, self.version_keys = rows.version_runs, rows.version_keys
        self.run_lengths = rows.run_lengths
        self.texts, self.carriers, self.said = rows.texts, rows.carriers, rows.said
        self.rows = rows

    def carriers_where(self, is_wanted: Callable[[str], object]) -> int:
        """Return those that carry a dependency string for which something is true."""
        return _carriers_where(self.rows, is_wanted)

    @property
    def versions(self) -> Sequence[str]:
        """The version of each."""
        if self._versions is None:
            self._versions = [text for text, count in self.version_runs() for _ in range(count)]
        return self._versions

    @property
    def builds(self) -> Sequence[str]:
        """The build string of each."""
        return self.rows.builds

    @property
    def numbers(self) -> Sequence[int]:
        """The build number of each."""
        return self.rows.numbers

    @property
    def python(self) -> int:
        """Those that are ``noarch: python``."""
        return self.rows.python

    def needed(self) -> Collection[str]:
        """Return the name of each package that a dependency string is about."""
        return self.rows.needed


class Runs(Sequence[tuple[int, int]]):
    """Places (part, row) of rows that mostly stand together: the parts of a run, one run behind the other."""

    __slots__ = ("_starts", "runs")

    def __init__(self, runs: Iterable[tuple[int, int, int]] = ()) -> None:
        """Take part, first row, count of each run; none is empty."""
        self.runs: list[tuple[int, int, int]] = []
        self._starts = [0]  # the place of each run's first row, and behind them the number of rows
        for part, first, count in runs:
            self.add(part, first, count)

    def add(self, part: int, first: int, count: int) -> None:
        """Put rows that stand together behind all others."""
        if self.runs:
            last, start, before = self.runs[-1]
            if last == part and start + before == first:
                self.runs[-1] = part, start, before + count
                self._starts[-1] += count
                return
        self.runs.append((part, first, count))
        self._starts.append(self._starts[-1] + count)

    def add_from(self, other: Runs, start: int, end: int) -> None:
        """Put the places of others, from one on and before another, behind all."""
        for (part, first, count), at in zip(other.runs, other._starts, strict=False):
            low, high = max(start, at), min(end, at + count)
            if low < high:
                self.add(part, first + low - at, high - low)

    def __len__(self) -> int:
        return self._starts[-1]

    @overload
    def __getitem__(self, place: int) -> tuple[int, int]: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[tuple[int, int]]: ...
    def __getitem__(self, place: int | slice) -> tuple[int, int] | Sequence[tuple[int, int]]:
        """Return part and row of one place, or of some."""
        if isinstance(place, slice):
            return [self[n] for n in range(*place.indices(len(self)))]
        if place < 0:
            place += len(self)
        if not 0 <= place < len(self):
            raise IndexError(place)
        number = bisect_right(self._starts, place) - 1
        part, first, _ = self.runs[number]
        return part, first + place - self._starts[number]

    def picked(self, columns: Sequence[Sequence[T]]) -> list[T]:
        """Return the columns of parts as one, in this order."""
        found: list[T] = []
        for part, first, count in self.runs:
            found += columns[part][first : first + count]
        return found

    def moved(self, sets: Sequence[int]) -> int:
        """Return sets of rows, one a part, as one set of candidates."""
        result = 0
        for (part, first, count), place in zip(self.runs, self._starts, strict=False):
            if sets[part]:
                result |= (sets[part] & bits_between(first, first + count)) >> first << place
        return result


class MergedRecords(Sequence[CondaRecord]):
    """Records of several subdirs in one order."""

    def __init__(self, parts: Sequence[Sequence[CondaRecord]], places: Runs) -> None:
        self._parts, self._places = parts, places

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, place: int) -> CondaRecord: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[CondaRecord]: ...
    def __getitem__(self, place: int | slice) -> CondaRecord | Sequence[CondaRecord]:
        """Return one record, or some."""
        if isinstance(place, slice):
            return [self._parts[part][n] for part, n in self._places[place]]
        part, n = self._places[place]
        return self._parts[part][n]

    def __iter__(self) -> Iterator[CondaRecord]:
        return map(self.__getitem__, range(len(self._places)))


class MergedColumns:
    """Columns of several subdirs' rows, run by run."""

    def __init__(self, parts: Sequence[RowColumns], places: Runs) -> None:
        self._parts = parts
        self._rows = [part.rows for part in parts]
        self._places = places
        self.records: Sequence[CondaRecord] = MergedRecords(self._rows, places)
        self.sources: Sequence[Source] = places.picked([part.sources for part in parts])
        self._versions: Sequence[str] | None = None
        self._version_runs: Sequence[tuple[str, int]] | None = None
        self._keys: Sequence[bytes] | None = None  # of these runs
        self.features: Sequence[str] = ()
        if any(part.features for part in parts):
            self.features = places.picked([part.features or ("",) * len(part.records) for part in parts])
        self.has_more = any(part.has_more for part in parts)
        self.has_purls = any(part.has_purls for part in parts)
        self.has_one_rank = len({part.sources[0].rank for part in parts}) == 1
        self._texts: list[Sequence[str] | None] = [None, None]
        self._carriers: tuple[dict[str, tuple[int, bytes]], dict[str, tuple[int, bytes]]] = {}, {}
        self._moved = places.moved

    @property
    def versions(self) -> Sequence[str]:
        """The version of each."""
        if self._versions is None:
            self._versions = self._places.picked([part.versions for part in self._parts])
        return self._versions

    @property
    def builds(self) -> Sequence[str]:
        """The build string of each."""
        return self._places.picked([rows.builds for rows in self._rows])

    @property
    def numbers(self) -> Sequence[int]:
        """The build number of each."""
        return self._places.picked([rows.numbers for rows in self._rows])

    @property
    def python(self) -> int:
        """Those that are ``noarch: python``."""
        return self._moved([rows.python for rows in self._rows])

    def version_runs(self) -> Iterator[tuple[str, int]]:
        """Yield version and count of those that stand together, in order; a version may come again."""
        return iter(self._version_runs if self._version_runs is not None else self._read_versions())

    def run_lengths(self) -> Sequence[int]:
        """Return the counts of the runs."""
        return [count for _, count in self.version_runs()]

    def version_keys(self) -> Sequence[bytes] | None:
        """Return the keys of the versions of the runs; None where one isn't plain."""
        if self._version_runs is None:
            self._read_versions()
        return self._keys

    def _read_versions(self) -> Sequence[tuple[str, int]]:
        """Cut the runs of versions of each part as its rows stand here."""
        parts = [rows.keyed_runs() for rows in self._rows]
        texts: list[str] = []
        counts: list[int] = []
        keys: list[bytes | None] = []
        for part, first, count in self._places.runs:
            ends, versions, of_versions = parts[part]
            number, last = bisect_right(ends, first), first + count
            while first < last:
                end = min(ends[number], last)
                if texts and texts[-1] == versions[number]:
                    counts[-1] += end - first
                else:
                    texts.append(versions[number])
                    counts.append(end - first)
                    keys.append(None if of_versions is None else of_versions[number])
                first, number = end, number + 1
        self._version_runs = list(zip(texts, counts, strict=True))
        plain = [key for key in keys if key is not None]
        self._keys = plain if all(part[2] is not None for part in parts) else None
        return self._version_runs

    def texts(self, *, constrains: bool = False) -> Sequence[str]:
        """Return each dependency string (or each of ``constrains``) as it first comes up.

        Rows of a subdir keep their order, so of texts that come up with one record that one's subdir
        has them in order.
        """
        known = self._texts[constrains]
        if known is None:
            found: dict[str, tuple[int, int, int]] = {}
            for part, rows in enumerate(self._rows):
                for number, text in enumerate(rows.texts(constrains=constrains)):
                    carriers = [0] * len(self._rows)
                    carriers[part] = rows.carriers(text, constrains=constrains)
                    moved = self._moved(carriers)
                    key = (moved & -moved).bit_length(), part, number
                    if text not in found or key < found[text]:
                        found[text] = key
            known = self._texts[constrains] = tuple(sorted(found, key=found.__getitem__))
        return known

    def carriers(self, text: str, *, constrains: bool = False) -> int:
        """Return those that carry one of :meth:`texts`."""
        return self.said(text, constrains=constrains)[0]

    def said(self, text: str, *, constrains: bool = False) -> tuple[int, bytes]:
        """Return these, and the text's form; empty: it has none."""
        known = self._carriers[constrains]
        found = known.get(text)
        if found is None:
            each = [rows.said(text, constrains=constrains) for rows in self._rows]
            form = next((form for _, form in each if form), b"")
            found = known[text] = self._moved([bits for bits, _ in each]), form
        return found

    def needed(self) -> Collection[str]:
        """Return the name of each package that a dependency string is about."""
        return dict.fromkeys(chain.from_iterable([rows.needed for rows in self._rows]))

    def carriers_where(self, is_wanted: Callable[[str], object]) -> int:
        """Return those that carry a dependency string for which something is true."""
        return self._moved([_carriers_where(rows, is_wanted) for rows in self._rows])


def _carriers_where(columns: Columns | RecordRows, is_wanted: Callable[[str], object]) -> int:
    found = 0
    for text in filter(is_wanted, columns.texts()):
        found |= columns.carriers(text)
    return found


def columns_of_rows(candidates: Listed, *, pin: str | None, channels_first: bool) -> Columns | None:
    """Return the columns of what subdirs give in the plain order (:func:`conda_order.in_order`).

    None where some records are at hand already, the pin (a file name) is among them, or they stand in too
    many runs: then they are put in order one by one.
    """
    parts = [(rows, source) for rows, source in candidates.parts if isinstance(rows, RecordRows)]
    if len(parts) != len(candidates.parts) or not parts:
        return None
    if pin is not None and any(rows.may_have(pin) for rows, _ in parts):
        return None
    columns = [RowColumns(rows, source) for rows, source in parts]
    if len(columns) == 1:
        return columns[0]
    places = _merged(columns, channels_first=channels_first)
    return None if len(places.runs) > _MOST_RUNS else MergedColumns(columns, places)


def _merged(parts: Sequence[RowColumns], *, channels_first: bool) -> Runs:
    """Return part and row of each candidate in order; with ``channels_first`` channel by channel."""
    is_before = _RowComparison(parts)
    done = Runs()
    ranks = [part.sources[0].rank if channels_first else 0 for part in parts]
    for rank in dict.fromkeys(ranks):
        members = [number for number in range(len(parts)) if ranks[number] == rank]
        places = _merged_by_keys(parts, members, is_before) if len(members) == 2 else None
        if places is None:
            places = Runs()
            for number in members:
                places = _merge(places, Runs([(number, 0, len(parts[number].records))]), is_before)
        done.add_from(places, 0, len(places))
    return done


def _merged_by_keys(
    parts: Sequence[RowColumns], members: Sequence[int], is_before: _RowComparison
) -> Runs | None:
    """Merge two parts version by version; only rows of equal ones are compared. None: versions don't tell.

    That is where one isn't plain, and where track_features rank above them.
    """
    one, two = (parts[number] for number in members)
    (ends, _, keys), (others, _, against) = one.rows.keyed_runs(), two.rows.keyed_runs()
    if keys is None or against is None or one.features or two.features:
        return None
    rising, climbing = keys[::-1], against[::-1]
    merged = Runs()
    i = j = first = start = 0  # runs, and rows, of each that are done
    while i < len(keys) and j < len(against):
        mine, theirs = keys[i], against[j]
        if mine >= theirs:
            i = len(keys) - (bisect_right if mine > theirs else bisect_left)(rising, theirs)
        if theirs >= mine:
            j = len(against) - (bisect_right if theirs > mine else bisect_left)(climbing, mine)
        end, stop = ends[i - 1] if i else 0, others[j - 1] if j else 0
        here, there = (members[0], first, end - first), (members[1], start, stop - start)
        if mine == theirs:
            alike = _merge(Runs([here]), Runs([there]), is_before)
            merged.add_from(alike, 0, len(alike))
        else:
            merged.add(*(here if mine > theirs else there))
        first, start = end, stop
    for number, at, count in ((members[0], first, len(one.records)), (members[1], start, len(two.records))):
        if at < count:
            merged.add(number, at, count - at)
    return merged


class _RowComparison:
    """Tells which of two rows of different subdirs comes first, as :func:`conda_order.in_order` has it."""

    def __init__(self, parts: Sequence[RowColumns]) -> None:
        self._columns = parts
        self._key: Callable[[str], Any] | None = None

    def _version(self, text: str) -> Any:
        if self._key is None:
            keys = _keys_by_text([part.rows for part in self._columns])
            self._key = version if keys is None else keys.__getitem__
        return self._key(text)

    def __call__(self, one: tuple[int, int], two: tuple[int, int]) -> bool:
        """Tell whether one place (part, row) surely comes before the other."""
        (part, n), (other, m) = one, two
        mine, theirs = self._columns[part], self._columns[other]
        few, more = features_at(mine, n), features_at(theirs, m)
        if few != more:
            return few < more
        text, against = mine.versions[n], theirs.versions[m]
        if text != against and (newer := self._version(text)) != (older := self._version(against)):
            return bool(newer > older)
        rank, later = mine.sources[0].rank, theirs.sources[0].rank
        if rank != later:
            return rank < later
        if mine.numbers[n] != theirs.numbers[m]:
            return mine.numbers[n] > theirs.numbers[m]
        return order_key(mine.records[n], 0) < order_key(theirs.records[m], 0)


def _keys_by_text(parts: Sequence[RecordRows]) -> Mapping[str, bytes] | None:
    """Return the key of each version; None where one isn't plain."""
    found: dict[str, bytes] = {}
    for rows in parts:
        keys = rows.version_keys()
        if keys is None:
            return None
        found.update(zip((text for text, _ in rows.version_runs()), keys, strict=True))
    return found


def features_at(columns: Columns, place: int) -> int:
    """Return how many track_features a candidate has."""
    return len(columns.features[place].split()) if columns.features else 0


def _merge(one: Runs, two: Runs, is_before: Callable[[tuple[int, int], tuple[int, int]], bool]) -> Runs:
    """Merge two ordered lists run by run; of places that are alike those of ``one`` come first."""
    merged = Runs()
    i = j = 0

    def stays_before(place: tuple[int, int]) -> bool:
        return not is_before(two[j], place)

    def comes_before(place: tuple[int, int]) -> bool:
        return is_before(place, one[i])

    while i < len(one) and j < len(two):
        start, i = i, _reach(one, i, stays_before)
        merged.add_from(one, start, i)
        if i < len(one):
            start, j = j, _reach(two, j, comes_before)
            merged.add_from(two, start, j)
    merged.add_from(one, i, len(one))
    merged.add_from(two, j, len(two))
    return merged


def _reach(places: Sequence[tuple[int, int]], start: int, holds: Callable[[tuple[int, int]], bool]) -> int:
    """Return the place up to which something holds from ``start`` on: steps that double, then halves."""
    high, step = start, 1
    low = start
    while high < len(places) and holds(places[high]):
        low, high, step = high + 1, high + step, 2 * step
    high = min(high, len(places))
    while low < high:
        middle = (low + high) // 2
        if holds(places[middle]):
            low = middle + 1
        else:
            high = middle
    return low
