r"""A fixed order of decisions: outwards from what was asked for, then by name.

::

    depth 0    a     b          requested
               | \   |
    depth 1    c   d-+          needed by the candidates decided for a and b
               |
    depth 2    e                needed by c

1. Requested packages have depth 0: those of which a line holds under the Pythons that are left.
2. When a package is decided, what its candidate needs gets the next depth, if it has none or
   a greater one.
3. The next package is the required one of the least depth, then of the first place among the
   requested, then by name.
4. A jump back takes the depths back that decisions above its level gave.

All packages of one depth are decided before the next depth begins, so a package's depth is
known when its turn comes and can't become smaller later: the order is that of a walk through
the solution itself, whatever the search met on the way.
"""

from __future__ import annotations

import heapq

from resolver.constraints.bits import ABSENT
from resolver.solving.asked import Asked
from resolver.solving.steps import Steps

#: Stands for "had not been walked through" where the log has a depth before.
_WALKED = -1


class Breadth:
    """Gives the search its next package; told of every decision and every jump back."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps
        self._depth: dict[int, int] = dict.fromkeys(_requested(steps), 0)
        steps.state.ensure(max(self._depth, default=-1))
        self._walked: set[int] = set()
        #: level, package, depth before (None: it had none; _WALKED: it was walked through)
        self._log: list[tuple[int, int, int | None]] = []
        self._heap: list[tuple[int, int, str, int]] = []  # depth, place, name, package; some out of date
        self._moved: set[int] = set(self._depth)  # those that the heap may not hold as they are now
        self._read = 0  # place on the trail up to which it was read for packages that came to be required

    def undo(self, level: int) -> None:
        """Forget what was reached above a level."""
        self._read = min(self._read, len(self._steps.state.trail))
        log, depth = self._log, self._depth
        while log and log[-1][0] > level:
            _, package, before = log.pop()
            if before is None:
                del depth[package]
                continue
            if before == _WALKED:
                self._walked.discard(package)
            else:
                depth[package] = before
            self._moved.add(package)

    def reached(self, package: int, candidate: int) -> None:
        """Give what a decided package's candidate (one bit) needs its depth."""
        level, depths = len(self._steps.state.level_starts), self._depth
        depth = depths[package] + 1
        self._walked.add(package)
        self._log.append((level, package, _WALKED))
        for other in self._steps.needs(package, candidate.bit_length() - 2):
            before = depths.get(other)
            if before is None or before > depth:
                self._log.append((level, other, before))
                depths[other] = depth
                self._moved.add(other)

    def next(self) -> int | None:
        """Return the nearest required package that has not been walked through; None: all have been."""
        self._bring_up_to_date()
        domain, heap = self._steps.state.domain, self._heap
        while heap:
            depth, _, _, package = heap[0]
            is_current = self._depth.get(package) == depth and package not in self._walked
            if is_current and not domain[package] & ABSENT:
                return package
            heapq.heappop(heap)
        return self._unreached()

    def _bring_up_to_date(self) -> None:
        """Put into the heap what has moved, or has come to be required since."""
        trail, moved, depths, rank_of = self._steps.state.trail, self._moved, self._depth, self._steps.rank
        if len(trail) != self._read:
            fresh = trail[self._read :]
            moved.update([p for p, old, new, _ in fresh if old & ABSENT and not new & ABSENT])
            self._read = len(trail)
        for package in moved:
            depth = depths.get(package)
            if depth is not None:
                place, name = rank_of(package)
                heapq.heappush(self._heap, (depth, place, name, package))
        moved.clear()

    def _unreached(self) -> int | None:
        """Return a required package that nothing decided needs, by name: it stands farther than all."""
        state = self._steps.state
        left = [p for p, domain in enumerate(state.domain) if not domain & ABSENT and p not in self._walked]
        if not left:
            return None
        package = min(left, key=self._steps.universe.name)
        self._log.append((state.level, package, self._depth.get(package)))
        self._depth[package] = max(self._depth.values(), default=0) + 1
        return package


def _requested(steps: Steps) -> tuple[int, ...]:
    asked = Asked(steps.universe)
    if asked.python is None:
        return asked.packages
    steps.state.ensure(asked.python)
    return asked.under(steps.state.domain[asked.python])
