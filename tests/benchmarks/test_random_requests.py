"""Random requests and puzzles: what is drawn repeats, what is compared is right; a sample of both is run."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.compare_problems import Lags
from benchmarks.prepare import parse_problem, prepare_channels
from benchmarks.puzzles import KINDS, puzzles, record
from benchmarks.random_requests import Drawer
from benchmarks.whole_solution import compare_whole
from tests.oracles.channel_folder import ChannelFolder

ROOT = Path(__file__).resolve().parents[2]
VERSIONS = ("1.0", "2.0", "3.0")


@pytest.fixture
def channel(tmp_path: Path) -> ChannelFolder:
    files = {
        f"{name}-{version}-h_0.conda": {**record(name, 0), "version": version}
        for name in ("app", "lib", "tool")
        for version in VERSIONS
    }
    for subdir in ("linux-64", "noarch"):
        path = tmp_path / "first" / subdir / "repodata.json"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps({"packages.conda": files if subdir == "noarch" else {}}))
    return ChannelFolder(tmp_path)


COMPARED = [
    ("the same", "3 3 3", "3 3 3", (0, 0), (0, 0), False),
    ("one older", "3 2 3", "3 3 3", (1, 0), (1, 0), True),
    ("one older, one newer", "3 2 3", "3 3 1", (1, 1), (1, 2), False),
    ("the requested older counts among all", "2 3 3", "3 3 3", (1, 0), (0, 0), True),
]


@pytest.mark.parametrize(
    ("ours", "theirs", "counts", "lags", "dominated"), [c[1:] for c in COMPARED], ids=[c[0] for c in COMPARED]
)
def test_older_and_newer(
    channel: ChannelFolder, ours: str, theirs: str, counts: object, lags: object, dominated: bool
) -> None:
    problem = parse_problem({
        "id": "x", "platform": "linux-64", "channels": ["first"], "channel_priority": "strict",
        "virtual_packages": {}, "specs": ["app"],
    })  # fmt: skip

    def solution(text: str) -> list[str]:
        pairs = zip(("app", "lib", "tool"), text.split(), strict=True)
        return [f"first/noarch/{name}-{version}.0-h_0.conda" for name, version in pairs]

    whole = compare_whole(problem, solution(ours), solution(theirs), Lags(channel))
    assert (len(whole.older), len(whole.newer)) == counts
    assert (whole.lag, whole.lag_theirs) == lags
    assert whole.is_dominated is dominated


#: why, records as (version, fields), ours and theirs among them by place, does theirs dominate
LEVELS = [
    ("an older version without track_features", [("2", {"track_features": "old"}), ("1", {})], (1, 0), False),
    ("a newer version with track_features", [("2", {"track_features": "old"}), ("1", {})], (0, 1), True),
    ("an older version for CUDA", [("2", {"build": "cpu"}), ("1", {"depends": ["cuda-version >=12"]})],
     (1, 0), False),
    ("one that is over a year older",
     [("2", {"timestamp": 1_700_000_000_000}), ("1", {"depends": ["cuda-version >=12"]})], (1, 0), True),
    ("CUDA by the build of what it needs", [("1", {"build": "a"}), ("1", {"depends": ["lib * cuda*"]})],
     (1, 0), False),
    ("the CPU build of one version", [("1", {"build": "a"}), ("1", {"depends": ["lib * cuda*"]})],
     (0, 1), True),
]  # fmt: skip


@pytest.mark.parametrize(
    ("records", "sides", "dominated"), [c[1:] for c in LEVELS], ids=[c[0] for c in LEVELS]
)
def test_levels_decide_who_dominates(
    tmp_path: Path, records: list[tuple[str, dict[str, object]]], sides: tuple[int, int], dominated: bool
) -> None:
    files = {
        f"app-{n}.conda": {**record("app", 0), "version": version, **fields}
        for n, (version, fields) in enumerate(records)
    }
    path = tmp_path / "first" / "noarch" / "repodata.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"packages.conda": files}))
    problem = parse_problem({
        "id": "x", "platform": "linux-64", "channels": ["first"], "channel_priority": "strict",
        "virtual_packages": {"__cuda": "12.4"}, "specs": ["app"],
    })  # fmt: skip
    ours, theirs = ([f"first/noarch/app-{n}.conda"] for n in sides)
    whole = compare_whole(problem, ours, theirs, Lags(ChannelFolder(tmp_path)))
    assert (whole.is_dominated, whole.dominates) == (dominated, not dominated)


def test_puzzles_repeat_and_are_of_each_kind() -> None:
    assert list(puzzles(6, 3)) == list(puzzles(6, 3))
    assert list(puzzles(6, 3)) != list(puzzles(6, 4))
    for make in KINDS:
        puzzle = make(random.Random(1), 0)  # noqa: S311
        names = {one["name"] for one in puzzle.records}
        assert names.issuperset(puzzle.specs)
        needed = {text.split()[0] for one in puzzle.records for text in (*one["depends"], *one["constrains"])}
        assert needed <= names


def test_puzzles_end_alike_on_both_sides() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.puzzles", "--count", "3", "--seed", "5"],
        cwd=ROOT, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert [line.split()[:3] for line in done.stdout.splitlines()[1:4]] == [
        [kind, "1", "1"] for kind in ("pigeonholes", "colouring", "3-SAT")
    ]


@pytest.mark.shared
def test_nothing_that_comes_in_is_older_than_py_rattlers(shared: Path, tmp_path: Path) -> None:
    """A sample of what ``benchmarks.random_requests`` runs in full."""
    for name in ("pytorch", "pkgs/main"):  # the small ones: reading is what costs
        prepare_channels(shared / "channels" / name, tmp_path / "channels" / name)
    done = subprocess.run(
        [
            sys.executable, "-m", "benchmarks.random_requests", tmp_path / "channels",
            "--cache", tmp_path / "cache", "--count", "40", "--single", "20", "--seed", "11",
        ],
        cwd=ROOT, capture_output=True, text=True, timeout=280, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    counts = dict(line.rsplit(maxsplit=1) for line in done.stdout.splitlines())
    assert int(counts["random: solved by both"]) >= 20
    assert int(counts["single: solved by both"]) >= 10
    assert counts["random: ours rejected by the judge"] == "0"


@pytest.mark.shared
def test_requests_repeat(shared: Path) -> None:
    folder = ChannelFolder(shared / "channels")
    drawn = [list(Drawer(folder, seed).requests(5)) for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]
