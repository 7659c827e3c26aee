"""What stays: the fewest packages of an earlier lockfile that must move, proven.

::

    question  "all stay but those of H"  --yes-->  H is a smallest set of moves
        ^                                 no: a core, packages of which one must move
        |                                                  |
        +---- H: a smallest set that meets every core <----+

A package stays at its earlier candidate or is absent. Every core is a fact, so no solution moves fewer
packages than a smallest set that meets all cores; the first "yes" is therefore a minimum (implicit
hitting sets, Davies and Bacchus 2011). What the search learned stays between the questions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from resolver.constraints.clauses import Incompatibility
from resolver.constraints.protocol import ABSENT
from resolver.solving.search import Assumption, Outcome, Search


@dataclass(slots=True)
class Stay:
    """What was found: which packages move, and whether fewer is ruled out."""

    moves: frozenset[int]
    proven: bool
    forced: int = 0
    questions: int = 0
    cores: list[frozenset[int]] = field(default_factory=list)
    selected: Mapping[int, int] | None = None
    bound: int = 0


def fewest_moves(
    search: Search, earlier: Mapping[int, int], order: Sequence[int], *, limit: int = 200, shrink: int = 8
) -> Stay:
    """Return a smallest set of packages that must move; of equal ones, the one farthest out in ``order``."""
    state = search.state
    first = search.solve()
    assert first.selected is not None  # noqa: S101  (the caller asks where there is a solution)
    result = Stay(frozenset(), True)
    place = {p: n for n, p in enumerate(order)}
    for package in order:
        state.ensure(package)
    forced = by_facts(search, earlier, order)
    result.forced = len(forced)
    hitting: frozenset[int] = frozenset()
    while True:
        staying = [p for p in order if p not in forced and p not in hitting]
        outcome = ask(search, earlier, staying)
        result.questions += 1
        if outcome.selected is not None:
            moved = {p for p in order if p in outcome.selected and outcome.selected[p] != earlier[p]}
            result.moves, result.selected = frozenset(moved), outcome.selected
            result.bound = len(forced) + len(hitting)
            result.proven = len(moved) <= result.bound
            return result
        core = [staying[n] for n in outcome.core]
        # other cores beside this one, each over packages not in any so far: the bound grows by one each
        fresh = []
        gone = set()
        while True:
            core = trim(search, earlier, core, result, shrink)
            fresh.append(frozenset(core))
            gone |= set(core)
            if len(core) == 1:
                learn(search, earlier, [frozenset(core)])
                gone |= by_facts(search, earlier, order)
            rest = [p for p in staying if p not in gone]
            outcome = ask(search, earlier, rest)
            result.questions += 1
            if outcome.selected is not None or not outcome.core:
                break
            core = [rest[n] for n in outcome.core]
        result.cores.extend(fresh)
        learn(search, earlier, fresh)
        forced = by_facts(search, earlier, order)
        hitting = smallest([c for c in result.cores if not c & forced], place)
        if result.questions > limit:
            result.proven = False
            result.bound = len(forced) + len(hitting)
            return result


def learn(search: Search, earlier: Mapping[int, int], cores: Sequence[frozenset[int]]) -> None:
    """Keep cores as facts: ``{each of them stays}`` can't hold."""
    facts = []
    for core in cores:
        packages = sorted(core)
        facts.append(Incompatibility(packages, [ABSENT | 2 << earlier[p] for p in packages]))
    search.add_facts(facts)


def by_facts(search: Search, earlier: Mapping[int, int], order: Sequence[int]) -> set[int]:
    """Return the packages that facts alone make move."""
    search.solve_facts()
    return {p for p in order if not search.state.domain[p] & (ABSENT | 2 << earlier[p])}


def ask(search: Search, earlier: Mapping[int, int], staying: Sequence[int]) -> Outcome:
    """Ask for a solution in which these stay."""
    return search.solve([Assumption(package=p, allowed=ABSENT | 2 << earlier[p]) for p in staying])


def trim(search: Search, earlier: Mapping[int, int], core: list[int], result: Stay, tries: int) -> list[int]:
    """Shrink a core: leave out one package after another and take the smaller core where there is one."""
    place = 0
    while place < len(core) and tries > 0 and len(core) > 1:
        tries -= 1
        part = core[:place] + core[place + 1 :]
        outcome = ask(search, earlier, part)
        result.questions += 1
        if outcome.selected is None:
            core = [part[n] for n in outcome.core]
            place = 0 if len(core) < len(part) else place
        else:
            place += 1
    return core


def smallest(cores: Sequence[frozenset[int]], place: Mapping[int, int]) -> frozenset[int]:
    """Return a smallest set that meets all cores: branch and bound; of equal ones the last in order."""
    best: list[frozenset[int]] = [frozenset(max(c, key=place.__getitem__) for c in cores)]

    def bound(left: Sequence[frozenset[int]]) -> int:
        used: set[int] = set()
        count = 0
        for core in sorted(left, key=len):
            if not core & used:
                used |= core
                count += 1
        return count

    def walk(chosen: frozenset[int], left: Sequence[frozenset[int]]) -> None:
        if not left:
            if len(chosen) < len(best[0]):
                best[0] = chosen
            return
        if len(chosen) + bound(left) >= len(best[0]):
            return
        core = min(left, key=len)
        for package in sorted(core, key=lambda p: (-sum(p in c for c in left), -place[p])):
            walk(chosen | {package}, [c for c in left if package not in c])

    walk(frozenset(), list(cores))
    return best[0]


class StayFirst:
    """Decides, in a fixed order, that each package stays (or is absent), before anything else is decided."""

    def __init__(self, search: Search, earlier: Mapping[int, int], order: Sequence[int]) -> None:
        self._search, self._earlier, self._order = search, earlier, order
        self.place = 0

    def decide(self) -> bool:
        """Narrow the next package that may stay; False where none is left."""
        search = self._search
        state, universe = search.state, search.universe
        while self.place < len(self._order):
            package = self._order[self.place]
            state.ensure(package)
            domain = state.domain[package]
            bit = 2 << self._earlier[package]
            keep = domain & (ABSENT | bit)
            if not keep or keep == domain:
                self.place += 1
                continue
            if domain & bit and not state.expanded[package] & bit:
                for clause in universe.clauses(package, self._earlier[package]):
                    state.add(clause)
                    if not state.domain[package] & bit:
                        break
                else:
                    state.expanded[package] |= bit
                if state.queue:
                    state.propagate()
                if state.domain[package] != domain:
                    continue
            state.open_level()
            state.narrow(package, keep, None)
            self.place += 1
            search.decisions += 1
            state.propagate()
        return False


def nearest_stay(
    search: Search, earlier: Mapping[int, int], order: Sequence[int]
) -> Mapping[int, int] | None:
    """Return the solution in which the first of ``order`` stays if it can, then the second, and so on.

    No moved package could have stayed beside all that stay; fewer moves in all may be possible.
    """
    search.versions = StayFirst(search, earlier, order)
    outcome = search.solve()
    search.versions = None
    return outcome.selected
