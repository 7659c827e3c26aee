"""Real solve problems over real records, judged by a checker that shares no code with the search.

A small sample takes part in every run; LOCKSTACK_PROBLEMS=N takes N of them. All 3,150, with
py-rattler's answers beside ours: ``python -m benchmarks.lockstack_side all ...``, then
``python -m benchmarks.compare_problems``.
"""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path

import pytest

from benchmarks.compare_problems import Lags
from benchmarks.lockstack_side import answer
from benchmarks.prepare import Problem, read_problems
from tests.oracles.channel_folder import ChannelFolder, check_answer
from tests.oracles.conda_checker import channel_of, spec_name

pytestmark = pytest.mark.shared

COUNT = int(os.environ.get("LOCKSTACK_PROBLEMS", "8"))


@pytest.fixture(scope="module")
def problems(shared: Path) -> list[Problem]:
    """Every N-th problem; all of one platform in an ordinary run, to read its records alone."""
    found = read_problems(shared / "problems" / "conda.jsonl.zst")
    assert len(found) == 3150
    if COUNT < 300:
        found = [problem for problem in found if problem.platform == "linux-64"]
    return found[:: max(1, len(found) // COUNT)][:COUNT]


@pytest.fixture(scope="module")
def folder(shared: Path) -> ChannelFolder:
    return ChannelFolder(shared / "channels")


def names_two_channels(problem: Problem) -> bool:
    """Tell whether two specs of one package name different channels: no record can come from both."""
    channels = defaultdict(set)
    for spec in problem.specs:
        if (channel := channel_of(spec)) is not None:
            channels[spec_name(spec)].add(channel)
    return any(len(found) > 1 for found in channels.values())


def test_valid_and_not_worse_than_the_known_answer(
    problems: list[Problem], folder: ChannelFolder, tmp_path_factory: pytest.TempPathFactory
) -> None:
    cache, lags = tmp_path_factory.mktemp("cache"), Lags(folder)
    wrong, solved = [], 0
    for problem in problems:
        ours = answer(problem, folder.root, cache)
        known_is_right = not check_answer(folder, problem, problem.solution)
        if ours["verdict"] != "solution":
            if known_is_right and not names_two_channels(problem):
                wrong.append(f"{problem.id}: no solution, but the known lockfile is one")
            continue
        solved += 1
        broken = check_answer(folder, problem, ours["solution"])
        wrong += [f"{problem.id}: {violation}" for violation in broken]
        if names_two_channels(problem):
            wrong.append(f"{problem.id}: a package from two channels")
        if known_is_right:
            mine, theirs = lags.of(problem, ours["solution"]), lags.of(problem, problem.solution)
            if theirs != mine and all(theirs[name] <= mine[name] for name in mine):
                wrong.append(f"{problem.id}: the known lockfile is newer: {mine} {theirs}")
    assert wrong == []
    assert solved > len(problems) * 0.8
