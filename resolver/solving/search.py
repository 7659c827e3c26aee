"""Conflict-driven search for a solution; what it learns stays for the next question.

::

    level   0             1 .. n           n+1 ...
            facts         assumptions      decisions
            -- back to here: all that was learned still holds --

1. *Propagate* what the requirements say (level 0), then each assumption on a level of its own.
2. *Decide*: take the next required package that is not decided, add the incompatibilities of
   its best remaining candidate, propagate; if the candidate survives, select it on a new level.
3. *Conflict*: analyse, learn, jump back, propagate, go on with 2.
4. Done when every required package is decided; what is not required is absent.

The words are those of PubGrub (Weizenbaum 2018) and of conflict-driven clause learning in SAT
solvers. The parts have modules of their own: :mod:`state`, :mod:`propagation`,
:mod:`analysis`, :mod:`replay`, and the orders of decisions :mod:`ordinary`, :mod:`hard`,
:mod:`breadth` and :mod:`versions`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from resolver.constraints.bits import ABSENT
from resolver.constraints.clauses import Incompatibility
from resolver.constraints.facts import Assumption as Assumption
from resolver.constraints.protocol import Universe
from resolver.solving.analysis import analyse, trace
from resolver.solving.breadth import Breadth
from resolver.solving.hard import HardMode
from resolver.solving.reporter import Effort, SearchReporter
from resolver.solving.state import Conflict
from resolver.solving.steps import Budget, Interrupted, Steps
from resolver.solving.versions import FirstDecisions

if TYPE_CHECKING:
    from resolver.solving.founded import Founded
    from resolver.solving.needed import Needed
    from resolver.solving.prereleases import PreReleaseCheck

__all__ = ["Assumption", "Budget", "Interrupted", "Outcome", "Search"]


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a search found.

    ``selected`` maps each required package to its candidate (None: no
    solution). Without a solution ``core`` holds the places (in the sequence
    given) of assumptions that can't hold together with the facts, and
    ``proof`` the incompatibility that shows it.
    """

    selected: Mapping[int, int] | None
    core: tuple[int, ...] = ()
    proof: Incompatibility | None = None


