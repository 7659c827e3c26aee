"""All notices of one answer, in the order in which they are told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from resolver.constraints.clauses import Incompatibility
from resolver.constraints.registry import Key, Kind
from resolver.constraints.universe import JointUniverse
from resolver.model.notices import Notice
from resolver.model.resolution import Resolution
from resolver.solving.notices.cpu_builds import cpu_builds
from resolver.solving.notices.first_index import IndexesPassedOver, first_index_decided
from resolver.solving.notices.held_back import held_back
from resolver.solving.notices.met_by_conda import met_by_conda
from resolver.solving.notices.undated import undated_left_out
from resolver.solving.notices.yanked import yanked_but_pinned


def iter_notices(
    universe: JointUniverse,
    selected: Mapping[int, int],
    resolution: Resolution,
    passed_over: IndexesPassedOver,
    known: Iterable[Incompatibility],
) -> Iterator[Notice]:
    """Yield what is to be said of an answer.

    ``selected`` is what it was read from, ``known`` all incompatibilities that the search has read.
    """
    if universe.pip_from_conda == "prefer":
        met = met_by_conda(universe.requirements, resolution)
        if met is not None:
            yield met
    undated = undated_left_out(universe.conda, resolution)
    if undated is not None:
        yield undated
    if universe.pypi is not None:
        yield from yanked_but_pinned(universe.pypi.policy, resolution)
    yield from held_back(universe, selected, known)
    yield from cpu_builds(universe, selected, resolution)
    python = universe.registry.find(Key(Kind.CONDA, "python"))
    if universe.pypi is not None and python is not None and python in selected:
        yield from first_index_decided(
            universe.pypi, universe.requirements, resolution, passed_over, 2 << selected[python]
        )
