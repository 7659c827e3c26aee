"""A project's domain made of a page's rows: a release becomes a value only when it is looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate
from operator import itemgetter, ne
from typing import TYPE_CHECKING

import msgspec
from packaging.version import Version

from resolver.constraints.bits import all_bits
from resolver.constraints.pypi_domain import PypiDomain, Release, VersionLine, pypi_version
from resolver.metadata.page_rows import LazyPage
from resolver.model.records import DistFile

if TYPE_CHECKING:
    from typing import NamedTuple
else:
    from resolver.model.named_tuples import NamedTuple


#: Sets of Pythons that stand as one byte each.
_MOST_GROUPS = 256
_ZEROS = b"0" * _MOST_GROUPS


class Judged(msgspec.Struct, frozen=True, gc=False):
    """What holds of every release of one form; files by their place in it. See :class:`Release`."""

    files: tuple[int, ...]
    pythons: int
    hint: int | None = None
    wheel_pythons: int = 0
    is_compiled: bool = False
    told_by: int | None = None

    def release(self, version: str, files: Sequence[DistFile]) -> Release:
        """Return the release of a version with these files."""
        return Release(
            version=version,
            files=tuple(files[n] for n in self.files),
            pythons=self.pythons,
            hint=None if self.hint is None else files[self.hint],
            wheel_pythons=self.wheel_pythons,
            is_compiled=self.is_compiled,
            told_by=None if self.told_by is None else files[self.told_by],
        )


class Releases(Sequence[Release]):
    """Candidates in order; ``places`` are those of the index by their place on the page."""

    def __init__(
        self, page: LazyPage, places: list[int], judged: Sequence[Judged | None], provided: list[Release]
    ) -> None:
        self._page, self._places, self._judged, self._provided = page, places, judged, provided
        self._made: dict[int, Release] = {}

    def __len__(self) -> int:
        return len(self._places) + len(self._provided)

    def __getitem__(self, number: int) -> Release:  # type: ignore[override]
        made = self._made.get(number)
        if made is None:
            made = self._made[number] = self._make(number if number >= 0 else number + len(self))
        return made

    def _make(self, number: int) -> Release:
        if number >= len(self._places):
            return self._provided[number - len(self._places)]
        page, place = self._page, self._places[number]
        judged = self._judged[page.kinds[place]]
        assert judged is not None  # noqa: S101  (others have no place)
        return judged.release(page.rows.versions[place], page.files_at(place))

    def __iter__(self) -> Iterator[Release]:
        return map(self.__getitem__, range(len(self)))


class _Arranged(NamedTuple):
    """The releases of a page that have a file to select, as places on the page."""

    newest_first: list[int]
    early: list[int]  #: in the order in which they are tried: a pin to keep, then final releases ...
    late: list[int]  #: ... then pre-releases, where they come last
    has_pin: bool


def _arrange(
    page: LazyPage, judged: Sequence[Judged | None], pre: bool, preferred: str | None, *, ascending: bool
) -> _Arranged:
    """Put a page's releases in order; ``early`` is the list ``newest_first`` itself where nothing differs."""
    versions, kinds = page.rows.versions, page.kinds
    is_usable = [found is not None for found in judged]
    usable = [place for place, kind in enumerate(kinds) if is_usable[kind]]
    early, late = usable, list[int]()
    if not pre and any(fine and is_pre for fine, (is_pre, _) in zip(is_usable, page.rows.forms, strict=True)):
        is_late = [is_pre for is_pre, _ in page.rows.forms]
        early = [place for place in usable if not is_late[kinds[place]]]
        late = [place for place in usable if is_late[kinds[place]]]
    if ascending:
        early, late = early[::-1], late[::-1]
    pin = None
    if preferred is not None:
        pin = next((place for place in usable if versions[place] == preferred), None)
    if pin is not None:
        early = [pin, *(place for place in early if place != pin)]
        late = [place for place in late if place != pin]
    return _Arranged(usable, early, late, pin is not None)


