"""``lock outdated``: what is locked, what fits, what is newest, and who is against it, over small worlds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.inside import run
from tests.end_to_end.said_world import PYTHON, World
from tests.support.channel import record

NUMPY = tuple(record("numpy", version) for version in ("1.26", "2.0", "2.1"))
SCIPY = record("scipy", "1.0", depends=["numpy <2.1", "python"])
OLD = "numpy=1.26"


@pytest.fixture
def world(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> World:
    return World(tmp_path, capsys)


class Run:
    """One run of ``lock outdated --json``."""

    def __init__(self, world: World, capsys: pytest.CaptureFixture[str], *arguments: str) -> None:
        capsys.readouterr()
        self.code = run("outdated", "--no-index", *arguments, "--json", folder=world.folder)
        said = capsys.readouterr()
        self.err = said.err
        self.document: dict[str, Any] = json.loads(said.out)

    def row(self, name: str) -> list[Any]:
        (found,) = [one for one in self.document["packages"] if one["name"] == name]
        return [found[key] for key in ("locked", "fits", "newest", "held_by", "outdated")]


def locked_old(world: World, *lines: str, pip: tuple[str, ...] = ()) -> None:
    """Lock with numpy 1.26, then ask for ``lines``."""
    flags = ["--no-index"] if not pip else ["--index-url", "index"]
    said = world.lock(
        world.environment(OLD, "python", *(["scipy"] if "scipy" in lines else []), pip=pip), *flags
    )
    assert said.code == 0, said.err
    world.environment(*lines, pip=pip)


@pytest.mark.parametrize(
    ("lines", "row"),
    [
        pytest.param(("python", "numpy"), ["1.26", "2.1", "2.1", [], True], id="the newest fits"),
        pytest.param(
            ("python", "numpy <2.1"),
            ["1.26", "2.0", "2.1", ["`numpy <2.1` (environment.yml:4:3)"], True],
            id="a line is against it",
        ),
        pytest.param(
            ("python", "numpy", "scipy"),
            ["1.26", "2.0", "2.1", ["scipy 1.0 needs numpy <2.1"], True],
            id="a package is against it",
        ),
        pytest.param(
            ("python", "numpy", "scipy", "numpy >=2.1"),
            ["1.26", None, "2.1", ["scipy 1.0 needs numpy <2.1"], True],
            id="no solution: the locked packages speak",
        ),
        pytest.param(
            ("python", "numpy", "capped"),
            ["1.26", "2.0", "2.1", ["capped 1.0 goes only with numpy <=2.0"], True],
            id="a constraint of a package",
        ),
    ],
)
def test_who_is_against_the_newest(
    world: World, capsys: pytest.CaptureFixture[str], lines: tuple[str, ...], row: list[Any]
) -> None:
    world.channel(*PYTHON, *NUMPY, SCIPY, record("capped", constrains=["numpy <=2.0"]))
    locked_old(world, *lines)
    found = Run(world, capsys)
    assert found.code == 0, found.err
    assert found.row("numpy") == row
    if row[1] is None:
        (remark,) = found.document["remarks"]
        assert remark.startswith("linux-64: what is asked for has no solution now; `lock explain")


def test_what_the_search_knows_speaks_where_no_requirement_does(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    newest = record("numpy", "2.1", depends=["lib >=2"])
    other = record("other", depends=["lib <2"])
    world.channel(*PYTHON, *NUMPY[:2], newest, other, record("lib", "1.0"), record("lib", "2.0"))
    locked_old(world, "python", "numpy", "other")
    reason = "2.1 needs lib >=2, but other 1.0 needs lib <2"
    assert Run(world, capsys).row("numpy") == ["1.26", "2.0", "2.1", [reason], True]


def test_pypi_projects(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.channel(*PYTHON, *NUMPY)
    world.index(
        "index", {"flask": {"1.0": [], "2.0": ["jinja<3"], "3.0rc1": []}, "jinja": {"2.0": [], "3.0": []}}
    )
    locked_old(world, "python", "numpy", pip=("flask",))
    found = Run(world, capsys, "--index-url", "index", "--all")
    assert found.row("flask") == ["2.0", "2.0", "2.0", [], False]
    assert found.row("jinja") == ["2.0", "2.0", "3.0", ["flask 2.0 (pip) needs jinja<3"], True]
    by_default = Run(world, capsys, "--index-url", "index")
    assert [one["name"] for one in by_default.document["packages"]] == ["flask", "numpy", "pip", "python"]


def test_without_an_input_what_fits_is_unknown(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.channel(*PYTHON, *NUMPY, SCIPY)
    locked_old(world, "scipy")
    (world.folder / "environment.yml").unlink()
    found = Run(world, capsys, "--all")
    assert found.row("numpy") == ["1.26", None, "2.1", ["scipy 1.0 needs numpy <2.1"], True]
    assert "so what fits isn't known" in found.document["remarks"][0]


def test_what_the_sources_lack_is_named(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.channel(*PYTHON, *NUMPY, record("gone"))
    assert world.lock(world.environment("python", "gone"), "--no-index").code == 0
    world.channel(*PYTHON, *NUMPY)
    world.environment("python")
    found = Run(world, capsys, "--all")
    assert found.row("gone") == ["1.0", None, None, [], False]
    assert found.document["remarks"] == ["the sources have no version of `gone`"]


def test_the_table_the_exit_code_and_another_format(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.channel(*PYTHON, *NUMPY)
    locked_old(world, "python", "numpy <2.1")
    run("export", "-f", "pixi", "-q", folder=world.folder)
    capsys.readouterr()
    arguments = ("outdated", "pixi.lock", "--input", "environment.yml", "--no-index", "--exit-code")
    code = run(*arguments, folder=world.folder)
    table = """\
linux-64:
  package  locked  fits  newest  held back by
  numpy    1.26    2.0   2.1     `numpy <2.1` (environment.yml:4:3)
"""
    assert (code, capsys.readouterr().out) == (5, table)
    assert world.lock(world.environment("python", "numpy"), "--no-index", "--update-all").code == 0
    capsys.readouterr()
    assert run("outdated", "--no-index", "--exit-code", folder=world.folder) == 0
    assert capsys.readouterr().out == "nothing is outdated: 2 packages were looked at\n"


def test_nothing_is_written(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.channel(*PYTHON, *NUMPY)
    locked_old(world, "python", "numpy")
    before = {path.name: path.read_bytes() for path in world.folder.glob("*.yml")}
    Run(world, capsys)
    assert {path.name: path.read_bytes() for path in world.folder.glob("*.yml")} == before
