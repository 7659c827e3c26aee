"""Making undone decisions again in a loop of their own is the very search that asks for each of them."""

from __future__ import annotations

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
from tests.solving.test_near import COUNT, entangled

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
