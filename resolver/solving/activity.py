"""Which packages take part in conflicts, and how much lately.

Two measures of the same: a plain count, of which the ordinary order of decisions takes
whole dozens (so a place in it changes seldom), and an activity that decays, for hard
puzzles (VSIDS, Moskewicz and others 2001).
"""

from __future__ import annotations

#: A package counts as troubled for the decision order once it took part in this many conflicts.
TROUBLE = 12
#: By so much an older conflict counts less than the one after it.
DECAY = 0.95
#: Above this all activities are scaled down, long before a float overflows.
_LARGE = 1e100


class Activity:
    """Conflicts by package."""

    def __init__(self) -> None:
        self._conflicts: list[int] = []
        self.recent: list[float] = []  # decaying; only comparisons between packages mean something
        self._weight = 1.0
        self.troubled: set[int] = set()  # packages whose place in the order of decisions may have changed

    def grow(self, _package: int) -> None:
        """Make room for the next package."""
        self._conflicts.append(0)
        self.recent.append(0.0)

    def trouble(self, package: int) -> int:
        """Return how many dozens of conflicts a package took part in."""
        return self._conflicts[package] // TROUBLE

    def met(self, package: int) -> None:
        """Count a package that the analysis of a conflict comes to."""
        self._conflicts[package] += 1
        self.recent[package] += self._weight
        if not self._conflicts[package] % TROUBLE:
            self.troubled.add(package)

    def decay(self) -> None:
        """Let all that was met so far count less."""
        self._weight /= DECAY
        if self._weight > _LARGE:
            self.recent = [value / _LARGE for value in self.recent]
            self._weight /= _LARGE
