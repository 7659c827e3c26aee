"""The ordinary order of decisions: python, then conda, then PyPI; what causes trouble first.

A package's key is (class, trouble, place among the requested ones, name), smallest first.
It changes only with conflicts, so the next package is found without looking at the others.
Three things move a package forward:

1. *Trouble*: for each dozen of conflicts that it took part in (:mod:`activity`).
2. *The front*: a requested package of which many candidates were refused is decided before
   all others of its class. What was decided before it pushes it back version by version;
   deciding it first costs the other one a few steps instead.
3. *The probe*: the package that a question of the proof of best is about comes right after
   python, since most such questions fail at it.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from typing import TypeAlias

from resolver.constraints.bits import ABSENT
from resolver.constraints.protocol import Universe
from resolver.constraints.weakly import weakly
from resolver.solving.activity import Activity
from resolver.solving.order import Order
from resolver.solving.state import State

#: Class, trouble, place among the requested ones, name.
Key: TypeAlias = tuple[int, int, int, str]

#: So many refused candidates move a requested package to the front: fewer where each costs a request
#: (classes above conda's: PyPI) than where they are at hand.
PATIENCE_WITH_INDEX = 8
PATIENCE_WITH_CHANNEL = 40
_CONDA_CLASS = 1

#: Before every place, and after every class that a universe gives.
_FIRST = -(1 << 30)
_LATE = 1 << 30


class Ordinary:
    """Gives the next package; ``order`` holds the packages by key."""

    def __init__(self, universe: Universe, activity: Activity) -> None:
        self._universe, self._activity = universe, activity
        self.order = Order(weakly(self.key))
        self._front: tuple[int, ...] = ()
        self._probed: int | None = None
        self._refused: dict[int, int] = {}

    def key(self, package: int) -> Key:
        """Return the place in the decision order; it changes only as conflicts are met."""
        universe = self._universe
        if package == self._probed:
            return (0, _LATE, 0, "")
        group, place = universe.priority(package)
        if package in self._front:
            return (group, _FIRST, self._front.index(package), "")
        return (group, -self._activity.trouble(package), place, universe.name(package))

    def first_of(self, packages: Iterable[int]) -> int:
        """Return the one of some packages that comes first."""
        self._heed_conflicts()
        return min(packages, key=self.order.places.__getitem__)

    def first_required(self, packages: Container[int], state: State) -> int | None:
        """Return the one of some undecided packages that comes first of the required ones; None: none is."""
        self._heed_conflicts()
        domains, expanded, order = state.domain, state.expanded, self.order
        marks, place = order.marks, order.marks.find(1)
        while place >= 0:
            package = order.packages[place]
            if package in packages:
                return package
            domain = domains[package]
            if domain & ABSENT or not (domain & (domain - 1) or not expanded[package] & domain):
                marks[place] = 0  # as :meth:`next` does
            place = marks.find(1, place + 1)
        return None

    def up_to_date(self) -> Order:
        """Return the packages in the order of decisions, which holds until the next conflict."""
        self._heed_conflicts()
        return self.order

    @property
    def moves(self) -> int:
        """How often a package has changed its place among the others."""
        self._heed_conflicts()
        return self.order.moves

    def in_order(self, packages: Iterable[int]) -> list[int]:
        """Return packages in the order of decisions, which holds as long as ``moves`` is the same."""
        self._heed_conflicts()
        return sorted(packages, key=self.order.places.__getitem__)

    def _heed_conflicts(self) -> None:
        """Find the places anew of the packages whose keys conflicts have changed."""
        troubled = self._activity.troubled
        if troubled:
            for package in troubled:
                self.order.moved(package)
            troubled.clear()

    def next(self, state: State) -> int | None:
        """Return the first required, undecided package; None where all are decided."""
        if self._activity.troubled:
            self._heed_conflicts()
        order = self.order
        domains, expanded, marks, packages = state.domain, state.expanded, order.marks, order.packages
        while True:
            place = marks.find(1)
            if place < 0:
                return None
            package = packages[place]
            domain = domains[package]
            if not domain & ABSENT and (domain & (domain - 1) or not expanded[package] & domain):
                return package
            marks[place] = 0

    @property
    def front(self) -> tuple[int, ...]:
        """The packages that are decided before all others of their class, in this order."""
        return self._front

    def promote(self, packages: Sequence[int]) -> None:
        """Decide these packages before all others of their class from now on, in this order."""
        before, self._front = self._front, tuple(packages)
        for package in {*before, *packages}:
            if package < len(self.order.places):  # others get their place as they come up
                self.order.moved(package)

    def probe(self, package: int | None) -> None:
        """Decide a package right after python from now on; None: as all others."""
        old, self._probed = self._probed, package
        for moved in (old, package):
            if moved is not None:
                self.order.moved(moved)

    def is_refused_too_often(self, package: int) -> bool:
        """Count one more refused candidate; true once, when a requested package is to go to the front."""
        refused = self._refused[package] = self._refused.get(package, 0) + 1
        is_conda = self._universe.priority(package)[0] <= _CONDA_CLASS
        return (
            refused == (PATIENCE_WITH_CHANNEL if is_conda else PATIENCE_WITH_INDEX)
            and package not in self._front
            and package in self._universe.requested()
        )
