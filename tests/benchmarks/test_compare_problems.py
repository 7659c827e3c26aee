"""The comparison with py-rattler, and py-rattler's own side, on a channel small enough to count by hand."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.compare_problems import Lags, compare, table
from benchmarks.prepare import Problem, parse_problem, prepare_channels, read_problems
from tests.oracles.channel_folder import ChannelFolder

ROOT = Path(__file__).resolve().parents[2]
Packages = dict[str, list[tuple[str, list[str]]]]

#: name -> (version, depends) of its records in the channel
FIRST: Packages = {
    "app": [("3.0", ["lib <2"]), ("2.0", ["lib"]), ("1.0", [])],
    "lib": [("2.0", []), ("1.5", []), ("1.0", [])],
}
SECOND: Packages = {"lib": [("9.0", [])], "tool": [("1.0", ["__glibc >=2.30"])]}


def write_channel(folder: Path, packages: Packages) -> None:
    entries = {
        f"{name}-{version}-0.conda": {
            "name": name, "version": version, "build": "0", "build_number": 0, "depends": depends,
            "subdir": "linux-64", "md5": "0" * 32, "sha256": "0" * 64,
        }
        for name, versions in packages.items()
        for version, depends in versions
    }  # fmt: skip
    for subdir, found in (("linux-64", entries), ("noarch", {})):
        path = folder / subdir / "repodata.json"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps({"info": {"subdir": subdir}, "packages": {}, "packages.conda": found}))


@pytest.fixture
def channels(tmp_path: Path) -> Path:
    write_channel(tmp_path / "first", FIRST)
    write_channel(tmp_path / "second", SECOND)
    return tmp_path


def row(identifier: str, *specs: str, **fields: Any) -> dict[str, Any]:
    return {
        "id": identifier,
        "platform": "linux-64",
        "channels": ["first", "second"],
        "channel_priority": "strict",
        "virtual_packages": {"__glibc": "2.35"},
        "specs": list(specs),
        "solution": [],
    } | fields


def address(name: str, version: str, channel: str = "first") -> str:
    return f"{channel}/linux-64/{name}-{version}-0.conda"


def lags(channels: Path, problem: Problem, *solution: str) -> dict[str, int]:
    return Lags(ChannelFolder(channels)).of(problem, solution)


@pytest.mark.parametrize(
    ("problem", "expected"),
    [
        pytest.param(row("a", "app", "lib"), {"app": 1, "lib": 2}, id="newer versions of the first channel"),
        pytest.param(row("a", "app", "lib <2"), {"app": 1, "lib": 1}, id="only those that the specs leave"),
        pytest.param(row("a", "lib <2", "lib !=1.5"), {"lib": 0}, id="all specs of a name together"),
        pytest.param(row("a", "lib", channel_priority="disabled"), {"lib": 3}, id="every channel"),
        pytest.param(row("a", "second::lib"), {"lib": 1}, id="the channel that a spec names"),
    ],
)
def test_lags(channels: Path, problem: dict[str, Any], expected: dict[str, int]) -> None:
    assert lags(channels, parse_problem(problem), address("app", "2.0"), address("lib", "1.0")) == expected


def answer(
    identifier: str, *solution: str, verdict: str = "solution", seconds: float = 1.0
) -> dict[str, Any]:
    return {"id": identifier, "verdict": verdict, "solution": list(solution), "seconds": seconds}


def test_comparison(channels: Path) -> None:
    old_app = (address("app", "2.0"), address("lib", "2.0"))
    new_app = (address("app", "3.0"), address("lib", "1.5"))
    oldest = (address("app", "1.0"), address("lib", "1.5"))
    problems = [parse_problem(row(identifier, "app", "lib")) for identifier in "abcdef"]
    ours = [answer("a", *new_app), answer("b", *oldest), answer("c", *old_app), answer("d", verdict="none"),
            answer("e", address("app", "3.0"), address("lib", "2.0"), seconds=3.0)]  # fmt: skip
    theirs = [answer("a", *old_app), answer("b", *new_app), answer("c", *oldest), answer("d", *old_app),
              answer("e", *new_app)]  # fmt: skip
    result = compare(
        problems,
        ChannelFolder(channels),
        {one["id"]: one for one in ours},
        {one["id"]: one for one in theirs},
    )
    assert result.compared == 5
    assert result.differing == ["d"]
    assert result.invalid == ["e"], "app 3.0 needs an older lib"
    assert result.traded == ["a"]
    assert result.worse == ["b"]
    assert result.better == ["c", "e"]
    assert result.changes["a"] == ["app 0:1", "lib 1:0"]
    assert (result.lags["ours"], result.lags["theirs"]) == (1 + 3 + 1 + 0, 1 + 1 + 3 + 1)
    rows = dict(table(result))
    assert rows["verdict ours none, theirs solution"] == "1"
    assert rows["sum of lags, ours / theirs"] == "5 / 6"
    assert rows["time ratio: worst"] == "3.00"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *arguments], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )


def test_py_rattlers_side_and_the_report(channels: Path, tmp_path: Path) -> None:
    problems = tmp_path / "problems.jsonl"
    rows = [
        row("good", "app", "tool", virtual_packages={"__glibc": "2.35", "__archspec": "1"}),
        row("none", "app >=3", "lib >=2"),
        row("old", "tool", virtual_packages={"__glibc": "2.17"}),
        row("archspec", "__archspec 1 x86_64", "lib", virtual_packages={"__archspec": "1"}),
    ]
    problems.write_text("".join(json.dumps(one) + "\n" for one in rows))
    assert [problem.id for problem in read_problems(problems)] == ["good", "none", "old", "archspec"]
    one = json.loads(run("benchmarks.rattler_side", "one", str(problems), str(channels), "good").stdout)
    assert one["verdict"] == "solution"
    assert one["solution"] == [address("app", "3.0"), address("lib", "1.5"), address("tool", "1.0", "second")]
    output = tmp_path / "theirs.jsonl"
    for _ in range(2):  # the second run finds everything done
        run("benchmarks.rattler_side", "all", str(problems), str(channels), str(output))
    answers = [json.loads(line) for line in output.read_text().splitlines()]
    assert [(one["id"], one["verdict"]) for one in answers] == [
        ("good", "solution"), ("none", "none"), ("old", "none"), ("archspec", "solution")
    ]  # fmt: skip
    report = run(
        "benchmarks.compare_problems", str(problems), str(channels), str(output), str(output), "--json"
    )
    found = json.loads(report.stdout)
    assert found["table"]["our solutions that the judge rejects"] == "0"
    assert found["differing"] == found["worse"] == []


def test_channels_are_prepared_once(shared: Path, tmp_path: Path) -> None:
    source = shared / "channels" / "rapidsai"
    assert prepare_channels(source, tmp_path) == 3
    assert prepare_channels(source, tmp_path) == 0
    assert json.loads((tmp_path / "noarch" / "repodata.json").read_text())["info"]["subdir"] == "noarch"
