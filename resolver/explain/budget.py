"""How much explaining may cost: steps of searches and questions to sources, never seconds.

Steps and questions are the same on every machine and under every load, and so
is what an explanation says. Whoever has a clock (the command, for
``--timeout``) hands it in, and then it alone decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec

from resolver.constraints.clauses import Incompatibility
from resolver.constraints.protocol import Universe
from resolver.errors import LockstackError
from resolver.solving.reporter import SearchReporter
from resolver.solving.search import Interrupted

_ENDLESS = 1 << 60
#: What a conflict costs in decisions: it is analysed and learned from, which takes 1 to 2 ms against 30 us.
CONFLICT = 50


class Allowance(msgspec.Struct, frozen=True, kw_only=True):
    """What one part of the work may cost."""

    steps: int = _ENDLESS  #: of searches: a decision is one, a conflict is CONFLICT
    questions: int = (
        _ENDLESS  #: pages and files of an index, subdirs of a channel that weren't asked for before
    )
    conflicts: int = _ENDLESS  #: of searches


class Whole(msgspec.Struct, frozen=True, kw_only=True):
    """What all parts behind the verdict may cost together: so many times the steps of the failing search.

    No less than ``least``, as a search may fail in a step, and telling why takes at least one that succeeds.
    """

    times: int = 10
    least: int

    def after(self, steps: int) -> int:
        """Return the steps for a verdict that took so many."""
        return max(self.times * steps, self.least)


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """The budgets of an explanation, part by part; what one part leaves is not the next one's."""

    verdict: Allowance = Allowance()  #: is there a solution?
    early: Allowance = Allowance()  #: after that much, lines that may not all matter are told
    finding: Allowance = Allowance()  #: which lines clash, every conflict
    telling: Allowance = Allowance()  #: the reasons of one conflict
    proposing: Allowance = Allowance()  #: changes that may help
    trying: Allowance = Allowance()  #: solving them, all together
    each: Allowance = Allowance()  #: solving one of them
    whole: Whole | None = None  #: all that comes behind the verdict; None: what its parts may cost
    in_cases: bool = True  #: reasons are told case by case where no chain alone ends
    reasons: bool = True  #: of each conflict; False: of what one line alone or an update makes
    counts: bool = True  #: the packages that a change of a setting leads to are counted


# Over 155 unsolvable problems made from real ones (docs/explain.md) each part takes 300 to 3,000 steps in
# the median and at most: verdict 6,700, finding 11,000, telling 13,500, proposing 13,000, trying 12,400.
# They meet few conflicts (71 at most); a puzzle meets thousands. Questions: at most 26 for finding, and 290
# for proposing where a project has hundreds of releases: 0.2 s from a cache, and from a cold index 0.05 s
# each, side by side.

# Over 313 (2026-11-30) all parts together, the verdict's search among them, take 40,900 steps at most: what
# is least for the whole is more than that, so of these nothing is left out.

#: For ``lock``, whose search has just found that there is no solution: twice the most of these problems.
BRIEF = Limits(
    verdict=Allowance(steps=150_000),
    finding=Allowance(steps=30_000, questions=100),
    telling=Allowance(steps=25_000, questions=20),
    proposing=Allowance(steps=20_000, questions=320),
    trying=Allowance(steps=30_000, questions=100),
    each=Allowance(steps=20_000, questions=60),
    whole=Whole(least=45_000),
    in_cases=False,  # it shows lines, not reasons
    reasons=False,
    counts=False,
)
#: For ``lock explain``: four times as much; it waits for the verdict as ``lock`` does, to ``search-limit``.
FULL = Limits(
    early=Allowance(steps=30_000, questions=60),
    finding=Allowance(steps=120_000, questions=400),
    telling=Allowance(steps=60_000, questions=50),
    proposing=Allowance(steps=80_000, questions=800),
    trying=Allowance(steps=120_000, questions=400),
    each=Allowance(steps=30_000, questions=200),
    whole=Whole(least=60_000),
)
#: Where a clock decides.
ENDLESS = Limits(early=FULL.early)


class Meter(SearchReporter):
    """Counts what an explanation costs, and tells when what it may cost is spent.

    Every search of an explanation reports here and asks :meth:`is_over`; every
    source is asked through :class:`resolver.explain.metered.MeteredSource`.
    """

    def __init__(
        self, is_late: Callable[[], bool] | None = None, reporter: SearchReporter | None = None
    ) -> None:
        """``is_late`` is the caller's clock, or whatever else makes it stop; once true it stays so.

        ``reporter`` hears what conflicts teach.
        """
        self._is_late = is_late
        self._conflicts = 0
        self._reporter = reporter or SearchReporter()
        self._known: set[str] = set()
        self._last_step = self._last_question = self._last_conflict = self._last_of_all = _ENDLESS
        self.steps = 0
        self.late = False
        self.may_build = True  #: source archives, for what they ask for
        self.unbuilt = False  #: one that wasn't built was taken to ask for nothing
        self.failures: list[LockstackError] = []  #: of sources that something could have been told of

    def decided(self, count: int) -> None:  # noqa: ARG002  (the reporter's signature)
        """Count a decision."""
        self.steps += 1

    def conflict(self, count: int) -> None:  # noqa: ARG002
        """Count a conflict."""
        self.steps += CONFLICT
        self._conflicts += 1

    def assumed(self, count: int) -> None:
        """Count assumptions, of which each takes as long as a decision."""
        self.steps += count

    def learned(self, universe: Universe, clause: Incompatibility) -> None:
        """Pass on what a conflict taught."""
        self._reporter.conflict(self._conflicts)
        self._reporter.learned(universe, clause)

    def count(self, question: str) -> None:
        """Count a question to a source, each once."""
        self._known.add(question)

    def check(self) -> None:
        """Raise Interrupted once the budget is spent."""
        if self.is_over():
            raise Interrupted

    def allow(self, budget: Allowance) -> None:
        """Let the next part of the work cost so much from here on."""
        self._last_step = min(self.steps + budget.steps, self._last_of_all)
        self._last_question = len(self._known) + budget.questions
        self._last_conflict = self._conflicts + budget.conflicts

    def bound(self, whole: Whole) -> None:
        """Let all parts from here on together cost no more than what was spent so far gives them."""
        self._last_of_all = self.steps + whole.after(self.steps)

    @contextmanager
    def within(self, budget: Allowance) -> Iterator[None]:
        """Let a piece of the part cost so much, and no more than the part has left."""
        before = self._last_step, self._last_question, self._last_conflict
        self.allow(budget)
        self._last_step = min(self._last_step, before[0])
        self._last_question = min(self._last_question, before[1])
        self._last_conflict = min(self._last_conflict, before[2])
        try:
            yield
        finally:
            self._last_step, self._last_question, self._last_conflict = before

    def is_over(self) -> bool:
        """Tell whether nothing more may be asked in this part of the work."""
        if not self.late and self._is_late is not None:
            self.late = self._is_late()
        return (
            self.late
            or self.steps > self._last_step
            or len(self._known) > self._last_question
            or self._conflicts > self._last_conflict
        )

    def mark(self) -> tuple[int, int]:
        """Return where the meter stands: steps and questions."""
        return self.steps, len(self._known)

    def has_spent(self, budget: Allowance, since: tuple[int, int]) -> bool:
        """Tell whether that much was spent since the meter stood at a mark."""
        steps, questions = since
        return self.steps - steps > budget.steps or len(self._known) - questions > budget.questions
