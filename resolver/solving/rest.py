"""Everything else that comes in: newest, nearest first, proven by the order of the decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from resolver.constraints.clauses import Incompatibility
from resolver.constraints.protocol import ABSENT
from resolver.solving.best import Standing
from resolver.solving.breadth import Breadth, VersionsFirst, needs
from resolver.solving.search import Search


def best_all_the_way(
    search: Search, selected: Mapping[int, int], ranked: Sequence[Standing], *, rounds: int = 3
) -> Mapping[int, int]:
    """Keep the requested levels; then versions outwards, then builds; walk anew until the order stays."""
    _keep(search, selected, ranked)
    order = walk(search, selected)
    for _ in range(rounds):
        search.breadth = Breadth(search)
        selected = versions_first(search, selected)
        following = walk(search, selected)
        if following == order:
            break
        order = following
    return selected


def settle(search: Search, selected: Mapping[int, int], ranked: Sequence[Standing]) -> Mapping[int, int]:
    """Return the solution that is best in the order (depth, name), requested packages' levels kept.

    The levels become facts; then the search decides outwards from what was asked for, the best candidate
    first. What a decision passes over was ruled out by facts and earlier decisions alone, so the first
    solution is the best in that order: no second question is needed.
    """
    _keep(search, selected, ranked)
    search.breadth = Breadth(search)
    outcome = search.solve()
    assert outcome.selected is not None  # noqa: S101  (there is one: the earlier solution)
    return outcome.selected


def _keep(search: Search, selected: Mapping[int, int], ranked: Sequence[Standing]) -> None:
    """Make the requested packages' levels facts; one that the solution does without stays away."""
    state = search.state
    facts = []
    for standing in ranked:
        if standing.package in selected:
            level = standing.level_of(selected[standing.package])
            keep = dict(standing.by_level)[level]
        else:
            keep = ABSENT
        fact = Incompatibility((standing.package,), (state.full[standing.package] & ~keep,), "kept level")
        facts.append(fact)
    search.add_facts(facts)


def versions_first(search: Search, selected: Mapping[int, int]) -> Mapping[int, int]:
    """Return the solution whose versions are best in the order of the walk, then its builds."""
    search.versions = VersionsFirst(search, walk(search, selected))
    outcome = search.solve()
    assert outcome.selected is not None  # noqa: S101  (there is one: the earlier solution)
    return outcome.selected


def walk(search: Search, selected: Mapping[int, int]) -> list[int]:
    """Return the packages of a solution by depth, place among the requested, name."""
    universe = search.universe
    depth = {package: 0 for package in universe.requested() if package in selected}
    wave = list(depth)
    while wave:
        following = []
        for package in wave:
            for other in needs(search, package, selected[package]):
                if other in selected and other not in depth:
                    depth[other] = depth[package] + 1
                    following.append(other)
        wave = following
    for package in selected:
        depth.setdefault(package, 1 << 30)
    return sorted(depth, key=lambda p: (depth[p], universe.priority(p)[1], universe.name(p)))