class RowsDomain(PypiDomain):
    """:class:`PypiDomain` over rows: the same attributes, without a release being made.

    ``judged`` says what holds of each form of the page's releases; ``provided`` in any order.
    """

    def __init__(
        self,
        name: str,
        page: LazyPage,
        judged: Sequence[Judged | None],
        provided: Sequence[Release],
        *,
        pre: bool = False,
        preferred: str | None = None,
        ascending: bool = False,
    ) -> None:
        self.name, self._ascending, self._wanted = name, ascending, preferred
        self._page, self._judged = page, judged
        newest_first, early, late, self._preferred = _arrange(
            page, judged, pre, preferred, ascending=ascending
        )
        places = self._places = [*early, *late] if late else early
        parsed = sorted(((pypi_version(r.version), r) for r in provided), key=itemgetter(0), reverse=True)
        self._given = [release for _, release in (reversed(parsed) if ascending else parsed)]
        self.releases = Releases(page, places, judged, self._given)
        self.all = all_bits(len(self.releases))
        self.late = all_bits(len(places)) & ~all_bits(len(early))
        self.provided = self.all & ~all_bits(len(places))
        #: candidates, ascending by version
        if early is newest_first:
            self._order = list(range(len(places) - 1, -1, -1))
        else:
            number = {place: n for n, place in enumerate(places)}
            self._order = [number[place] for place in reversed(newest_first)]
        texts = [page.rows.versions[place] for place in reversed(newest_first)]
        self._line = VersionLine(texts)
        if parsed:
            self._insert(newest_first, texts, [version for version, _ in parsed])
        self._below: list[int] | None = None
        self._ranks: Sequence[int] | None = None
        self._memo: dict[str, int] = {}
        self._by_pythons: dict[int, int] | None = None

    def _insert(self, newest_first: Sequence[int], texts: Sequence[str], parsed: Sequence[Version]) -> None:
        """Put the provided versions, newest first, into the order: each after those that are not above it.

        Most stand on the page too, so their place needs no comparison.
        """
        ranks = memoryview(self._page.rows.ranks).cast("H")
        number = {text: n for n, text in enumerate(texts)}
        count, last, equal = len(self._places), len(texts) - 1, 0
        for n, release in enumerate(reversed(self._given) if self._ascending else self._given):
            candidate = count + (len(parsed) - 1 - n if self._ascending else n)
            place = number.get(release.version)
            if place is None:
                self._order.insert(self._line.insert(release.version), candidate)
                continue
            rank = ranks[newest_first[last - place]]
            place += 1
            while place <= last and ranks[newest_first[last - place]] == rank:
                place += 1
            # those before it that are the same version, written otherwise
            equal = equal + 1 if n and parsed[n - 1] == parsed[n] else 0
            self._order.insert(place + equal, candidate)
            self._line.texts.insert(place + equal, release.version)

    def pythons_of(self, place: int) -> int:
        """Return the python candidates that a release fits."""
        if place >= len(self._places):
            return 0
        judged = self._judged[self._page.kinds[self._places[place]]]
        return judged.pythons if judged else 0

    def where_pythons(self, pythons: int) -> int:
        """Return the releases of the index that fit just these Pythons."""
        return self.by_pythons().get(pythons, 0)

    def by_pythons(self) -> dict[int, int]:
        """Return which releases of the index fit the same Pythons."""
        if self._by_pythons is None:
            self._by_pythons = self._group_by_pythons()
        return self._by_pythons

    def _group_by_pythons(self) -> dict[int, int]:
        """Return which releases of the index fit the same Pythons; releases of one form do.

        Each set is one text of ones and zeros, read at once.
        """
        numbers: dict[int, int] = {}  # of the Pythons that some form fits
        by_kind = [
            0 if one is None else numbers.setdefault(one.pythons, len(numbers)) for one in self._judged
        ]
        if len(numbers) > _MOST_GROUPS:
            return self._group_one_by_one()
        groups = bytes(map(by_kind.__getitem__, map(self._page.kinds.__getitem__, self._places)))
        backwards, pythons = groups[::-1], tuple(numbers)
        return {
            pythons[group]: int(backwards.translate(_ZEROS[:group] + b"1" + _ZEROS[group + 1 :]), 2) << 1
            for group in dict.fromkeys(groups)
        }

    def _group_one_by_one(self) -> dict[int, int]:
        found: dict[int, int] = {}
        for place in range(len(self._places)):
            pythons = self.pythons_of(place)
            found[pythons] = found.get(pythons, 0) | 2 << place
        return found

    def provided_places(self) -> dict[str, int]:
        """Return where each provided version stands."""
        return {release.version: len(self._places) + n for n, release in enumerate(self._given)}

    def _rank_versions(self) -> list[int]:
        ranks_of = memoryview(self._page.rows.ranks).cast("H")
        places, count = self._places, len(self._places)
        if places and not (self._given or self._preferred or self._ascending):
            return self._rank_as_listed([ranks_of[place] for place in places])
        result = [0] * len(self.releases)
        rank, version = -1, self._line.version
        for wanted in (False, True):
            previous: int | None = None
            for place in self._best_first():
                if bool(self.late & (2 << place)) is wanted:
                    if previous is None:
                        rank += 1
                    elif place < count and previous < count:
                        rank += ranks_of[places[place]] != ranks_of[places[previous]]
                    else:
                        rank += version(self._text(previous)) != version(self._text(place))
                    previous = place
                    result[place] = rank
        return result

    def _rank_as_listed(self, versions: list[int]) -> list[int]:
        """Return the ranks of candidates that stand newest first, then pre-releases newest first."""
        steps = [1, *map(ne, versions[1:], versions)]
        if self.late:
            steps[(self.late & -self.late).bit_length() - 2] = 1
        return list(accumulate(steps, initial=-1))[1:]

    def _text(self, place: int) -> str:
        count = len(self._places)
        if place < count:
            return self._page.rows.versions[self._places[place]]
        return self._given[place - count].version
