"""A fixed decision order: by depth from what was asked for, then by name.

The depth of a package is its distance from the requested ones (0) along the dependencies of the
candidates decided so far. All packages of one depth are decided before the next depth begins, so a
package's depth is known when its turn comes and can't become smaller later: the order is that of a
walk outwards through the solution itself, whatever the search met on the way.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from resolver.constraints.protocol import ABSENT

if TYPE_CHECKING:
    from resolver.solving.search import Search


def needs(search: Search, package: int, candidate: int) -> tuple[int, ...]:
    """Return the packages that a candidate can't be there without, worked out once."""
    found = search.needs.get((package, candidate))
    if found is None:
        terms = (
            pair
            for clause in search.universe.clauses(package, candidate)
            for pair in zip(clause.packages, clause.sets, strict=True)
        )
        seen = dict.fromkeys(other for other, members in terms if members & ABSENT and other != package)
        found = search.needs[package, candidate] = tuple(seen)
    return found


class Breadth:
    """Gives the search its next package; told of every decision and every jump back."""

    def __init__(self, search: Search) -> None:
        self._search = search
        self.depth: dict[int, int] = {}
        self._walked: set[int] = set()
        self._log: list[tuple[int, int, int | None]] = []  # level, package, depth before (-1: walked)
        self._heap: list[tuple[int, int, str, int]] = []
        for package in search.universe.requested():
            self.depth[package] = 0
        search.state.ensure(max(self.depth, default=0))
        self._dirty: set[int] = set(self.depth)  # what may have to stand in the heap anew
        self._seen = 0  # place on the trail up to which was looked for packages that came to be required

    def undo(self, level: int) -> None:
        """Forget what was reached above a level."""
        log, dirty = self._log, self._dirty
        self._seen = min(self._seen, len(self._search.state.trail))
        while log and log[-1][0] > level:
            _, package, before = log.pop()
            if before is None:
                del self.depth[package]
                continue
            if before < 0:
                self._walked.discard(package)
            else:
                self.depth[package] = before
            dirty.add(package)

    def reached(self, package: int, bit: int) -> None:
        """Give the dependencies of a decided package their depth."""
        search = self._search
        depth = self.depth[package] + 1
        level = len(search.state.level_starts)
        self._walked.add(package)
        self._log.append((level, package, -1))
        depths, log, dirty = self.depth, self._log, self._dirty
        for other in needs(search, package, bit.bit_length() - 2):
            before = depths.get(other)
            if before is None or before > depth:
                log.append((level, other, before))
                depths[other] = depth
                dirty.add(other)

    def next(self) -> int | None:
        """Return the nearest required package that has not been walked through."""
        search, heap, depth = self._search, self._heap, self.depth
        universe, domain, trail = search.universe, search.state.domain, search.state.trail
        for place in range(self._seen, len(trail)):
            package, old, new, _, _ = trail[place]
            if old & ABSENT and not new & ABSENT:
                self._dirty.add(package)
        self._seen = len(trail)
        for package in self._dirty:
            if package in depth:
                place = universe.priority(package)[1]
                heapq.heappush(heap, (depth[package], place, universe.name(package), package))
        self._dirty.clear()
        while heap:
            far, _, _, package = heap[0]
            if depth.get(package) == far and package not in self._walked and not domain[package] & ABSENT:
                return package
            heapq.heappop(heap)
        left = [p for p, d in enumerate(domain) if not d & ABSENT and p not in self._walked]
        if left:
            package = min(left, key=universe.name)
            self._log.append((len(search.state.level_starts), package, depth.get(package)))
            depth[package] = max(depth.values()) + 1
            return package
        return None


class FirstDecisions(Protocol):
    """Decisions of its own that a search makes before all others, in a fixed order."""

    place: int  #: where in the order it stands; 0 after every jump back

    def decide(self) -> bool:
        """Make all of them; False when none is left."""
        ...


class VersionsFirst:
    """Decides versions alone, in a fixed order, before any build is decided.

    A decision narrows a package to the builds of the best version left; where it may still stay absent,
    it may go on doing so.
    """

    def __init__(self, search: Search, order: Sequence[int]) -> None:
        self._search = search
        self._order = order
        self.place = 0
        self.decisions = 0

    def decide(self) -> bool:
        """Narrow the first package of the order that has several versions left; False where none has."""
        search = self._search
        state, universe = search.state, search.universe
        order = self._order
        while self.place < len(order):
            package = order[self.place]
            domain = state.domain[package]
            left = domain & ~ABSENT
            if not left & (left - 1):
                self.place += 1
                continue
            mine = universe.best_version(package, left)
            if mine == left:
                self.place += 1
                continue
            best = universe.prefer(package, mine)
            if not state.expanded[package] & best:
                for clause in universe.clauses(package, best.bit_length() - 2):
                    state.add(clause)
                    if not state.domain[package] & best:
                        break
                else:
                    state.expanded[package] |= best
                if state.queue:
                    state.propagate()
                if state.domain[package] != domain:
                    continue
            target = mine | (domain & ABSENT)
            known = state.take_saved(package, target) if state.saved else None
            state.open_level()
            if known is None:
                state.narrow(package, target, None)
            else:
                state.replay(*known)
            self.place += 1
            self.decisions += 1
            search.decisions += 1
            state.propagate()
        return False
