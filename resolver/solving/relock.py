"""A lock over an earlier one: what is updated moves, what else still fits stays.

1. A package that is updated takes the best level that the facts leave it, whatever else has to
   move; of several none can be better unless another gets worse. The levels become facts.
2. Of the earlier lockfile's other packages, also of those that nobody asked for, the fewest move
   (:mod:`resolver.solving.stay`). Packages come up as the search goes, so the question is put
   again until no further one with a pin has come up. It isn't put where the first solution holds nothing but
   pins that stay: none moves in it, and no other one can have that. From the lines outwards, each package
   that is needed is at its pin in both; so what is needed next is the same.
3. What stays becomes facts. Then the same is asked of those whose file can't stay, as no channel has it
   any more or the other ecosystem gives the package now: the fewest leave their version. No file moves for
   that.
4. All else is found as best as can be beside it.
5. That may bring in a package with a pin that nobody had met, at another place: then all is asked
   anew, by a search that knows it (:func:`met_too_late`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from resolver.constraints.bits import ABSENT
from resolver.constraints.clauses import Incompatibility
from resolver.constraints.facts import KeptLevelFact
from resolver.solving.best import improve, standing_of
from resolver.solving.rest import Best, keep_levels, walk
from resolver.solving.search import Interrupted, Search
from resolver.solving.stay import Stay, Stays


class Earlier(Protocol):
    """What an earlier lockfile says of the packages that have come up."""

    def pinned(self, package: int) -> int:
        """Return the candidates (bits) that it holds, if they may stay; 0: it holds none."""
        ...

    def version_kept(self, package: int) -> int:
        """Return the candidates (bits) of a version whose file can't stay; 0: there is none such."""
        ...

    def is_updated(self, package: int) -> bool:
        """Tell whether the package is to move to the best level."""
        ...

    def holds(self, package: int, candidate: int) -> bool:
        """Tell whether a candidate is a pin that stays, or the only one beside pins that stay."""
        ...


def keep_what_stays(search: Search, selected: Mapping[int, int], earlier: Earlier) -> Best:
    """Return a solution with the fewest moves; those that stay do so from now on.

    ``is_proven`` is False where the proof was given up: no move is needless by itself then, but
    fewer in all may do.
    """
    before = search.given_up
    selected = _update(search, selected, earlier)
    pins: set[int] = set()
    is_proven = True
    is_settled = all(earlier.holds(package, candidate) for package, candidate in selected.items())
    for pinned in (earlier.pinned, earlier.version_kept):
        stay, found = (None, _pins(search, pinned)) if is_settled else _fewest_moves(search, selected, pinned)
        pins.update(found)
        if stay is not None:
            selected, is_proven = stay.selected, is_proven and stay.is_proven
        _keep(search, selected, found)
    return Best(selected=selected, is_proven=is_proven and search.given_up == before, pins=frozenset(pins))


def _fewest_moves(
    search: Search, selected: Mapping[int, int], pinned: Callable[[int], int]
) -> tuple[Stay | None, dict[int, int]]:
    """Return the fewest moves of what is pinned (None: nothing is, or it was given up), and the pins."""
    pins: dict[int, int] = {}
    stay: Stay | None = None
    while True:
        known, pins = pins, _pins(search, pinned)
        if pins.keys() == known.keys():
            return stay, pins
        nearest = walk(search, selected)
        inside = frozenset(nearest)
        order = [p for p in nearest if p in pins] + [p for p in pins if p not in inside]
        try:
            stay = Stays(search, pins, order).fewest_moves()
        except Interrupted:
            search.given_up += 1
            return stay, pins
        selected = stay.selected


def _keep(search: Search, selected: Mapping[int, int], pins: Mapping[int, int]) -> None:
    """Make it a fact of each pin that stays in a solution that it does."""
    moves = {p for p, kept in pins.items() if p in selected and not kept & (2 << selected[p])}
    full = search.state.full
    search.add_facts(
        [
            Incompatibility((package,), (full[package] & ~(ABSENT | kept),), KeptLevelFact())
            for package, kept in pins.items()
            if package not in moves
        ]
    )


def met_too_late(best: Best, earlier: Earlier) -> frozenset[int]:
    """Return the packages that moved, and came up only after it was decided what stays."""
    pinned = {p: earlier.pinned(p) or earlier.version_kept(p) for p in best.selected.keys() - best.pins}
    return frozenset(p for p, kept in pinned.items() if kept and not kept & (2 << best.selected[p]))


def _pins(search: Search, pinned: Callable[[int], int]) -> dict[int, int]:
    found = ((package, pinned(package)) for package in range(len(search.state.domain)))
    return {package: kept for package, kept in found if kept}


def _update(search: Search, selected: Mapping[int, int], earlier: Earlier) -> Mapping[int, int]:
    """Return a solution with the updated packages at their best levels, which they keep.

    One that nobody asks for is there only where something needs it, at whatever level.
    """
    updated = [standing_of(search, p) for p in walk(search, selected) if earlier.is_updated(p)]
    if updated:
        search.watch(s.package for s in updated if search.domain_by_facts(s.package) & ABSENT)
        selected = improve(search, selected, updated)
        keep_levels(search, selected, updated)
    return selected
