"""Which changes are tried for the conflicts found: of lines, of settings, and of several at once."""

from __future__ import annotations

from collections.abc import Sequence

from resolver.explain.asking import NoAnswer, attempt
from resolver.explain.budget import Limits, Meter
from resolver.explain.core import CoreFinder
from resolver.explain.finding import ConflictFinder, FoundConflicts
from resolver.explain.fixes.changes import Question
from resolver.explain.fixes.options import options_of_absence, options_of_conflict
from resolver.explain.fixes.trying import LEAST_OF_LINES, Fix, FixFinder, Option, combined, dropped
from resolver.explain.members import Bench, implied_lines
from resolver.explain.metered import meter_sources
from resolver.explain.settings import Relaxed
from resolver.explain.telling.told import ToldConflict


class Proposer:
    """Proposes changes within one budget, and has them tried within another.

    ``undone``: what was given up; empty if nothing.
    """

    def __init__(
        self,
        bench: Bench,
        question: Question,
        finding: ConflictFinder,
        found: FoundConflicts,
        meter: Meter,
        limits: Limits,
    ) -> None:
        self._bench, self._question, self._meter, self._limits = bench, question, meter, limits
        self._finding, self._found = finding, found
        self._gave_up: list[NoAnswer] = []
        self.solves = 0
        self.undone: list[str] = []

    def fixes(self, told: Sequence[ToldConflict], most: int) -> list[Fix]:
        """Return changes that were solved, at most so many."""
        self._meter.allow(self._limits.proposing)
        found = self._found
        finder = found.finder if not found.with_settings or found.cores else found.with_settings[0][0]
        cores = found.cores if found.cores or not found.with_settings else [found.with_settings[0][1]]
        asked = self._without_builds(finder)
        if isinstance(asked, NoAnswer):
            self.undone.append(f"changes were not tried{asked.because}")
            return []
        before = asked.solves
        maker = FixFinder(self._bench, self._question, asked, cores, self._meter, counts=self._limits.counts)
        options = self._options(told, maker, most)
        proposed_all = not self._meter.is_over()
        self._meter.allow(self._limits.trying)
        fixes = list(maker.try_options(options, most, self._limits.each))
        self.solves += maker.solves + asked.solves - before
        self._say_undone(fixes, [*self._gave_up, *maker.gave_up], proposed_all=proposed_all)
        return fixes

    def _without_builds(self, finder: CoreFinder) -> CoreFinder | NoAnswer:
        """Return a search to which nothing is known that only a build would tell.

        The one that found the conflicts goes on, with all that it learned, where nothing was taken to
        suit for want of a build.
        """
        universe = meter_sources(finder.universe, self._meter, may_build=False)
        if not self._meter.unbuilt:
            return finder
        return attempt(lambda: CoreFinder(universe, self._meter))

    def _say_undone(self, fixes: Sequence[Fix], gave_up: Sequence[NoAnswer], *, proposed_all: bool) -> None:
        """Note what was not tried: more is said of a source that fails than of a budget that is spent."""
        for failed in gave_up:
            if failed.error is not None:
                self.undone.append(f"some changes could not be tried{failed.because}")
        stopped = any(failed.error is None for failed in gave_up) or self._meter.is_over()
        if stopped or not proposed_all:
            self.undone.append("more changes may help" if fixes else "no change that works was found so far")

    def _options(self, told: Sequence[ToldConflict], maker: FixFinder, most: int) -> list[Option]:
        """Return what to try."""
        parts = [self._options_beside(conflict) for conflict in told]
        if len(told) == 1 and most == 1 and not self._limits.counts and _comes_first(parts[0]):
            return parts[0]
        lines = maker.options()
        if len(told) == 1:
            return sorted([*parts[0], *lines], key=lambda option: option.cost)
        parts = [
            sorted([*part, *self._options_of_lines(one, maker)], key=lambda option: option.cost)
            for part, one in zip(parts, told, strict=True)
        ]
        options = combined(self._together(told, parts, lines)) + combined(parts)
        return options + (self._line_options() if self._found.with_settings else lines)

    def _together(
        self, told: Sequence[ToldConflict], parts: Sequence[list[Option]], lines: list[Option]
    ) -> list[list[Option]]:
        """Return what to combine where conflicts of settings stand beside those of lines alone."""
        several = [part for part, one in zip(parts, told, strict=True) if one.conflict.settings]
        cores = self._found.cores
        if cores:
            alone = [part for part, one in zip(parts, told, strict=True) if not one.conflict.settings]
            several.append(lines + (alone[0] if len(cores) == 1 else []))
        return several

    def _line_options(self) -> list[Option]:
        """Return options that change lines alone, for conflicts of settings too."""
        finder = self._finding.finder(Relaxed(target=self._question.target))
        if isinstance(finder, NoAnswer):
            self._gave_up.append(finder)
            return []
        cores = [core for _, core, _ in self._found.all]
        return FixFinder(self._bench, self._question, finder, cores, self._meter).options()

    def _options_beside(self, told: ToldConflict) -> list[Option]:
        """Return options beside other versions of the lines."""
        options = [
            option
            for absence in told.absences
            for line in told.conflict.lines or implied_lines(told.conflict)
            for option in options_of_absence(line, absence, told.conflict.universe)
        ]
        for proposal in options_of_conflict(
            self._bench, self._question, told.conflict, self._meter, self._found.finder
        ):
            more = attempt(lambda: list(proposal))  # noqa: B023  (called at once)
            if isinstance(more, NoAnswer):
                self._gave_up.append(more)
            else:
                options.extend(more)
        return sorted(options, key=lambda option: option.cost)

    def _options_of_lines(self, told: ToldConflict, maker: FixFinder) -> list[Option]:
        """Return changes of one line of a conflict, to be made beside those for other conflicts."""
        lines = told.conflict.lines
        if told.conflict.settings:
            return []
        options = [option for line in lines for option in maker.options_of_line(line, lines)]
        return [*options, dropped(lines[0])] if told.absences and len(lines) == 1 else options


def _comes_first(options: Sequence[Option]) -> bool:
    """Tell whether the first of some options is known to hold, and costs no more than any change of lines."""
    return bool(options) and options[0].packages > 0 and options[0].cost <= LEAST_OF_LINES
