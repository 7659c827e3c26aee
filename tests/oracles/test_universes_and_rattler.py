"""The conda part of the universes, solved by py-rattler from their text: the same verdicts as brute force."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.oracles import brute
from tests.oracles.universe_generator import make_universe
from tests.oracles.universe_text import conda_record, conda_specs, repodata
from tests.oracles.universes import Kind, Universe, find_violations

ROOT = Path(__file__).resolve().parents[2]


def write_problem(universe: Universe, folder: Path) -> str:
    """Write the channels of a universe below ``folder`` and return its problem as a JSON line."""
    name = f"u{universe.seed}"
    for channel, subdirs in repodata(universe).items():
        for subdir, document in subdirs.items():
            path = folder / name / channel / subdir / "repodata.json"
            path.parent.mkdir(parents=True)
            path.write_text(json.dumps(document))
    return json.dumps(
        {
            "id": name,
            "platform": universe.subdir,
            "channels": [f"{name}/{channel}" for channel in universe.channels],
            "channel_priority": "strict",
            "virtual_packages": dict(universe.virtual_packages),
            "specs": conda_specs(universe),
        }
    )


def assignment_of(universe: Universe, addresses: list[str]) -> dict[str, int]:
    """Return a solution (``channel/subdir/file``) as candidate indexes, virtual packages included."""
    found = dict.fromkeys(universe.virtual_packages, 0)
    for address in addresses:
        file_name = address.rsplit("/", 1)[1]
        for package in universe.packages.values():
            for index, candidate in enumerate(package.candidates):
                if package.kind is Kind.CONDA and conda_record(package, candidate).file_name == file_name:
                    found[package.key] = index
    return found


def test_same_verdicts(tmp_path: Path) -> None:
    universes = [make_universe(seed) for seed in range(600)]
    universes = [one for one in universes if not any(key.startswith("pypi:") for key in one.packages)]
    problems, output = tmp_path / "problems.jsonl", tmp_path / "answers.jsonl"
    problems.write_text("".join(write_problem(one, tmp_path / "channels") + "\n" for one in universes))
    subprocess.run(
        [sys.executable, "-m", "benchmarks.rattler_side", "all", problems, tmp_path / "channels", output],
        cwd=ROOT,
        check=True,
        timeout=120,
    )
    answers = {one["id"]: one for one in map(json.loads, output.read_text().splitlines())}
    solved = 0
    for universe in universes:
        given, expected = answers[f"u{universe.seed}"], brute.solve(universe)
        assert (given["verdict"] == "solution") == expected.satisfiable, (universe.seed, given["message"])
        if expected.satisfiable:
            solved += 1
            assignment = assignment_of(universe, given["solution"])
            assert len(assignment) == len(given["solution"]) + len(universe.virtual_packages)
            assert find_violations(universe, assignment) == [], universe.seed
            vector = tuple(assignment[key] for key in universe.requested)
            assert not any(brute.dominates(vector, best) for best in expected.best), universe.seed
    if solved < 50:
        pytest.fail(f"only {solved} universes with a solution")
