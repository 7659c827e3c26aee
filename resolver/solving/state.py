"""The state of a search: domains, trail, propagation, conflict analysis.

::

    trail   0    1    2  | 3    4    5  | 6    7
    level   0    0    0  | 1    1    1  | 2    2
            facts          decision       decision
                           and what follows from it

Every entry narrows one package's domain and names the incompatibility that
did it (None for a decision). Domains only shrink along the trail, so a
backjump is: undo entries from the end.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any, TypeAlias

from resolver.constraints.clauses import Incompatibility
from resolver.constraints.protocol import ABSENT, Universe
from resolver.solving.order import Order

#: One narrowing: package, domain before, domain after, what did it (None: a decision), level.
Entry: TypeAlias = tuple[int, int, int, Incompatibility | None, int]

#: A package counts as troubled for the decision order once it took part in this many conflicts.
TROUBLE = 12

#: The fact behind a step from an extra to its project, or back.
LINK = "an extra is of the same release as its project"


class Conflict(Exception):  # noqa: N818  (a signal inside the search, not an error)
    """An incompatibility has all its terms satisfied."""

    def __init__(self, clause: Incompatibility) -> None:
        super().__init__(clause)
        self.clause = clause


class State:
    """Domains of all packages seen, and how they came to be.

    With ``proofs`` learned incompatibilities keep the terms that hold at
    level 0, so that a final conflict can be traced to every fact it rests on.
    """

    def __init__(self, universe: Universe, *, proofs: bool = False) -> None:
        self.universe = universe
        self.proofs = proofs
        self.domain: list[int] = []
        self.full: list[int] = []
        self.expanded: list[int] = []  # candidates whose incompatibilities have all been added
        self.activity: list[int] = []  # conflicts that a package took part in
        self.trail: list[Entry] = []
        self.history: list[list[int]] = []  # per package: its places on the trail, in order
        self.level_starts: list[int] = []  # place on the trail where level 1, 2 ... begins
        self.stamps: list[int] = []  # per level 0, 1 ...: how many incompatibilities there were at its end
        #: levels that were undone, the next one last: how many incompatibilities they knew, their entries
        self.saved: list[tuple[int, list[Entry]]] = []
        self.newest: list[int] = []  # per package: the number of its latest incompatibility
        self.pairs: list[list[tuple[int, int, int, Incompatibility]]] = []
        #: per package and domain: how many of its pairs were looked at, and those that say something then
        self.firing: list[dict[int, list[Any]]] = []
        #: per package: what of its domain keeps a term from holding, and the incompatibility
        self.watchers: list[list[tuple[int, Incompatibility]]] = []
        self.linked: list[Sequence[int]] = []
        self.queue: deque[int] = deque()
        self.queued = bytearray()  # 1 for a package that waits in the queue
        self.final: Incompatibility | None = None  # the empty incompatibility, once there is no solution
        self.hot: list[float] = []
        self.bump = 1.0
        self.minimise = True
        self.wide = True
        self.dropped = 0
        self.learned: list[tuple[int, Incompatibility]] = []
        self.late: list[tuple[int, Incompatibility]] = []
        self.jumps = 0  # how often something was undone
        self.known: set[Incompatibility] = set()
        self.count = 0  # how many incompatibilities have been added, those forgotten too
        self.choices: list[Incompatibility] = []  # facts that ask for one of several packages
        self.troubled: set[int] = set()  # packages whose place in the order of decisions may have changed
        self.order = Order(self._no_key)

    @staticmethod
    def _no_key(_package: int) -> object:
        return 0

    @property
    def level(self) -> int:
        """Number of decisions on the trail."""
        return len(self.level_starts)

    # -- packages ---------------------------------------------------------------------------------

    def ensure(self, package: int) -> None:
        """Make room for all packages up to this number."""
        while len(self.domain) <= package:
            number = len(self.domain)
            full = (1 << (self.universe.size(number) + 1)) - 1
            self.domain.append(full)
            self.full.append(full)
            self.expanded.append(ABSENT)
            self.activity.append(0)
            self.newest.append(0)
            self.history.append([])
            self.pairs.append([])
            self.firing.append({})
            self.watchers.append([])
            self.linked.append(self.universe.links(number))
            self.queued.append(0)
            self.order.add(number)

    # -- narrowing --------------------------------------------------------------------------------

    def narrow(self, package: int, new: int, cause: Incompatibility | None) -> None:
        """Replace the package's domain by a smaller one, and remember why."""
        trail = self.trail
        old = self.domain[package]
        self.history[package].append(len(trail))
        trail.append((package, old, new, cause, len(self.level_starts)))
        self.domain[package] = new
        if not self.queued[package]:
            self.queued[package] = 1
            self.queue.append(package)
        if old & ABSENT and not new & ABSENT:
            self.order.marks[self.order.places[package]] = 1

    def open_level(self) -> None:
        """Begin a decision level; what the last one says has been drawn."""
        self.stamps.append(self.count)
        self.level_starts.append(len(self.trail))

    def backjump(self, level: int) -> list[Incompatibility]:
        """Undo everything above ``level``.

        Returns the incompatibilities that came in above it, oldest first: they
        may say something at this level too, so each must be examined again.
        """
        if level >= len(self.level_starts):
            return []
        self.jumps += 1
        starts, stamps = self.level_starts, self.stamps
        domain, history, trail = self.domain, self.history, self.trail
        # The last level may not be done: what it did is only a beginning.
        self.saved.append((-1, trail[starts[-1] :]))
        for place in range(len(starts) - 2, level - 1, -1):
            self.saved.append((stamps[place + 1], trail[starts[place] : starts[place + 1]]))
        start = starts[level]
        del starts[level:]
        del stamps[level:]
        marks, places = self.order.marks, self.order.places
        for package, old, _, _, _ in reversed(trail[start:]):
            domain[package] = old
            history[package].pop()
            if not old & ABSENT:
                marks[places[package]] = 1
        del trail[start:]
        for package in self.queue:
            self.queued[package] = 0
        self.queue.clear()
        again: list[Incompatibility] = []
        late = self.late
        while late and late[-1][0] > level:
            again.append(late.pop()[1])
        again.reverse()
        if level:
            late.extend((level, clause) for clause in again)
        return again

    def take_saved(self, package: int, best: int) -> tuple[int, list[Entry]] | None:
        """Return what followed when this decision was last made here, if the way here was the same."""
        saved, domain = self.saved, self.domain
        while saved:
            entries = saved[-1][1]
            if entries:
                other, _, new, _, _ = entries[0]
                if other == package:
                    if new == best:
                        return saved.pop()
                    saved.clear()
                    return None
                now = domain[other]
                if now & ~new:
                    if not now & new:
                        saved.clear()
                    return None
            saved.pop()  # it holds already
        return None

    def replay(self, stamp: int, entries: Sequence[Entry]) -> None:
        """Narrow as an undone level did; only what is new since then is left to propagate; raises Conflict.

        Every domain is a part of what it was then, so each entry's reason holds. A
        package that comes out just as it was says nothing new, unless
        it has got an incompatibility since, or one of three terms.
        """
        domain, trail, history = self.domain, self.trail, self.history
        newest, watchers, queued, queue = self.newest, self.watchers, self.queued, self.queue
        level = len(self.level_starts)
        marks, order_places = self.order.marks, self.order.places
        for package, _, new, cause, _ in entries:
            old = domain[package]
            left = old & new
            if left == old:
                continue
            if not left:
                assert cause is not None  # noqa: S101  (the decision was looked at)
                raise Conflict(cause)
            history[package].append(len(trail))
            trail.append((package, old, left, cause, level))
            domain[package] = left
            if old & ABSENT and not left & ABSENT:
                marks[order_places[package]] = 1
            if (left != new or newest[package] > stamp or watchers[package]) and not queued[package]:
                queued[package] = 1
                queue.append(package)

    # -- incompatibilities ------------------------------------------------------------------------

    def add(self, clause: Incompatibility) -> None:
        """Add an incompatibility once, and draw what follows from it now; raises Conflict."""
        if clause in self.known:
            return
        self.known.add(clause)
        packages, sets = clause.packages, clause.sets
        self.ensure(max(packages))
        full = self.full
        self.count += 1
        for package in packages:
            self.newest[package] = self.count
        if len(packages) == 2:
            a, b = packages
            not_a, not_b = full[a] & ~sets[0], full[b] & ~sets[1]
            self.pairs[a].append((not_a, b, not_b, clause))
            self.pairs[b].append((not_b, a, not_a, clause))
        elif len(packages) > 2:
            self._watch(clause)
            if clause.fact is not None and sum(members & ABSENT for members in sets) > 1:
                self.choices.append(clause)
        if self.level_starts:
            self.late.append((len(self.level_starts), clause))
        self.examine(clause)

    def _watch(self, clause: Incompatibility) -> None:
        """Watch the two terms that stop being satisfied first when the search goes back."""

        def undone(position: int) -> tuple[int, int]:
            package = clause.packages[position]
            place = self.satisfier(package, self.full[package] & ~clause.sets[position])
            return (1, 0) if place is None else (0, place)

        order = sorted(range(len(clause.packages)), key=undone, reverse=True)
        clause.watches = order[:2]
        for position in clause.watches:
            package = clause.packages[position]
            self.watchers[package].append((self.full[package] & ~clause.sets[position], clause))

    def examine(self, clause: Incompatibility) -> None:
        """Narrow by one incompatibility if all its terms but one are satisfied; raises Conflict."""
        loose = -1
        domain = self.domain
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
            self.narrow(package, left, clause)

    # -- propagation ------------------------------------------------------------------------------

    def propagate(self) -> None:
        """Narrow until nothing follows any more; raises Conflict with the queue left as it is."""
        queue, domain, pairs, watchers, linked = (
            self.queue,
            self.domain,
            self.pairs,
            self.watchers,
            self.linked,
        )
        queued, firing = self.queued, self.firing
        while queue:
            package = queue.popleft()
            queued[package] = 0
            now = domain[package]
            mine, memo = pairs[package], firing[package]
            found = memo.get(now)
            if found is None:
                found = memo[now] = [len(mine), [pair for pair in mine if not now & pair[0]]]
            elif found[0] < len(mine):
                found[1].extend([pair for pair in mine[found[0] :] if not now & pair[0]])
                found[0] = len(mine)
            for _, other, rest, clause in found[1]:
                theirs = domain[other]
                left = theirs & rest
                if left != theirs:
                    if not left:
                        raise Conflict(clause)
                    self.narrow(other, left, clause)
            if watchers[package]:
                self._visit_watchers(package)
            if linked[package]:
                self._follow_links(package)

    def _visit_watchers(self, package: int) -> None:
        domain, watchers = self.domain, self.watchers
        now = domain[package]
        mine = watchers[package]
        full = self.full
        moved: set[int] = set()
        try:
            for entry in [entry for entry in mine if not now & entry[0]]:
                clause = entry[1]
                packages, sets, watches = clause.packages, clause.sets, clause.watches
                slot = 0 if packages[watches[0]] == package else 1
                other_position = watches[1 - slot]
                other = packages[other_position]
                theirs = domain[other]
                reach = sets[other_position]
                if not theirs & reach:
                    continue  # contradicted: nothing can follow here
                for position, candidate in enumerate(packages):
                    if domain[candidate] & ~sets[position] and candidate != other:
                        watches[slot] = position
                        watchers[candidate].append((full[candidate] & ~sets[position], clause))
                        moved.add(id(entry))
                        break
                else:
                    left = theirs & ~reach
                    if not left:
                        raise Conflict(clause)
                    if left != theirs:
                        self.narrow(other, left, clause)
        finally:
            if moved:
                watchers[package] = [entry for entry in mine if id(entry) not in moved]

    def _follow_links(self, package: int) -> None:
        """Keep an extra and its base on the same candidate; the reasons are made on the spot."""
        universe = self.universe
        for other in self.linked[package]:
            self.ensure(other)
            mine, theirs = self.domain[package], self.domain[other]
            if universe.is_extra(package):
                if mine & ABSENT:
                    continue
                reach = mine
            else:
                reach = mine | ABSENT
            left = theirs & reach
            if left == theirs:
                continue
            clause = Incompatibility((package, other), (mine, self.full[other] & ~reach), LINK)
            if not left:
                raise Conflict(clause)
            self.narrow(other, left, clause)

    # -- analysis ---------------------------------------------------------------------------------

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

    def analyse(self, clause: Incompatibility) -> tuple[Incompatibility, int] | None:
        """Learn from a conflict.

        1. Take the term that was satisfied last (its satisfier).
        2. Stop if the satisfier is a decision, or all other terms were
           satisfied at a lower level: the result narrows there.
        3. Else resolve with the satisfier's cause, and go on with 1.

        Returns the learned incompatibility and the level to jump back to;
        None (with ``self.final`` set) when it has no term left: no solution.
        """
        terms: dict[int, int] = {}
        places: dict[int, int] = {}
        parents = [clause]
        self.merge(clause, terms, places, pivot=-1)
        trail = self.trail
        while places:
            pivot = max(places, key=places.__getitem__)
            _, _, _, cause, level = trail[places[pivot]]
            below = max((trail[p][4] for q, p in places.items() if q != pivot), default=0)
            if cause is None or below < level:
                if self.minimise and not self.proofs:
                    below = self._shrink(terms, places, pivot)
                if self.hot and not self.wide:
                    hot, bump = self.hot, self.bump
                    while len(hot) < len(self.domain):
                        hot.append(0.0)
                    for package in terms:
                        hot[package] += bump
                learned = Incompatibility(tuple(terms), tuple(terms.values()), parents=parents)
                self.learned.append((len({trail[p][4] for p in places.values()}), learned))
                return learned, below
            parents.append(cause)
            self.merge(cause, terms, places, pivot)
        self.final = Incompatibility((), (), parents=parents)
        return None

    def _shrink(self, terms: dict[int, int], places: dict[int, int], pivot: int) -> int:
        """Drop or weaken terms that the other terms imply; return the level to jump back to.

        A term's cause says that the other terms of the cause rule out part of the package. Where each of
        them is implied by a term that is there anyway, resolving adds nothing and widens this term's set.
        """
        trail, full = self.trail, self.full
        for package in sorted((p for p in places if p != pivot), key=places.__getitem__, reverse=True):
            while True:
                cause = trail[places[package]][3]
                if cause is None:
                    break
                widened = terms[package]
                for other, theirs in zip(cause.packages, cause.sets, strict=True):
                    if other == package:
                        widened |= theirs
                        continue
                    mine = terms.get(other)
                    if mine is not None and not mine & ~theirs:
                        continue
                    place = self.satisfier(other, full[other] & ~theirs)
                    if place is None or (place >= 0 and trail[place][4] > 0):
                        break
                else:
                    if widened == terms[package]:
                        break
                    outside = full[package] & ~widened
                    place = self.satisfier(package, outside) if outside else -1
                    self.dropped += 1
                    if place is None:
                        break
                    if place < 0 or trail[place][4] == 0:
                        del terms[package], places[package]
                        break
                    terms[package], places[package] = widened, place
                    continue
                break
        return max((trail[p][4] for q, p in places.items() if q != pivot), default=0)

    def forget(self, keep: int) -> int:
        """Forget learned clauses that span more than ``keep`` levels, the older half; only at level 0."""
        half = len(self.learned) // 2
        gone = {id(c) for lbd, c in self.learned[:half] if lbd > keep and len(c.packages) > 2}
        self.learned = [(lbd, c) for lbd, c in self.learned if id(c) not in gone]
        for package, mine in enumerate(self.watchers):
            if mine:
                self.watchers[package] = [c for c in mine if id(c[1]) not in gone]
        self.known = {c for c in self.known if id(c) not in gone}
        return len(gone)

    def merge(
        self, clause: Incompatibility, terms: dict[int, int], places: dict[int, int], pivot: int
    ) -> None:
        """Resolve ``terms`` with a clause on ``pivot`` (-1: just take its terms in)."""
        full, trail, activity = self.full, self.trail, self.activity
        for package, theirs in zip(clause.packages, clause.sets, strict=True):
            activity[package] += 1
            if activity[package] % TROUBLE == 0:
                self.troubled.add(package)
            if self.wide and self.hot and package < len(self.hot):
                self.hot[package] += self.bump
            if package in terms:
                joined = terms[package] | theirs if package == pivot else terms[package] & theirs
            else:
                joined = theirs
            outside = full[package] & ~joined
            place = self.satisfier(package, outside) if outside else -1
            if place is None:
                raise AssertionError("an unsatisfied term took part in conflict analysis")
            if place < 0 or (trail[place][4] == 0 and not self.proofs):
                terms.pop(package, None)
                places.pop(package, None)
            else:
                terms[package] = joined
                places[package] = place
