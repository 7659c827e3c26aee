"""A whole answer: every conflict with its story, and the changes that were tried."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import msgspec

from resolver.errors import LockstackError
from resolver.explain.absence.finding import Absence, why_absent
from resolver.explain.core import Core, CoreFinder
from resolver.explain.fixes.changes import Question
from resolver.explain.fixes.options import options_of_absence, options_of_conflict
from resolver.explain.fixes.timed import limit_time
from resolver.explain.fixes.trying import Fix, FixFinder, Option, combined
from resolver.explain.limits import DEFAULT_TIMEOUT, FIRST_ANSWER
from resolver.explain.members import Bench, Conflict, Member, Setting
from resolver.explain.settings import Relaxed, settings_of
from resolver.explain.telling.story import Story, tell
from resolver.model.target import Target
from resolver.solving.search import Interrupted

#: So many fixes are shown.
MOST_FIXES = 5
#: Share of the time that proposing may take; the rest is for trying.
_PROPOSING = 0.5


class ToldConflict(msgspec.Struct, frozen=True, kw_only=True):
    """A conflict, its story (None where its proof is not known) and what is not there at all."""

    conflict: Conflict
    story: Story | None
    absences: tuple[Absence, ...] = ()


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """Why one target has no solution, and what helps.

    ``stopped``: what was given up when the time was over; empty if nothing.
    """

    target: Target
    conflicts: tuple[ToldConflict, ...]
    fixes: tuple[Fix, ...]
    stopped: tuple[str, ...] = ()
    seconds: float = 0.0
    solves: int = 0


@dataclass(slots=True, kw_only=True)
class _Found:
    """Conflicts found so far.

    Those with settings stand apart: the search for more goes on with these
    settings relaxed, by ``finder``, which ``cores`` are of.
    """

    with_settings: list[tuple[CoreFinder, Core, tuple[Setting, ...]]]
    finder: CoreFinder
    cores: list[Core]
    complete: bool

    @property
    def all(self) -> list[tuple[CoreFinder, Core, tuple[Setting, ...]]]:
        """Every conflict, smallest first."""
        found = [*self.with_settings, *((self.finder, core, ()) for core in self.cores)]
        return sorted(found, key=lambda item: len(item[1].members) + len(item[2]))


class Explainer:
    """Explains one target's lack of a solution, within a time limit."""

    def __init__(self, bench: Bench, question: Question, *, timeout: float = DEFAULT_TIMEOUT) -> None:
        self._bench = bench
        self._question = question
        self._started = time.monotonic()
        self._timeout = timeout
        self._solves = 0
        self._stopped: list[str] = []

    def _over(self, share: float = 1.0, most: float = float("inf")) -> Callable[[], bool]:
        end = self._started + min(self._timeout * share, most)
        return lambda: time.monotonic() > end

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
        found = self._find(first)
        if found is None:
            return self._answer((), ())
        if not found.all:
            return None
        if not all(core.is_minimal for _, core, _ in found.all):
            self._stopped.append("the lines shown may not all be needed for the conflict")
        told = tuple(self._tell(finder, core, settings) for finder, core, settings in found.all)
        if first is not None:
            first(self._answer(told, (), final=False))
        if not found.complete:
            self._stopped.append("more conflicts may be left")
        fixes: tuple[Fix, ...] = ()
        if most_fixes:
            try:
                fixes = self._fixes(found, told, most_fixes)
            except LockstackError as error:  # a source failed; the conflict stands
                self._stopped.append(f"changes were not tried: {error}")
        return self._answer(told, fixes)

    def _answer(
        self, told: tuple[ToldConflict, ...], fixes: tuple[Fix, ...], *, final: bool = True
    ) -> Explanation:
        return Explanation(
            target=self._question.target,
            conflicts=told,
            fixes=fixes,
            stopped=tuple(dict.fromkeys(self._stopped)) if final else (),
            seconds=time.monotonic() - self._started,
            solves=self._solves,
        )

    # -- conflicts ----------------------------------------------------------------------------------

    def _find(self, first: Callable[[Explanation], None] | None) -> _Found | None:
        """Find conflicts by the time of the first answer, else by the end; None where none was found."""
        early = self._over(most=FIRST_ANSWER)
        try:
            found = self._search(early)
            if not early() or self._timeout <= FIRST_ANSWER:
                return found
        except Interrupted:
            found = None
        if self._timeout <= FIRST_ANSWER:
            self._stopped.append("the lines that clash were not found")
            return found
        if found is not None and first is not None and found.all:
            plain = tuple(self._plain(finder, core) for finder, core, _ in found.all)
            partly = self._answer(plain, ())
            first(Explanation(
                target=partly.target, conflicts=plain, fixes=(), seconds=partly.seconds,
                stopped=("still looking for the lines that matter",),
            ))  # fmt: skip
        try:
            return self._search(self._over())
        except Interrupted:
            self._stopped.append("the lines that clash were not found")
            return found

    def _finder(self, relaxed: Relaxed, stop: Callable[[], bool]) -> CoreFinder:
        question = self._question
        universe = self._bench.universe(
            relaxed.target, question.requirements, channels=question.channels, wild=relaxed.wild, apart=True
        )
        return CoreFinder(limit_time(universe, stop), should_stop=stop)

    def _search(self, stop: Callable[[], bool]) -> _Found:
        relaxed = Relaxed(target=self._question.target)
        apart: list[tuple[CoreFinder, Core, tuple[Setting, ...]]] = []
        while True:
            finder = self._finder(relaxed, stop)
            core = finder.find()
            settings = self._settings(finder, core) if core is not None else ()
            if core is None or not settings or len(apart) > len(relaxed.wild) + 2:
                cores, complete = finder.find_all(first=core) if core is not None else ([], True)
                self._solves += finder.solves
                return _Found(with_settings=apart, finder=finder, cores=cores, complete=complete)
            self._solves += finder.solves
            apart.append((finder, core, settings))
            for setting in settings:
                relaxed = relaxed.without(setting)

    def _settings(self, finder: CoreFinder, core: Core) -> tuple[Setting, ...]:
        if core.proof is None:
            return ()
        return settings_of(self._bench, self._question, finder.universe, core.members, core.proof)

    def _plain(self, finder: CoreFinder, core: Core) -> ToldConflict:
        members = tuple(Member(line=line) for line in core.members)
        conflict = Conflict(members=members, universe=finder.universe, proof=None, is_minimal=core.is_minimal)
        return ToldConflict(conflict=conflict, story=None)

    def _tell(self, finder: CoreFinder, core: Core, settings: Sequence[Setting]) -> ToldConflict:
        members = (*(Member(line=line) for line in core.members), *(Member(setting=s) for s in settings))
        conflict = Conflict(
            members=members,
            universe=finder.universe,
            proof=core.proof,
            is_minimal=core.is_minimal,
            solves=core.solves,
        )
        story = tell(conflict)
        absences: tuple[Absence, ...] = ()
        if len(core.members) == 1 and (story is None or not story.steps):
            stop = self._over(most=FIRST_ANSWER)
            try:
                absences = why_absent(self._bench, finder.universe, core.members[0], stop)
            except Interrupted:
                self._stopped.append("other channels and platforms were not looked at")
        return ToldConflict(conflict=conflict, story=story, absences=absences)

    # -- fixes ----------------------------------------------------------------------------------------

    def _fixes(self, found: _Found, told: Sequence[ToldConflict], most: int) -> tuple[Fix, ...]:
        over = self._over()
        proposing = self._over(_PROPOSING)
        finder = found.finder if not found.with_settings or found.cores else found.with_settings[0][0]
        cores = found.cores if found.cores or not found.with_settings else [found.with_settings[0][1]]
        fresh = CoreFinder(limit_time(finder.universe, proposing, may_build=False), should_stop=proposing)
        maker = FixFinder(self._bench, self._question, fresh, cores, over)
        parts = [self._options_beside(conflict, proposing) for conflict in told]
        lines = maker.options()
        options: list[Option]
        if len(told) == 1:
            options = [*parts[0], *lines]
        else:
            options = combined(self._together(found, told, parts, lines)) + combined(parts)
            options += self._line_options(found, over, proposing) if found.with_settings else lines
        fixes = tuple(maker.try_options(options, most))
        self._solves += maker.solves + fresh.solves
        if over():
            self._stopped.append("more changes may help" if fixes else "no change was found in time")
        return tuple(sorted(fixes, key=lambda fix: fix.cost))

    def _together(
        self,
        found: _Found,
        told: Sequence[ToldConflict],
        parts: Sequence[list[Option]],
        lines: list[Option],
    ) -> list[list[Option]]:
        """Return what to combine where conflicts of settings stand beside those of lines alone."""
        several = [part for part, one in zip(parts, told, strict=True) if one.conflict.settings]
        if found.cores:
            alone = [part for part, one in zip(parts, told, strict=True) if not one.conflict.settings]
            several.append(lines + (alone[0] if len(found.cores) == 1 else []))
        return several

    def _line_options(
        self, found: _Found, over: Callable[[], bool], proposing: Callable[[], bool]
    ) -> list[Option]:
        """Return options that change lines alone, for conflicts of settings too."""
        try:
            finder = self._finder(Relaxed(target=self._question.target), proposing)
            cores = [core for _, core, _ in found.all]
            return FixFinder(self._bench, self._question, finder, cores, over).options()
        except Interrupted:
            return []

    def _options_beside(self, told: ToldConflict, stop: Callable[[], bool]) -> list[Option]:
        """Return options beside other versions of the lines."""
        options = [
            option
            for absence in told.absences
            for line in told.conflict.lines
            for option in options_of_absence(line, absence)
        ]
        if not stop():
            with suppress(Interrupted):
                options.extend(options_of_conflict(self._bench, self._question, told.conflict, stop))
        return sorted(options, key=lambda option: option.cost)
