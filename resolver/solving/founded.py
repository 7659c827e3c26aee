"""Checks during a search that no conda package is there for a PyPI project's sake alone.

::

    roots       conda lines, the interpreter           python  numpy
    founded     what decided ones of them need         openblas  zlib ...       open: libgcc
    bridged     a pip requirement may be met by it     pandas: founded by nothing

A package is *founded* if it has a right to be there by itself, or a founded package that is
decided needs it. Before a package is decided that may have come in by the bridge alone:

1. Extend the founded ones by what has been decided since; each remembers by what it is founded,
   so a jump back takes those away alone that were founded by what it undid.
2. If it is among them, it may be decided.
3. If some of them are open, they come first: they may need it yet.
4. Else the conda side is closed without it: its loop formula, which is in conflict now, goes
   to the search (:mod:`resolver.constraints.support`).

Once all is decided, the same is asked of every package that is in.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence

from resolver.constraints.bits import ABSENT
from resolver.constraints.protocol import Support
from resolver.solving.ordinary import Ordinary
from resolver.solving.propagation import Propagation
from resolver.solving.state import State

#: Stands for the package that founds another where that is there by its own right.
_ROOT = -1


class Founded:
    """The packages that hold by what is decided so far."""

    def __init__(self, support: Support, state: State, propagation: Propagation, ordinary: Ordinary) -> None:
        """``ordinary``: the order of decisions."""
        self._support, self._state, self._propagation = support, state, propagation
        self._ordinary = ordinary
        #: each founded package, behind the one that founds it: that one
        self._by: dict[int, int] = {}
        #: the founded ones that are decided: what is left (one bit), and what that needs
        self._decided: dict[int, tuple[int, frozenset[int]]] = {}
        self._open: set[int] = set()  # the other founded ones
        self._single: set[int] = set()  # those of them that are decided once they are read
        #: what is needed under conditions; all else that a decided package needs is required
        self._perhaps: set[int] = set()
        self._narrowed = self._expansions = 0  # so many entries of these lists of the state have been read
        self._jumps = 0  # how often the state had gone back then
        self._roots = dict(support.roots)  # those that are not there by their right, as far as is known
        self._needs: dict[tuple[int, int], frozenset[int]] = {}  # of a package's one candidate (its bit)
        self._told_apart: set[int] = set()  # packages of which is known whether the rule speaks of them
        self._unbound: set[int] = set()  # it doesn't
        #: those that may be wrong
        self.doubtful: Container[int] = support.bridged
        #: what must be decided before a package can be refused
        self.first: Sequence[int] = ()

    def holds(self, package: int | None) -> bool:
        """Tell whether a package is held up; None, once all are decided: whether every package is.

        If not, some of ``first`` must be decided before; where there is none, the
        incompatibility that says why has been added. That raises Conflict, or leaves open
        which package with a right to be there comes in.
        """
        support = self._support
        if package is None:
            self._extend()
            package = next(self._loose(), None)
            if package is None:
                return True
        else:
            if package not in support.bridged or self._may_hold_alone(package) or self._is_known(package):
                return True
            self._extend()
            if package in self._by:
                return True
        self.first = self._first_open() if self._open else list(self._undecided_roots())
        if not self.first:
            self._propagation.add(support.clause(package, self._by.keys()))
        return False

    def _first_open(self) -> Sequence[int]:
        """Return those of the open founded packages among which is the one to be decided first."""
        optional = list(self._perhaps & self._open)
        first = self._ordinary.first_required(self._open, self._state)
        return optional if first is None else [first, *optional]

    def _loose(self) -> Iterator[int]:
        """Yield the packages that are in, may have come in by the bridge alone, and aren't founded."""
        domain, by = self._state.domain, self._by
        for package in sorted(self._support.bridged):
            is_in = package < len(domain) and not domain[package] & ABSENT
            if is_in and package not in by and not self._may_hold_alone(package):
                yield package

    def _may_hold_alone(self, package: int) -> bool:
        """Tell whether a package may hold by itself yet: which candidate it gets shows that."""
        return bool(self._state.domain[package] & self._support.roots.get(package, 0))

    def _is_known(self, package: int) -> bool:
        """Tell whether a package was founded, and still is by the same packages."""
        by, decided, domain = self._by, self._decided, self._state.domain
        if self._jumps == self._state.jumps:
            return package in by
        while (other := by.get(package)) is not None:
            if other == _ROOT:
                return not domain[package] & ~self._support.roots[package]
            if decided[other][0] != domain[other]:
                return False
            package = other
        return False

    def _undecided_roots(self) -> Iterator[int]:
        """Yield required packages with a right to be there by some of their candidates: one of them shows."""
        domain = self._state.domain
        for root, rights in self._support.roots.items():
            is_seen = root < len(domain) and not domain[root] & ABSENT
            if is_seen and domain[root] & rights and root not in self._by:
                yield root

    def _extend(self) -> None:
        """Add roots that are in, and what founded packages need that have been decided since."""
        state, by = self._state, self._by
        domain, expanded, known = state.domain, state.expanded, len(state.domain)
        if self._jumps != state.jumps:
            self._go_back()
            wave = list(self._open)
        else:
            news = {entry[0] for entry in state.trail[self._narrowed :]}
            wave = list(news & self._open)
            wave += [p for p in state.expansions[self._expansions :] if p in self._single and p not in news]
        self._jumps = state.jumps
        self._narrowed, self._expansions = len(state.trail), len(state.expansions)
        for root in [p for p, rights in self._roots.items() if p < known and not domain[p] & ~rights]:
            del self._roots[root]
            if root not in by:
                by[root] = _ROOT
                wave.append(root)
        while wave:
            following: list[int] = []
            for package in wave:
                left = domain[package]
                if left & (left - 1):
                    self._open.add(package)
                elif not expanded[package] & left:
                    self._open.add(package)
                    self._single.add(package)
                else:
                    self._open.discard(package)
                    self._single.discard(package)
                    needed = self._needs.get((package, left))
                    if needed is None:
                        needed = self._needs[package, left] = self._read_needs(package, left)
                    self._decided[package] = left, needed
                    for other in needed.difference(by):
                        by[other] = package
                        following.append(other)
            wave = following

    def _go_back(self) -> None:
        """Take away what was founded by what isn't decided so any more, unless something else founds it."""
        domain, by, decided, roots = self._state.domain, self._by, self._decided, self._support.roots
        undone = {package for package, (left, _) in decided.items() if domain[package] != left}
        gone = {root for root, rights in roots.items() if by.get(root) == _ROOT and domain[root] & ~rights}
        lost = undone | gone
        for package, other in by.items():  # who founds another stands before it
            if other in lost:
                gone.add(package)
                lost.add(package)
        for package in lost:
            decided.pop(package, None)
        for package in gone:
            del by[package]
        self._open |= undone
        self._open -= gone
        again = {package for package in gone if not domain[package] & ABSENT or package in self._perhaps}
        if again:
            for other, (_, needed) in decided.items():
                if not again.isdisjoint(needed):
                    for package in (again & needed).difference(by):
                        by[package] = other
                        self._open.add(package)
        self._single &= self._open
        self._roots = {root: rights for root, rights in roots.items() if by.get(root) != _ROOT}

    def _read_needs(self, package: int, left: int) -> frozenset[int]:
        """Return what a package needs of which the rule speaks; ``left``: its one candidate (its bit)."""
        if left == ABSENT:  # what is needed under conditions may stay away
            return frozenset()
        support, candidate = self._support, left.bit_length() - 2
        needed = frozenset(support.needs(package, candidate))
        for other in needed - self._told_apart:
            self._told_apart.add(other)
            if not support.is_bound(other):
                self._unbound.add(other)
        needed -= self._unbound
        if support.has_conditions(package, candidate):
            self._perhaps |= needed
        return needed
