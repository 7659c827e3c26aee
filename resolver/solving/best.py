"""From a solution to a best one: Pareto-optimal over what was requested, with proof.

The promise: no package that was asked for can be of a better level unless another one that
was asked for gets a worse one. A line whose marker is false asks for nothing, so two solutions are
compared over what is asked for in both, and over Python, on which that depends
(:mod:`resolver.solving.asked`): Python is raised first, then the others beside this Python.

1. For each requested package that is not at the best level which the facts leave it, the
   search is asked again with its domain cut to better levels and every other requested
   package's to no worse ones.
2. "No" is a proof; "yes" is a better solution, and the proofs made before stay valid,
   because the others' domains only shrank.
3. Of the Pareto-optimal solutions a balanced one is taken: a package that ends many versions
   behind gets a turn at deciding first, and the solution with the smaller sum of lags stays.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from operator import le

from resolver.constraints.bits import ABSENT, bits_between, iter_candidates
from resolver.solving.asked import Asked
from resolver.solving.search import Assumption, Search

#: A package this many versions behind its newest may be let to decide first, ...
FAR_BEHIND = 6
#: ... and so many of them in a run.
TURNS = 3


class Standing:
    """A requested package, and the levels that the facts leave it.

    A level is the candidates that count as equally good, such as the builds of one version in one channel.
    Where levels stand in order, which is the rule, their candidates are found by bisection.
    """

    __slots__ = ("_is_ordered", "_members", "all", "package", "ranks", "versions")

    def __init__(self, *, package: int, left: int, ranks: Sequence[int], versions: Sequence[int]) -> None:
        self.package = package
        self.all = left & ~ABSENT  #: all candidates that are left
        self.ranks = ranks  #: of each candidate: that of its level, 0 for the best; -1 for a pin to keep
        self.versions = versions  #: of each candidate: the rank of its version alone, newest 0
        self._is_ordered: bool | None = None
        self._members: dict[int, int] | None = None  # of levels that don't stand in order, best first

    def level_of(self, candidate: int) -> int:
        """Return the rank of a candidate's level."""
        return self.ranks[candidate]

    def at(self, rank: int) -> int:
        """Return the candidates of a level."""
        return self.no_worse_than(rank) & ~self.better_than(rank)

    def better_than(self, rank: int) -> int:
        """Return the candidates of better levels."""
        if self._in_order():
            return self.all & bits_between(0, bisect_left(self.ranks, rank))
        return self._while(rank.__gt__)

    def no_worse_than(self, rank: int) -> int:
        """Return the candidates of the level or a better one."""
        if self._in_order():
            return self.all & bits_between(0, bisect_right(self.ranks, rank))
        return self._while(rank.__ge__)

    def lag(self, candidate: int) -> int:
        """Return how many newer versions there are among better levels.

        Versions are what a user sees: levels that only differ in channel or in
        track_features count once.
        """
        version, versions = self.versions[candidate], self.versions
        better = {versions[other] for other in iter_candidates(self.better_than(self.ranks[candidate]))}
        return sum(1 for other in better if other < version)

    def _in_order(self) -> bool:
        if self._is_ordered is None:
            self._is_ordered = all(map(le, self.ranks, islice(self.ranks, 1, None)))
        return self._is_ordered

    def _while(self, is_among: Callable[[int], bool]) -> int:
        """Return the candidates of the levels from the best one on, as long as their ranks will do."""
        if self._members is None:
            found: dict[int, int] = {}
            for place, rank in enumerate(self.ranks):
                found[rank] = found.get(rank, 0) | (2 << place)
            left = {rank: members & self.all for rank, members in found.items()}
            self._members = {rank: left[rank] for rank in sorted(left) if left[rank]}
        result = 0
        for rank, members in self._members.items():
            if not is_among(rank):
                break
            result |= members
        return result


def standings(search: Search, earlier: Sequence[Standing] = ()) -> list[Standing]:
    """Return the requested packages with what the facts alone (level 0) leave them, in file order.

    ``earlier``: those of this search at an earlier time, of which most still hold.
    """
    known = {standing.package: standing for standing in earlier}
    found = []
    for package in Asked(search.universe).packages:
        before = known.get(package)
        is_same = before is not None and before.all == search.domain_by_facts(package) & ~ABSENT
        found.append(before if before is not None and is_same else standing_of(search, package))
    return found


def standing_of(search: Search, package: int) -> Standing:
    """Return a package with what the facts alone (level 0) leave it."""
    universe = search.universe
    return Standing(
        package=package,
        left=search.domain_by_facts(package),
        ranks=universe.levels(package),
        versions=universe.version_ranks(package),
    )


