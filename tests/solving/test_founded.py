"""What conda holds up is kept up to date over decisions and jumps back: the same as walked anew each time."""

from __future__ import annotations

import random
from collections.abc import Collection
from typing import Any

import pytest

from resolver.constraints.bits import ABSENT
from resolver.constraints.clauses import Incompatibility
from resolver.solving.activity import Activity
from resolver.solving.founded import Founded
from resolver.solving.ordinary import Ordinary
from resolver.solving.state import State
from tests.support.amount import IS_WHOLE

COUNT = 600 if IS_WHOLE else 60
PACKAGES, CANDIDATES = 14, 3
ALL = (2 << CANDIDATES) - 2


class World:
    """Packages at random, as a universe and as the rule over it."""

    def __init__(self, seed: int) -> None:
        rng = random.Random(seed)  # noqa: S311 (the same every time)
        numbers = range(PACKAGES)
        self.roots = {p: rng.choice([ALL, ALL, 4]) for p in rng.sample(numbers, 3)}
        self.bridged = set(rng.sample(numbers, 8))
        self.unbound = set(rng.sample(numbers, 1)) - self.roots.keys()
        self.surely = {
            (p, c): rng.sample(numbers, rng.randint(0, 3)) for p in numbers for c in range(CANDIDATES)
        }
        self.perhaps = {key: rng.sample(numbers, 1) if rng.random() < 0.3 else [] for key in self.surely}
        self.places = rng.sample(numbers, PACKAGES)
        self.closed: list[set[int]] = []  # for which a reason was asked

    def size(self, package: int) -> int:
        return CANDIDATES

    def priority(self, package: int) -> tuple[int, int]:
        return 0, self.places[package]

    def name(self, package: int) -> str:
        return f"p{package}"

    def is_bound(self, package: int) -> bool:
        return package not in self.unbound

    def needs(self, package: int, candidate: int) -> list[int]:
        return [*self.surely[package, candidate], *self.perhaps[package, candidate]]

    def has_conditions(self, package: int, candidate: int) -> bool:
        return bool(self.perhaps[package, candidate])

    def clause(self, package: int, closed: Collection[int]) -> Incompatibility:
        self.closed.append(set(closed))
        return Incompatibility((package,), (ALL,))

    def add(self, clause: Incompatibility) -> None:
        """Take what was said, as the propagation does."""


class Run:
    """Decisions and jumps back at random."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed + COUNT)  # noqa: S311
        self.world = World(seed)
        world: Any = self.world
        self.ordinary = Ordinary(world, Activity())
        self.state = State(world, self.ordinary.order)
        self.state.grown.append(self.ordinary._activity.grow)
        self.state.ensure(PACKAGES - 1)
        self.founded = Founded(world, self.state, world, self.ordinary)
        self.losses = self.refusals = 0

    def require(self, package: int, left: int) -> None:
        now = self.state.domain[package]
        if now & left and now & left != now:
            self.state.narrow(package, now & left, None)

    def step(self) -> bool:
        """Decide something, or go back; False where nothing can be decided any more."""
        if self.rng.random() < 0.15 and self.state.level:
            self.state.backjump(self.rng.randrange(self.state.level))
        else:
            self.state.level_starts.append(len(self.state.trail))
            self.decide(self.rng.randrange(PACKAGES))
        while wrong := self.unmet():
            if any(self.state.domain[other] == ABSENT for other in wrong):
                if not self.state.level:
                    return False
                self.state.backjump(self.state.level - 1)
            for other in wrong:
                self.require(other, ALL)
        return True

    def decide(self, package: int) -> None:
        state, rng, what = self.state, self.rng, self.rng.random()
        left = state.domain[package]
        if what < 0.1:
            self.require(package, ABSENT)
        elif what < 0.3:
            self.require(package, ALL)
        elif left & ALL:
            bit = rng.choice([bit for bit in (2, 4, 8) if left & bit])
            self.require(package, bit)
            if what < 0.9 and not state.expanded[package] & bit:
                state.expanded[package] |= bit
                state.expansions.append(package)

    def unmet(self) -> list[int]:
        """Return what a decided package surely needs, and may be absent yet."""
        state, surely = self.state, self.world.surely
        decided = [p for p in range(PACKAGES) if state.domain[p].bit_count() == 1]
        sure = [
            surely[p, state.domain[p].bit_length() - 2]
            for p in decided
            if state.domain[p] & state.expanded[p] & ALL
        ]
        return [other for needs in sure for other in needs if state.domain[other] & ABSENT]

    def walk(self) -> tuple[set[int], set[int]]:
        """Return the founded packages, and those of them that are open."""
        state, world = self.state, self.world
        stack = [p for p, rights in world.roots.items() if not state.domain[p] & ~rights]
        founded, open_ones = set[int](), set[int]()
        while stack:
            package = stack.pop()
            if package not in founded:
                founded.add(package)
                left = state.domain[package]
                if left.bit_count() > 1 or not state.expanded[package] & left:
                    open_ones.add(package)
                elif left != ABSENT:
                    stack += filter(world.is_bound, world.needs(package, left.bit_length() - 2))
        return founded, open_ones

    def compare(self, package: int | None) -> None:
        state, world = self.state, self.world
        founded, open_ones = self.walk()
        before = set(self.founded._by)
        loose = [p for p in sorted(world.bridged) if p not in founded]
        loose = [p for p in loose if not state.domain[p] & world.roots.get(p, 0)]
        if package is None:
            loose = [p for p in loose if not state.domain[p] & ABSENT]
        held = not loose if package is None else package not in loose
        assert self.founded.holds(package) == held
        if package is None or not held:
            assert set(self.founded._by) == founded
            assert self.founded._open == open_ones
        if not held:
            self.refusals += 1
            self.losses += bool(before - self.founded._by.keys())
            places = self.ordinary.order.places
            if open_ones:
                assert min(self.founded.first, key=places.__getitem__) == min(
                    open_ones, key=places.__getitem__
                )
            elif not self.founded.first:
                assert world.closed[-1] == founded


@pytest.mark.parametrize("block", range(3))
def test_as_walked_anew(block: int) -> None:
    losses = refusals = 0
    for seed in range(block, COUNT, 3):
        run = Run(seed)
        for _ in range(120):
            if not run.step():
                break
            if run.rng.random() < 0.5:
                run.compare(run.rng.choice([None, None, *range(PACKAGES)]))
        losses += run.losses
        refusals += run.refusals
    assert refusals > COUNT, "not all is held up"
    assert losses > COUNT // 3, "jumps back took something away"
