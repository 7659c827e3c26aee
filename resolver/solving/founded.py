"""Checks during a search that no conda package is there for a PyPI project's sake alone.

::

    roots       conda lines, the interpreter           python  numpy
    founded     what decided ones of them need         openblas  zlib ...       open: libgcc
    bridged     a pip requirement may be met by it     pandas: founded by nothing

A package is *founded* if it has a right to be there by itself, or a founded package that is
decided needs it. Before a package is decided that may have come in by the bridge alone:

1. Extend the founded ones by what has been decided since; between two jumps back they only
   grow, so each is looked at once.
2. If it is among them, it may be decided.
3. If some of them are open, they come first: they may need it yet.
4. Else the conda side is closed without it: its loop formula, which is in conflict now, goes
   to the search (:mod:`resolver.constraints.support`).

Once all is decided, the same is asked of every package that is in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from resolver.constraints.bits import ABSENT
from resolver.constraints.protocol import Support
from resolver.solving.propagation import Propagation
from resolver.solving.state import State


class Founded:
    """The packages that hold by what is decided so far."""

    def __init__(self, support: Support, state: State, propagation: Propagation) -> None:
        self._support, self._state, self._propagation = support, state, propagation
        self._packages: set[int] = set()
        self._open: list[int] = []  # those of them that are not decided yet
        self._roots = dict(support.roots)  # those that are not among them
        self._needs: dict[tuple[int, int], frozenset[int]] = {}  # of a package's one candidate (its bit)
        self._jumps = -1  # how often the state had gone back when they were looked at
        #: what must be decided before a package can be refused
        self.first: Sequence[int] = ()

    def holds(self, package: int | None) -> bool:
        """Tell whether a package is held up; None, once all are decided: whether every package is.

        If not, some of ``first`` must be decided before; where there is none, the
        incompatibility that says why has been added. That raises Conflict, or leaves open
        which package with a right to be there comes in.
        """
        if package is None:
            package = self._any_loose()
            if package is None:
                return True
        elif not self._support.is_bridged(package) or not self._is_in_doubt(package):
            return True
        else:
            self._extend()
        if package in self._packages:
            return True
        self.first = self._open or list(self._undecided_roots())
        if not self.first:
            self._propagation.add(self._support.clause(package, self._packages))
        return False

    def _any_loose(self) -> int | None:
        """Return a package that is in, may have come in by the bridge alone, and isn't founded."""
        self._extend()
        domains = enumerate(self._state.domain)
        loose = (p for p, bits in domains if not bits & ABSENT and p not in self._packages)
        return next((p for p in loose if self._support.is_bridged(p) and self._is_in_doubt(p)), None)

    def _is_in_doubt(self, package: int) -> bool:
        """Tell whether a bridged package may have come in by the bridge alone, as far as is known."""
        if self._state.domain[package] & self._support.roots.get(package, 0):
            return False  # it may hold by itself: which candidate it gets shows that
        return package not in self._packages or self._jumps != self._state.jumps

    def _undecided_roots(self) -> Iterator[int]:
        """Yield required packages with a right to be there by some of their candidates: one of them shows."""
        domain = self._state.domain
        for root, rights in self._support.roots.items():
            is_seen = root < len(domain) and not domain[root] & ABSENT
            if is_seen and domain[root] & rights and root not in self._packages:
                yield root

    def _extend(self) -> None:
        """Add roots that are in, and what founded packages need that have been decided since."""
        state, support = self._state, self._support
        domain, expanded, packages = state.domain, state.expanded, self._packages
        if self._jumps != state.jumps:
            self._jumps = state.jumps
            packages = self._packages = set()
            self._open = []
            self._roots = dict(support.roots)
        known = len(domain)
        founded = [p for p, rights in self._roots.items() if p < known and not domain[p] & ~rights]
        for root in founded:
            del self._roots[root]
            if root not in packages:
                packages.add(root)
                self._open.append(root)
        wave, still = self._open, list[int]()
        while wave:
            following: set[int] = set()
            for package in wave:
                left = domain[package]
                if left & (left - 1) or not expanded[package] & left:  # not decided
                    still.append(package)
                    continue
                needed = self._needs.get((package, left))
                if needed is None:
                    needed = self._needs[package, left] = self._needs_of(package, left)
                following |= needed
            following -= packages
            packages |= following
            wave = list(following)
        self._open = still

    def _needs_of(self, package: int, left: int) -> frozenset[int]:
        """Return what a package needs of which the rule speaks; ``left``: its one candidate (its bit)."""
        support = self._support
        return frozenset(filter(support.is_bound, support.needs(package, left.bit_length() - 2)))
