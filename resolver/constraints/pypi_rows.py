"""A project's domain made of a page's rows: a release becomes a value only when it is looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import itemgetter

import msgspec
from packaging.version import Version

from resolver.constraints.pypi_domain import PypiDomain, Release, VersionLine
from resolver.metadata.page_rows import LazyPage
from resolver.model.records import DistFile


class Judged(msgspec.Struct, frozen=True, gc=False):
    """What holds of every release of one form; files by their place in it. See :class:`Release`."""

    files: tuple[int, ...]
    pythons: int
    hint: int | None = None
    wheel_pythons: int = 0
    is_compiled: bool = False

    def release(self, version: str, files: Sequence[DistFile]) -> Release:
        """Return the release of a version with these files."""
        return Release(
            version=version,
            files=tuple(files[n] for n in self.files),
            pythons=self.pythons,
            hint=None if self.hint is None else files[self.hint],
            wheel_pythons=self.wheel_pythons,
            is_compiled=self.is_compiled,
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


class RowsDomain(PypiDomain):
    """:class:`PypiDomain` over rows."""

    def __init__(
        self,
        name: str,
        page: LazyPage,
        judged: Sequence[Judged | None],
        provided: Sequence[Release],
        *,
        pre: bool = False,
        preferred: str | None = None,
    ) -> None:
        self.name = name
        self._pre = pre
        versions, kinds = page.rows.versions, page.kinds
        fine = [found is not None for found in judged]
        use = [place for place, kind in enumerate(kinds) if fine[kind]]
        is_late = [fine and form[0] and not pre for fine, form in zip(fine, page.rows.forms, strict=True)]
        late: list[int] = []
        early = use
        if any(is_late):
            late = [place for place in use if is_late[kinds[place]]]
            if late:
                early = [place for place in use if not is_late[kinds[place]]]
        first = None
        if preferred is not None:
            first = next((place for place in use if versions[place] == preferred), None)
            if first is not None:
                early = [first] + [place for place in early if place != first]
                late = [place for place in late if place != first]
        self._preferred = first is not None
        places = [*early, *late] if late else early
        self._page, self._judged, self._places = page, judged, places
        #: ascending; PEP 440 keys are made for few
        parsed = sorted(((Version(r.version), r) for r in provided), key=itemgetter(0), reverse=True)
        given = [release for _, release in parsed]
        self._given = given
        self.releases = Releases(page, places, judged, given)
        self.all = ((1 << (len(places) + len(given))) - 1) << 1
        self.late = ((1 << len(late)) - 1) << (1 + len(early))
        self.provided = ((1 << len(given)) - 1) << (1 + len(places))
        if early is use:
            self._order = list(range(len(places) - 1, -1, -1))
            texts = [versions[place] for place in reversed(places)]
        else:
            number = {place: n for n, place in enumerate(places)}
            self._order = [number[place] for place in reversed(use)]
            texts = [versions[place] for place in reversed(use)]
        self._line = VersionLine(texts)
        if given:
            self._insert(use, texts, [version for version, _ in parsed])
        self._below: list[int] | None = None
        self._memo: dict[str, int] = {}
        self._by_pythons: dict[int, int] | None = None

    def _insert(self, use: Sequence[int], texts: Sequence[str], parsed: Sequence[Version]) -> None:
        """Put the provided versions, newest first, into the order: each after those that are not above it.

        Most stand on the page too, so their place needs no comparison.
        """
        ranks = memoryview(self._page.rows.ranks).cast("H")
        number = {text: n for n, text in enumerate(texts)}
        count, last, equal = len(self._places), len(texts) - 1, 0
        for n, release in enumerate(self._given):
            place = number.get(release.version)
            if place is None:
                self._order.insert(self._line.insert(release.version), count + n)
                continue
            rank = ranks[use[last - place]]
            place += 1
            while place <= last and ranks[use[last - place]] == rank:
                place += 1
            # those before it that are the same version, written otherwise
            equal = equal + 1 if n and parsed[n - 1] == parsed[n] else 0
            self._order.insert(place + equal, count + n)
            self._line.texts.insert(place + equal, release.version)

    def pythons_of(self, place: int) -> int:
        """Return the python candidates that a release fits."""
        if place >= len(self._places):
            return 0
        judged = self._judged[self._page.kinds[self._places[place]]]
        return judged.pythons if judged else 0

    def where_pythons(self, pythons: int) -> int:
        """Return the releases of the index that fit just these Pythons."""
        if self._by_pythons is None:
            kinds, judged = self._page.kinds, self._judged
            by_kind: dict[int, int] = {}
            bit = 2
            for place in self._places:
                kind = kinds[place]
                by_kind[kind] = by_kind.get(kind, 0) | bit
                bit <<= 1
            found: dict[int, int] = {}
            for kind, bits in by_kind.items():
                what = judged[kind]
                if what is not None:
                    found[what.pythons] = found.get(what.pythons, 0) | bits
            self._by_pythons = found
        return self._by_pythons.get(pythons, 0)

    def provided_places(self) -> dict[str, int]:
        """Return where each provided version stands."""
        return {release.version: len(self._places) + n for n, release in enumerate(self._given)}

    def levels(self) -> list[int]:
        """Return for each candidate the rank of its version; see :meth:`PypiDomain.levels`."""
        ranks_of = memoryview(self._page.rows.ranks).cast("H")
        places, count = self._places, len(self._places)
        result = [0] * len(self.releases)
        rank, version = -1, self._line.version
        for wanted in (False, True):
            previous: int | None = None
            for place in reversed(self._order):
                if bool(self.late & (2 << place)) is wanted:
                    if previous is None:
                        rank += 1
                    elif place < count and previous < count:
                        rank += ranks_of[places[place]] != ranks_of[places[previous]]
                    else:
                        rank += version(self._text(previous)) != version(self._text(place))
                    previous = place
                    result[place] = rank
        if self._preferred:
            result[0] = -1
        return result

    def _text(self, place: int) -> str:
        count = len(self._places)
        if place < count:
            return self._page.rows.versions[self._places[place]]
        return self._given[place - count].version
