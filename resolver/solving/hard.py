"""Hard mode: another order of decisions once a question has met many conflicts.

The ordinary order is made for real environments, which meet a handful of conflicts; a
puzzle (sudoku, pigeonholes, colourings) may have no short proof in it. So

1. after so many conflicts in one question, start over from level 0, and decide the
   package with the *fewest candidates left*, ties by number. Symmetric puzzles close
   because the order is systematic: with ties by activity they don't;
2. start over again after runs whose lengths follow Luby's sequence (Luby, Sinclair and
   Zuckerman 1993): what was learned stays;
3. every fourth run takes the package with the highest *activity* instead, which is better
   where a few packages carry the conflict (random 3-SAT).
"""

from __future__ import annotations

from resolver.constraints.bits import ABSENT
from resolver.solving.activity import Activity
from resolver.solving.state import State

#: Conflicts in one question after which it counts as hard; real environments meet fewer than 100.
THRESHOLD = 100
#: Conflicts in a run that Luby's sequence calls 1.
RUN = 100
#: One run in so many goes by activity.
BY_ACTIVITY = 4


class HardMode:
    """Tells when a question is hard, when it starts over, and what is decided next."""

    def __init__(self, state: State, activity: Activity) -> None:
        self._state, self._activity = state, activity
        self.is_on = False  #: whether the question at hand is hard
        self._runs = 0
        self._restart_at = 0

    def question_begins(self, conflicts: int) -> None:
        """Count from here; ``conflicts`` is how many there have been in all questions."""
        self.is_on = False
        self._runs = 0
        self._restart_at = conflicts + THRESHOLD

    def restarts(self, conflicts: int) -> bool:
        """Tell whether a new run begins now, the first one included."""
        if conflicts < self._restart_at:
            return False
        self.is_on = True
        self._runs += 1
        self._restart_at = conflicts + RUN * luby(self._runs)
        return True

    def next(self) -> int | None:
        """Return a required, undecided package; None where all are decided."""
        domain, expanded = self._state.domain, self._state.expanded
        rank = self._coldness if self._runs % BY_ACTIVITY == 0 else self._size
        open_ones = (
            package
            for package, now in enumerate(domain)
            if not now & ABSENT and (now & (now - 1) or not expanded[package] & now)
        )
        return min(open_ones, key=rank, default=None)  # of equal ones the first: the lowest number

    def _size(self, package: int) -> float:
        return self._state.domain[package].bit_count()

    def _coldness(self, package: int) -> float:
        return -self._activity.recent[package]


def luby(turn: int) -> int:
    """Return the turn-th (from 1) length in Luby's sequence: 1 1 2 1 1 2 4 ..."""
    size = 1
    while size < turn + 1:
        size *= 2
    if size == turn + 1:
        return size // 2
    return luby(turn - size // 2 + 1)
