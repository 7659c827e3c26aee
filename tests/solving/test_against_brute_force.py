"""The search against brute force on small random universes: verdict, validity, and the proof of best."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from packaging.version import Version

from resolver.model.target import ResolutionMode
from resolver.solving.best import find_best
from resolver.solving.search import Assumption, Search
from tests.oracles import brute
from tests.oracles.cuda_builds import cuda_builds
from tests.oracles.lowest import lowered, lowest_keys
from tests.oracles.shrinking import read_case, shrink, write_case
from tests.oracles.universe_draft import Options
from tests.oracles.universe_generator import make_universe
from tests.oracles.universes import Universe, find_violations
from tests.solving.data_universe import BitUniverse, joint_assignment, joint_universe

#: universes a run; all ten thousand: LOCKSTACK_UNIVERSES=10000
COUNT = int(os.environ.get("LOCKSTACK_UNIVERSES", "100"))
BLOCK = 100
#: Universes as files, ``MODE-NAME.json``: what once showed a fault, or shows a rule with nothing to spare.
CASES = Path(__file__).parent / "cases"
COUNTEREXAMPLES = Path(__file__).parents[2] / "build" / "counterexamples"


#: Conda ships most projects, and the index has few versions of them.
SHARED = Options(
    provided=0.8,
    joint=1.0,
    pypi_only=0.0,
    conda=(2, 4),
    pypi=(1, 2),
    candidates=3,
    dependencies=(0.25, 0.5, 0.25),
)

#: Lines that ask for something under some Pythons only; some files name no Python.
MARKED = Options(
    joint=0.97,
    pypi_only=0.0,
    conda=(1, 2),
    pypi=(2, 3),
    candidates=3,
    provided=0.3,
    opposed=0.6,
    marked=0.8,
    pythons=2,
    unnamed=0.4,
)


def first_solution(search: Search, *, worst_python: bool) -> Mapping[int, int] | None:
    """Return the first solution, or that of the worst Python where markers look at it."""
    selected, conditions = search.solve().selected, search.universe.conditions()
    if selected is None or conditions is None or not worst_python:
        return selected
    for candidate in reversed(range(search.universe.size(conditions.python))):
        outcome = search.solve([Assumption(package=conditions.python, allowed=2 << candidate)])
        if outcome.selected is not None:
            return outcome.selected
    return selected


def judge(
    seed: int,
    options: Options | None = None,
    pip_from_conda: str = "if-present",
    mode: ResolutionMode = ResolutionMode.HIGHEST,
) -> list[str]:
    """Return what is wrong with the search's answers for one universe, at both levels.

    A universe that shows a fault is made small and written down, for ``tests/solving/cases``.
    """
    data = replace(make_universe(seed, options), pip_from_conda=pip_from_conda)
    found = faults_of(data, mode)
    if found:
        small = shrink(data, lambda one: bool(faults_of(one, mode, ("bits",))))
        write_case(small, COUNTEREXAMPLES / f"{mode.value}-{seed}.json")
        found.append(f"{seed}: written to {COUNTEREXAMPLES}; once mended it belongs to {CASES}")
    return found


def faults_of(
    data: Universe,
    mode: ResolutionMode,
    judged: tuple[str, ...] = ("bits", "texts"),
    *,
    worst_python: bool = False,
) -> list[str]:
    """Return what is wrong with the search's answers, at the levels that are judged.

    ``worst_python``: the best is looked for from a solution with the worst Python.
    """
    seed = data.seed
    lowest = frozenset[str]() if mode is ResolutionMode.HIGHEST else lowest_keys(data, mode)
    data = lowered(data, lowest)
    truth = brute.solve(data)
    found = []
    for level in judged:
        universe = BitUniverse(data) if level == "bits" else joint_universe(data, mode)
        search = Search(universe)
        first = first_solution(search, worst_python=worst_python)
        if (first is not None) != truth.satisfiable:
            found.append(f"{seed} {level}: verdict {first}, truth {truth.satisfiable}")
            continue
        if first is None:
            continue
        best = find_best(search, first)
        if isinstance(universe, BitUniverse):
            chosen = universe.assignment(best)
        else:
            chosen = joint_assignment(universe, data, best)
        there = {key: n for key, n in chosen.items() if not key.startswith("__")}
        found += [f"{seed} {level}: {why}" for why in find_violations(data, there, minimal=True)]
        if find_violations(data, chosen):
            continue
        vector = brute.vector_of(data, chosen)
        if level == "bits" and vector not in truth.best:
            found.append(f"{seed} {level}: {vector} is not among the best {sorted(truth.best)}")
        if level == "bits":
            continue
        mine = levels(data, truth.requested, vector, lowest)
        for other in truth.best:
            theirs = levels(data, truth.requested, other, lowest)
            both = [(a, b) for a, b in zip(theirs, mine, strict=True) if a is not None and b is not None]
            if any(a > b for a, b in both) and all(a >= b for a, b in both):
                found.append(f"{seed} {level}: {mine} are dominated by {theirs}")
    return found


def levels(
    data: Universe, requested: tuple[str, ...], vector: brute.Vector, lowest: frozenset[str]
) -> list[tuple[object, ...] | None]:
    """Return the levels of a vector of candidates, the greater the better.

    CUDA build, fewer track_features, then the version; where the lowest is wanted no version is passed over
    for its CUDA build.
    """
    result: list[tuple[object, ...] | None] = []
    for key, n in zip(requested, vector, strict=True):
        if n is None:
            result.append(None)
            continue
        one = data.packages[key].candidates[n]
        cuda, features = n in cuda_builds(data, key), -len(one.track_features.split())
        newer = sum(Version(other.version) > Version(one.version) for other in data.packages[key].candidates)
        older = sum(Version(other.version) < Version(one.version) for other in data.packages[key].candidates)
        result.append((features, -older, cuda) if key in lowest else (cuda, features, -newer))
    return result


@pytest.mark.parametrize("start", range(0, COUNT, BLOCK))
def test_same_verdict_valid_and_best(start: int) -> None:
    assert [why for seed in range(start, min(start + BLOCK, COUNT)) for why in judge(seed)] == []


@pytest.mark.parametrize("start", range(0, COUNT, BLOCK))
def test_the_same_where_conda_ships_most_projects(start: int) -> None:
    stop = min(start + BLOCK, COUNT)
    assert [why for seed in range(start, stop) for why in judge(seed, SHARED)] == []


@pytest.mark.parametrize("setting", ["prefer", "never"])
@pytest.mark.parametrize("start", range(0, COUNT, BLOCK))
def test_the_same_under_other_settings(start: int, setting: str) -> None:
    stop = min(start + BLOCK, COUNT)
    assert [why for seed in range(start, stop) for why in judge(seed, SHARED, setting)] == []


@pytest.mark.parametrize("setting", ["if-present", "prefer", "never"])
@pytest.mark.parametrize("start", range(0, COUNT, BLOCK))
def test_the_same_where_lines_have_markers(start: int, setting: str) -> None:
    stop = min(start + BLOCK, COUNT)
    assert [why for seed in range(start, stop) for why in judge(seed, MARKED, setting)] == []


def test_the_best_is_found_from_a_solution_with_the_worst_python() -> None:
    """A search decides Python first, so its own first solution seldom has to be raised."""
    universes = (make_universe(seed, MARKED) for seed in range(COUNT // 2))
    found = [faults_of(one, ResolutionMode.HIGHEST, worst_python=True) for one in universes]
    assert [why for faults in found for why in faults] == []


@pytest.mark.parametrize("mode", [ResolutionMode.LOWEST, ResolutionMode.LOWEST_DIRECT])
@pytest.mark.parametrize("options", [None, SHARED, MARKED], ids=["default", "shared", "markers"])
@pytest.mark.parametrize("start", range(0, COUNT, BLOCK))
def test_the_same_where_the_lowest_is_wanted(
    start: int, options: Options | None, mode: ResolutionMode
) -> None:
    stop = min(start + BLOCK, COUNT)
    assert [why for seed in range(start, stop) for why in judge(seed, options, mode=mode)] == []


@pytest.mark.parametrize("place", sorted(CASES.glob("*.json")), ids=lambda place: place.stem)
def test_universes_that_were_written_down(place: Path) -> None:
    mode = next(mode for mode in ResolutionMode if place.stem.startswith(f"{mode.value}-"))
    assert faults_of(read_case(place), mode) == []


def test_a_fault_is_made_small_and_written_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a judge that calls every universe without an answer a fault."""
    import tests.solving.test_against_brute_force as here

    def faults(data: Universe, mode: ResolutionMode, judged: tuple[str, ...] = ()) -> list[str]:
        return [] if brute.solve(data).satisfiable else [f"{data.seed} {mode.value} {judged}"]

    monkeypatch.setattr(here, "faults_of", faults)
    monkeypatch.setattr(here, "COUNTEREXAMPLES", tmp_path)
    seed = next(seed for seed in range(50) if not brute.solve(make_universe(seed)).satisfiable)
    assert len(judge(seed)) == 2
    small = read_case(tmp_path / f"highest-{seed}.json")
    assert faults(small, ResolutionMode.HIGHEST)
    assert len(small.root) <= len(make_universe(seed).root)
