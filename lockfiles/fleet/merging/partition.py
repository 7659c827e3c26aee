"""The fewest classes such that the lines of each hold together, asked of an oracle.

::

    items    sets of lines: {python=3.9, numpy}  {python=3.9}  {python=3.11} ...
    cores    {python=3.9, python=3.11}           learned; of lines, so that one parts many items
    classes  {0, 1} {2}                          lower bound 2: items 0 and 2 clash

1. *Alone.* Items whose own lines don't hold together are set apart; what nobody can tell of does.
2. *Reduce.* An item whose lines are all among another's stands with it: that adds no line.
3. *Greedy.* Each item joins the first class that it holds together with: an upper bound, and cores.
4. *Lower bound.* A clique of pairwise clashes, to begin with. Where the search below is too much, knots of
   items that clash with as many others of theirs: what so many classes don't take of one, they don't of all.
5. *Search.* For each number of classes from the lower bound up: a partition that no known core speaks
   against (:mod:`coloring`). None: one more class is needed, proven. Else each of its classes is asked:
   a "no" is a core that is learned, and the search begins again (lazy generation of conflicts, as implicit
   hitting sets); "yes" to all is an optimum.
6. *Refine.* Items move between classes while more of what they hold agrees: as many classes, no proof.

Cores hold for every superset, so lower bounds do. That a subset of what holds together holds too is
assumed to save questions, and for offers alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import msgspec

from lockfiles.fleet.merging.coloring import Coloring, OutOfNodesError
from lockfiles.fleet.merging.conflicts import Conflicts
from lockfiles.fleet.merging.verdicts import HOLDS, UNKNOWN, Answered, Bits, MergeLimits, Oracle, places_of

#: Rounds of refinement: each looks at every item once.
_ROUNDS = 3
#: Tells how much of what two items hold already agrees; higher is better.
Affinity = Callable[[int, int], int]


class Partition(msgspec.Struct, frozen=True, kw_only=True):
    """Classes of items (by place), the first item's first; and what is proven of their number.

    ``lower``: no partition has fewer classes. ``clique``: items that clash pairwise, the
    simplest proof of a lower bound. ``unanswered``: sets that nobody could tell of. ``ended``: what
    ended the search before it was through; None: nothing did.
    """

    classes: tuple[tuple[int, ...], ...]
    failing: tuple[int, ...]  #: items that don't hold by themselves; they are in no class
    lower: int
    clique: tuple[int, ...]
    cores: tuple[Bits, ...]
    questions: int
    unanswered: int = 0
    ended: str | None = None

    @property
    def is_optimal(self) -> bool:
        """Whether no partition has fewer classes."""
        return self.lower == len(self.classes)


class _EndedError(Exception):
    """A budget is spent; the message says which."""


class _Asking:
    """Asks an oracle, never twice, and learns from what it says."""

    def __init__(self, oracle: Oracle, limits: MergeLimits, barred: Collection[Bits]) -> None:
        self._oracle, self._limits = oracle, limits
        self.conflicts = Conflicts(())
        self.barred = set(barred)  # sets that fail, whatever becomes of others
        self.unknown: set[Bits] = set()
        self._holding: list[Bits] = []
        self.questions = 0

    def know_items(self, items: Sequence[Bits]) -> None:
        """Look at conflicts by these items from now on."""
        known, self.conflicts = self.conflicts.cores, Conflicts(items)
        for core in known:
            self.conflicts.add(core)

    def know(self, lines: Bits) -> None:
        """Note that lines hold together, or are taken to."""
        self.unknown.discard(lines)
        self._holding = [known for known in self._holding if known & ~lines]
        self._holding.append(lines)

    def ask(self, lines: Bits) -> Answered:
        """Return whether lines hold together; raises _EndedError once nothing more may be asked."""
        core = self.conflicts.covered(lines)
        if core or lines in self.barred:
            return Answered(holds=False, core=core)
        if lines in self.unknown:
            return UNKNOWN
        if any(not lines & ~known for known in self._holding):
            return HOLDS
        if self.questions >= self._limits.questions:
            raise _EndedError("questions")
        if self._limits.steps_taken() >= self._limits.steps:
            raise _EndedError("steps")
        if self._limits.is_late():
            raise _EndedError("time")
        self.questions += 1
        said = self._oracle.ask(lines)
        if said.holds:
            self.know(lines)
        elif said.holds is None:
            self.unknown.add(lines)
        elif said.core:
            self.conflicts.add(said.core)
        else:
            self.barred.add(lines)
        return said


def find_partition(
    items: Sequence[Bits],
    oracle: Oracle,
    *,
    limits: MergeLimits | None = None,
    barred: Collection[Bits] = (),
    affinity: Affinity | None = None,
) -> Partition:
    """Return a partition of items, each a set of lines, into the fewest classes that hold together.

    ``barred``: sets of lines that are known to fail, or aren't wanted. Equal questions have equal answers,
    but for a clock's sake.
    """
    limits = limits or MergeLimits()
    asking = _Asking(oracle, limits, barred)
    failing, ended = _alone(items, asking)
    kept = [n for n in range(len(items)) if n not in failing]
    maximal = _maximal(items, kept)
    asking.know_items([items[n] for n in maximal])
    search = _Search(asking, limits)
    ended = ended or search.run()  # before all were asked alone nothing can be said of several
    classes = _with_covered(search.classes, items, kept, maximal)
    if affinity is not None and ended is None:
        classes = _refine(classes, items, asking, affinity)
    return Partition(
        classes=tuple(sorted(tuple(sorted(one)) for one in classes)),
        failing=tuple(failing),
        lower=search.lower,
        clique=tuple(sorted(maximal[n] for n in search.clique)),
        cores=tuple(sorted(asking.conflicts.cores)),
        questions=asking.questions,
        unanswered=len(asking.unknown),
        ended=ended,
    )


def _alone(items: Sequence[Bits], asking: _Asking) -> tuple[list[int], str | None]:
    """Return the items that don't hold by themselves (those that can't be asked about any more do)."""
    failing, ended = [], None
    for place, lines in enumerate(items):
        try:  # what nobody can tell of counts as holding: it was locked by itself
            if ended is None and asking.ask(lines).holds is False:
                failing.append(place)
                continue
        except _EndedError as error:
            ended = str(error)
        asking.know(lines)
    return failing, ended


def _maximal(items: Sequence[Bits], kept: Sequence[int]) -> list[int]:
    """Return the items whose lines aren't all among another's; of equal ones the first."""
    found: list[int] = []
    for place in sorted(kept, key=lambda n: (-items[n].bit_count(), n)):
        if all(items[place] & ~items[other] for other in found):
            found.append(place)
    return sorted(found)


class _Search:
    """Steps 3 to 5, over the maximal items; ``classes`` is the best partition so far, as bits of items."""

    def __init__(self, asking: _Asking, limits: MergeLimits) -> None:
        self._asking, self._limits = asking, limits
        self._conflicts = asking.conflicts
        self._items = asking.conflicts.items
        self.classes: list[Bits] = [1 << n for n in range(len(self._items))]
        self.lower = min(1, len(self._items))
        self.clique: tuple[int, ...] = ()

    def run(self) -> str | None:
        """Find and prove; return which budget ended that, None: none."""
        try:
            self._greedy()
            self._bound()
            self._exact()
        except _EndedError as error:
            self._bound()
            if str(error) != "time":
                self._bound_by_parts()
            return str(error)
        self._bound()
        return None

    def _greedy(self) -> None:
        classes: list[Bits] = []
        order = sorted(range(len(self._items)), key=lambda n: (-self._items[n].bit_count(), n))
        for place, item in enumerate(order):
            self._join(classes, item)
            self.classes = [*classes, *(1 << n for n in order[place + 1 :])]

    def _join(self, classes: list[Bits], item: int) -> None:
        """Put an item into the first class that it holds together with, those it shares most with first."""
        lines = self._items[item]
        unions = [self._lines(members) for members in classes]
        for n in sorted(range(len(classes)), key=lambda n: (-(unions[n] & lines).bit_count(), n)):
            if not self._conflicts.fits(item, classes[n], unions[n]):
                continue
            if self._asking.ask(unions[n] | lines).holds:
                classes[n] |= 1 << item
                return
        classes.append(1 << item)

    def _lines(self, members: Bits) -> Bits:
        lines = 0
        for place in places_of(members):
            lines |= self._items[place]
        return lines

    def _bound(self) -> None:
        """Take the largest clique that is found as a lower bound."""
        self.clique = self._conflicts.clique(self._limits.cliques)
        self.lower = max(self.lower, len(self.clique))

    def _bound_by_parts(self) -> None:
        """Raise the lower bound while some part of the items can't be had in as many classes.

        Only conflicts count that hold for every superset, so what a part needs all of them need.
        """
        raised = True
        while raised and self.lower < len(self.classes):
            parts = self._conflicts.knots(self.lower)
            raised = any(self._needs_more(part, len(parts)) for part in parts)
            self.lower += raised

    def _needs_more(self, part: Bits, parts: int) -> bool:
        """Tell whether items are known not to fit into as many classes as the lower bound."""
        inside = sum(1 << n for n in self.clique) & ~part == 0
        clique = self.clique if inside else ()
        nodes = self._limits.nodes // parts
        try:
            among = places_of(part)
            return Coloring(self._conflicts, self.lower, clique, (), nodes, among).find() is None
        except OutOfNodesError:
            return False

    def _exact(self) -> None:
        """Search for partitions into as many classes as the lower bound, which rises where there is none.

        A partition that was passed over for a set that nobody could tell of proves nothing: then more classes
        are tried, and the lower bound stays.
        """
        count, is_proof = self.lower, True
        while count < len(self.classes):
            found = self._coloring(count)
            if found is None:
                is_proof = is_proof and (not self._asking.unknown or self._is_impossible(count))
                count += 1
                self.lower = count if is_proof else self.lower
                continue
            if self._all_hold(found):
                self.classes = found
                return
        if is_proof:
            self.lower = len(self.classes)

    def _coloring(self, count: int, *, with_unknown: bool = True) -> list[Bits] | None:
        barred = self._asking.barred | self._asking.unknown if with_unknown else self._asking.barred
        if self._limits.is_late():
            raise _EndedError("time")
        try:
            return Coloring(self._conflicts, count, self.clique, barred, self._limits.nodes).find()
        except OutOfNodesError:
            raise _EndedError("nodes") from None

    def _is_impossible(self, count: int) -> bool:
        """Tell whether there is no partition even if all holds that nobody could tell of."""
        return self._coloring(count, with_unknown=False) is None

    def _all_hold(self, classes: Sequence[Bits]) -> bool:
        """Ask about every class: each "no" teaches something."""
        said = [self._asking.ask(self._lines(members)).holds for members in classes]
        return all(said)


def _with_covered(
    classes: Sequence[Bits], items: Sequence[Bits], kept: Sequence[int], maximal: Sequence[int]
) -> list[list[int]]:
    """Return the classes by places, with the items whose lines a class has anyway."""
    found = [[maximal[n] for n in places_of(members)] for members in classes]
    unions = [_union(items, members) for members in found]
    chosen = set(maximal)
    for place in kept:
        if place not in chosen:
            home = next(n for n, lines in enumerate(unions) if not items[place] & ~lines)
            found[home].append(place)
    return found


def _union(items: Sequence[Bits], members: Sequence[int]) -> Bits:
    lines = 0
    for place in members:
        lines |= items[place]
    return lines


def _refine(
    classes: list[list[int]], items: Sequence[Bits], asking: _Asking, affinity: Affinity
) -> list[list[int]]:
    """Move items between classes while more agrees; what ends is left as it is."""
    try:
        for _ in range(_ROUNDS):
            if not sum(_move(place, classes, items, asking, affinity) for place in range(len(items))):
                break
    except _EndedError:
        pass
    return classes


def _move(
    place: int, classes: list[list[int]], items: Sequence[Bits], asking: _Asking, affinity: Affinity
) -> bool:
    """Move an item to the class that most agrees with it; False: it stays."""
    home = next((one for one in classes if place in one), None)
    if home is None or len(home) == 1:
        return False

    def agrees(one: list[int]) -> int:
        return sum(affinity(place, other) for other in one if other != place)

    stays = agrees(home)
    better = [(agrees(one), -n) for n, one in enumerate(classes) if one is not home]
    for gain, n in sorted(better, reverse=True):
        if gain <= stays:
            return False
        other = classes[-n]
        rest = [member for member in home if member != place]
        if asking.ask(_union(items, [*other, place])).holds and asking.ask(_union(items, rest)).holds:
            home.remove(place)
            other.append(place)
            return True
    return False