class Search:
    """A search that can be asked again under other assumptions.

    ``facts`` hold always; None: what the universe's root says. With ``proofs`` a failed
    search can be traced to every fact it rests on. ``should_stop`` is asked at every
    conflict; true makes :meth:`solve` raise Interrupted.
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
        self.reporter = reporter or SearchReporter()
        self.steps = Steps(universe)
        self.state = self.steps.state
        self._proofs = proofs
        self._facts = facts
        self._started = False
        self._final: Incompatibility | None = None  # the empty incompatibility, once there is no solution
        self._last: tuple[Assumption, ...] = ()
        self._should_stop = should_stop
        self.given_up = 0
        #: what each question of :meth:`ask` may take; None: as much as it takes
        self.budget: Budget | None = None
        support = universe.support()
        rule, propagation = universe.pre_releases(), self.steps.propagation
        #: who may say that a package can't be decided yet, or at all: one of its ``doubtful`` ones, or once
        #: all are decided
        self._checks: list[Founded | PreReleaseCheck | Needed] = []
        if support is not None:
            from resolver.solving.founded import Founded

            self._checks.append(Founded(support, self.state, propagation, self.steps.ordinary))
        if rule is not None:
            from resolver.solving.prereleases import PreReleaseCheck

            self._checks.append(PreReleaseCheck(rule, self.state, propagation, self.steps.ordinary))
        self._needed: Needed | None = None
        self._hard = HardMode(self.state, self.steps.activity)
        self._outwards: Breadth | None = None
        self._first: FirstDecisions | None = None

    # -- questions --------------------------------------------------------------------------------

    def solve(self, assumptions: Sequence[Assumption] = (), *, budget: Budget | None = None) -> Outcome:
        """Find a solution under the assumptions, or learn that there is none.

        Raises Interrupted where the budget of this question is spent; it can be asked on.
        """
        if not self._start():
            return Outcome(selected=None, proof=self._final)
        self._back(min(self._shared(assumptions), self.state.level))
        self._last = tuple(assumptions)
        self.steps.replay.forget()
        self.steps.limit(budget)
        self._hard.question_begins(self.steps.conflicts)
        if self._needed is not None:
            self._needed.question_begins()
        settle, levels, assumed = self.steps.settle, self.state.level_starts, len(assumptions)
        while True:
            try:
                settle()
                if len(levels) < assumed:
                    failed = self._assume(assumptions)
                    if failed is not None:
                        return failed
                if not self._decide_all():
                    return Outcome(selected=self._selected())
            except Conflict as conflict:
                if not self._learn(conflict.clause):
                    return Outcome(selected=None, proof=self._final)
                if self._outwards is None and self._hard.restarts(self.steps.conflicts):
                    self._back(0)

    def ask(self, assumptions: Sequence[Assumption] = ()) -> Mapping[int, int] | None:
        """Return a solution; None: there is none, or the question was given up, which ``given_up`` counts."""
        try:
            return self.solve(assumptions, budget=self.budget).selected
        except Interrupted:
            self.given_up += 1
            return None

    def add_facts(self, clauses: Sequence[Incompatibility]) -> None:
        """Let these hold from now on, beside the facts; there must be a solution with them."""
        self._back(0)
        for clause in clauses:
            self.steps.propagation.add(clause)

    def watch(self, packages: Iterable[int]) -> None:
        """Let these packages, and no others, be there only where something needs them, from now on.

        Without this a package that an assumption or an added fact holds in needs no other reason.
        """
        if self._needed is None:
            from resolver.solving.needed import Needed

            self._needed = Needed(self.steps)
            self._checks.append(self._needed)
        self._needed.watch(packages)

    def solve_facts(self) -> None:
        """Draw what follows from the facts alone (level 0); there must be a solution."""
        self._back(0)
        self.steps.settle()

    def domain_by_facts(self, package: int) -> int:
        """Return what the facts alone (level 0) leave of a package's domain."""
        return self.state.domain_by_facts(package)

    @property
    def effort(self) -> Effort:
        """All that has been done so far."""
        return self.steps.effort

    # -- the order of decisions -------------------------------------------------------------------

    @property
    def front(self) -> tuple[int, ...]:
        """The packages that are decided before all others of their class, in this order."""
        return self.steps.ordinary.front

    def promote(self, packages: Sequence[int]) -> None:
        """Decide these packages before all others of their class from now on, in this order."""
        self.steps.ordinary.promote(packages)

    def probe(self, package: int | None) -> None:
        """Decide a package right after python from now on; None: as all others."""
        self.steps.ordinary.probe(package)

    def decide_outwards(self) -> None:
        """Decide in the fixed order of :mod:`breadth` from the next question on, and no more otherwise."""
        self._back(0)
        self._outwards = Breadth(self.steps)

    def decide_first(self, first: FirstDecisions | None) -> None:
        """Make these decisions before all others from the next question on; None: none."""
        self._back(0)
        self._first = first

    # -- the loop ---------------------------------------------------------------------------------

    def _start(self) -> bool:
        """Add the facts, once; False where they alone admit no solution."""
        if not self._started:
            self._started = True
            for clause in self.universe.root() if self._facts is None else self._facts:
                try:
                    self.steps.propagation.add(clause)
                except Conflict as conflict:
                    if not self._learn(conflict.clause):
                        break
        return self._final is None

    def _shared(self, assumptions: Sequence[Assumption]) -> int:
        """Return how many assumptions are those of the last question: their levels can stay."""
        pairs = zip(self._last, assumptions, strict=False)
        return next(
            (n for n, (old, new) in enumerate(pairs) if old != new), min(len(self._last), len(assumptions))
        )

    def _assume(self, assumptions: Sequence[Assumption]) -> Outcome | None:
        """Put assumptions on levels 1, 2 ... that are not there yet; an outcome if one can't hold."""
        state, steps = self.state, self.steps
        for place in range(state.level, len(assumptions)):
            assumption = assumptions[place]
            state.ensure(assumption.package)
            now = state.domain[assumption.package]
            left = now & assumption.allowed
            if not left:
                core, proof = trace(state, steps.activity, assumptions, place, proofs=self._proofs)
                return Outcome(selected=None, core=core, proof=proof)
            steps.open_level()
            if left != now:
                state.narrow(assumption.package, left, None)
            steps.propagation.propagate()
        return None

    def _learn(self, clause: Incompatibility) -> bool:
        """Learn from a conflict and jump back; False where that shows that there is no solution."""
        steps = self.steps
        steps.conflicts += 1
        self.reporter.conflict(steps.conflicts)
        if self._should_stop is not None and self._should_stop():
            raise Interrupted
        if steps.is_spent:
            raise Interrupted
        learned = analyse(self.state, steps.activity, clause, proofs=self._proofs)
        self.reporter.learned(self.universe, learned.clause)
        if not learned.clause.packages:
            self._final = learned.clause
            return False
        self._back(learned.level)
        steps.propagation.add(learned.clause)
        return True

    def _back(self, level: int) -> None:
        """Undo all above a level, also in what a fixed order keeps of it."""
        self.steps.back(level)
        if self._outwards is not None:
            self._outwards.undo(level)
        if self._first is not None:
            self._first.undo(level)

    # -- decisions --------------------------------------------------------------------------------

    def _decide_all(self) -> bool:
        """Decide one package after the other; False when none is left, True where the search starts over.

        1. Decisions that come before all others.
        2. The next package of the order in force; first what may hold it up.
        3. Read what its best candidate says; if that takes it out, go on with 2.
        4. Select the candidate on a new level, propagate, go on with 1.
        """
        steps, outwards, first, checks = self.steps, self._outwards, self._first, self._checks
        domains, expanded, queue, levels = (
            self.state.domain, self.state.expanded, self.state.queue, self.state.level_starts,
        )  # fmt: skip
        propagate, next_one, decided = (
            steps.propagation.propagate,
            self._order_in_force(),
            self.reporter.decided,
        )
        most_decisions, most_conflicts = steps.most_decisions, steps.most_conflicts
        undone, doubtful = steps.replay.levels, [check.doubtful for check in checks]
        repeats = outwards is None and first is None and not self._hard.is_on
        while True:
            while repeats and undone:
                steps.decide_again(decided, doubtful)
                if not queue:
                    break
                propagate()
            if steps.decisions > most_decisions or steps.conflicts > most_conflicts:
                raise Interrupted
            if first is not None and first.decide():
                if queue:
                    propagate()
                continue
            while True:
                package = next_one()
                for against in checks:
                    if (package is None or package in against.doubtful) and not against.holds(package):
                        package = self._instead_of(package, against.first)
                        break
                if package is None:
                    if not self._choose():
                        return False
                    break
                domain = domains[package]
                best = domain & -domain
                if outwards is not None and best != domain:
                    best = self.universe.prefer(package, domain)
                if not expanded[package] & best:
                    steps.expand(package, best)
                    domain = domains[package]
                    if not domain & best:
                        if self._starts_over(package):
                            return True
                        continue
                if domain != best:
                    steps.decide(package, best)
                    if outwards is not None:
                        outwards.reached(package, best)
                    decided(len(levels))
                    break
                if outwards is not None:  # nothing else is left of it: no decision is needed
                    outwards.reached(package, best)
            if queue:
                propagate()

    def _instead_of(self, package: int | None, first: Sequence[int]) -> int | None:
        """Return what is decided in place of the next package, which a check holds up (None: of the end).

        That is one that may hold it up and is open (``first``), else what comes next once it was said
        why it can't be there. A fixed order stays as it is: what can't be there shows at its end.
        """
        next_one = self._order_in_force()
        while True:
            if first:
                if self._outwards is not None and package is not None:
                    return package
                return self.steps.ordinary.first_of(first)
            if not self.state.queue and not self._choose():
                raise AssertionError("nothing follows from a package that can't be there")
            self.steps.propagation.propagate()
            package = next_one()
            for against in self._checks:
                if not against.holds(package):
                    first = against.first
                    break
            else:
                return package

    def _order_in_force(self) -> Callable[[], int | None]:
        """Return what gives the next package, until the search goes back."""
        if self._outwards is not None:
            return self._outwards.next
        if self._hard.is_on:
            return self._hard.next
        return partial(self.steps.ordinary.next, self.state)

    def _starts_over(self, package: int) -> bool:
        """Start over with a requested package at the front, once many of its candidates were refused."""
        ordinary = self.steps.ordinary
        if self._outwards is not None or self._hard.is_on or not ordinary.is_refused_too_often(package):
            return False
        ordinary.promote((*ordinary.front, package))
        self._back(0)
        return True

    def _choose(self) -> bool:
        """Bring in one package of a choice that would fail if all that is open stayed absent.

        Only what conda provides under several names makes such choices; True if one was made.
        """
        for clause in self.steps.propagation.choices:
            open_ones = self._open_ways(clause)
            if open_ones:
                package = min(open_ones, key=self.universe.name)
                self.steps.decide(package, self.state.domain[package] & ~ABSENT)
                return True
        return False

    def _open_ways(self, clause: Incompatibility) -> list[int]:
        """Return the packages that would have to come in if all else stayed absent; none: it is met."""
        open_ones = []
        for package, members in zip(clause.packages, clause.sets, strict=True):
            domain = self.state.domain[package]
            if domain & ABSENT and members & ABSENT:
                if domain & ~members:
                    open_ones.append(package)
            elif domain & ~members:
                return []  # this term does not hold: nothing to do
        return open_ones

    def _selected(self) -> dict[int, int]:
        return {
            package: domain.bit_length() - 2
            for package, domain in enumerate(self.state.domain)
            if not domain & ABSENT
        }
