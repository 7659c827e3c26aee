"""What stays: the fewest moves from an earlier solution, against every solution there is."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Mapping
from itertools import product

import pytest

from resolver.solving.rest import walk
from resolver.solving.search import Search
from resolver.solving.stay import Stays, smallest_hitting_set
from tests.solving.test_search import Versions

COUNT = int(os.environ.get("LOCKSTACK_UNIVERSES", "300")) // 5
BLOCK = 100
NAMES = [f"p{n}" for n in range(6)]


def universe_of(seed: int) -> tuple[Versions, dict[str, dict[int, list[str]]], list[str]]:
    """Return six packages of two or three versions; two are asked for."""
    rng = random.Random(seed)  # noqa: S311
    versions = {name: list(range(1, rng.randint(2, 3) + 1)) for name in NAMES}
    packages: dict[str, dict[int, list[str]]] = {}
    for name in NAMES:
        packages[name] = {}
        for number in versions[name]:
            others = rng.sample([other for other in NAMES if other != name], 2)
            packages[name][number] = [
                f"{other}{'?' if rng.random() < 0.3 else ''}:"
                + ",".join(str(v) for v in versions[other] if rng.random() < 0.7 or v == versions[other][0])
                for other in others
                if rng.random() < 0.8
            ]
    root = NAMES[:2]
    return Versions(root, packages), packages, root


def solutions(packages: Mapping[str, Mapping[int, list[str]]], root: list[str]) -> Iterator[dict[str, int]]:
    """Yield every assignment that breaks nothing, packages that nothing needs included or not."""
    for chosen in product(*([0, *packages[name]] for name in NAMES)):
        pins = {name: version for name, version in zip(NAMES, chosen, strict=True) if version}
        if all(name in pins for name in root) and all(
            _holds(need, pins) for name, version in pins.items() for need in packages[name][version]
        ):
            yield pins


def _holds(need: str, pins: Mapping[str, int]) -> bool:
    name, _, allowed = need.partition(":")
    only_limits = name.endswith("?")
    version = pins.get(name.rstrip("?"))
    return only_limits if version is None else version in map(int, allowed.split(","))


def judge(seed: int, limit: int) -> list[str]:
    """Return what is wrong with the moves from an earlier solution that lines have changed under."""
    universe, packages, root = universe_of(seed)
    rng = random.Random(-seed - 1)  # noqa: S311
    everything = list(solutions(packages, root))
    if not everything:
        return []
    earlier_pins = {name: rng.choice(list(packages[name])) for name in NAMES}
    earlier = {
        universe.names.index(name): 2 << universe.versions[name].index(version)
        for name, version in earlier_pins.items()
    }
    search = Search(universe)
    first = search.solve().selected
    assert first is not None
    order = [p for p in walk(search, first) if p in earlier]
    order += [p for p in earlier if p not in order]
    found = Stays(search, earlier, order).fewest_moves(limit=limit)
    pins = universe.pins(found.selected)
    wrong = [] if pins in everything else [f"{seed}: no solution: {pins}"]
    moved = {name for name, version in pins.items() if earlier_pins[name] != version}
    if moved != {universe.names[p] for p in found.moves}:
        wrong.append(f"{seed}: not what moves: {moved}")
    fewest = min(sum(earlier_pins[name] != v for name, v in other.items()) for other in everything)
    if found.is_proven and len(moved) != fewest:
        wrong.append(f"{seed}: {len(moved)} moves where {fewest} do")
    if not found.is_proven and any(
        {name for name, v in other.items() if earlier_pins[name] != v} < moved for other in everything
    ):
        wrong.append(f"{seed}: a move that nothing asks for: {moved}")
    return wrong


@pytest.mark.parametrize("limit", [1000, 0], ids=["proven", "behind the limit"])
@pytest.mark.parametrize("start", range(0, COUNT, BLOCK))
def test_no_solution_moves_fewer(start: int, limit: int) -> None:
    stop = min(start + BLOCK, COUNT)
    assert [why for seed in range(start, stop) for why in judge(seed, limit)] == []


def test_the_limit_is_in_questions_and_said() -> None:
    proven = dict.fromkeys((0, 1000), 0)
    for seed in range(60):
        universe, packages, root = universe_of(seed)
        if next(solutions(packages, root), None) is None:
            continue
        for limit in proven:
            search = Search(universe)
            search.solve()
            earlier = dict.fromkeys(range(len(NAMES)), 0)
            found = Stays(search, earlier, list(earlier)).fewest_moves(limit=limit)
            proven[limit] += found.is_proven
            assert found.is_proven or found.questions > limit
    assert proven[1000] > proven[0] > 0


HITTING = [
    ("nobody where there is no core", [], set()),
    ("one for cores that share it", [{0, 1}, {1, 2}], {1}),
    ("of equal ones the farthest out", [{0, 1, 2}], {2}),
    ("one for each core apart", [{0, 1}, {2, 3}], {1, 3}),
    ("fewer than greed takes", [{0, 3}, {0, 4}, {1, 3}, {1, 5}, {2, 4}, {2, 5}], {0, 1, 2}),
]  # fmt: skip


@pytest.mark.parametrize(("cores", "expected"), [c[1:] for c in HITTING], ids=[c[0] for c in HITTING])
def test_smallest_hitting_set(cores: list[set[int]], expected: set[int]) -> None:
    found = smallest_hitting_set([frozenset(core) for core in cores], {n: n for n in range(6)})
    assert len(found) == len(expected)
    assert all(found & core for core in cores)
    if len(expected) < 3:
        assert found == expected
