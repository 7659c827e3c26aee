"""Small random fleets: several files over one universe, and the fewest images by brute force.

A partition serves a fleet where the requirements of each class together have a solution. Every partition
is looked at, every set is judged by :mod:`tests.oracles.brute`: nothing is assumed of sets and their parts.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tests.oracles import brute
from tests.oracles.universe_draft import Draft, Options, draw_packages
from tests.oracles.universe_generator import draw_root, finish_conda, finish_project
from tests.oracles.universes import Candidate, Kind, Need, Package, Universe

#: As universes come, but without lines that name a file: fleets set those apart.
PLAIN = Options(direct=0.0)
#: Conda ships most projects, and newer versions need older ones of others: more that clashes.
CLASHING = Options(direct=0.0, provided=0.7, joint=0.9, pypi_only=0.0, opposed=1.0, pythons=2, conda=(2, 4))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """A universe without a root, and the roots of its environments."""

    universe: Universe
    roots: tuple[tuple[Need, ...], ...]

    def joined(self, places: Sequence[int]) -> Universe:
        """Return the universe that asks for what some environments ask for."""
        return replace(self.universe, root=tuple(need for n in places for need in self.roots[n]))

    def holds(self, places: Sequence[int]) -> bool:
        """Tell whether the requirements of some environments together have a solution."""
        return brute.complete(self.joined(places), {}) is not None


def make_fleet(seed: int, options: Options = PLAIN, count: int = 5) -> Fleet:
    """Return the fleet of a seed: up to ``count`` environments, none of them without a line."""
    draft = Draft(rng=random.Random(seed), options=options)  # noqa: S311 - wanted: a seed
    draw_packages(draft)
    packages = [finish_conda(draft, name) for name in draft.conda]
    for name in draft.pypi:
        packages += finish_project(draft, name)
    packages += [
        Package(key=name, kind=Kind.VIRTUAL, candidates=(Candidate(version=version, build="0"),))
        for name, version in draft.virtual.items()
    ]
    roots = [draw_root(draft) for _ in range(count)]
    universe = Universe(
        seed=seed,
        packages={package.key: package for package in sorted(packages, key=lambda package: package.key)},
        root=(),
        virtual_packages=dict(sorted(draft.virtual.items())),
    )
    return Fleet(universe=universe, roots=tuple(root for root in roots if root))


def fewest(fleet: Fleet) -> tuple[list[int], int]:
    """Return the environments that hold by themselves, and the fewest classes that serve them."""
    known: dict[tuple[int, ...], bool] = {}

    def holds(places: Sequence[int]) -> bool:
        key = tuple(sorted(places))
        if key not in known:
            known[key] = fleet.holds(key)
        return known[key]

    alone = [n for n in range(len(fleet.roots)) if holds([n])]
    counts = (len(classes) for classes in every_partition(alone) if all(holds(one) for one in classes))
    return alone, min(counts)


def every_partition(places: Sequence[int]) -> Iterator[list[list[int]]]:
    """Yield every partition of some places."""
    if not places:
        yield []
        return
    first, rest = places[0], places[1:]
    for smaller in every_partition(rest):
        yield [[first], *smaller]
        for n, one in enumerate(smaller):
            yield [*smaller[:n], [first, *one], *smaller[n + 1 :]]
