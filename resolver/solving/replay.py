"""Replay: a level that was undone is made again without drawing its conclusions anew.

::

    before    0 | 1 a=3 .. .. | 2 b=7 .. | 3 c=1 ..  conflict: learned, back to level 1
    undone                      [2 b=7 ..] [3 c=1 ..]
    after     0 | 1 a=3 .. .. learned ..
                              | 2 b=7 decided again: its entries are taken over as they were

After a jump back the search mostly makes the same decisions again, and each has the same
consequences as before, beside new ones. So

1. entries are kept, level by level, as they are undone;
2. a decision that is the next one kept takes its level's entries over: every domain is a
   part of what it was then, so each entry's reason holds;
3. only what is new waits in the queue: packages that come out smaller than they did, or
   have got an incompatibility since, or have one of three terms;
4. a decision that is another one drops all that was kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from resolver.constraints.bits import ABSENT
from resolver.solving.propagation import Propagation
from resolver.solving.state import Conflict, Entry, State

#: A level that was undone: how many incompatibilities were in force at its end (-1: the level was not
#: done), and its entries.
Level: TypeAlias = tuple[int, Sequence[Entry]]


class Replay:
    """Levels that were undone, the next one last."""

    def __init__(self, state: State, propagation: Propagation) -> None:
        self._state = state
        self._propagation = propagation
        self.stamps: list[int] = []  # per level 0, 1 ...: how many incompatibilities there were at its end
        self.levels: list[Level] = []  # as they were undone

    def forget(self) -> None:
        """Drop what is kept: another question takes another way."""
        self.levels.clear()

    def keep(self, level: int) -> None:
        """Keep what is about to be undone: everything above a level."""
        starts, trail, stamps = self._state.level_starts, self._state.trail, self.stamps
        # The last level may not be done: what it did is only a beginning.
        self.levels.append((-1, trail[starts[-1] :]))
        for place in range(len(starts) - 2, level - 1, -1):
            self.levels.append((stamps[place + 1], trail[starts[place] : starts[place + 1]]))
        del stamps[level:]

    def take(self, package: int, members: int) -> Level | None:
        """Return what followed when this decision was last made here, if the way here was the same."""
        levels, domain = self.levels, self._state.domain
        while levels:
            entries = levels[-1][1]
            if entries:
                other, _, new, _ = entries[0]
                if other == package:
                    if new == members:
                        return levels.pop()
                    levels.clear()
                    return None
                now = domain[other]
                if now & ~new:
                    if not now & new:
                        levels.clear()
                    return None
            levels.pop()  # it holds already
        return None

    def run(self, kept: Level) -> None:
        """Narrow as an undone level did; raises Conflict."""
        stamp, entries = kept
        state, newest, watchers = self._state, self._propagation.newest, self._propagation.watchers
        domain, trail, history, queued = state.domain, state.trail, state.history, state.queued
        marks, places = state.order.marks, state.order.places
        for entry in entries:
            package, before, new, cause = entry
            old = domain[package]
            if old == before:  # nearly always: nothing has changed
                left = new
            else:
                left = old & new
                if left == old:
                    continue
                if not left:
                    if cause is None:
                        raise AssertionError("a decision without any candidate left")
                    raise Conflict(cause)
                entry = package, old, left, cause
            history[package].append(len(trail))
            trail.append(entry)
            domain[package] = left
            if old & ABSENT and not left & ABSENT:
                marks[places[package]] = 1
            if (newest[package] > stamp or watchers[package] or left != new) and not queued[package]:
                queued[package] = 1
                state.queue.append(package)
