"""``lock explain`` offers to name a pre-release where the final release that would do leads nowhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.end_to_end.inside import run
from tests.end_to_end.said_world import PYTHON, World

FINAL_FIRST = {"1.0": ["z<1"], "2.0rc1": ["z"], "2.0rc2": ["z"]}
CASES = [
    # why, the project's releases, its line, the line that is offered, what it gives
    ("above the final releases", FINAL_FIRST, "x", "x>=2.0rc1", "2.0rc2"),
    ("beside what the line asks", FINAL_FIRST, "x>0.5", "x>0.5,>=2.0rc1", "2.0rc2"),
    ("below a final release", {"1.0a1": ["z"], "1.0": ["z<1"]}, "x", "x>=1.0a1", "1.0a1"),
]


@pytest.mark.parametrize(
    ("releases", "line", "offered", "gives"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_a_pre_release_is_named(
    releases: dict[str, list[str]],
    line: str,
    offered: str,
    gives: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    world = World(tmp_path, capsys)
    world.channel(*PYTHON)
    world.index("own", {"x": releases, "z": {"0.5": [], "1.0": []}})
    name = world.environment("python", pip=[line, "z>=1"])
    assert world.lock(name, "--index-url", "own").code == 4
    flags = ("-p", "linux-64", "--index-url", "own")
    assert run("explain", name, *flags, "--json", folder=tmp_path) == 4
    fixes = json.loads(capsys.readouterr().out)["targets"][0]["fixes"]
    assert fixes[0]["edits"][0]["text"] == offered
    assert run("explain", name, *flags, "--apply", "1", folder=tmp_path) in (0, 4)
    assert offered in (tmp_path / name).read_text()
    assert world.lock(name, "--index-url", "own").code == 0
    assert f"version: {gives}\n" in (tmp_path / "conda-lock.yml").read_text()


#: why, the index, pip lines, what is told
STORIES = [
    ("the final release, and what it needs",
     {"app": {"1.0": ["lib>=1.6"]}, "lib": {"1.0": [], "1.7": ["z<2"], "2.0rc1": []},
      "z": {"1.0": [], "2.0": []}},
     ["app", "z>=2"],
     ["app 1.0 (pip) needs lib >=1.6",
      "lib 1.7 is a final release that meets all that is asked of it, so lib 2.0rc1 doesn't count",
      "lib 1.7 (pip) needs z <2",
      "but line 5 asks for `z>=2` (pip)"]),
    ("both would not do",
     {"app": {"1.0": ["lib>=1.6"]}, "lib": {"1.0": [], "1.7": ["z>=2"], "2.0rc1": ["z>=3"]},
      "z": {"1.0": []}},
     ["app"],
     ["app 1.0 (pip) needs lib >=1.6",
      "lib 1.7 is a final release that meets all that is asked of it, so lib 2.0rc1 doesn't count",
      "lib 1.7 (pip) needs z >=2 (there is only 1.0)",
      "so no z suits all of them"]),
    ("a line on the project itself", {"x": FINAL_FIRST, "z": {"0.5": [], "1.0": []}}, ["x", "z>=1"],
     ["x 1.0 is a final release that meets all that is asked of it, so x 2.0rc1 or newer doesn't count",
      "x 1.0 (pip) needs z <1",
      "but line 5 asks for `z>=1` (pip)"]),
]  # fmt: skip


@pytest.mark.parametrize(("index", "lines", "told"), [s[1:] for s in STORIES], ids=[s[0] for s in STORIES])
def test_the_story_names_the_final_release(
    index: dict[str, dict[str, list[str]]],
    lines: list[str],
    told: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    world = World(tmp_path, capsys)
    world.channel(*PYTHON)
    world.index("own", index)
    name = world.environment(pip=lines)
    assert run("explain", name, "-p", "linux-64", "--index-url", "own", folder=tmp_path) == 4
    text = capsys.readouterr().out
    story = text.partition("why:\n")[2].partition("\n\n")[0]
    assert [line.strip() for line in story.splitlines()] == told


def test_a_line_is_offered_for_a_project_that_no_line_asks_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world = World(tmp_path, capsys)
    world.channel(*PYTHON)
    lib = {"1.0": [], "1.7": ["z<2"], "2.0rc1": []}
    world.index("own", {"app": {"1.0": ["lib>=1.6"]}, "lib": lib, "z": {"1.0": [], "2.0": []}})
    name = world.environment(pip=["app", "z>=2"])
    flags = ("-p", "linux-64", "--index-url", "own")
    assert run("explain", name, *flags, "--json", folder=tmp_path) == 4
    fixes = json.loads(capsys.readouterr().out)["targets"][0]["fixes"]
    number = next(n for n, fix in enumerate(fixes, 1) if fix["edits"][0]["action"] == "add-pip")
    assert fixes[number - 1]["edits"][0]["text"] == "lib>=2.0rc1"
    assert fixes[number - 1]["gives"] == [{"name": "lib", "version": "2.0rc1", "cpu_build": False}]
    assert run("explain", name, *flags, "--apply", str(number), folder=tmp_path) in (0, 4)
    assert "  - lib>=2.0rc1\n" in (tmp_path / name).read_text()
    assert world.lock(name, "--index-url", "own").code == 0


def test_a_line_goes_to_the_end_of_a_requirements_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world = World(tmp_path, capsys)
    lib = {"1.0": [], "1.7": ["z<2"], "2.0rc1": []}
    world.index("own", {"app": {"1.0": ["lib>=1.6"]}, "lib": lib, "z": {"1.0": [], "2.0": []}})
    name = world.write("requirements.txt", "app\r\nz>=2")
    flags = ("-p", "linux-64", "--index-url", "own", "--python", "3.12")
    assert run("explain", name, *flags, "--json", folder=tmp_path) == 4
    fixes = json.loads(capsys.readouterr().out)["targets"][0]["fixes"]
    number = next(n for n, fix in enumerate(fixes, 1) if fix["edits"][0]["action"] == "add-pip")
    assert run("explain", name, *flags, "--apply", str(number), folder=tmp_path) in (0, 4)
    assert (tmp_path / name).read_bytes() == b"app\r\nz>=2\r\nlib>=2.0rc1\r\n"
