"""A partition into so many classes that no known conflict speaks against, or proof that there is none.

The items are the vertices of a hypergraph, the classes its colours (DSATUR, Brelaz 1979)::

    clique        each its own class: nothing is lost, as they clash pairwise
    then          the item that fits into the fewest classes, ties by how many it clashes with, then its place
    its classes   those whose lines it shares most first; of empty ones only the first, as they are alike
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from lockfiles.fleet.merging.conflicts import Conflicts
from lockfiles.fleet.merging.verdicts import Bits


class OutOfNodesError(Exception):
    """The search ended before it was through."""


@dataclass(slots=True)
class _Class:
    members: Bits = 0
    lines: Bits = 0
    before: list[Bits] = field(default_factory=list)  #: lines before each item came in

    def put(self, item: int, lines: Bits) -> None:
        self.before.append(self.lines)
        self.members |= 1 << item
        self.lines |= lines

    def take(self, item: int) -> None:
        self.lines = self.before.pop()
        self.members &= ~(1 << item)


class Coloring:
    """One search; ``barred`` are sets of lines that no class may come to in the end."""

    def __init__(
        self,
        conflicts: Conflicts,
        count: int,
        clique: Sequence[int],
        barred: Collection[Bits],
        nodes: int,
        among: Collection[int] | None = None,
    ) -> None:
        """``among``: the items that matter, the clique's with them; None: all."""
        self._conflicts, self._barred, self._left = conflicts, barred, nodes
        self._classes = [_Class() for _ in range(count)]
        self._clique = clique
        self._degrees = [bits.bit_count() for bits in conflicts.clashing]
        self._open = set(range(len(conflicts.items)) if among is None else among).difference(clique)

    def find(self) -> list[Bits] | None:
        """Return the classes as bits of items; None: there is no such partition. Raises OutOfNodesError."""
        if len(self._clique) > len(self._classes):
            return None
        for item, one in zip(self._clique, self._classes, strict=False):
            one.put(item, self._conflicts.items[item])
        stack: list[tuple[int, Iterator[_Class], _Class | None]] = []
        while True:
            if not self._open and self._is_allowed():
                return [one.members for one in self._classes if one.members]
            if self._open:
                item = self._next()
                self._open.discard(item)
                stack.append((item, iter(self._choices(item)), None))
            if not self._advance(stack):
                return None

    def _advance(self, stack: list[tuple[int, Iterator[_Class], _Class | None]]) -> bool:
        """Put the last item into its next class, or go back to one that has another; False: none has."""
        while stack:
            item, choices, now = stack.pop()
            if now is not None:
                now.take(item)
            chosen = next(choices, None)
            if chosen is None:
                self._open.add(item)
                continue
            self._left -= 1
            if self._left < 0:
                raise OutOfNodesError
            chosen.put(item, self._conflicts.items[item])
            stack.append((item, choices, chosen))
            return True
        return False

    def _is_allowed(self) -> bool:
        return not any(one.lines in self._barred for one in self._classes)

    def _choices(self, item: int) -> list[_Class]:
        """Return the classes that an item fits into, those it shares most with first."""
        lines, fits = self._conflicts.items[item], self._conflicts.fits
        found = [one for one in self._classes if one.members and fits(item, one.members, one.lines)]
        found.sort(key=lambda one: -(one.lines & lines).bit_count())
        empty = next((one for one in self._classes if not one.members), None)
        return found if empty is None else [*found, empty]

    def _next(self) -> int:
        fits, used = self._conflicts.fits, [one for one in self._classes if one.members]
        has_empty = len(used) < len(self._classes)

        def key(item: int) -> tuple[int, int, int]:
            room = sum(fits(item, one.members, one.lines) for one in used) + has_empty
            return room, -self._degrees[item], item

        return min(self._open, key=key)
