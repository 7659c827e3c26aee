"""One environment of a manifest by its name: verbs that solve what a file asks for, and look at it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.inside import run
from tests.end_to_end.said_world import PYTHON, World
from tests.support.channel import record

NUMPY = tuple(record("numpy", version) for version in ("1.26", "2.0", "2.1"))
#: ``old`` and ``pair`` are solved together, so `pair` gets the numpy that `old` asks for
MANIFEST = """\
[workspace]
channels = ["CHANNEL"]
platforms = ["linux-64"]
[dependencies]
numpy = "*"
[feature.old.dependencies]
numpy = "<2"
[feature.more.dependencies]
scipy = "*"
[feature.none.dependencies]
numpy = ">=9"
[environments]
old = {features = ["old"], solve-group = "g"}
pair = {features = ["more"], solve-group = "g"}
alone = {features = ["more"]}
none = ["none"]
"""


@pytest.fixture
def world(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> World:
    made = World(tmp_path, capsys)
    made.channel(*PYTHON, *NUMPY, record("scipy", "1.0", depends=["numpy"]))
    made.write("pixi.toml", MANIFEST.replace("CHANNEL", (tmp_path / "channel").as_uri()))
    return made


def said(world: World, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any, str]:
    """Return exit code, JSON and what is told of a run in the world's folder."""
    capsys.readouterr()
    code = run(*arguments, "--json", folder=world.folder)
    told = capsys.readouterr()
    return code, json.loads(told.out), told.err


@pytest.mark.parametrize(
    ("environment", "versions"),
    [
        ("default", {"numpy": "2.1"}),
        ("old", {"numpy": "1.26"}),
        ("pair", {"numpy": "1.26", "scipy": "1.0"}),
        ("alone", {"numpy": "2.1", "scipy": "1.0"}),
    ],
)
def test_outdated_and_graph_take_the_lines_of_an_environment(
    environment: str, versions: dict[str, str], world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same versions as in the lockfile of all; without any, what fits would be the default's."""
    if not (world.folder / "pixi.lock").exists():
        asked = [flag for name in ("default", "old", "alone") for flag in ("--environment", name)]
        assert run("pixi.toml", *asked, "-q", folder=world.folder) == 0
    code, found, _ = said(world, capsys, "outdated", "pixi.lock", "--environment", environment)
    assert code == 0
    assert {one["name"]: one["fits"] for one in found["packages"]} == versions
    assert {one["name"]: one["locked"] for one in found["packages"]} == versions
    args = ("graph", "pixi.toml", "--environment", environment, "-o", "graph.json", "--format", "json")
    code, _, told = said(world, capsys, *args)
    assert code == 0
    assert "left out" not in told
    drawn = json.loads((world.folder / "graph.json").read_text())
    assert {node["name"] for node in _nodes(drawn)} == set(versions)


def _nodes(value: Any) -> list[dict[str, Any]]:
    """Return every package node of a node-link document."""
    if isinstance(value, dict):
        own = [value] if "name" in value and "version" in value else []
        return own + [found for item in value.values() for found in _nodes(item)]
    return [found for item in value for found in _nodes(item)] if isinstance(value, list) else []


def test_check_looks_at_the_environment(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    counts = {}
    for name in ("default", "alone"):
        code, found, told = said(world, capsys, "check", "pixi.toml", "--environment", name)
        assert code == 0
        assert "left out" not in told
        counts[name] = found["checked"][0]["packages"] if "checked" in found else found
    assert counts["default"] != counts["alone"]


def test_explain_names_the_run_again(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run("explain", "pixi.toml", folder=world.folder) == 0
    assert run("explain", "pixi.toml", "--environment", "none", "--no-build", folder=world.folder) == 4
    told = capsys.readouterr()
    assert "numpy >=9" in told.out
    assert "`lock explain pixi.toml --environment none --no-build --apply 1` makes the first" in told.err
    assert (
        run("explain", "pixi.toml", "--environment", "none", "--apply", "1", "-q", folder=world.folder) == 0
    )
    assert "numpy >=9" not in (world.folder / "pixi.toml").read_text()
    assert run("explain", "pixi.toml", "--environment", "none", folder=world.folder) == 0


@pytest.mark.parametrize("verb", ["check", "explain", "graph"])
def test_one_that_is_not_there_is_named(verb: str, world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.write("environment.yml", "dependencies: [numpy]\n")
    for file, words in (("pixi.toml", "no environment `alon`"), ("environment.yml", "lists no environments")):
        assert run(verb, file, "--environment", "alon", folder=world.folder) == 2
        assert f"error: {file}: {words}" in capsys.readouterr().err


def test_outdated_asks_as_the_lockfile_was_locked(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """With the flags that it records: what fits is what a lock would take that is made as it was."""
    said_first = world.lock(world.environment("numpy"), "--resolution", "lowest", "--no-index")
    assert said_first.code == 0
    _, found, _ = said(world, capsys, "outdated", "--no-index")
    assert [(one["locked"], one["fits"], one["newest"]) for one in found["packages"]] == [
        ("1.26", "1.26", "2.1")
    ]
