"""The packages of all environments, each build once, and an environment's as numbers of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cmp_to_key
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from lockfiles.fleet.page.model import PageEnvironment, PageName, PagePackage, steps_of

if TYPE_CHECKING:
    from lockfiles.fleet.page.places import PageTexts
    from lockfiles.fleet.records import PackageRow

#: Ecosystem, name, version, build, source, size, and (ecosystem, name) of what it needs.
_Build = tuple[str, str, str, str, str, int | None, tuple[tuple[str, str], ...]]


class FinishedTable(msgspec.Struct, frozen=True, kw_only=True):
    """All packages in their order; ``places``: number while taking -> number in ``packages``."""

    names: tuple[PageName, ...]
    sources: tuple[str, ...]
    packages: tuple[PagePackage, ...]
    lists: tuple[tuple[int, ...], ...]
    places: tuple[int, ...]

    def renumber(self, one: PageEnvironment, causes: Mapping[int, int]) -> PageEnvironment:
        """Return an environment with its packages and causes by their numbers in the page."""
        targets = tuple(
            replace(target, asked=tuple(sorted(self.places[number] for number in target.asked)))
            for target in one.targets
        )
        return replace(one, targets=targets, causes=tuple(sorted({causes[number] for number in one.causes})))


class PackageTable:
    """Takes the rows of one target after the other."""

    def __init__(self, texts: PageTexts) -> None:
        self._texts = texts
        self._builds: dict[_Build, int] = {}
        self._lists: dict[tuple[int, ...], int] = {}
        self.held = 0  #: numbers in all lists that differ

    def take(self, rows: Sequence[PackageRow]) -> tuple[int, tuple[int, ...]]:
        """Return the number of the rows' list, and the numbers of those that a line asks for."""
        names = [(row.ecosystem, row.name) for row in rows]
        numbers = [self._number(row, names) for row in rows]
        asked = tuple(number for row, number in zip(rows, numbers, strict=True) if row.is_asked)
        whole = tuple(sorted(numbers))
        if whole not in self._lists:
            self.held += len(whole)
        return self._lists.setdefault(whole, len(self._lists)), asked

    def _number(self, row: PackageRow, names: Sequence[tuple[str, str]]) -> int:
        needs = tuple(sorted(names[place] for place in row.needs if place < len(names)))
        build = (row.ecosystem, row.name, row.version, row.build, row.source, row.size, needs)
        return self._builds.setdefault(build, len(self._builds))

    def finish(self) -> FinishedTable:
        """Return all packages by name, the newest version first, then by build."""
        ordered = _in_order(self._builds)
        place_of = {self._builds[build]: place for place, build in enumerate(ordered)}
        places = tuple(place_of[number] for number in range(len(ordered)))
        names = {key: place for place, key in enumerate(dict.fromkeys((b[0], b[1]) for b in ordered))}
        for build in ordered:  # a name that is needed and not held can't be: needs are rows of the target
            for key in build[6]:
                names.setdefault(key, len(names))
        sources = {text: place for place, text in enumerate(sorted({build[4] for build in ordered}))}
        clean = self._texts.clean
        return FinishedTable(
            names=tuple(PageName(clean(name), ecosystem) for ecosystem, name in names),
            sources=tuple(map(clean, sources)),
            packages=tuple(
                PagePackage(
                    names[ecosystem, name], clean(version), clean(text), sources[source], size,
                    tuple(names[key] for key in needs),
                )
                for ecosystem, name, version, text, source, size, needs in ordered
            ),
            lists=tuple(steps_of(places[number] for number in one) for one in self._lists),
            places=places,
        )  # fmt: skip


def _in_order(builds: Iterable[_Build]) -> list[_Build]:
    """Return builds by name (conda's first), the newest version first, then by all the rest."""
    found: list[_Build] = []
    by_name: dict[tuple[str, str], list[_Build]] = {}
    for build in builds:
        by_name.setdefault((build[1], build[0]), []).append(build)
    for (_, ecosystem), same in sorted(by_name.items()):
        versions = newest_first(ecosystem, {build[2] for build in same})
        rank = {version: place for place, version in enumerate(versions)}
        found += sorted(same, key=lambda b: (rank[b[2]], b[3], b[4], b[5] if b[5] is not None else -1, b[6]))
    return found


def newest_first(ecosystem: str, versions: Iterable[str]) -> list[str]:
    """Return versions in their ecosystem's order; those that it can't read come last."""
    parse = _version_of(ecosystem)
    read = [(parse(text), text) for text in sorted(versions)]
    return [text for _, text in sorted(read, key=cmp_to_key(_compare))]


def _compare(one: tuple[Any, str], other: tuple[Any, str]) -> int:
    """Say which comes first: the newer one; of equal ones (1.0, 1.0.0) that of the higher text."""
    (first, own), (second, others) = one, other
    if first is None or second is None or first == second:
        return _sign((first is None, others), (second is None, own))
    return _sign(second, first)


def _sign(one: Any, other: Any) -> int:
    return int(one > other) - int(one < other)


def _version_of(ecosystem: str) -> Callable[[str], Any | None]:
    """Return what gives a version to compare, or None for a text that is none."""
    if ecosystem == "conda":
        from resolver.model.match_spec import version

        return version
    from packaging.version import InvalidVersion, Version

    def parse(text: str) -> Any | None:
        try:
            return Version(text)
        except InvalidVersion:
            return None

    return parse
