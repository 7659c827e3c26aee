"""A whole answer: every conflict with its story, and the changes that were tried."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from resolver.explain.absent import Absence, why_absent
from resolver.explain.changes import Question
from resolver.explain.core import Core, CoreFinder
from resolver.explain.fixes import Fix, FixFinder, Option
from resolver.explain.limits import DEFAULT_TIMEOUT, FIRST_ANSWER
from resolver.explain.members import Bench, Conflict, Member
from resolver.explain.options import options_of_absence, options_of_conflict
from resolver.explain.settings import settings_of
from resolver.explain.story import Story, tell
from resolver.model.target import Target
from resolver.solving.search import Interrupted

#: So many fixes are shown.
MOST_FIXES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldConflict:
    """A conflict, its story (None where its proof is not known) and what is not there at all."""

    conflict: Conflict
    story: Story | None
    absences: tuple[Absence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why one target has no solution, and what helps.

    ``stopped``: what was given up when the time was over; empty if nothing.
    """

    target: Target
    conflicts: tuple[ToldConflict, ...]
    fixes: tuple[Fix, ...]
    stopped: tuple[str, ...] = ()
    seconds: float = 0.0
    solves: int = 0


class Explainer:
    """Explains one target's lack of a solution, within a time limit."""

    def __init__(self, bench: Bench, question: Question, *, timeout: float = DEFAULT_TIMEOUT) -> None:
        self._bench = bench
        self._question = question
        self._started = time.monotonic()
        self._timeout = timeout
        self._solves = 0

    def _is_over(self) -> bool:
        return time.monotonic() > self._started + self._timeout

    def _is_first_over(self) -> bool:
        return time.monotonic() > self._started + min(self._timeout, FIRST_ANSWER)

    def run(
        self,
        *,
        most_fixes: int = MOST_FIXES,
        first: Callable[[Explanation], None] | None = None,
    ) -> Explanation | None:
        """Return the explanation; None if there is a solution after all.

        ``first`` hears of the conflicts as soon as they are known (2 s at the
        latest, then perhaps not minimal), before fixes are tried.
        """
        stopped: list[str] = []
        finder, cores, complete = self._cores(stopped, first)
        if not cores:
            if complete:
                return None
            return self._answer((), (), stopped)
        told = tuple(self._tell(finder, core, stopped) for core in cores)
        if first is not None:
            first(self._answer(told, (), stopped))
        if not complete:
            stopped.append("more conflicts may be left")
        fixes = self._fixes(finder, cores, told, most_fixes, stopped) if most_fixes else ()
        return self._answer(told, fixes, stopped)

    def _answer(
        self, told: tuple[ToldConflict, ...], fixes: tuple[Fix, ...], stopped: Sequence[str]
    ) -> Explanation:
        return Explanation(
            target=self._question.target,
            conflicts=told,
            fixes=fixes,
            stopped=tuple(dict.fromkeys(stopped)),
            seconds=time.monotonic() - self._started,
            solves=self._solves,
        )

    # -- conflicts ----------------------------------------------------------------------------------

    def _cores(
        self, stopped: list[str], first: Callable[[Explanation], None] | None
    ) -> tuple[CoreFinder, list[Core], bool]:
        question = self._question
        universe = self._bench.universe(question.target, question.requirements, channels=question.channels)
        finder = CoreFinder(universe, should_stop=self._is_first_over)
        try:
            cores, complete = finder.find_all()
            if all(core.is_minimal for core in cores) or self._is_over():
                self._solves += finder.solves
                if not all(core.is_minimal for core in cores):
                    stopped.append("the lines shown may not all be needed for the conflict")
                return finder, cores, complete
            early = tuple(self._plain(finder, core) for core in cores)
        except Interrupted:
            early = ()
        if first is not None and early:
            first(self._answer(early, (), ["still looking for the lines that matter"]))
        finder = CoreFinder(universe, should_stop=self._is_over)
        try:
            cores, complete = finder.find_all()
        except Interrupted:
            stopped.append("the lines that clash were not found")
            cores, complete = [], False
        if not all(core.is_minimal for core in cores):
            stopped.append("the lines shown may not all be needed for the conflict")
        self._solves += finder.solves
        return finder, cores, complete

    def _plain(self, finder: CoreFinder, core: Core) -> ToldConflict:
        members = tuple(Member(line=line) for line in core.members)
        return ToldConflict(
            conflict=Conflict(members=members, universe=finder.universe, proof=None, is_minimal=core.is_minimal),
            story=None,
        )

    def _tell(self, finder: CoreFinder, core: Core, stopped: list[str]) -> ToldConflict:
        conflict = Conflict(
            members=tuple(Member(line=line) for line in core.members),
            universe=finder.universe,
            proof=core.proof,
            is_minimal=core.is_minimal,
            solves=core.solves,
        )
        if core.proof is not None:
            try:
                settings = settings_of(self._bench, finder.universe, core.members, core.proof)
                members = (*conflict.members, *(Member(setting=setting) for setting in settings))
                conflict = replace(conflict, members=members)
            except Interrupted:
                stopped.append("the target's settings were not examined")
        absences: tuple[Absence, ...] = ()
        if len(core.members) == 1:
            story = tell(conflict)
            if story is None or not story.steps:
                absences = why_absent(self._bench, finder.universe, core.members[0], self._is_first_over)
            return ToldConflict(conflict=conflict, story=story, absences=absences)
        return ToldConflict(conflict=conflict, story=tell(conflict))

    # -- fixes ----------------------------------------------------------------------------------------

    def _fixes(
        self,
        finder: CoreFinder,
        cores: Sequence[Core],
        told: Sequence[ToldConflict],
        most: int,
        stopped: list[str],
    ) -> tuple[Fix, ...]:
        universe = finder.universe
        fresh = CoreFinder(universe, should_stop=self._is_over) if self._timeout > FIRST_ANSWER and self._is_first_over() else finder
        fix_finder = FixFinder(self._bench, self._question, fresh, cores, self._is_over)
        options: list[Option] = []
        if len(told) == 1:
            conflict = told[0].conflict
            for absence in told[0].absences:
                for line in conflict.lines:
                    options.extend(options_of_absence(line, absence))
            options.extend(options_of_conflict(self._bench, self._question, conflict))
        options.extend(fix_finder.options())
        fixes = tuple(fix_finder.try_options(options, most))
        self._solves += fix_finder.solves
        if self._is_over():
            stopped.append("more changes may help" if fixes else "no change was found in time")
        return tuple(sorted(fixes, key=lambda fix: fix.cost))


def explain(
    bench: Bench,
    target: Target,
    *,
    timeout: float = DEFAULT_TIMEOUT,
    most_fixes: int = MOST_FIXES,
    first: Callable[[Explanation], None] | None = None,
) -> Explanation | None:
    """Explain why a session's requirements have no solution for a target; None if they have one."""
    question = Question(requirements=bench.requirements, target=target)
    return Explainer(bench, question, timeout=timeout).run(most_fixes=most_fixes, first=first)
