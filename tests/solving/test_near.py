"""Going back near comes to the same as going back far, in random universes."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeAlias

import pytest

import resolver.solving.near
from resolver.constraints.protocol import Universe
from resolver.solving.analysis import Learned
from resolver.solving.best import find_best, standings
from resolver.solving.rest import best_all_the_way
from resolver.solving.search import Search
from resolver.solving.steps import Steps
from resolver.solving.versions import FirstDecisions
from tests.oracles.universe_generator import make_universe
from tests.oracles.universes import Universe as UniverseData
from tests.solving.data_universe import BitUniverse, joint_universe
from tests.solving.test_search import Versions

COUNT = int(os.environ.get("LOCKSTACK_UNIVERSES", "150")) // 3

#: A solution; decisions and conflicts.
Found: TypeAlias = tuple[Mapping[int, int], int, int]


def learn_far(steps: Steps, _first: FirstDecisions, back: Callable[[int], None], learned: Learned) -> None:
    """Do as every other stage does."""
    back(learned.level)
    steps.propagation.add(learned.clause)


def solved(universe: Universe) -> Found | None:
    """Return the best solution, and what it took behind that of the requested packages."""
    search = Search(universe)
    outcome = search.solve()
    if outcome.selected is None:
        return None
    first = find_best(search, outcome.selected)
    before = search.effort
    best = best_all_the_way(search, first, standings(search))
    effort = search.effort.since(before)
    return best.selected, effort.decisions, effort.conflicts


def entangled(seed: int) -> Versions:
    """Return sixty packages of up to six versions; each needs or limits five others, by some of theirs."""
    rng = random.Random(seed)  # noqa: S311
    names = [f"p{n}" for n in range(60)]
    versions = {name: list(range(1, rng.randint(3, 7))) for name in names}
    packages: dict[str, dict[int, list[str]]] = {}
    for name in names:
        packages[name] = {}
        others = rng.sample([other for other in names if other != name], 5)
        for number in versions[name]:
            needs = []
            for other in others:
                if rng.random() < 0.6:
                    allowed = [v for v in versions[other] if rng.random() < 0.6] or versions[other][:1]
                    optional = "?" if rng.random() < 0.5 else ""
                    needs.append(f"{other}{optional}:{','.join(map(str, allowed))}")
            packages[name][number] = needs
    return Versions(names[: rng.randint(2, 5)], packages)


def both(make: Callable[[], Universe], monkeypatch: pytest.MonkeyPatch) -> tuple[Found | None, Found | None]:
    """Return what is found going back near, and far."""
    near = solved(make())
    with monkeypatch.context() as patch:
        patch.setattr(resolver.solving.near, "learn_near", learn_far)
        return near, solved(make())


def test_entangled_packages_come_out_the_same_with_fewer_decisions(monkeypatch: pytest.MonkeyPatch) -> None:
    near_ones = far_ones = conflicts = 0
    for seed in range(COUNT):
        near, far = both(partial(entangled, seed), monkeypatch)
        if near is None or far is None:
            assert near is far
            continue
        assert near[0] == far[0], seed
        near_ones, far_ones, conflicts = near_ones + near[1], far_ones + far[1], conflicts + far[2]
    assert conflicts > COUNT, "worth trying"
    assert near_ones < 0.9 * far_ones


@pytest.mark.parametrize("of", [BitUniverse, joint_universe], ids=["bits", "texts"])
def test_environments_come_out_the_same(
    of: Callable[[UniverseData], Universe], monkeypatch: pytest.MonkeyPatch
) -> None:
    for seed in range(COUNT):
        near, far = both(partial(of, make_universe(seed)), monkeypatch)
        assert (near and near[0]) == (far and far[0]), seed
