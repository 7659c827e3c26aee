"""Conflict-driven search for a solution, and for the best one.

1. *Propagate* what the requirements say (level 0), then each assumption on a
   level of its own.
2. *Decide*: take the next required package that is not decided, add the
   incompatibilities of its best remaining candidate, propagate; if the
   candidate survives, select it on a new level.
3. *Conflict*: analyse, learn, jump back, propagate, go on with 2.
4. Done when every required package is decided; what is not required is absent.

The words are those of PubGrub (Weizenbaum 2018) and of conflict-driven clause
learning in SAT solvers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import msgspec

from resolver.constraints.clauses import Incompatibility
from resolver.constraints.protocol import ABSENT, Universe
from resolver.solving.breadth import Breadth, FirstDecisions
from resolver.solving.founded import Founded
from resolver.solving.order import Order
from resolver.solving.reporter import SearchReporter
from resolver.solving.state import TROUBLE, Conflict, State

#: A requested package gets to the front once so many of its candidates were refused: sooner where each
#: costs a request (class 2 and above: PyPI) than where they are at hand.
PATIENCE = {True: 8, False: 40}

#: Class, trouble, place among the requested ones, name.
Key: TypeAlias = tuple[int, int, int, str]


class Interrupted(Exception):  # noqa: N818  (a limit that the caller set)
    """The search stopped at a limit that the caller gave."""


class Assumption(msgspec.Struct, frozen=True, kw_only=True):
    """A restriction of one package that can be taken back."""

    package: int
    allowed: int  #: bitset


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a search found.

    ``selected`` maps each required package to its candidate (None: no
    solution). Without a solution ``core`` holds the places (in the sequence
    given) of assumptions that can't hold together with the facts, and
    ``proof`` the incompatibility that shows it.
    """

    selected: Mapping[int, int] | None
    core: tuple[int, ...] = ()
    proof: Incompatibility | None = field(default=None, compare=False)


