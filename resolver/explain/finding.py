"""Every conflict of one question, those that settings of the target make part of apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from resolver.constraints.universe import JointUniverse
from resolver.errors import LockstackError
from resolver.explain.asking import NoAnswer, attempt
from resolver.explain.budget import Limits, Meter
from resolver.explain.core import MOST_CONFLICTS, Core, CoreFinder
from resolver.explain.fixes.changes import Question
from resolver.explain.members import Bench, ConflictSetting
from resolver.explain.metered import meter_sources
from resolver.explain.settings import Relaxed, only_lacking, settings_of
from resolver.solving.search import Search


@dataclass(slots=True, kw_only=True)
class FoundConflicts:
    """Conflicts found so far.

    Those with settings stand apart: the search for more goes on with these
    settings relaxed, by ``finder``, which ``cores`` are of. ``undone``: what was
    given up; empty if nothing.
    """

    with_settings: list[tuple[CoreFinder, Core, tuple[ConflictSetting, ...]]]
    finder: CoreFinder
    cores: list[Core]
    undone: list[str]

    @property
    def all(self) -> list[tuple[CoreFinder, Core, tuple[ConflictSetting, ...]]]:
        """Every conflict, smallest first."""
        found = [*self.with_settings, *((self.finder, core, ()) for core in self.cores)]
        return sorted(found, key=lambda item: len(item[1].members) + len(item[2]))


class ConflictFinder:
    """Finds the conflicts of one question."""

    def __init__(
        self,
        bench: Bench,
        question: Question,
        meter: Meter,
        limits: Limits,
        fault: LockstackError | None = None,
        failed: JointUniverse | None = None,
    ) -> None:
        """Take a question; ``fault``: what a source raised already, before the verdict was known.

        ``failed``: in which it was solved, to no avail.
        """
        self._failed = failed
        self._bench, self._question, self._meter, self._limits = bench, question, meter, limits
        #: a source failed before the verdict: what it has limits nothing
        self.fault = fault
        self.solves = 0

    def finder(self, relaxed: Relaxed) -> CoreFinder | NoAnswer:
        """Return a search over the question's lines, on a target with settings taken back."""
        question = self._question

        def make() -> CoreFinder:
            universe = self._bench.universe(
                relaxed.target,
                question.requirements,
                channels=question.channels,
                wild=relaxed.wild,
                apart=True,
                lenient=self.fault is not None,
                beside=self._failed,
            )
            return CoreFinder(meter_sources(universe, self._meter), self._meter)

        return attempt(make)

    def find(self, still: Callable[[CoreFinder, Sequence[int]], None]) -> FoundConflicts | NoAnswer | None:
        """Return the conflicts; None where all lines can hold together; no answer: not even that is known.

        Where a source fails before that is known, it is asked again what holds whatever the source would
        say: a conflict of the other lines is one. ``still`` hears which lines are left of a conflict that
        is being minimised, once that takes long.
        """
        asked = NoAnswer(error=self.fault) if self.fault is not None else self._verdict()
        if isinstance(asked, NoAnswer) and asked.error is not None:
            self.fault = asked.error
            again = self._verdict()
            if isinstance(again, tuple):
                asked = again
            elif self._has_solution():
                asked = None
        if asked is None or isinstance(asked, NoAnswer):
            return asked
        finder, clash = asked
        if self._limits.whole is not None:
            self._meter.bound(self._limits.whole)
        self._meter.allow(self._limits.finding)
        self._meter.may_build = False  # a build takes minutes, and which lines clash is worth seconds
        began, said = self._meter.mark(), False

        def left(places: Sequence[int]) -> None:
            nonlocal said
            if not said and self._meter.has_spent(self._limits.early, began):
                said = True
                still(finder, places)

        core = finder.minimise(clash, left)
        found = self._apart(finder, core)
        if not all(core.is_minimal for _, core, _ in found.all):
            found.undone.insert(0, "the lines shown may not all be needed for the conflict")
        if self._meter.unbuilt:
            found.undone.append("what must be built to be known was taken to suit, so fewer lines may do")
        if self.fault is not None:
            found.undone.append(f"a source failed ({self.fault}), so there may be more conflicts")
        return found

    def _has_solution(self) -> bool:
        """Tell whether all lines hold together where that can be told: none is left out, so less is asked."""
        question = self._question

        def solve() -> bool:
            universe = self._bench.universe(
                question.target, question.requirements, channels=question.channels
            )
            meter_sources(universe, self._meter)
            search = Search(universe, reporter=self._meter, should_stop=self._meter.is_over)
            return search.solve().selected is not None

        return attempt(solve) is True

    def _verdict(self) -> tuple[CoreFinder, list[int]] | NoAnswer | None:
        """Return lines that fail together, and the search that found them."""
        self._meter.allow(self._limits.verdict)
        finder = self.finder(Relaxed(target=self._question.target))
        if isinstance(finder, NoAnswer):
            return finder
        clash = finder.verdict()
        if isinstance(clash, list) and self.fault is None:
            there = attempt(self._bench.check_sources)
            clash = there if isinstance(there, NoAnswer) else clash
        if isinstance(clash, list):
            return finder, clash
        self.solves += finder.solves
        return clash

    def _apart(self, finder: CoreFinder, core: Core) -> FoundConflicts:
        """Find the other conflicts; each setting that takes part in one is relaxed for those after it."""
        relaxed = Relaxed(target=self._question.target)
        found = FoundConflicts(with_settings=[], finder=finder, cores=[], undone=[])
        while True:
            following: CoreFinder | NoAnswer | None = None
            again: Core | NoAnswer | None = None
            settings: tuple[ConflictSetting, ...] | NoAnswer
            lacking = attempt(lambda: only_lacking(finder.universe, core.proof))  # noqa: B023  (called at once)
            if isinstance(lacking, ConflictSetting):  # mostly all lines hold with it, and that tells all
                following = self.finder(relaxed.without(lacking))
                again = following if isinstance(following, NoAnswer) else following.find()
            if isinstance(lacking, NoAnswer):
                settings = lacking
            elif lacking is not None and following is not None and again is None:
                settings = (lacking,)
            else:
                settings = self._settings(finder, core)
            if isinstance(settings, NoAnswer):
                found.undone.append(
                    f"whether a setting of the target takes part is not known{settings.because}"
                )
                settings = ()
            self.solves += finder.solves
            if not settings or len(found.with_settings) > len(relaxed.wild) + 2:
                self._rest(found, core)
                return found
            found.with_settings.append((finder, core, settings))
            for setting in settings:
                relaxed = relaxed.without(setting)
            if following is None or settings != (lacking,):
                following = self.finder(relaxed)
                again = following if isinstance(following, NoAnswer) else following.find()
            if isinstance(again, NoAnswer):
                found.undone.append(f"more conflicts may be left{again.because}")
            if isinstance(following, CoreFinder) and again is None:
                found.finder = following
            if not isinstance(again, Core) or isinstance(following, NoAnswer):
                self.solves += following.solves if isinstance(following, CoreFinder) else 0
                return found
            found.finder = finder = following
            core = again

    def _rest(self, found: FoundConflicts, first: Core) -> None:
        """Find the conflicts beside one that no setting takes part in."""
        before = found.finder.solves
        found.cores, complete = found.finder.find_all(first)
        self.solves += found.finder.solves - before
        if isinstance(complete, NoAnswer):
            found.undone.append(f"more conflicts may be left{complete.because}")
        elif not complete and sum(len(core.places) != 1 for core in found.cores) >= MOST_CONFLICTS:
            found.undone.append(
                f"more conflicts may be left: {MOST_CONFLICTS} are the most that are looked for"
            )
        elif not complete and first.places:  # without lines there is only this one conflict
            found.undone.append("more conflicts may be left")

    def _settings(self, finder: CoreFinder, core: Core) -> tuple[ConflictSetting, ...] | NoAnswer:
        proof = core.proof
        if proof is None:
            return ()
        return attempt(
            lambda: settings_of(
                self._bench, self._question, finder.universe, core.members, proof, self._meter
            )
        )
