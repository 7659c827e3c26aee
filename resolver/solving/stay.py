"""What stays: the fewest packages of an earlier lockfile that must move, proven.

::

    question  "all stay but those of H"  --yes-->  H is a smallest set of moves
        ^                                 no: a core, packages of which one must move
        |                                                  |
        +---- H: a smallest set that meets every core <----+

1. Packages that the facts alone make move are counted and left out of what follows.
2. Ask for a solution in which all stay but H, at first nobody. "Yes" ends it: every core is a
   fact, so no solution moves fewer than a smallest set that meets all cores (implicit hitting
   sets, Davies and Bacchus 2011).
3. "No" names a core. It is shrunk by a few more questions, and the rest is asked for further
   cores beside it, each of which raises the bound by one.
4. The cores become facts; H is found anew by branch and bound; of equal ones the one whose
   packages stand farthest from what was asked for.
5. Behind a limit in questions, or in steps of one of them, *stay first* ends it: each package in
   turn, nearest first, stays if it can beside those before it. No moved package could have stayed
   beside those that stay, but fewer moves in all may be possible; that is said.

A package stays at its earlier candidate (a project: also at what conda provides of that version) or is
absent. What the search learned stays between the questions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from resolver.constraints.bits import ABSENT
from resolver.constraints.clauses import Incompatibility
from resolver.constraints.facts import MovesFact
from resolver.solving.search import Assumption, Interrupted, Outcome, Search
from resolver.solving.versions import FirstDecisions

#: Questions after which the proof is given up.
MOST_QUESTIONS = 1_000
#: Questions spent on making one core smaller.
SHRINKING = 8


class Stay(msgspec.Struct, frozen=True, kw_only=True):
    """What was found: which packages move, and whether fewer is ruled out."""

    moves: frozenset[int]
    selected: Mapping[int, int]
    is_proven: bool
    questions: int


class Stays:
    """Asks one search which packages of an earlier solution can stay.

    ``earlier``: package -> the candidates (bits) at which it stays. ``order``: the same packages,
    nearest to what was asked for first. There must be a solution.
    """

    def __init__(self, search: Search, earlier: Mapping[int, int], order: Sequence[int]) -> None:
        self._search, self._earlier, self._order = search, earlier, order
        self._place = {package: place for place, package in enumerate(order)}
        self._questions = 0
        for package in order:
            search.state.ensure(package)

    def fewest_moves(self, *, limit: int = MOST_QUESTIONS) -> Stay:
        """Return a smallest set of packages that must move; behind the limit, an inclusion-minimal one.

        Raises Interrupted where even that was given up.
        """
        try:
            proven = self._fewest(limit)
        except Interrupted:
            proven = None
        return proven or self._result(self._stay_first(), is_proven=False)

    def _fewest(self, limit: int) -> Stay | None:
        """Return a proven smallest set; None behind the limit."""
        cores: list[frozenset[int]] = []
        hitting: frozenset[int] = frozenset()
        while self._questions <= limit:
            forced = self._forced()
            staying = [p for p in self._order if p not in forced and p not in hitting]
            outcome = self._ask(staying)
            if outcome.selected is not None:
                return self._result(outcome.selected, is_proven=True)
            cores += self._disjoint_cores([staying[n] for n in outcome.core], staying)
            forced = self._forced()
            hitting = smallest_hitting_set([core for core in cores if not core & forced], self._place)
        return None

    def _result(self, selected: Mapping[int, int], *, is_proven: bool) -> Stay:
        moves = frozenset(
            p for p in self._order if p in selected and not self._earlier[p] & (2 << selected[p])
        )
        return Stay(moves=moves, selected=selected, is_proven=is_proven, questions=self._questions)

    def _stayed(self, package: int) -> int:
        """Return the domain of a package that stays."""
        return ABSENT | self._earlier[package]

    def _ask(self, staying: Sequence[int]) -> Outcome:
        """Ask for a solution in which these stay; raises Interrupted behind what a question may take."""
        self._questions += 1
        assumed = [Assumption(package=p, allowed=self._stayed(p)) for p in staying]
        return self._search.solve(assumed, budget=self._search.budget)

    def _forced(self) -> set[int]:
        """Return the packages that facts alone make move."""
        self._search.solve_facts()
        domain = self._search.state.domain
        return {p for p in self._order if not domain[p] & self._stayed(p)}

    def _disjoint_cores(self, core: list[int], staying: Sequence[int]) -> list[frozenset[int]]:
        """Return a core made smaller, and further ones over packages in none so far; all become facts."""
        found: list[frozenset[int]] = []
        gone: set[int] = set()
        while core:
            small = frozenset(self._shrink(core))
            found.append(small)
            self._learn(small)
            gone |= small
            if len(small) == 1:
                gone |= self._forced()
            rest = [p for p in staying if p not in gone]
            outcome = self._ask(rest)
            core = [] if outcome.selected is not None else [rest[n] for n in outcome.core]
        return found

    def _shrink(self, core: list[int]) -> list[int]:
        """Leave out one package after another, and take the smaller core where there is one."""
        place = 0
        for _ in range(SHRINKING):
            if place >= len(core) or len(core) == 1:
                break
            part = core[:place] + core[place + 1 :]
            outcome = self._ask(part)
            if outcome.selected is not None:
                place += 1
                continue
            core = [part[n] for n in outcome.core]
            place = 0 if len(core) < len(part) else place
        return core

    def _learn(self, core: frozenset[int]) -> None:
        """Keep a core as a fact: not each of them stays."""
        packages = tuple(sorted(core))
        stayed = tuple(self._stayed(package) for package in packages)
        self._search.add_facts([Incompatibility(packages, stayed, MovesFact())])

    def _stay_first(self) -> Mapping[int, int]:
        """Return the solution in which the nearest stays if it can, then the next, and so on."""
        self._search.decide_first(FirstDecisions(self._search.steps, self._order, self._choose))
        try:
            outcome = self._search.solve(budget=self._search.budget)
        finally:
            self._search.decide_first(None)
        if outcome.selected is None:
            raise AssertionError("there is a solution")
        return outcome.selected

    def _choose(self, package: int, domain: int) -> tuple[int, int] | None:
        keep = domain & self._stayed(package)
        there = keep & ~ABSENT
        return (keep, there & -there) if keep and keep != domain else None


def smallest_hitting_set(cores: Sequence[frozenset[int]], place: Mapping[int, int]) -> frozenset[int]:
    """Return a smallest set that meets all cores, by branch and bound; of equal ones the farthest out."""
    best = frozenset(max(core, key=place.__getitem__) for core in cores)

    def walk(chosen: frozenset[int], left: Sequence[frozenset[int]]) -> None:
        nonlocal best
        if not left:
            best = chosen if len(chosen) < len(best) else best
            return
        if len(chosen) + _disjoint(left) >= len(best):
            return
        shortest = min(left, key=len)
        for package in sorted(shortest, key=lambda p: (-sum(p in core for core in left), -place[p])):
            walk(chosen | {package}, [core for core in left if package not in core])

    walk(frozenset(), list(cores))
    return best


def _disjoint(cores: Sequence[frozenset[int]]) -> int:
    """Return how many cores have no package in common, taken greedily: each needs a move of its own."""
    used: set[int] = set()
    count = 0
    for core in sorted(cores, key=len):
        if not core & used:
            used |= core
            count += 1
    return count
