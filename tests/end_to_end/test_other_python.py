"""``lock explain`` tries another Python where no conda package gives it: first where nobody named one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.inside import run
from tests.end_to_end.said_world import World


def edits_of(world: World, capsys: pytest.CaptureFixture[str], *flags: str) -> list[tuple[str, str]]:
    """Return action and text of each change that works."""
    capsys.readouterr()
    flags = ("-p", "linux-64", "--index-url", "own", *flags)
    assert run("explain", "requirements.txt", *flags, "--json", folder=world.folder) == 4
    fixes: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["targets"][0]["fixes"]
    return [(fix["edits"][0]["action"], fix["edits"][0]["text"]) for fix in fixes]


def test_the_nearest_python_that_has_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    world = World(tmp_path, capsys)
    world.index("own", {"old": {"1.0": []}}, requires_python=">=3.8,<3.11")
    world.write("requirements.txt", "old==1.0\n")
    assert edits_of(world, capsys) == [("python", "3.10")]
    assert world.lock("requirements.txt", "--index-url", "own").code == 4
    assert world.lock("requirements.txt", "--index-url", "own", "--python", "3.10").code == 0


def test_a_python_that_was_asked_for_gives_way_last(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world = World(tmp_path, capsys)
    world.index("own", {"old": {"1.0": []}}, requires_python=">=3.8,<3.11")
    newer = tmp_path / "own" / "old"
    world.index("newer", {"old": {"2.0": []}})
    (tmp_path / "newer" / "old" / "old-2.0-py3-none-any.whl").rename(newer / "old-2.0-py3-none-any.whl")
    world.write("requirements.txt", "old==1.0\n")
    assert edits_of(world, capsys) == [("python", "3.10"), ("replace", "old>=1.0,<2.1")]
    asked = edits_of(world, capsys, "--python", "3.13")
    assert asked == [("replace", "old>=1.0,<2.1"), ("python", "3.10")]


def test_no_python_is_tried_that_the_project_excludes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world = World(tmp_path, capsys)
    world.index("own", {"old": {"1.0": []}}, requires_python=">=3.8,<3.11")
    project = '[project]\nname = "x"\nrequires-python = ">=3.11"\ndependencies = ["old"]\n'
    world.write("pyproject.toml", project)
    capsys.readouterr()
    flags = ("-p", "linux-64", "--index-url", "own", "--json")
    assert run("explain", "pyproject.toml", *flags, folder=tmp_path) == 4
    fixes = json.loads(capsys.readouterr().out)["targets"][0]["fixes"]
    assert "python" not in [edit["action"] for fix in fixes for edit in fix["edits"]]


def test_where_python_has_no_part_none_is_tried(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    world = World(tmp_path, capsys)
    world.index("own", {"web": {"1.0": ["core<2"]}, "core": {"1.9": [], "2.1": []}})
    world.write("requirements.txt", "web\ncore>=2\n")
    assert edits_of(world, capsys) == [("replace", "core>=1.9")]
