"""Checks during a search that no conda package is there for a PyPI project's sake alone."""

from __future__ import annotations

import time

from resolver.constraints.protocol import ABSENT
from resolver.constraints.support import Support
from resolver.solving.state import State


class Founded:
    """The packages that hold by what is decided so far: roots, and what decided ones of them need.

    Between two jumps back it only grows, so each package is looked at once.
    """

    def __init__(self, support: Support, state: State) -> None:
        self._support = support
        self._state = state
        self._packages: set[int] = set()
        self.open_ones: list[int] = []  # those not decided yet
        self.first: list[int] = []  # what must be decided before a package can be refused
        self._jumps = -1
        self.checks = self.found = self.made = 0
        self.seconds = 0.0

    @property
    def names(self) -> int:
        """How many names were read to find what could need a package."""
        return getattr(self._support, "names_read", 0)

    def holds(self, package: int | None) -> bool:
        """Tell whether a package is held up; None, once all are decided: whether every package is.

        If not, some of ``first`` must be decided before; where there is none, the
        incompatibility that says why has been added. That raises Conflict, or leaves open
        which package with a right to be there comes in.
        """
        support = self._support
        if package is None:
            self._extend()
            domains = enumerate(self._state.domain)
            loose = (p for p, bits in domains if not bits & ABSENT and p not in self._packages)
            package = next((p for p in loose if support.is_bridged(p)), None)
            if package is None:
                return True
        if not support.is_bridged(package):
            return True
        if self._state.domain[package] & support.roots.get(package, 0):
            return True  # it may hold by itself: which candidate it gets shows that
        if package in self._packages and self._jumps == self._state.jumps:
            return True
        self._extend()
        if package in self._packages:
            return True
        domain = self._state.domain
        self.first = self.open_ones or [
            root
            for root, rights in support.roots.items()
            if root < len(domain) and not domain[root] & ABSENT and domain[root] & rights
            if root not in self._packages  # which candidate it gets shows whether it holds by itself
        ]
        if not self.first:
            self._refuse(package)
        return False

    def _refuse(self, package: int) -> None:
        self.found += 1
        started = time.perf_counter()
        clause = self._support.clause(package, self._packages)
        self.seconds += time.perf_counter() - started
        self.made += 1
        self._state.add(clause)

    def _extend(self) -> None:
        self.checks += 1
        state, support = self._state, self._support
        domain = state.domain
        if self._jumps != state.jumps:
            self._jumps = state.jumps
            self._packages, self.open_ones = set(), []
        for root, rights in support.roots.items():
            if root not in self._packages and root < len(domain) and not domain[root] & ~rights:
                self._packages.add(root)
                self.open_ones.append(root)
        known, todo, still = self._packages, self.open_ones, []
        while todo:
            package = todo.pop()
            now = domain[package]
            if now & (now - 1) or not state.expanded[package] & now:
                still.append(package)
                continue
            for other in support.needs(package, now.bit_length() - 2):
                if other not in known and support.is_bound(other):
                    known.add(other)
                    todo.append(other)
        self.open_ones = still
