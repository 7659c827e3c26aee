"""A whole answer: every conflict with its story, and the changes that were tried."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
from msgspec.structs import replace

from resolver.constraints.universe import JointUniverse
from resolver.errors import LockstackError
from resolver.explain.absence.finding import Absence, find_absence, unmet_constraint
from resolver.explain.absence.indexes import index_notes
from resolver.explain.asking import NoAnswer, attempt
from resolver.explain.budget import ENDLESS, FULL, Allowance, Limits, Meter
from resolver.explain.clock import Clock
from resolver.explain.core import Core, CoreFinder
from resolver.explain.finding import ConflictFinder, FoundConflicts
from resolver.explain.fixes.changes import Question
from resolver.explain.fixes.proposing import Proposer
from resolver.explain.fixes.trying import Fix
from resolver.explain.members import (
    Bench,
    ConflictSetting,
    Member,
    Requirement,
    UserConflict,
    implied_lines,
    is_of_update,
)
from resolver.explain.telling.chain import tell
from resolver.explain.telling.story import Story
from resolver.explain.telling.told import ToldConflict
from resolver.model.choices import StrEnum
from resolver.model.target import Target
from resolver.solving.reporter import SearchReporter

__all__ = ["Explainer", "Explanation", "Solvability", "ToldConflict"]

#: So many fixes are shown.
MOST_FIXES = 5


class Solvability(StrEnum):
    """What is known of the question."""

    NO_SOLUTION = "no-solution"
    UNDECIDED = "undecided"  #: the budget was spent before that was known


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """Why one target has no solution, and what helps.

    ``stopped``: what was left undone, as the budget was spent or a source
    failed; empty if nothing. ``seconds``: by the caller's clock, 0 without one;
    ``is_late``: that clock made it stop.
    """

    target: Target
    conflicts: tuple[ToldConflict, ...]
    fixes: tuple[Fix, ...]
    stopped: tuple[str, ...] = ()
    seconds: float = 0.0
    is_late: bool = False
    solves: int = 0
    verdict: Solvability = Solvability.NO_SOLUTION
    fault: LockstackError | None = None  #: what failed before the verdict, which holds all the same


class Explainer:
    """Explains one target's lack of a solution.

    ``limits`` bound the work (None: those of ``lock explain``, with ``search_limit`` conflicts for the
    verdict, 0: any number); where a clock gives a time, that alone does.
    """

    def __init__(
        self,
        bench: Bench,
        question: Question,
        *,
        limits: Limits | None = None,
        search_limit: int = 0,
        clock: Clock | None = None,
        reporter: SearchReporter | None = None,
        fault: LockstackError | None = None,
        failed: JointUniverse | None = None,
    ) -> None:
        """Take a question; ``reporter`` hears what conflicts teach.

        ``fault``: what a source raised when the question was asked; ``failed``: in which it was.
        """
        self._fault, self._failed = fault, failed
        self._bench = bench
        self._question = question
        self._clock = clock
        self._started = 0.0 if clock is None else clock.now()
        by_time = clock is not None and clock.timeout is not None
        self._limits = limits or (ENDLESS if by_time else FULL)
        if limits is None and search_limit and not by_time:
            self._limits = replace(FULL, verdict=Allowance(conflicts=search_limit))
        self._meter = Meter(self._is_late if by_time else None, reporter)
        self._solves = 0
        self._stopped: list[str] = []

    @property
    def steps(self) -> int:
        """Steps of searches so far, the verdict's among them."""
        return self._meter.steps

    def _seconds(self) -> float:
        return 0.0 if self._clock is None else self._clock.now() - self._started

    def _is_late(self) -> bool:
        return self._clock is not None and self._seconds() > (self._clock.timeout or 0.0)

    def run(
        self,
        *,
        most_fixes: int = MOST_FIXES,
        first: Callable[[Explanation], None] | None = None,
    ) -> Explanation | None:
        """Return the explanation; None if there is a solution after all.

        ``first`` hears of the conflicts as soon as they are known, before fixes
        are tried; where minimising one takes long, also of the lines that are left.
        Raises what a source raises, also one that isn't there at all, before it is known that there is no
        solution whatever that source would say; from there on, the conflict is told whatever fails.
        """

        def still(finder: CoreFinder, places: Sequence[int]) -> None:
            if first is not None:
                first(self._early(finder, places))

        finding = ConflictFinder(
            self._bench, self._question, self._meter, self._limits, self._fault, self._failed
        )
        found = finding.find(still)
        self._fault = finding.fault
        self._solves += finding.solves
        if found is None:
            return None
        if isinstance(found, NoAnswer):
            if found.error is not None:
                raise found.error
            self._stopped.append("the lines that clash were not found")
            return replace(self._answer((), ()), verdict=Solvability.UNDECIDED)
        self._stopped.extend(found.undone)
        told = tuple(self._tell(finder, core, settings) for finder, core, settings in found.all)
        if first is not None:
            first(self._answer(told, (), final=False))
        fixes = self._fixes(finding, found, told, most_fixes) if most_fixes else ()
        return self._answer(told, fixes)

    def _answer(
        self, told: tuple[ToldConflict, ...], fixes: tuple[Fix, ...], *, final: bool = True
    ) -> Explanation:
        return Explanation(
            target=self._question.target,
            conflicts=told,
            fixes=fixes,
            stopped=tuple(dict.fromkeys(self._stopped)) if final else (),
            seconds=self._seconds(),
            is_late=self._meter.late,
            solves=self._solves,
            fault=self._fault,
        )

    def _early(self, finder: CoreFinder, places: Sequence[int]) -> Explanation:
        """Return lines that fail together, not all of which may matter."""
        members = tuple(Member(line=finder.lines[n].requirement) for n in places)
        conflict = UserConflict(members=members, universe=finder.universe, proof=None, is_minimal=False)
        return Explanation(
            target=self._question.target,
            conflicts=(ToldConflict(conflict=conflict, story=None),),
            fixes=(),
            seconds=self._seconds(),
            stopped=("still looking for the lines that matter",),
        )

    def _tell(self, finder: CoreFinder, core: Core, settings: Sequence[ConflictSetting]) -> ToldConflict:
        members = (*(Member(line=line) for line in core.members), *(Member(setting=s) for s in settings))
        conflict = UserConflict(
            members=members,
            universe=finder.universe,
            proof=core.proof,
            is_minimal=core.is_minimal,
            solves=core.solves,
        )
        self._meter.allow(self._limits.telling)
        lines = core.members or implied_lines(conflict)
        shows_reasons = self._limits.reasons or len(lines) == 1 or any(map(is_of_update, members))
        story = self._story(conflict) if shows_reasons else None
        notes = self._notes(conflict)
        is_told = story is not None and story.is_told
        absences: tuple[Absence, ...] = ()
        if len(lines) == 1 and not is_told:
            absences = self._absences(finder, lines[0])
        elif (constraint := unmet_constraint(finder.universe, lines)) is not None:
            story = story or self._story(conflict)
            is_told = story is not None and story.is_told
            absences = self._absences(finder, constraint)
            if is_told:
                notes = (*notes, *(absence.message for absence in absences))
        return ToldConflict(conflict=conflict, story=story, absences=() if is_told else absences, notes=notes)

    def _story(self, conflict: UserConflict) -> Story | None:
        story = attempt(lambda: tell(conflict, self._meter, in_cases=self._limits.in_cases))
        if isinstance(story, NoAnswer):
            self._stopped.append(f"the reasons were not worked out{story.because}")
            return None
        if self._meter.is_over():
            self._stopped.append("the reasons may hold more than the conflict needs")
        return story

    def _absences(self, finder: CoreFinder, line: Requirement) -> tuple[Absence, ...]:
        """Return why nothing meets a line."""
        absences, gave_up = find_absence(self._bench, finder.universe, line, self._meter)
        if gave_up is not None:
            self._stopped.append(f"other channels and platforms were not all looked at{gave_up.because}")
        return absences

    def _notes(self, conflict: UserConflict) -> tuple[str, ...]:
        """Return what the order of the indexes, or their lack of a project, has to do with a conflict."""
        notes = attempt(lambda: index_notes(self._bench, conflict))
        return () if isinstance(notes, NoAnswer) else notes

    def _fixes(
        self, finding: ConflictFinder, found: FoundConflicts, told: Sequence[ToldConflict], most: int
    ) -> tuple[Fix, ...]:
        proposer = Proposer(self._bench, self._question, finding, found, self._meter, self._limits)
        fixes = proposer.fixes(told, most)
        self._solves += proposer.solves
        self._stopped.extend(proposer.undone)
        return tuple(sorted(fixes, key=lambda fix: fix.cost))
