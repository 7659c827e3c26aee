"""Making undone decisions again in a loop of their own is the very search that asks for each of them."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import pytest

from resolver.constraints.protocol import Universe
from resolver.solving.engines import solve_best
from resolver.solving.reporter import Effort, SearchReporter
from resolver.solving.search import Search
from resolver.solving.steps import Steps
from tests.oracles.universe_generator import make_universe
from tests.solving.data_universe import BitUniverse, joint_universe
from tests.solving.test_search import Versions

COUNT = int(os.environ.get("LOCKSTACK_UNIVERSES", "150")) // 3

#: A solution, what it took, and what the reporter heard.
Trace: TypeAlias = tuple[Mapping[int, int] | None, Effort, list[int]]


class Hearing(SearchReporter):
    def __init__(self) -> None:
        self.heard: list[int] = []

    def decided(self, count: int) -> None:
        self.heard.append(count)


def traced(universe: Universe) -> Trace:
    hearing = Hearing()
    search = Search(universe, reporter=hearing)
    best = solve_best(search)
    return None if best is None else best.selected, search.effort, hearing.heard


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


MAKERS: Mapping[str, Callable[[int], Universe]] = {
    "entangled": entangled,
    "bits": lambda seed: BitUniverse(make_universe(seed)),
    "texts": lambda seed: joint_universe(make_universe(seed)),
}


@pytest.mark.parametrize("which", MAKERS)
def test_it_is_the_very_search(which: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real, made = Steps.decide_again, 0

    def counting(steps: Steps, *arguments: Any) -> None:
        nonlocal made
        before = steps.decisions
        try:
            real(steps, *arguments)
        finally:
            made += steps.decisions - before

    for seed in range(COUNT):
        monkeypatch.setattr(Steps, "decide_again", counting)
        again = traced(MAKERS[which](seed))
        monkeypatch.setattr(Steps, "decide_again", lambda *_: None)
        assert again == traced(MAKERS[which](seed)), seed
    if which == "entangled":
        assert made > COUNT
