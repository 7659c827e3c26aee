"""Whether the wheels that an answer takes ask for what the search read.

The search reads one wheel of a release (:meth:`resolver.constraints.pypi_side.PypiSide.file_for_metadata`).
Another one is taken where the answer's Python is not the newest likely one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from resolver.constraints.pypi_side import PypiSide
from resolver.constraints.registry import Key, Kind
from resolver.constraints.universe import JointUniverse
from resolver.model.names import PypiName
from resolver.model.records import CoreMetadata, DistFile
from resolver.model.unusable import Unusable

if TYPE_CHECKING:
    from typing import NamedTuple
else:
    from resolver.model.named_tuples import NamedTuple


class _Pair(NamedTuple):
    name: PypiName
    version: str
    read: DistFile
    taken: DistFile


class TakenFiles:
    """The file of each selected release that an installer would take, looked for once."""

    def __init__(self, universe: JointUniverse, side: PypiSide, selected: Mapping[int, int]) -> None:
        """Look for none yet. ``selected``: what is selected of each package, by number."""
        self._registry, self._side, self._selected = universe.registry, side, selected
        python = self._registry.find(Key(Kind.CONDA, "python"))
        #: of the Python that is selected; 0: none is
        self.bit = 0 if python is None or python not in selected else 2 << selected[python]
        self._found: dict[int, DistFile | None] = {}

    def of(self, number: int) -> DistFile | None:
        """Return the file of a project's release; None: none fits."""
        if number not in self._found:
            release = self._registry.pypi(number).domain.releases[self._selected[number]]
            self._found[number] = self._side.taken_file(release, self.bit)
        return self._found[number]


def differing_releases(
    universe: JointUniverse, side: PypiSide, selected: Mapping[int, int], files: TakenFiles
) -> list[tuple[PypiName, str]]:
    """Return the releases whose taken wheel isn't the one that was read and asks for something else.

    Files whose metadata have one hash on the index are the same (PEP 658); others are read. Raises
    SourceError where that can't be.
    """
    pairs = [pair for pair in _pairs(universe, side, selected, files) if not _is_same_text(pair)]
    side.source.prefetch_metadata([pair.taken for pair in pairs])
    return [
        (pair.name, pair.version)
        for pair in pairs
        if _asks(side.metadata(pair.read)) != _asks(side.metadata(pair.taken))
    ]


def _pairs(
    universe: JointUniverse, side: PypiSide, selected: Mapping[int, int], files: TakenFiles
) -> Iterator[_Pair]:
    """Yield the selected releases of which another wheel is taken than was read."""
    registry = universe.registry
    for number, place in selected.items():
        if registry.keys[number].kind is not Kind.PYPI:
            continue
        package = registry.pypi(number)
        release = package.domain.releases[place]
        if release.told_by is None or side.told_apart.covers(package.name, release.version):
            continue
        taken = files.of(number)
        if taken is not None and taken is not release.told_by and taken != release.told_by:
            yield _Pair(package.name, release.version, release.told_by, taken)


def _is_same_text(pair: _Pair) -> bool:
    """Tell whether the index says that two files have the same metadata."""
    read, taken = pair.read.metadata_hashes or {}, pair.taken.metadata_hashes or {}
    return any(read[algorithm] == taken.get(algorithm) for algorithm in read)


def _asks(said: CoreMetadata | Unusable) -> object:
    """Return what of metadata a search goes by."""
    if isinstance(said, Unusable):
        return None
    return frozenset(said.requires_dist), said.requires_python, frozenset(said.extras)