def find_best(
    search: Search, selected: Mapping[int, int], ranked: Sequence[Standing] | None = None
) -> Mapping[int, int]:
    """Return a Pareto-optimal solution, a balanced one among them; ``ranked``: :func:`standings` before it.

    Taking the requested packages in file order alone may push one of them
    back by a hundred versions for one step of another. So those that end far
    behind get a turn at deciding first, and the solution with the smaller sum
    of lags (versions behind the newest that the facts leave) is kept; a tie
    keeps file order's.
    """
    asked, ranked = Asked(search.universe), standings(search) if ranked is None else ranked
    best = _improve_asked(search, selected, ranked, asked)
    front = search.front
    tried: set[int] = set(front)
    for _ in range(TURNS):
        there = asked.of(best)
        behind = [
            s
            for s in ranked
            if s.package not in tried and s.package in there and s.lag(best[s.package]) >= FAR_BEHIND
        ]
        if not behind:
            break
        farthest = max(behind, key=lambda s: s.lag(best[s.package]))
        tried.add(farthest.package)
        search.promote((*front, farthest.package))
        other = search.ask()
        if other is not None and _is_nearer(ranked, asked, other, best):
            best = _improve_asked(search, other, ranked, asked)
            front = search.front
    search.promote(front)
    return best


def _is_nearer(
    ranked: Sequence[Standing], asked: Asked, one: Mapping[int, int], other: Mapping[int, int]
) -> bool:
    """Tell whether the sum of lags is smaller; a line that one of them doesn't ask for counts in neither."""
    both = set(asked.of(one)).intersection(asked.of(other))
    there = [s for s in ranked if s.package in both]
    return sum(s.lag(one[s.package]) for s in there) < sum(s.lag(other[s.package]) for s in there)


def _improve_asked(
    search: Search, selected: Mapping[int, int], ranked: Sequence[Standing], asked: Asked
) -> Mapping[int, int]:
    """Return a Pareto-optimal solution: Python first where it decides what is asked for."""
    selected = _raise_python(search, selected, ranked, asked)
    there = asked.of(selected)
    return improve(search, selected, [s for s in ranked if s.package in there], fixed=asked.python)


def _raise_python(
    search: Search, selected: Mapping[int, int], ranked: Sequence[Standing], asked: Asked
) -> Mapping[int, int]:
    """Return the solution with the best Python beside which nothing asked for before and after gets worse.

    Python only goes up, and at the end every better one is ruled out, as long as what is asked for
    under this one is no worse: so from then on it stays, and what is asked for with it.
    """
    python = next((s for s in ranked if s.package == asked.python), None)
    while python is not None:
        there = set(asked.of(selected))
        for part in asked.parts(python.better_than(python.level_of(selected[python.package]))):
            both = there.intersection(asked.under(part)) - {python.package}
            assumptions = [_no_worse(s, selected) for s in ranked if s.package in both]
            better = search.ask([Assumption(package=python.package, allowed=part), *assumptions])
            if better is not None:
                selected = better
                break
        else:
            python = None
    return selected


def improve(
    search: Search, selected: Mapping[int, int], ranked: Sequence[Standing], *, fixed: int | None = None
) -> Mapping[int, int]:
    """Return a solution that is Pareto-optimal over packages that are in the one given, and nowhere worse.

    ``fixed``: one of them whose level stays as it is.
    """
    for standing in ranked:
        if standing.package != fixed:
            selected = _raise_level(search, selected, standing, ranked, fixed)
    return selected


def _raise_level(
    search: Search,
    current: Mapping[int, int],
    standing: Standing,
    ranked: Sequence[Standing],
    fixed: int | None,
) -> Mapping[int, int]:
    """Return the solution with one package as good as can be while no other one gets worse."""
    while True:
        better = standing.better_than(standing.level_of(current[standing.package]))
        if not better:
            return current
        # The same ones first, so that the search keeps what follows from them.
        assumptions = [
            _same(other, current) if other.package == fixed else _no_worse(other, current) for other in ranked
        ]
        search.probe(standing.package)
        found = search.ask([*assumptions, Assumption(package=standing.package, allowed=better)])
        search.probe(None)
        if found is None:
            return current
        current = found


def _no_worse(standing: Standing, selected: Mapping[int, int]) -> Assumption:
    rank = standing.level_of(selected[standing.package])
    return Assumption(package=standing.package, allowed=standing.no_worse_than(rank))


def _same(standing: Standing, selected: Mapping[int, int]) -> Assumption:
    rank = standing.level_of(selected[standing.package])
    return Assumption(package=standing.package, allowed=standing.at(rank))
