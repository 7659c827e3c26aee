"""Who hears of a search's progress, and how much a search did."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

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
