"""Every conflict of one question, those that settings of the target make part of apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from resolver.explain.asking import NoAnswer, attempt
from resolver.explain.budget import Limits, Meter
from resolver.explain.core import MOST_CONFLICTS, Core, CoreFinder
from resolver.explain.fixes.changes import Question
from resolver.explain.members import Bench, ConflictSetting
from resolver.explain.metered import meter_sources
from resolver.explain.settings import Relaxed, settings_of


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

    def __init__(self, bench: Bench, question: Question, meter: Meter, limits: Limits) -> None:
        self._bench, self._question, self._meter, self._limits = bench, question, meter, limits
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
            )
            return CoreFinder(meter_sources(universe, self._meter), self._meter)

        return attempt(make)

    def find(self, still: Callable[[CoreFinder, Sequence[int]], None]) -> FoundConflicts | NoAnswer | None:
        """Return the conflicts; None where all lines can hold together; no answer: not even that is known.

        ``still`` hears which lines are left of a conflict that is being minimised,
        once that takes long.
        """
        self._meter.allow(self._limits.verdict)
        finder = self.finder(Relaxed(target=self._question.target))
        if isinstance(finder, NoAnswer):
            return finder
        clash = finder.verdict()
        if not isinstance(clash, list):
            self.solves += finder.solves
            return clash
        self._meter.allow(self._limits.finding)
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
        return found

    def _apart(self, finder: CoreFinder, core: Core) -> FoundConflicts:
        """Find the other conflicts; each setting that takes part in one is relaxed for those after it."""
        relaxed = Relaxed(target=self._question.target)
        found = FoundConflicts(with_settings=[], finder=finder, cores=[], undone=[])
        while True:
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
