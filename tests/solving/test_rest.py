"""Everything else that comes in: nothing could be newer beside what stands nearer, in random universes."""

from __future__ import annotations

import os
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from resolver.constraints.bits import ABSENT
from resolver.constraints.protocol import Universe
from resolver.model.target import ResolutionMode
from resolver.solving.asked import Asked
from resolver.solving.best import find_best, standings
from resolver.solving.rest import best_all_the_way, walk
from resolver.solving.search import Assumption, Search
from tests.oracles.lowest import lowered, lowest_keys
from tests.oracles.universe_draft import Options
from tests.oracles.universe_generator import make_universe
from tests.oracles.universes import find_violations
from tests.solving.data_universe import BitUniverse, joint_assignment, joint_universe
from tests.solving.test_against_brute_force import MARKED, SHARED
from tests.solving.test_search import Versions

COUNT = int(os.environ.get("LOCKSTACK_UNIVERSES", "150")) // 5
BLOCK = 100


def judge(
    seed: int,
    options: Options | None,
    pip_from_conda: str = "if-present",
    mode: ResolutionMode = ResolutionMode.HIGHEST,
) -> list[str]:
    """Return what could be newer (lower) after all; a fresh search is asked, once a package."""
    data = replace(make_universe(seed, options), pip_from_conda=pip_from_conda)
    if mode is not ResolutionMode.HIGHEST:
        data = lowered(data, lowest_keys(data, mode))
    found = []
    for level in ("bits", "texts"):
        universe = BitUniverse(data) if level == "bits" else joint_universe(data, mode)
        search = Search(universe)
        outcome = search.solve()
        if outcome.selected is None:
            continue
        first = find_best(search, outcome.selected)
        ranked, asked = standings(search), Asked(universe).of(first)
        order = walk(search, first)
        result = best_all_the_way(search, first, ranked, rounds=1).selected
        last = best_all_the_way(search, result, ranked).selected
        for selected in (result, last):
            if isinstance(universe, BitUniverse):
                chosen = universe.assignment(selected)
            else:
                chosen = joint_assignment(universe, data, selected)
            there = {key: n for key, n in chosen.items() if not key.startswith("__")}
            found += [f"{seed} {level}: {why}" for why in find_violations(data, there, minimal=True)]
            for standing in ranked:
                p = standing.package
                if p in asked and standing.level_of(selected[p]) != standing.level_of(first[p]):
                    found.append(f"{seed} {level}: {universe.name(p)} left its level")
        found += [f"{seed} {level}: {why}" for why in newer(universe, order, result)]
    return found


def newer(universe: Universe, order: Sequence[int], result: Mapping[int, int]) -> list[str]:
    """Return the packages that could be of a better level while all before them in order stay."""
    search = Search(universe)
    search.solve()
    requested = set(Asked(universe).of(result))

    def as_it_is(package: int) -> Assumption:
        if package not in result:
            return Assumption(package=package, allowed=ABSENT)
        levels = universe.levels(package)
        same = sum(2 << n for n, level in enumerate(levels) if level == levels[result[package]])
        return Assumption(package=package, allowed=same)

    found = []
    for place, package in enumerate(order):
        if package in requested or package not in result:
            continue
        levels = universe.levels(package)
        better = sum(2 << n for n, level in enumerate(levels) if level < levels[result[package]])
        if better:
            held = [as_it_is(p) for p in sorted(requested)]
            held += [as_it_is(p) for p in order[:place] if p not in requested]
            outcome = search.solve([*held, Assumption(package=package, allowed=better)])
            if outcome.selected is not None:
                found.append(f"{universe.name(package)} could be newer")
    return found


@pytest.mark.parametrize("setting", ["if-present", "prefer", "never"])
@pytest.mark.parametrize("options", [None, SHARED, MARKED], ids=["default", "shared", "markers"])
@pytest.mark.parametrize("start", range(0, COUNT, BLOCK))
def test_nothing_could_be_newer_beside_what_stands_nearer(
    start: int, options: Options | None, setting: str
) -> None:
    stop = min(start + BLOCK, COUNT)
    assert [why for seed in range(start, stop) for why in judge(seed, options, setting)] == []


@pytest.mark.parametrize("mode", [ResolutionMode.LOWEST, ResolutionMode.LOWEST_DIRECT])
@pytest.mark.parametrize("options", [None, SHARED, MARKED], ids=["default", "shared", "markers"])
@pytest.mark.parametrize("start", range(0, COUNT, BLOCK))
def test_nothing_could_be_lower(start: int, options: Options | None, mode: ResolutionMode) -> None:
    stop = min(start + BLOCK, COUNT)
    assert [why for seed in range(start, stop) for why in judge(seed, options, mode=mode)] == []


def conda_like(seed: int) -> Versions:
    """Return fourteen packages of up to five versions, of which two or three are asked for."""
    rng = random.Random(seed)  # noqa: S311
    names = [f"p{n}" for n in range(14)]
    versions = {name: list(range(1, rng.randint(2, 6))) for name in names}
    packages: dict[str, dict[int, list[str]]] = {}
    for name in names:
        packages[name] = {}
        others = rng.sample([other for other in names if other != name], 3)
        for number in versions[name]:
            needs = []
            for other in others:
                if rng.random() < 0.7:
                    allowed = [v for v in versions[other] if rng.random() < 0.6] or versions[other][:1]
                    optional = "?" if rng.random() < 0.3 else ""
                    needs.append(f"{other}{optional}:{','.join(map(str, allowed))}")
            packages[name][number] = needs
    return Versions(names[: rng.randint(2, 3)], packages)


def judge_conda_like(seed: int) -> list[str]:
    universe = conda_like(seed)
    search = Search(universe)
    outcome = search.solve()
    if outcome.selected is None:
        return []
    first = find_best(search, outcome.selected)
    order = walk(search, first)
    result = best_all_the_way(search, first, standings(search), rounds=1).selected
    return [f"{seed}: {why}" for why in newer(universe, order, result)]


@pytest.mark.parametrize("start", range(0, COUNT, BLOCK))
def test_the_same_where_most_are_not_asked_for(start: int) -> None:
    assert [why for seed in range(start, min(start + BLOCK, COUNT)) for why in judge_conda_like(seed)] == []
