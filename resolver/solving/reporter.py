"""Who hears of a search's progress, and how much a search did."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

import msgspec

from resolver.model.choices import StrEnum
from resolver.model.target import Target
from resolver.sources.http.response import FetchReporter

if TYPE_CHECKING:
    from resolver.constraints.clauses import Incompatibility
    from resolver.constraints.protocol import Universe


class Stage(StrEnum):
    """The parts of finding the best solution, in order."""

    FIRST = "first solution"
    STAY = "what stays"  #: only over an earlier lockfile
    PROOF = "proof of best"
    REST = "everything else"


class Effort(msgspec.Struct, frozen=True, kw_only=True):
    """How much was done; equal inputs give equal counts, on any machine."""

    decisions: int = 0
    conflicts: int = 0
    narrowings: int = 0  #: of a package's domain, by a decision or by what follows from it

    def since(self, earlier: Effort) -> Effort:
        """Return what was done after an earlier point."""
        return Effort(
            decisions=self.decisions - earlier.decisions,
            conflicts=self.conflicts - earlier.conflicts,
            narrowings=self.narrowings - earlier.narrowings,
        )


class SearchReporter:
    """What a search tells about its progress; every method may be left out."""

    def decided(self, count: int) -> None:
        """Tell how many packages are decided now."""

    def conflict(self, count: int) -> None:
        """Tell how many conflicts there have been."""

    def learned(self, universe: Universe, clause: Incompatibility) -> None:
        """Tell what a conflict taught: memberships that can't all hold."""

    def searched(self, stage: Stage, effort: Effort) -> None:
        """Tell that a stage is done, and what it took."""

    def left_as_it_is(self, stage: Stage) -> None:
        """Tell that a stage ended at its limit: its answer is valid, but not proven best there."""


class Reporter(FetchReporter, SearchReporter):
    """Hears of progress; every method does nothing, override what is wanted.

    Fetches are reported from any thread, the rest from the caller's. Of a target that a copy of the process
    solved (:mod:`resolver.side_by_side`) stages alone are told, all at once.
    """

    #: whether each step is wanted when it is done: then targets are solved one after the other
    hears_steps = False

    def target_started(self, target: Target) -> None:
        """Note that a target is being resolved."""

    def stage_done(self, what: str) -> None:
        """Note that a part of a target's work is over; ``what`` in words."""

    def target_done(self, target: Target) -> None:
        """Note that a target is resolved."""

    def without_threads(self) -> AbstractContextManager[None]:
        """Return a context in which no thread of the reporter's is there: the process is copied in it."""
        return nullcontext()
