"""From a solution to a best one: Pareto-optimal over what was requested, with proof.

The promise: no package that was asked for can be of a better level unless another one that
was asked for gets a worse one.

1. For each requested package that is not at the best level which the facts leave it, the
   search is asked again with its domain cut to better levels and every other requested
   package's to no worse ones.
2. "No" is a proof; "yes" is a better solution, and the proofs made before stay valid,
   because the others' domains only shrank.
3. Of the Pareto-optimal solutions a balanced one is taken: a package that ends many versions
   behind gets a turn at deciding first, and the solution with the smaller sum of lags stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from resolver.constraints.bits import iter_candidates
from resolver.solving.search import Assumption, Search

#: A package this many versions behind its newest may be let to decide first, ...
FAR_BEHIND = 6
#: ... and so many of them in a run.
TURNS = 3


class Level(msgspec.Struct, frozen=True, kw_only=True):
    """Candidates of one level, such as the builds of one version in one channel."""

    rank: int  #: 0 is the best; -1 for a pin to keep
    members: int  #: bitset
    versions: frozenset[int]  #: ranks of their versions alone


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A requested package: the levels that the facts leave it, best first.

    A solution may do without it: where the marker of its line is false there.
    """

    package: int
    levels: tuple[Level, ...]
    versions: Sequence[int]  #: of each candidate: the rank of its version alone, newest 0

    def level_of(self, candidate: int) -> int:
        """Return the rank of a candidate's level."""
        return next(level.rank for level in self.levels if level.members & (2 << candidate))

    def at(self, rank: int) -> int:
        """Return the candidates of a level."""
        return next(level.members for level in self.levels if level.rank == rank)

    def better_than(self, rank: int) -> int:
        """Return the candidates of better levels."""
        return sum(level.members for level in self.levels if level.rank < rank)

    def no_worse_than(self, rank: int) -> int:
        """Return the candidates of the level or a better one."""
        return sum(level.members for level in self.levels if level.rank <= rank)

    def lag(self, candidate: int) -> int:
        """Return how many newer versions there are among better levels.

        Versions are what a user sees: levels that only differ in channel or in
        track_features count once.
        """
        rank, version = self.level_of(candidate), self.versions[candidate]
        better = (level.versions for level in self.levels if level.rank < rank)
        return sum(1 for other in frozenset[int]().union(*better) if other < version)


def standings(search: Search) -> list[Standing]:
    """Return the requested packages with what the facts alone (level 0) leave them, in file order."""
    return [standing_of(search, package) for package in search.universe.requested()]


def standing_of(search: Search, package: int) -> Standing:
    """Return a package with what the facts alone (level 0) leave it."""
    ranks, versions = search.universe.levels(package), search.universe.version_ranks(package)
    members: dict[int, int] = {}
    for candidate in iter_candidates(search.domain_by_facts(package)):
        members[ranks[candidate]] = members.get(ranks[candidate], 0) | (2 << candidate)
    levels = tuple(
        Level(
            rank=rank,
            members=members[rank],
            versions=frozenset(versions[candidate] for candidate in iter_candidates(members[rank])),
        )
        for rank in sorted(members)
    )
    return Standing(package=package, levels=levels, versions=versions)


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
    """Return a Pareto-optimal solution that is nowhere of a worse level than the one given.

    What the solution does without has no turn; if another one's turn brings it in, it stays and has its own.
    """
    current = selected
    pending = list(ranked)
    while True:
        standing = next((s for s in pending if s.package in current), None)
        if standing is None:
            return current
        pending.remove(standing)
        current = _raise_level(search, current, standing, ranked)


def _raise_level(
    search: Search, current: Mapping[int, int], standing: Standing, ranked: Sequence[Standing]
) -> Mapping[int, int]:
    """Return the solution with one package as good as can be while no other one there gets worse."""
    while True:
        better = standing.better_than(standing.level_of(current[standing.package]))
        if not better:
            return current
        # The same ones first, so that the search keeps what follows from them.
        assumptions = [
            Assumption(
                package=other.package, allowed=other.no_worse_than(other.level_of(current[other.package]))
            )
            for other in ranked
            if other.package in current
        ]
        search.probe(standing.package)
        outcome = search.solve([*assumptions, Assumption(package=standing.package, allowed=better)])
        search.probe(None)
        if outcome.selected is None:
            return current
        current = outcome.selected
