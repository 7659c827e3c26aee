"""Everything else that comes in: newest, nearest first, proven by the order of the decisions.

::

    requested        levels kept as facts
    then, outwards   versions of all:  a  b | c  d | e        depth 0 | 1 | 2
    then, outwards   builds of all:    a  b | c  d | e

1. The levels of what was requested become facts: a later step never undoes an earlier one. A package
   whose line asks for nothing under the solution's Python is one like all others.
2. Walk through the solution in hand; that fixes the order: depth, place in the file, name.
3. Search anew, deciding *versions* in this order and then *builds* outwards. What a decision
   passes over is impossible beside the facts and the earlier decisions, so the first solution
   is the best one in this order. Versions of all come before builds of any: else the higher
   build number of a near package pushes a farther one back by whole versions.
4. Where packages came or went, the walk is another one: take the order anew, up to three
   times. A few problems go round in circles: of the solutions on the circle, each proven in its own
   order, the one that lags least is kept, over the packages that all of them have.
5. A package that may yet be absent is narrowed to the best version that is left, or absence. Which one is
   left depends on what has been learned by then; but in the round that ends nothing of the order is
   absent, so each version that was passed over is shown to be impossible beside what stands before it.
6. A search that passes its budget ends there: the last complete solution stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from resolver.constraints.clauses import Incompatibility
from resolver.constraints.facts import KeptLevelFact
from resolver.solving.asked import Asked
from resolver.solving.best import Standing
from resolver.solving.reporter import Effort, Stage
from resolver.solving.search import Budget, Interrupted, Search
from resolver.solving.versions import FirstDecisions, best_version

#: How often the order is taken anew.
ROUNDS = 3
#: What nothing in the solution needs stands farther than all else.
_UNREACHED = 1 << 30


class Best(msgspec.Struct, frozen=True, kw_only=True):
    """A solution; ``is_proven``: the budget was enough to show that it is the best one.

    ``pins``: over an earlier lockfile, the packages of it that had come up when it was decided what stays.
    """

    selected: Mapping[int, int]
    is_proven: bool
    pins: frozenset[int] = frozenset()


def budget_after(effort: Effort) -> Budget:
    """Return what each round may take, after what the search for the requested packages took.

    Ordinary rounds take about half as much as that; a hard one must not hang with a good answer in hand.
    """
    return Budget(decisions=20_000 + 5 * effort.decisions, conflicts=1_000 + 5 * effort.conflicts)


def best_all_the_way(
    search: Search,
    selected: Mapping[int, int],
    ranked: Sequence[Standing],
    *,
    rounds: int = ROUNDS,
    budget: Budget | None = None,
) -> Best:
    """Return the best solution below the levels of what was requested, which stay.

    ``budget`` is for each round; where it ends the reporter hears of it and the last
    complete solution is returned. Rounds that go in circles end without a word: each was proven.
    """
    there = Asked(search.universe).of(selected)
    keep_levels(search, selected, [standing for standing in ranked if standing.package in there])
    order = walk(search, selected)
    orders, found = [order], list[Mapping[int, int]]()
    for _ in range(rounds):
        search.decide_outwards()
        search.decide_first(FirstDecisions(search.steps, order, best_version(search.universe)))
        try:
            outcome = search.solve(budget=budget)
        except Interrupted:
            search.reporter.left_as_it_is(Stage.REST)
            return Best(selected=selected, is_proven=False)
        if outcome.selected is None:
            raise AssertionError("there is a solution: the earlier one")
        selected = outcome.selected
        found.append(selected)
        order = walk(search, selected)
        if order in orders:  # the last one: nothing came or went; an earlier one: a circle
            selected = _least_lagging(search, found[orders.index(order) :])
            break
        orders.append(order)
    return Best(selected=selected, is_proven=True)


def _least_lagging(search: Search, circle: Sequence[Mapping[int, int]]) -> Mapping[int, int]:
    """Return the solution whose versions, of what all have, lag least in sum; of equal ones the first.

    What all have at the same candidate tells nothing.
    """
    first, *others = circle
    shared = set(first).intersection(*others)
    ranks = {
        package: search.universe.version_ranks(package)
        for package in shared
        if any(other[package] != first[package] for other in others)
    }
    return min(circle, key=lambda one: sum(rank[one[package]] for package, rank in ranks.items()))


def keep_levels(search: Search, selected: Mapping[int, int], ranked: Sequence[Standing]) -> None:
    """Make the levels of packages in the solution facts."""
    facts = []
    for standing in ranked:
        package = standing.package
        kept = standing.at(standing.level_of(selected[package]))
        facts.append(Incompatibility((package,), (search.state.full[package] & ~kept,), KeptLevelFact()))
    search.add_facts(facts)


def walk(search: Search, selected: Mapping[int, int]) -> list[int]:
    """Return the packages of a solution by depth, place among the requested, name.

    Depth is the distance from what was asked for along what the selected candidates need.
    """
    depth = dict.fromkeys(Asked(search.universe).of(selected), 0)
    wave = list(depth)
    while wave:
        following = []
        for package in wave:
            for other in search.steps.needs(package, selected[package]):
                if other in selected and other not in depth:
                    depth[other] = depth[package] + 1
                    following.append(other)
        wave = following
    for package in selected:
        depth.setdefault(package, _UNREACHED)
    rank_of = search.steps.rank
    return [package for *_, package in sorted([(far, *rank_of(p), p) for p, far in depth.items()])]
