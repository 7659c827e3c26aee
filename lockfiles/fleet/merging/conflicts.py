"""Conflicts that are known: between lines, and so between the items that have them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from lockfiles.fleet.merging.verdicts import Bits, places_of

#: Items that a clique is grown from.
_STARTS = 200


class Conflicts:
    """Cores of lines over items, each item a set of lines.

    A core of two lines parts every item with the one from every item with the other; larger
    ones may need three items or more, and are looked up in what a class has together.
    """

    def __init__(self, items: Sequence[Bits]) -> None:
        self.items = tuple(items)
        self.cores: list[Bits] = []
        #: item -> items that it can't stand with, as bits
        self.clashing: list[Bits] = [0] * len(self.items)
        self._large: list[list[Bits]] = [[] for _ in self.items]

    def add(self, core: Bits) -> None:
        """Learn a core; what it makes needless is forgotten."""
        if self.covered(core):
            return
        self.cores = [known for known in self.cores if known & core != core]
        self.cores.append(core)
        touching = [n for n, lines in enumerate(self.items) if lines & core]
        for place, item in enumerate(touching):
            left = core & ~self.items[item]
            for other in touching[place + 1 :]:
                if not left & ~self.items[other]:
                    self.clashing[item] |= 1 << other
                    self.clashing[other] |= 1 << item
            if core.bit_count() > 2:
                self._large[item] = [k for k in self._large[item] if k & core != core]
                self._large[item].append(core)

    def covered(self, lines: Bits) -> Bits:
        """Return a core that a set of lines has, 0 where it has none."""
        return next((core for core in self.cores if not core & ~lines), 0)

    def fits(self, item: int, members: Bits, lines: Bits) -> bool:
        """Tell whether nothing known keeps an item out of a class (its items, its lines)."""
        if self.clashing[item] & members:
            return False
        together = lines | self.items[item]
        return all(core & ~together for core in self._large[item])

    def clique(self, most: int) -> tuple[int, ...]:
        """Return items of which each clashes with each other: the most of them that were found.

        From each of the items that clash most a clique grows by the item that leaves the most to go on with;
        then so many maximal cliques are looked at as ``most`` says (Bron and Kerbosch 1973, by networkx).
        Of equally large ones the first in order of the items.
        """
        starts = sorted(range(len(self.items)), key=lambda n: (-self.clashing[n].bit_count(), n))
        best: tuple[int, ...] = ()
        for found in (*map(self._grown, starts[:_STARTS]), *self._maximal_cliques(most)):
            if (-len(found), found) < (-len(best), best):
                best = found
        return best

    def knots(self, count: int) -> list[Bits]:
        """Return the parts of the items in which each clashes with ``count`` others or more, smallest first.

        They are the components of the graph's k-core (Seidman 1983). Any other item can be put last into one
        of so many classes, as far as pairs go: what needs more of them has its reason in a part.
        """
        left = (1 << len(self.items)) - 1
        thin = [n for n, bits in enumerate(self.clashing) if bits.bit_count() < count]
        while thin:
            left &= ~sum(1 << n for n in thin)
            thin = [n for n in places_of(left) if (self.clashing[n] & left).bit_count() < count]
        found = []
        while left:
            part, edge = 0, left & -left
            while edge:
                part |= edge
                edge = _union(self.clashing[n] for n in places_of(edge)) & left & ~part
            found.append(part)
            left &= ~part
        return sorted(found, key=lambda part: (part.bit_count(), part))

    def _grown(self, start: int) -> tuple[int, ...]:
        clique, left = [start], self.clashing[start]
        while left:
            item = max(places_of(left), key=lambda n: ((self.clashing[n] & left).bit_count(), -n))
            clique.append(item)
            left &= self.clashing[item]
        return tuple(sorted(clique))

    def _maximal_cliques(self, most: int) -> Iterator[tuple[int, ...]]:
        import networkx as nx

        graph: nx.Graph[int] = nx.Graph()
        graph.add_nodes_from(range(len(self.items)))
        for item, others in enumerate(self.clashing):
            graph.add_edges_from((item, other) for other in places_of(others) if other > item)
        yield from (tuple(sorted(found)) for found in islice(nx.find_cliques(graph), most))


def _union(sets: Iterable[Bits]) -> Bits:
    found = 0
    for one in sets:
        found |= one
    return found
