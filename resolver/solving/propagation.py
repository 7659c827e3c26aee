"""Propagation: what follows from the domains by the incompatibilities in force.

::

    pair   {a: A, b: B}           a's domain lies in A   ->  b loses B
    long   {a: A, b: B, c: C}     watched: two terms that don't hold yet
                ^     ^           one of them comes to hold  ->  watch another one that doesn't,
                                  or, if there is none, the other watched package loses its set
    link   x[extra] <-> x         same candidate; the extra may be absent by itself

1. Take a package from the queue of those that were narrowed.
2. Every pair whose term on it holds narrows the other package.
3. Every long incompatibility that watches it moves its watch or narrows (two watched
   literals, Moskewicz and others 2001).
4. Its extras, or its project, follow.
5. Go on until the queue is empty, or a domain would lose its last member: a conflict.

Nearly all incompatibilities are pairs. Which of a package's pairs say something depends on
its domain alone, and a search comes to the same domains again and again; so those are
remembered for each domain. Of a package with many, those that say nothing sleep until the
candidate goes that keeps them from it: for each the worst one, as the best go first.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Sequence
from typing import TypeAlias

from resolver.constraints.bits import ABSENT
from resolver.constraints.clauses import Incompatibility
from resolver.constraints.facts import SameReleaseFact
from resolver.solving.state import Conflict, State

#: What of the package keeps its term from holding, the other package, what that one loses, the reason.
Pair: TypeAlias = tuple[int, int, int, Incompatibility]
#: What of the package keeps its term from holding, the incompatibility, positions of its two watches.
Watch: TypeAlias = tuple[int, Incompatibility, list[int]]

#: The fact behind a step from an extra to its project, or back.
LINK = SameReleaseFact()


#: A package with more pairs than this has most of them sleep.
_MANY = 200


class Sleepers:
    """Which of a package's pairs say nothing as long as one candidate is there, the last that each waits for.

    A package with a thousand releases has thousands of pairs, and loses its candidates one by one.
    """

    __slots__ = ("_asleep", "_awake", "_seen")

    def __init__(self) -> None:
        self._asleep: dict[int, list[int]] = {}  # by candidate: numbers of pairs
        self._awake: list[int] = []
        self._seen = 0

    def firing(self, pairs: list[Pair], now: int) -> list[Pair]:
        """Return the pairs that say something of a domain, in their order."""
        asleep, awake = self._asleep, self._awake
        for candidate in [one for one in asleep if not now >> one & 1]:
            awake += asleep.pop(candidate)
        awake += range(self._seen, len(pairs))
        self._seen = len(pairs)
        awake.sort()
        firing: list[int] = []
        for number in awake:
            left = pairs[number][0] & now
            if not left:
                firing.append(number)
                continue
            last = left.bit_length() - 1
            if last in asleep:
                asleep[last].append(number)
            else:
                asleep[last] = [number]
        self._awake = firing
        return [pairs[number] for number in firing]


class Propagation:
    """The incompatibilities in force over a state, and what they say of it."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.known: dict[Incompatibility, None] = {}  #: all that has been added, in its order
        self.count = 0  # how many incompatibilities have been added
        self.newest: list[int] = []  # per package: the number of its latest incompatibility
        self.pairs: list[list[Pair]] = []
        #: per package and domain: how many of its pairs were looked at, and those that say something then
        self._firing: list[dict[int, tuple[int, list[Pair]]]] = []
        self._sleepers: dict[int, Sleepers] = {}  # by package, of those with many pairs
        self.watchers: list[list[Watch]] = []  # per package
        self._linked: list[Sequence[int]] = []  # per package: its extras, or its project
        #: what came in above level 0, by the level at which it was last looked at
        self._late: list[Incompatibility] = []
        self._late_levels: list[int] = []  # never falling
        self.choices: list[Incompatibility] = []  # facts that ask for one of several packages
        state.grown.append(self._grower(state.universe.links))

    def _grower(self, links_of: Callable[[int], Sequence[int]]) -> Callable[[int], None]:
        """Return what makes room for the next package; it doesn't keep this object."""
        newest, pairs, firing, watchers, linked = (
            self.newest, self.pairs, self._firing, self.watchers, self._linked,
        )  # fmt: skip

        def grow(package: int) -> None:
            newest.append(0)
            pairs.append([])
            firing.append({})
            watchers.append([])
            linked.append(links_of(package))

        return grow

    # -- incompatibilities ------------------------------------------------------------------------

    def add(self, clause: Incompatibility) -> None:
        """Add an incompatibility once, and draw what follows from it now; raises Conflict."""
        if clause in self.known:
            return
        self.known[clause] = None
        state, packages = self._state, clause.packages
        if len(packages) == 2:
            self._add_pair(clause)
            return
        last, newest = max(packages), self.newest
        if last >= len(state.domain):
            state.ensure(last)
        self.count = count = self.count + 1
        for package in packages:
            newest[package] = count
        if state.level_starts:
            self._late.append(clause)
            self._late_levels.append(len(state.level_starts))
        if len(packages) > 2:
            self._watch(clause)
            if clause.fact is not None and sum(members & ABSENT for members in clause.sets) > 1:
                self.choices.append(clause)
        self.examine(clause)

    def _add_pair(self, clause: Incompatibility) -> None:
        """Keep an incompatibility of two packages with both, and draw what follows from it now."""
        (a, b), (in_a, in_b), state = clause.packages, clause.sets, self._state
        domain, full, newest = state.domain, state.full, self.newest
        if a >= len(domain) or b >= len(domain):
            state.ensure(max(a, b))
        self.count = newest[a] = newest[b] = self.count + 1
        if state.level_starts:
            self._late.append(clause)
            self._late_levels.append(len(state.level_starts))
        now_a, now_b = domain[a], domain[b]
        not_a, not_b = clause.outside or (full[a] & ~in_a, full[b] & ~in_b)
        self.pairs[a].append((not_a, b, in_b, clause))
        self.pairs[b].append((not_b, a, in_a, clause))
        if not now_a & not_a:
            left_b = now_b & not_b
            if not left_b:
                raise Conflict(clause)
            if left_b != now_b:
                state.narrow(b, left_b, clause)
        elif not now_b & not_b:
            left_a = now_a & not_a
            if left_a != now_a:
                state.narrow(a, left_a, clause)

    def _watch(self, clause: Incompatibility) -> None:
        """Watch the two terms that stop being satisfied first when the search goes back."""
        state, packages, sets = self._state, clause.packages, clause.sets
        masks = [state.full[p] & ~members for p, members in zip(packages, sets, strict=True)]

        def undone(position: int) -> tuple[int, int]:
            place = state.satisfier(packages[position], masks[position])
            return (1, 0) if place is None else (0, place)

        watches = sorted(range(len(packages)), key=undone, reverse=True)[:2]
        for position in watches:
            self.watchers[packages[position]].append((masks[position], clause, watches))

    def examine(self, clause: Incompatibility) -> None:
        """Narrow by one incompatibility if all its terms but one are satisfied; raises Conflict."""
        loose = -1
        domain = self._state.domain
        for position, package in enumerate(clause.packages):
            if domain[package] & ~clause.sets[position]:
                if loose >= 0:
                    return
                loose = position
        if loose < 0:
            raise Conflict(clause)
        package = clause.packages[loose]
        left = domain[package] & ~clause.sets[loose]
        if left != domain[package]:
            self._state.narrow(package, left, clause)

    def examine_each(self, clauses: deque[Incompatibility]) -> None:
        """Examine incompatibilities in order, each once; raises Conflict with those behind it left."""
        domain = self._state.domain
        while clauses:
            clause = clauses.popleft()
            packages = clause.packages
            if len(packages) == 2:  # nearly all, and nearly always two terms don't hold
                in_a, in_b = clause.sets
                if domain[packages[0]] & ~in_a and domain[packages[1]] & ~in_b:
                    continue
            self.examine(clause)

    def undo(self, level: int) -> list[Incompatibility]:
        """Return, oldest first, what came in above the level that the search goes back to.

        It may say something at this level too, so each must be examined again.
        """
        first = bisect_right(self._late_levels, level)
        again = self._late[first:]
        if level:
            self._late_levels[first:] = [level] * len(again)
        else:
            del self._late[first:], self._late_levels[first:]
        return again

    # -- what follows -----------------------------------------------------------------------------

    def propagate(self) -> None:
        """Narrow until nothing follows any more; raises Conflict with the queue left as it is.

        A pair narrows as :meth:`State.narrow` does, without the call: hardly anything is done more often.
        """
        state = self._state
        queue, queued, domain = state.queue, state.queued, state.domain
        trail, history, marks, places = state.trail, state.history, state.order.marks, state.order.places
        pairs, firing, watchers, linked = self.pairs, self._firing, self.watchers, self._linked
        while queue:
            package = queue.popleft()
            queued[package] = 0
            now, mine, memo = domain[package], pairs[package], firing[package]
            found = memo.get(now)
            if found is None:
                if len(mine) > _MANY and now & (now - 1):
                    says = self._sleepers.setdefault(package, Sleepers()).firing(mine, now)
                else:
                    says = [pair for pair in mine if not now & pair[0]]
                found = memo[now] = len(mine), says
            elif found[0] < len(mine):
                found[1].extend([pair for pair in mine[found[0] :] if not now & pair[0]])
                memo[now] = len(mine), found[1]
            for _, other, lost, clause in found[1]:
                if domain[other] & lost:  # hardly ever: most pairs have said it before
                    theirs = domain[other]
                    left = theirs & ~lost
                    if not left:
                        raise Conflict(clause)
                    history[other].append(len(trail))
                    trail.append((other, theirs, left, clause))
                    domain[other] = left
                    if not queued[other]:
                        queued[other] = 1
                        queue.append(other)
                    if theirs & ABSENT and not left & ABSENT:
                        marks[places[other]] = 1
            if watchers[package]:
                self._visit_watchers(package)
            if linked[package]:
                self._follow_links(package)

    def _visit_watchers(self, package: int) -> None:
        """Move the watches on a package that has come to satisfy its terms, or narrow."""
        domain = self._state.domain
        now, mine = domain[package], self.watchers[package]
        moved: list[int] = []  # places in ``mine``
        try:
            for place in [n for n, watch in enumerate(mine) if not now & watch[0]]:
                _, clause, watches = mine[place]
                packages, sets = clause.packages, clause.sets
                slot = 0 if packages[watches[0]] == package else 1
                position = watches[1 - slot]
                other, reach = packages[position], sets[position]
                theirs = domain[other]
                if not theirs & reach:
                    continue  # contradicted: nothing can follow here
                if self._move_watch(clause, watches, slot, other):
                    moved.append(place)
                    continue
                left = theirs & ~reach
                if not left:
                    raise Conflict(clause)
                if left != theirs:
                    self._state.narrow(other, left, clause)
        finally:
            for place in reversed(moved):
                del mine[place]

    def _move_watch(self, clause: Incompatibility, watches: list[int], slot: int, other: int) -> bool:
        """Watch another term that doesn't hold, beside that on ``other``; False if there is none."""
        domain, packages, sets = self._state.domain, clause.packages, clause.sets
        for position, package in enumerate(packages):
            if domain[package] & ~sets[position] and package != other:
                watches[slot] = position
                mask = self._state.full[package] & ~sets[position]
                self.watchers[package].append((mask, clause, watches))
                return True
        return False

    def _follow_links(self, package: int) -> None:
        """Keep an extra and its project on the same candidate; the reasons are made on the spot."""
        state = self._state
        is_extra = state.universe.is_extra(package)
        for other in self._linked[package]:
            state.ensure(other)
            mine, theirs = state.domain[package], state.domain[other]
            if is_extra and mine & ABSENT:
                continue
            reach = mine if is_extra else mine | ABSENT
            left = theirs & reach
            if left == theirs:
                continue
            clause = Incompatibility((package, other), (mine, state.full[other] & ~reach), LINK)
            if not left:
                raise Conflict(clause)
            state.narrow(other, left, clause)
