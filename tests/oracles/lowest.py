"""A universe in which the lowest version is the best of some packages: its candidates stand the other way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from tests.oracles.universe_specs import release
from tests.oracles.universes import Candidate, Kind, Need, Package, Universe

Places = Mapping[str, Mapping[int, int]]


def lowest_keys(universe: Universe, mode: str) -> frozenset[str]:
    """Return the packages whose lowest version is wanted under uv's ``lowest`` or ``lowest-direct``."""
    named = {need.package.partition("[")[0] for need in universe.root if not need.optional}
    if mode == "lowest-direct":
        return frozenset(key for key in universe.packages if key.partition("[")[0] in named)
    implied = {"python"} if universe.has_projects and "python" not in named else set()
    return frozenset(universe.packages) - implied


def lowered(universe: Universe, keys: frozenset[str]) -> Universe:
    """Return the same universe with the candidates of some packages lowest version first."""
    places: dict[str, dict[int, int]] = {}
    for key, package in universe.packages.items():
        order = list(range(len(package.candidates)))
        if key in keys:
            order.sort(key=_key(universe.packages[package.base or key]))
        places[key] = {old: new for new, old in enumerate(order)}
    packages = {
        key: replace(package, candidates=_reordered(package, places))
        for key, package in universe.packages.items()
    }
    root = tuple(_moved(need, places) for need in universe.root)
    return replace(universe, packages=packages, root=root)


def _key(package: Package) -> Callable[[int], tuple[object, ...]]:
    """Order by: track_features, provided by conda, lowest version, highest build number."""

    def key(index: int) -> tuple[object, ...]:
        one = package.candidates[index]
        features = len(one.track_features.split()) if package.kind is Kind.CONDA else 0
        return features, one.is_provided, release(one.version), -one.build_number

    return key


def _reordered(package: Package, places: Places) -> tuple[Candidate, ...]:
    mine = places[package.key]
    by_place = {mine[n]: one for n, one in enumerate(package.candidates)}
    return tuple(
        replace(one, needs=tuple(_moved(need, places) for need in one.needs))
        for _, one in sorted(by_place.items())
    )


def _moved(need: Need, places: Places) -> Need:
    to, pythons = places.get(need.package, {}), places.get("python", {})
    when = None if need.when is None else frozenset(pythons[n] for n in need.when)
    return replace(need, allowed=frozenset(to[n] for n in need.allowed), when=when)
