"""Which package is decided next: the open ones in order of a key, as one byte a package.

Every package has a place in a byte array, in the order of the keys and with room between
them. A byte is 1 where the package may be open, so the next one is one search for a byte.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from typing import Any

_ROOM = 16


class Order:
    """Packages by key, a tuple; ``key_of`` gives the key, which :meth:`moved` may change."""

    def __init__(self, key_of: Callable[[int], tuple[Any, ...]]) -> None:
        self._key_of = key_of
        self.marks = bytearray(1)  # place 0 is nobody's
        self.places: list[int] = []  # per package
        self.packages: list[int] = [-1]  # per place
        self.moves = 0  # of packages that had a place
        self._sorted: list[tuple[Any, ...]] = []  # key and package, in one tuple: they are compared a lot
        self._entries: list[tuple[Any, ...]] = []  # per package, as it stands there

    def add(self, package: int) -> None:
        """Give the next package its place."""
        self.places.append(0)
        self._entries.append(())
        self._insert(package)

    def moved(self, package: int) -> None:
        """Find the place of a package anew, as its key has changed."""
        self.moves += 1
        del self._sorted[bisect_left(self._sorted, self._entries[package])]
        self.marks[self.places[package]] = 0
        self._insert(package)
        self.marks[self.places[package]] = 1

    def _insert(self, package: int) -> None:
        entry = self._entries[package] = (*self._key_of(package), package)
        entries, places = self._sorted, self.places
        at = bisect_left(entries, entry)
        low = places[entries[at - 1][-1]] if at else 0
        high = places[entries[at][-1]] if at < len(entries) else low + 2 * _ROOM
        entries.insert(at, entry)
        place = (low + high) // 2
        if place == low:
            self._make_room(at)
            return
        if high >= len(self.marks):
            self._reach(high)
        places[package] = place
        self.packages[place] = package

    def _reach(self, place: int) -> None:
        """Have all places up to this one."""
        more = place + 1 - len(self.marks)
        if more > 0:
            self.marks.extend(bytes(more))
            self.packages.extend([-1] * more)

    def _make_room(self, at: int) -> None:
        """Spread the smallest stretch around an entry that has room for all of its own.

        Spreading everything each time would take the square of a question with many packages. The wider a
        stretch, the more room it must have, so that it is not spread again soon (Itai, Konheim, Rodeh 1981).
        """
        entries, size, reach = self._sorted, len(self._sorted), _ROOM // 2
        least, more = 2.0, (_ROOM - 2) / max(1, (size // reach).bit_length())
        while reach < size:
            first, last = max(0, at - reach), min(size, at + reach)
            low = self.places[entries[first - 1][-1]] if first else 0
            high = self.places[entries[last][-1]] if last < size else low + _ROOM * (last - first + 1)
            step = (high - low) // (last - first + 1)
            if step >= least:
                self._reach(high)
                self._spread_stretch([entry[-1] for entry in entries[first:last]], low, step)
                return
            reach, least = 2 * reach, least + more
        self._spread()

    def _spread_stretch(self, packages: list[int], low: int, step: int) -> None:
        marks, places = self.marks, self.places
        were = [marks[places[package]] if places[package] else 0 for package in packages]
        for package in packages:
            if places[package]:
                marks[places[package]], self.packages[places[package]] = 0, -1
        for number, (package, was) in enumerate(zip(packages, were, strict=True), 1):
            places[package] = place = low + number * step
            marks[place], self.packages[place] = was, package

    def _spread(self) -> None:
        marks, places = self.marks, self.places
        size = _ROOM * (len(self._sorted) + 2)
        fresh, packages = bytearray(size), [-1] * size
        for number, entry in enumerate(self._sorted, 1):
            package: int = entry[-1]
            place = number * _ROOM
            if places[package] and marks[places[package]]:
                fresh[place] = 1
            places[package] = place
            packages[place] = package
        marks[:] = fresh  # in place: the state holds the same array
        self.packages = packages
