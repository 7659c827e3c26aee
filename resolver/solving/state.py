"""The state of a search: the domain of each package, and the trail of how it came to be.

::

    trail   0    1    2  | 3    4    5  | 6    7
    level   0    0    0  | 1    1    1  | 2    2
            facts          decision       decision
                           and what follows from it

Every entry narrows one package's domain and names the incompatibility that did it (None
for a decision). Its level follows from its place. Domains only shrink along the trail, so going back
is: undo entries from the end.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Callable
from typing import TypeAlias

from resolver.constraints.bits import ABSENT
from resolver.constraints.clauses import Incompatibility
from resolver.constraints.protocol import Universe
from resolver.solving.order import Order

#: One narrowing: package, domain before, domain after, what did it (None: a decision).
#: A plain tuple: a search makes hundreds of thousands of them.
Entry: TypeAlias = tuple[int, int, int, Incompatibility | None]


class Conflict(Exception):  # noqa: N818  (a signal inside the search, not an error)
    """An incompatibility has all its terms satisfied."""

    def __init__(self, clause: Incompatibility) -> None:
        super().__init__(clause)
        self.clause = clause


class State:
    """Domains of all packages seen, and how they came to be.

    All lists but ``trail``, ``level_starts`` and ``expansions`` are by package number. Who keeps something of
    its own for each package is told of a new one through ``grown``.
    """

    def __init__(self, universe: Universe, order: Order) -> None:
        self.universe = universe
        self.order = order
        self.domain: list[int] = []  # what is left
        self.full: list[int] = []  # all candidates, and absent
        self.expanded: list[int] = []  # candidates whose incompatibilities have all been added
        self.expansions: list[int] = []  # packages, each time a candidate's have all been added
        self.history: list[list[int]] = []  # its places on the trail, in order
        self.trail: list[Entry] = []
        self.level_starts: list[int] = []  # place on the trail where level 1, 2 ... begins
        self.queue: deque[int] = deque()  # packages narrowed, of which nothing has been drawn yet
        self.queued = bytearray()  # 1 for a package that waits in the queue
        self.jumps = 0  # how often something was undone
        self.undone = 0  # how many narrowings have been undone
        self.grown: list[Callable[[int], None]] = []

    @property
    def level(self) -> int:
        """Number of decisions on the trail."""
        return len(self.level_starts)

    @property
    def narrowings(self) -> int:
        """Number of narrowings made so far, those undone too."""
        return self.undone + len(self.trail)

    def ensure(self, package: int) -> None:
        """Make room for all packages up to this number."""
        while len(self.domain) <= package:
            number = len(self.domain)
            full = (1 << (self.universe.size(number) + 1)) - 1
            self.domain.append(full)
            self.full.append(full)
            self.expanded.append(ABSENT)
            self.history.append([])
            self.queued.append(0)
            for grow in self.grown:
                grow(number)
            self.order.add(number)

    # -- forwards ---------------------------------------------------------------------------------

    def narrow(self, package: int, new: int, cause: Incompatibility | None) -> None:
        """Replace the package's domain by a smaller one, and remember why."""
        trail = self.trail
        old = self.domain[package]
        self.history[package].append(len(trail))
        trail.append((package, old, new, cause))
        self.domain[package] = new
        if not self.queued[package]:
            self.queued[package] = 1
            self.queue.append(package)
        if old & ABSENT and not new & ABSENT:
            self.order.marks[self.order.places[package]] = 1

    # -- back -------------------------------------------------------------------------------------

    def backjump(self, level: int) -> None:
        """Undo everything above a level that is lower than the present one; the queue is emptied."""
        self.jumps += 1
        domain, history, trail = self.domain, self.history, self.trail
        start = self.level_starts[level]
        del self.level_starts[level:]
        marks, places = self.order.marks, self.order.places
        undone = trail[start:]
        undone.reverse()
        for package, old, _, _ in undone:
            domain[package] = old
            history[package].pop()
            if not old & ABSENT:
                marks[places[package]] = 1
        self.undone += len(undone)
        del trail[start:]
        for package in self.queue:
            self.queued[package] = 0
        self.queue.clear()

    # -- questions --------------------------------------------------------------------------------

    def satisfier(self, package: int, outside: int) -> int | None:
        """Return the place on the trail where the package's domain first lost all of ``outside``.

        -1 where it never had any of it; None where it still has some.
        """
        if self.domain[package] & outside:
            return None
        places, trail = self.history[package], self.trail
        index = len(places) - 1
        while index >= 0 and not trail[places[index]][2] & outside:
            index -= 1
        if index < 0 and not self.full[package] & outside:
            return -1
        return places[index + 1]

    def level_at(self, place: int) -> int:
        """Return the level of a place on the trail."""
        return bisect_right(self.level_starts, place)

    def domain_by_facts(self, package: int) -> int:
        """Return what the facts alone (level 0) leave of a package's domain."""
        self.ensure(package)
        for place in self.history[package]:
            if self.level_at(place) > 0:
                return self.trail[place][1]
        return self.domain[package]
