"""What a search is made of, step by step: read a candidate's incompatibilities, decide, go back.

One object holds the parts that a search works on and keeps them in step; every order of
decisions (:mod:`ordinary`, :mod:`hard`, :mod:`breadth`, :mod:`versions`) is built on it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Container, Sequence

import msgspec

from resolver.constraints.bits import ABSENT
from resolver.constraints.clauses import Incompatibility
from resolver.constraints.protocol import Universe
from resolver.solving.activity import Activity
from resolver.solving.ordinary import Ordinary
from resolver.solving.propagation import Propagation
from resolver.solving.replay import Replay
from resolver.solving.reporter import Effort
from resolver.solving.state import State

_NO_LIMIT = 1 << 62


class Interrupted(Exception):  # noqa: N818  (a limit that the caller set)
    """The search stopped at a limit that the caller gave."""


class Budget(msgspec.Struct, frozen=True, kw_only=True):
    """How much one question may take before it is given up: counts, so the answer never hangs on load."""

    decisions: int | None  #: None: any number
    conflicts: int


class Steps:
    """The parts of one search: state, incompatibilities, undone levels, activity."""

    def __init__(self, universe: Universe) -> None:
        self.universe = universe
        self.activity = Activity()
        self.ordinary = Ordinary(universe, self.activity)
        self.state = State(universe, self.ordinary.order)
        self.state.grown.append(self.activity.grow)
        self.propagation = Propagation(self.state)
        self.replay = Replay(self.state, self.propagation)
        self.decisions = self.conflicts = 0
        #: to examine, oldest first: what came in above the level that was gone back to
        self._again: deque[Incompatibility] = deque()
        self._needs: dict[tuple[int, int], tuple[int, ...]] = {}
        self._ranks: dict[int, tuple[int, str]] = {}
        self.most_decisions = self.most_conflicts = _NO_LIMIT
        #: how many limits that were left out have been added: those before it knows from its candidates
        self._late = universe.late_count

    # -- effort -----------------------------------------------------------------------------------

    @property
    def effort(self) -> Effort:
        """All that has been done so far."""
        return Effort(decisions=self.decisions, conflicts=self.conflicts, narrowings=self.state.narrowings)

    def limit(self, budget: Budget | None) -> None:
        """Let all that follows take no more than so much; None: as much as it takes."""
        self.most_decisions = self.most_conflicts = _NO_LIMIT
        if budget is not None:
            if budget.decisions is not None:
                self.most_decisions = self.decisions + budget.decisions
            self.most_conflicts = self.conflicts + budget.conflicts

    @property
    def is_spent(self) -> bool:
        """Whether the limit is passed."""
        return self.decisions > self.most_decisions or self.conflicts > self.most_conflicts

    # -- forwards ---------------------------------------------------------------------------------

    def settle(self) -> None:
        """Draw what follows at this level; raises Conflict."""
        if self._again:
            self.propagation.examine_each(self._again)
        if self.state.queue:
            self.propagation.propagate()

    def expand(self, package: int, candidate: int) -> None:
        """Add what a candidate (one bit) says until it is out, and draw what follows; raises Conflict."""
        state, add, known = self.state, self.propagation.add, self.propagation.known
        domain = state.domain
        for part in self.universe.parts(package, candidate.bit_length() - 2):
            for clause in [clause for clause in part if clause not in known]:  # most have been said before
                add(clause)
                if not domain[package] & candidate:
                    break
            else:
                continue
            break
        else:
            state.expanded[package] |= candidate
            state.expansions.append(package)
        while self._late < self.universe.late_count:
            self._late += 1
            add(self.universe.late(self._late - 1))
        if state.queue:
            self.propagation.propagate()

    def decide(self, package: int, members: int) -> None:
        """Narrow a package to some members on a new level; raises Conflict."""
        replay, state = self.replay, self.state
        kept = replay.take(package, members) if replay.levels else None
        replay.stamps.append(self.propagation.count)  # as :meth:`open_level` does
        state.level_starts.append(len(state.trail))
        if kept is None:
            state.narrow(package, members, None)
        else:
            replay.run(kept)
        self.decisions += 1

    def decide_again(self, decided: Callable[[int], None], doubtful: Sequence[Container[int]]) -> None:
        """Decide as before the search went back, as long as the ordinary order does and nothing follows.

        It comes to what deciding one after the other does, up to a package that a check may hold up (one in
        ``doubtful``): nothing is asked here that the undone level answers. Most have no entry but their
        decision. ``decided`` is the reporter's. Raises Conflict.
        """
        state, replay, propagation, order = (
            self.state,
            self.replay,
            self.propagation,
            self.ordinary.up_to_date(),
        )
        undone, stamps, levels, count = replay.levels, replay.stamps, state.level_starts, propagation.count
        domain, expanded, trail, history = state.domain, state.expanded, state.trail, state.history
        marks, packages, newest, watchers = (
            order.marks,
            order.packages,
            propagation.newest,
            propagation.watchers,
        )
        while undone and self.decisions <= self.most_decisions:
            stamp, entries = undone[-1]
            place = marks.find(1)
            if place < 0 or not entries:
                return
            package, entry = packages[place], entries[0]
            now = domain[package]
            best = now & -now
            if entry[0] != package or entry[2] != best or now == best or not expanded[package] & best:
                if not now & ABSENT and (now != best or not expanded[package] & best):
                    return
                marks[place] = 0  # as the order does: it isn't open
                continue
            for doubt in doubtful:
                if package in doubt:
                    return
            level = undone.pop()
            stamps.append(count)
            levels.append(len(trail))
            if len(entries) > 1 or newest[package] > stamp or watchers[package]:
                replay.run(level)
            else:
                history[package].append(len(trail))
                trail.append(entry if entry[1] == now else (package, now, best, None))
                domain[package] = best
            self.decisions += 1
            decided(len(levels))
            marks[place] = 0
            if state.queue:
                return

    def open_level(self) -> None:
        """Begin a level; what the one below says has been drawn."""
        state = self.state
        self.replay.stamps.append(self.propagation.count)
        state.level_starts.append(len(state.trail))

    # -- back -------------------------------------------------------------------------------------

    def back(self, level: int) -> None:
        """Undo all above a level."""
        if level < self.state.level:
            self.replay.keep(level)
            self.state.backjump(level)
            self._again.extend(self.propagation.undo(level))

    # -- what a solution looks like ---------------------------------------------------------------

    def needs(self, package: int, candidate: int) -> tuple[int, ...]:
        """Return the packages that a candidate can't be there without, worked out once."""
        found = self._needs.get((package, candidate))
        if found is None:
            seen: dict[int, None] = {}
            for part in self.universe.parts(package, candidate):
                for clause in part:
                    if len(clause.sets) == 2:  # nearly all
                        (a, b), (in_a, in_b) = clause.packages, clause.sets
                        if in_a & ABSENT:
                            seen[a] = None
                        if in_b & ABSENT:
                            seen[b] = None
                        continue
                    for place, members in enumerate(clause.sets):
                        if members & ABSENT:
                            seen[clause.packages[place]] = None
            seen.pop(package, None)
            found = self._needs[package, candidate] = tuple(seen)
        return found

    def rank(self, package: int) -> tuple[int, str]:
        """Return a package's place among the requested, and its name, worked out once."""
        found = self._ranks.get(package)
        if found is None:
            universe = self.universe
            found = self._ranks[package] = universe.priority(package)[1], universe.name(package)
        return found
