"""From a solution to a best one: Pareto-optimal over what was requested, with proof.

The promise: no package that was asked for can be newer unless another one
that was asked for gets older. For each requested package that is not at the
newest version the facts leave it, the search is asked again with its domain
cut to newer versions and every other requested package's to no older ones.
"No" is a proof; "yes" is a better solution, and the proofs made before stay
valid, because the others' domains only shrank.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from resolver.solving.search import Assumption, Outcome, Search


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A requested package: the bits of each version level that the facts leave it, newest first.

    A solution may do without it: where the marker of its line is false there.
    """

    package: int
    by_level: tuple[tuple[int, int], ...]  #: (level, bits), ascending by level

    def level_of(self, candidate: int) -> int:
        """Return the level of a candidate."""
        bit = 2 << candidate
        return next(level for level, bits in self.by_level if bits & bit)

    def newer_than(self, level: int) -> int:
        """Return the candidates of a better level."""
        return sum(bits for other, bits in self.by_level if other < level)

    def no_older_than(self, level: int) -> int:
        """Return the candidates of the level or a better one."""
        return sum(bits for other, bits in self.by_level if other <= level)

    def lag(self, candidate: int) -> int:
        """Return how many versions behind the newest the candidate is."""
        level = self.level_of(candidate)
        return sum(1 for other, _ in self.by_level if other < level)


def standings(search: Search) -> list[Standing]:
    """Return the requested packages with what the facts alone (level 0) leave them, in file order."""
    universe = search.universe
    result = []
    for package in universe.requested():
        domain = search.domain_by_facts(package)
        bits: dict[int, int] = {}
        for candidate, level in enumerate(universe.levels(package)):
            bit = 2 << candidate
            if domain & bit:
                bits[level] = bits.get(level, 0) | bit
        result.append(Standing(package=package, by_level=tuple(sorted(bits.items()))))
    return result


#: A package this many versions behind its newest may be let to decide first, ...
FAR_BEHIND = 6
#: ... and so many of them in a run.
TURNS = 3


def find_best(search: Search, selected: Mapping[int, int]) -> Mapping[int, int]:
    """Return a Pareto-optimal solution, a balanced one among them.

    Taking the requested packages in file order alone may push one of them
    back by a hundred versions for one step of another. So those that end far
    behind get a turn at deciding first, and the solution with the smaller sum
    of lags (versions behind the newest that the facts leave) is kept; a tie
    keeps file order's.
    """
    ranked = standings(search)
    best = improve(search, selected, ranked)
    front = search.front
    tried: set[int] = set(front)
    for _ in range(TURNS):
        behind = [
            s
            for s in ranked
            if s.package not in tried and s.package in best and s.lag(best[s.package]) >= FAR_BEHIND
        ]
        if not behind:
            break
        farthest = max(behind, key=lambda s: s.lag(best[s.package]))
        tried.add(farthest.package)
        search.promote((*front, farthest.package))
        outcome = search.solve()
        if outcome.selected is not None and _sum(ranked, outcome.selected) < _sum(ranked, best):
            best = improve(search, outcome.selected, ranked)
            front = search.front
    search.promote(front)
    return best


def _sum(ranked: Sequence[Standing], selected: Mapping[int, int]) -> int:
    return sum(s.lag(selected[s.package]) for s in ranked if s.package in selected)


def improve(search: Search, selected: Mapping[int, int], ranked: Sequence[Standing]) -> Mapping[int, int]:
    """Return a Pareto-optimal solution that is nowhere older than the one given.

    What the solution does without has no turn; if another one's turn brings it in, it stays and has its own.
    """
    current = selected
    pending = list(ranked)
    while True:
        standing = next((s for s in pending if s.package in current), None)
        if standing is None:
            return current
        pending.remove(standing)
        current = _newest(search, current, standing, ranked)


def _newest(
    search: Search, current: Mapping[int, int], standing: Standing, ranked: Sequence[Standing]
) -> Mapping[int, int]:
    """Return the solution with one package as new as can be while no other one there gets older."""
    while True:
        newer = standing.newer_than(standing.level_of(current[standing.package]))
        if not newer:
            return current
        # The same ones first, so that the search keeps what follows from them.
        assumptions = [
            Assumption(
                package=other.package, allowed=other.no_older_than(other.level_of(current[other.package]))
            )
            for other in ranked
            if other.package in current
        ]
        assumptions.append(Assumption(package=standing.package, allowed=newer))
        search.probe(standing.package)
        outcome: Outcome = search.solve(assumptions)
        search.probe(None)
        if outcome.selected is None:
            return current
        current = outcome.selected
