"""A universe that shows a fault, made small, and written as a file that a test judges again.

A piece (a need, a package) goes where the fault stays without it; over and over until none can go. A universe
is data, so that file holds it whole: a generator that draws otherwise tomorrow doesn't matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import msgspec

from tests.oracles.universes import Universe

_ENCODER = msgspec.json.Encoder(order="deterministic")


def shrink(universe: Universe, fails: Callable[[Universe], bool]) -> Universe:
    """Return a universe that fails too and of which no piece can go."""
    while True:
        smaller = next((one for one in _without_a_piece(universe) if _fails(one, fails)), None)
        if smaller is None:
            return universe
        universe = smaller


def _fails(universe: Universe, fails: Callable[[Universe], bool]) -> bool:
    try:
        return fails(universe)
    except (KeyError, StopIteration, ValueError):  # a piece that the rest can't be without
        return False


def _without_a_piece(universe: Universe) -> Iterator[Universe]:
    for place in range(len(universe.root)):
        yield replace(universe, root=universe.root[:place] + universe.root[place + 1 :])
    named = {need.package for need in universe.root}
    for package in universe.packages.values():
        named |= {need.package for candidate in package.candidates for need in candidate.needs}
    for key in universe.packages:
        if key not in named:
            yield replace(universe, packages={k: p for k, p in universe.packages.items() if k != key})
    for key, package in universe.packages.items():
        for number, candidate in enumerate(package.candidates):
            for place in range(len(candidate.needs)):
                needs = candidate.needs[:place] + candidate.needs[place + 1 :]
                candidates = list(package.candidates)
                candidates[number] = replace(candidate, needs=needs)
                changed = replace(package, candidates=tuple(candidates))
                yield replace(universe, packages={**universe.packages, key: changed})


def write_case(universe: Universe, place: Path) -> None:
    """Write a universe as JSON; equal universes give equal bytes."""
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(msgspec.json.format(_ENCODER.encode(universe), indent=1) + b"\n")


def read_case(place: Path) -> Universe:
    """Read a universe as :func:`write_case` wrote it."""
    return msgspec.json.decode(place.read_bytes(), type=Universe)
