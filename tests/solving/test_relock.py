"""A lock over an earlier one: what is updated moves, what else still fits stays; random universes."""

from __future__ import annotations

import os
import random
from collections.abc import Mapping

import pytest

from resolver.solving import stay
from resolver.solving.best import standings
from resolver.solving.engines import solve_best
from resolver.solving.reporter import Stage
from resolver.solving.search import Assumption, Search
from tests.solving.test_search import Versions
from tests.solving.test_stages import Heard
from tests.solving.test_stay import NAMES, solutions, universe_of

COUNT = int(os.environ.get("LOCKSTACK_UNIVERSES", "300")) // 5
BLOCK = 100


class Pins:
    """An earlier lockfile by name; ``updated`` names move."""

    def __init__(self, universe: Versions, pins: dict[str, int], updated: tuple[str, ...] = ()) -> None:
        self._universe, self._pins, self._updated = universe, pins, updated

    def pinned(self, package: int) -> int:
        name = self._universe.names[package]
        if name in self._updated or name not in self._pins:
            return 0
        return 2 << self._universe.versions[name].index(self._pins[name])

    def version_kept(self, package: int) -> int:
        return 0

    def holds(self, package: int, candidate: int) -> bool:
        return bool(self.pinned(package) & (2 << candidate))

    def is_updated(self, package: int) -> bool:
        return self._universe.names[package] in self._updated


def judge(seed: int, update: str = "") -> list[str]:
    """Return what is wrong: a needless move, an updated one that could be newer, one that nothing needs."""
    universe, packages, root = universe_of(seed)
    everything = [s for s in solutions(packages, root) if is_needed(packages, root, s)]
    if not everything:
        return []
    rng = random.Random(-seed - 1)  # noqa: S311
    pins = {name: rng.choice(list(packages[name])) for name in NAMES}
    first = Search(universe_of(seed)[0]).solve().selected
    assert first is not None
    # One that nobody asks for is updated where the first solution has it.
    updated = (update,) if update and NAMES.index(update) in first else ()
    best = solve_best(Search(universe), Pins(universe, pins, updated))
    assert best is not None
    found = universe.pins(best.selected)
    wrong = [] if found in everything else [f"{seed}: no solution: {found}"]
    allowed = everything
    for name in updated:
        newest = max(other.get(name, 0) for other in everything)
        allowed = [other for other in everything if other.get(name) == newest]
        if found.get(name) != newest:
            wrong.append(f"{seed}: {name} {found.get(name)} where {newest} is possible")

    def moves(solution: dict[str, int]) -> int:
        return sum(pins[name] != v for name, v in solution.items() if name not in updated)

    if moves(found) != min(map(moves, allowed)):
        wrong.append(f"{seed}: {moves(found)} moves where {min(map(moves, allowed))} do")
    return wrong


def is_needed(
    packages: Mapping[str, Mapping[int, list[str]]], root: list[str], solution: Mapping[str, int]
) -> bool:
    """Tell whether everything in a solution is asked for, or needed by something that is."""
    met: set[str] = set()
    todo = list(root)
    while todo:
        name = todo.pop()
        if name not in met:
            met.add(name)
            needs = (need.partition(":")[0] for need in packages[name][solution[name]])
            todo += [other for other in needs if not other.endswith("?")]
    return met == solution.keys()


@pytest.mark.parametrize(
    "update", ["", NAMES[0], NAMES[3]], ids=["nothing updated", "one updated", "one that nobody asks for"]
)
@pytest.mark.parametrize("start", range(0, COUNT, BLOCK))
def test_as_little_moves_as_can_be(start: int, update: str) -> None:
    stop = min(start + BLOCK, COUNT)
    assert [why for seed in range(start, stop) for why in judge(seed, update)] == []


FLASK = {
    "python": {36: [], 37: []},
    "flask": {10: ["python:36,37"], 11: ["python:36,37"], 20: ["python:37"]},
    "click": {67: ["python:36,37"], 80: ["python:37"]},
}
LOCKED = {"python": 36, "flask": 10}
CASES = [
    ("what nobody asks for any more stays", ["flask"], (), {"flask": 10, "python": 36}),
    ("an added one is the newest beside", ["click", "flask"], (), {"click": 67, "flask": 10, "python": 36}),
    ("in any order of lines", ["flask", "click"], (), {"click": 67, "flask": 10, "python": 36}),
    ("an updated one is the newest, others move", ["flask"], ("flask",), {"flask": 20, "python": 37}),
    ("within its line", ["flask:10,11"], ("flask",), {"flask": 11, "python": 36}),
    ("an updated one that nobody asks for", ["flask"], ("python",), {"flask": 10, "python": 37}),
    ("a line that the pin doesn't fit", ["flask:20"], (), {"flask": 20, "python": 37}),
]  # fmt: skip


@pytest.mark.parametrize(("root", "updated", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_relock(root: list[str], updated: tuple[str, ...], expected: dict[str, int]) -> None:
    universe = Versions(root, FLASK)
    heard = Heard()
    best = solve_best(Search(universe, reporter=heard), Pins(universe, LOCKED, updated))
    assert best is not None
    assert best.is_proven
    assert universe.pins(best.selected) == expected
    assert [stage for stage, _ in heard.stages] == list(Stage)


def test_an_updated_one_is_not_there_for_its_own_sake() -> None:
    """lib 3 goes only with an app that needs no lib, and the newest app would make lib needless."""
    packages = {"app": {1: ["lib"], 2: []}, "lib": {1: [], 2: [], 3: ["app?:2"]}}
    universe = Versions(["app"], packages)
    best = solve_best(Search(universe), Pins(universe, {"app": 1, "lib": 1}, ("lib",)))
    assert best is not None
    assert universe.pins(best.selected) == {"app": 1, "lib": 2}
    universe = Versions(["app:1"], packages)
    best = solve_best(Search(universe), Pins(universe, {"app": 1, "lib": 1}, ("lib",)))
    assert best is not None
    assert universe.pins(best.selected) == {"app": 1, "lib": 2}


def test_what_stays_does_so_in_the_questions_that_follow() -> None:
    universe = Versions(["flask"], FLASK)
    search = Search(universe)
    solve_best(search, Pins(universe, LOCKED))
    assert [standing.lag(universe.versions["flask"].index(10)) for standing in standings(search)] == [0]
    python = universe.names.index("python")
    assert search.solve([Assumption(package=python, allowed=2)]).selected is None


class Unsettled(Pins):
    """The same pins, of which no solution at hand is said to hold them all."""

    def holds(self, package: int, candidate: int) -> bool:
        return False


@pytest.mark.parametrize("block", range(0, COUNT, BLOCK))
def test_what_holds_all_pins_needs_no_question(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, fewest_moves = list[str](), stay.Stays.fewest_moves

    def counted(self: stay.Stays) -> stay.Stay:
        asked.append("fewest moves")
        return fewest_moves(self)

    monkeypatch.setattr(stay.Stays, "fewest_moves", counted)
    compared = 0
    for seed in range(block, block + BLOCK):
        first = Search(universe_of(seed)[0]).solve().selected
        if first is None:
            continue
        found = []
        for kind in (Pins, Unsettled):
            universe = universe_of(seed)[0]
            search = Search(universe)
            best = solve_best(search, kind(universe, dict(universe.pins(first))))
            assert best is not None
            found.append((universe.pins(best.selected), best.is_proven, len(asked)))
            asked.clear()
        assert found[0][:2] == found[1][:2]
        assert (found[0][2], found[1][2]) == (0, 1)
        compared += 1
    assert compared > BLOCK // 10