class Search:
    """A search that can be asked again under other assumptions; what it learned stays.

    ``facts`` hold always; None: what the universe's root says. ``should_stop``
    is asked at every conflict; true makes :meth:`solve` raise Interrupted.
    """

    def __init__(
        self,
        universe: Universe,
        *,
        proofs: bool = False,
        facts: Sequence[Incompatibility] | None = None,
        reporter: SearchReporter | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> None:
        self.universe = universe
        self.state = State(universe, proofs=proofs)
        self.reporter = reporter or SearchReporter()
        self.conflicts = 0
        self.decisions = 0
        self._facts = facts
        self._started = False
        self.state.order = Order(self._key)
        self._front: tuple[int, ...] = ()
        self._probed: int | None = None
        self._last: tuple[Assumption, ...] = ()
        self._refused: dict[int, int] = {}
        self._again: list[Incompatibility] = []
        self._should_stop = should_stop
        support = universe.support()
        self.support = None if support is None else Founded(support, self.state)
        self.breadth: Breadth | None = None
        self.needs: dict[tuple[int, int], tuple[int, ...]] = {}  # what a candidate brings in, for walks
        self.versions: FirstDecisions | None = None
        self.threshold = 100  # conflicts in one question after which the order follows activity
        self.bump_decay = 0.95
        self.luby = 100  # 0: no restarts
        self.phases = True
        self.keep_lbd = 0  # 0: forget nothing
        self.restarts = 0
        self.forgotten = 0
        self._saved: dict[int, int] = {}  # what each package was decided to be last
        self._began = 0
        self._runs = 0
        self._next_restart = 0
        self._next_forget = 2000

    # -- the loop ---------------------------------------------------------------------------------

    def solve(self, assumptions: Sequence[Assumption] = ()) -> Outcome:
        """Find a solution under the assumptions, or learn that there is none."""
        state = self.state
        if state.final is not None:
            return Outcome(selected=None, proof=state.final)
        if not self._start():
            return Outcome(selected=None, proof=state.final)
        shared = 0
        for old, new in zip(self._last, assumptions):  # noqa: B905  (of different length)
            if old != new:
                break
            shared += 1
        self._last = tuple(assumptions)
        self._again.extend(self._back(min(shared, state.level)))
        state.saved.clear()
        self._began = self.conflicts
        self._next_restart = self.conflicts + self.threshold
        self._runs = 0
        self._saved.clear()
        while True:
            if self.conflicts >= self._next_restart and self.breadth is None:
                self._restart()
            try:
                while self._again:
                    state.examine(self._again.pop())
                state.propagate()
                failed = self._assume(assumptions)
                if failed is not None:
                    return failed
                if not self._decide():
                    return Outcome(selected=self._selected())
            except Conflict as conflict:
                if not self._learn(conflict.clause):
                    return Outcome(selected=None, proof=state.final)

    def add_facts(self, clauses: Sequence[Incompatibility]) -> None:
        """Let these hold from now on, beside the facts; there must be a solution with them."""
        self._again.extend(self._back(0))
        for clause in clauses:
            self.state.add(clause)

    def solve_facts(self) -> None:
        """Draw what follows from the facts alone (level 0); there must be a solution."""
        state = self.state
        self._again.extend(self._back(0))
        while self._again:
            state.examine(self._again.pop())
        state.propagate()

    def _back(self, level: int) -> list[Incompatibility]:
        """Undo all above a level, in the state and in a fixed order's walk; see :meth:`State.backjump`."""
        again = self.state.backjump(level)
        if self.breadth is not None:
            self.breadth.undo(level)
        if self.versions is not None:
            self.versions.place = 0
        return again

    @property
    def hard(self) -> bool:
        """Tell whether this question has met so many conflicts that activity decides the order."""
        return self.conflicts - self._began >= self.threshold and self.breadth is None

    def _restart(self) -> None:
        state = self.state
        if self._runs == 0:
            state.hot = [float(a) for a in state.activity]
            top = max(state.hot, default=1.0) or 1.0
            state.hot = [a / top for a in state.hot]
            state.bump = 1.0
            self.promote(())
        self._runs += 1
        if self.luby or self._runs == 1:
            self.restarts += 1
            self._again.extend(self._back(0))
            if self.keep_lbd and self.conflicts >= self._next_forget:
                self.forgotten += state.forget(self.keep_lbd)
                self._next_forget = self.conflicts + 1000
        self._next_restart = self.conflicts + (self.luby * luby(self._runs) if self.luby else 1 << 60)

    def _hottest(self) -> int | None:
        """Return a required, undecided package: mostly the one with the fewest candidates left.

        Ties go to the lower number: systematic, which is what closes symmetric puzzles. Every fourth run
        goes by activity instead, which is better where a few packages carry the conflict.
        """
        state = self.state
        domain, hot, expanded = state.domain, state.hot, state.expanded
        while len(hot) < len(domain):
            hot.append(0.0)
        by_activity = self._runs % 4 == 0
        found, top = None, -1e300
        for package, now in enumerate(domain):
            if not now & ABSENT and not (now & (now - 1) == 0 and expanded[package] & now):
                value = hot[package] if by_activity else -float(now.bit_count())
                if value > top:
                    found, top = package, value
        return found

    def _start(self) -> bool:
        if self._started:
            return True
        self._started = True
        for clause in self.universe.root() if self._facts is None else self._facts:
            try:
                self.state.add(clause)
            except Conflict as conflict:
                if not self._learn(conflict.clause):
                    return False
        return True

    def _assume(self, assumptions: Sequence[Assumption]) -> Outcome | None:
        """Put assumptions on levels 1, 2 ... that are not there yet; an outcome if one can't hold."""
        state = self.state
        while state.level < len(assumptions):
            place = state.level
            assumption = assumptions[place]
            state.ensure(assumption.package)
            now = state.domain[assumption.package]
            left = now & assumption.allowed
            if not left:
                return self._core(assumptions, place)
            state.open_level()
            if left != now:
                state.narrow(assumption.package, left, None)
            state.propagate()
        return None

    def _learn(self, clause: Incompatibility) -> bool:
        state = self.state
        self.conflicts += 1
        self.reporter.conflict(self.conflicts)
        if self._should_stop is not None and self._should_stop():
            raise Interrupted
        while True:
            result = state.analyse(clause)
            if state.hot:
                state.bump /= self.bump_decay
                if state.bump > 1e100:
                    state.hot = [a * 1e-100 for a in state.hot]
                    state.bump *= 1e-100
            if result is None:
                return False
            learned, level = result
            again = self._back(level)
            try:
                state.add(learned)
                for earlier in again:
                    state.examine(earlier)
            except Conflict as conflict:
                clause = conflict.clause
            else:
                return True

    # -- decisions --------------------------------------------------------------------------------

    def _decide(self) -> bool:
        """Decide one package; False when none is left."""
        state = self.state
        if self.versions is not None and self.versions.decide():
            return True
        while True:
            if self.breadth is not None:
                package = self.breadth.next()
            elif self.hard:
                package = self._hottest()
            else:
                package = self._next_package()
            if self.support is not None and not self.support.holds(package):
                if self.support.first:
                    # A fixed order stays as it is: what nothing holds up shows at its end.
                    if self.breadth is None or package is None:
                        package = min(self.support.first, key=self._key)
                elif state.queue:
                    state.propagate()
                    continue
                elif self._choose():
                    return True
                else:
                    raise AssertionError("nothing follows from a package that nothing holds up")
            if package is None:
                return self._choose()
            domain = state.domain[package]
            best = domain & -domain
            saved = self._saved.get(package, 0) & domain if self.phases and self.hard else 0
            if saved:
                best = saved
            elif self.breadth is not None and best != domain:
                best = self.universe.prefer(package, domain)
            if state.expanded[package] & best:
                if domain == best and self.breadth is not None:
                    self.breadth.reached(package, best)
                    continue
                break
            for clause in self.universe.clauses(package, best.bit_length() - 2):
                state.add(clause)
                if not state.domain[package] & best:
                    break
            else:
                state.expanded[package] |= best
            if state.queue:
                state.propagate()
            if not state.domain[package] & best:
                if self.breadth is None and self._let_go_first(package):
                    return True
            elif state.domain[package] != best:
                break
            elif self.breadth is not None:
                self.breadth.reached(package, best)
        known = state.take_saved(package, best) if state.saved else None
        state.open_level()
        if self.phases:
            self._saved[package] = best
        if self.breadth is not None:
            self.breadth.reached(package, best)
        if known is None:
            state.narrow(package, best, None)
        else:
            state.replay(*known)
        self.decisions += 1
        self.reporter.decided(len(state.level_starts))
        return True

    def _let_go_first(self, package: int) -> bool:
        """Start over with a requested package at the front once many of its candidates were refused.

        What was decided before it pushes it back version by version; deciding
        it first costs the other one a few steps instead. True if that was done.
        """
        refused = self._refused[package] = self._refused.get(package, 0) + 1
        limit = PATIENCE[self.universe.priority(package)[0] > 1]
        if refused != limit or package in self._front or package not in self.universe.requested():
            return False
        self.promote((*self._front, package))
        self._again = self._back(0)
        return True

    def _choose(self) -> bool:
        """Bring in one package of a choice that would fail if all that is open stayed absent.

        Only what conda provides under several names makes such choices; True if one was made.
        """
        state = self.state
        for clause in state.choices:
            open_ones = []
            for package, members in zip(clause.packages, clause.sets, strict=True):
                domain = state.domain[package]
                if domain & ABSENT and members & ABSENT:
                    if domain & ~members:
                        open_ones.append(package)
                elif domain & ~members:
                    break  # this term does not hold: nothing to do
            else:
                package = min(open_ones, key=self.universe.name)
                state.open_level()
                state.narrow(package, state.domain[package] & ~ABSENT, None)
                return True
        return False

    def _next_package(self) -> int | None:
        """Return the required, undecided package that comes first in the decision order."""
        state = self.state
        order = state.order
        if state.troubled:
            for package in state.troubled:
                order.moved(package)
            state.troubled.clear()
        domains, expanded = state.domain, state.expanded
        while True:
            package = order.first()
            if package < 0:
                return None
            domain = domains[package]
            if not domain & ABSENT and (domain & (domain - 1) or not expanded[package] & domain):
                return package
            order.marks[order.places[package]] = 0

    @property
    def front(self) -> tuple[int, ...]:
        """The packages that are decided before all others of their class, in this order."""
        return self._front

    def promote(self, packages: Sequence[int]) -> None:
        """Decide these packages before all others of their class from now on, in this order."""
        self._front = tuple(packages)
        self.state.order.renew()

    def probe(self, package: int | None) -> None:
        """Decide a package right after python from now on; None: as all others."""
        old, self._probed = self._probed, package
        for moved in (old, package):
            if moved is not None:
                self.state.order.moved(moved)

    def _key(self, package: int) -> Key:
        """Return the place in the decision order; it changes only as conflicts are met."""
        universe = self.universe
        if package == self._probed:
            return (0, 1 << 30, 0, "")
        group, place = universe.priority(package)
        if package in self._front:
            return (group, -(1 << 30), self._front.index(package), "")
        return (group, -(self.state.activity[package] // TROUBLE), place, universe.name(package))

    def domain_by_facts(self, package: int) -> int:
        """Return what the facts alone (level 0) leave of a package's domain."""
        state = self.state
        state.ensure(package)
        for place in state.history[package]:
            if state.trail[place][4] > 0:
                return state.trail[place][1]
        return state.domain[package]

    # -- results ----------------------------------------------------------------------------------

    def _selected(self) -> dict[int, int]:
        return {
            package: domain.bit_length() - 2
            for package, domain in enumerate(self.state.domain)
            if not domain & ABSENT
        }

    def _core(self, assumptions: Sequence[Assumption], place: int) -> Outcome:
        """Trace why assumption ``place`` can't hold back to other assumptions."""
        state = self.state
        failed = assumptions[place]
        outside = state.full[failed.package] & ~failed.allowed
        clause = Incompatibility((failed.package,), (outside,), fact=failed)
        terms: dict[int, int] = {}
        places: dict[int, int] = {}
        state.merge(clause, terms, places, pivot=-1)
        parents: list[Incompatibility] = []
        core = {place}
        while places:
            pivot = max(places, key=places.__getitem__)
            at = places[pivot]
            _, _, _, cause, level = state.trail[at]
            if cause is None:
                core.add(level - 1)
                other = assumptions[level - 1]
                cause = Incompatibility((pivot,), (state.full[pivot] & ~other.allowed,), fact=other)
            else:
                parents.append(cause)
            state.merge(cause, terms, places, pivot)
        return Outcome(
            selected=None, core=tuple(sorted(core)), proof=Incompatibility((), (), parents=parents)
        )


def luby(turn: int) -> int:
    """Return the turn-th (from 1) length in Luby's sequence: 1 1 2 1 1 2 4 ..."""
    size = 1
    while size < turn + 1:
        size *= 2
    if size == turn + 1:
        return size // 2
    return luby(turn - size // 2 + 1)
