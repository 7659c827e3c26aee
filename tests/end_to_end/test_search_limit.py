"""A search that ends at its limit says so, and isn't a verdict."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.end_to_end.inside import run
from tests.end_to_end.said_world import World
from tests.support.channel import record

HOLES = 5


@pytest.fixture
def world(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> World:
    """One pigeon more than there are holes, each pigeon in the hole that its version says."""
    made = World(tmp_path, capsys)
    pigeons = [f"pigeon{n}" for n in range(HOLES + 1)]
    made.channel(
        *(
            record(
                name,
                str(hole + 1),
                constrains=[f"{other} !={hole + 1}" for other in pigeons if other != name],
            )
            for name in pigeons
            for hole in range(HOLES)
        ),
        record("flock", "1.0", depends=pigeons),
    )
    return made


def test_not_decided(world: World) -> None:
    said = world.lock(world.environment("flock"), "--search-limit", "3")
    assert said.code == 4
    assert (
        "error: not decided for linux-64: no solution, and no proof of none, within 3 conflicts" in said.err
    )
    assert "`--search-limit` lets it go on longer" in said.err
    (error,) = json.loads(said.out)["errors"]
    assert (error["kind"], error["verdict"], error["core"]) == ("UndecidedError", "undecided", [])


def test_an_answer_remembered_of_another_limit_is_not_taken(world: World) -> None:
    """A cold cache and a warm one end in the same way."""
    world.channel(
        *(record(f"a{n}", version) for n in range(3) for version in "12"),
        *(record(f"b{n}", version, depends=[f"c{n}"]) for n in range(3) for version in "12"),
        *(record(f"c{n}", version, depends=[f"a{n} <2"]) for n in range(3) for version in "12"),
    )
    name = world.environment(*(f"{letter}{n}" for letter in "ab" for n in range(3)))

    def ends(*flags: str) -> int:
        (world.folder / "conda-lock.yml").unlink(missing_ok=True)
        return world.lock(name, *flags).code

    flags = [(), ("--search-limit", "1"), ("--search-limit", "0"), ("--search-limit", "1"), ()]
    assert [ends(*given) for given in flags] == [0, 4, 0, 4, 0]


@pytest.mark.parametrize("flags", [(), ("--search-limit", "0")], ids=["by default", "without a limit"])
def test_decided(world: World, flags: tuple[str, ...]) -> None:
    said = world.lock(world.environment("flock"), *flags)
    assert said.code == 4
    assert json.loads(said.out)["errors"][0]["verdict"] == "no-solution"


def test_explain_ends_at_the_limit_too(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    name = world.environment("flock")
    flags = (name, "-p", "linux-64", "--search-limit", "3")
    assert run("explain", *flags, folder=world.folder) == 4
    out = capsys.readouterr().out
    assert "whether there is a solution was not found out" in out
    assert "`--search-limit` lets it go on longer" in out
    assert run("explain", *flags, "--json", folder=world.folder) == 4
    (target,) = json.loads(capsys.readouterr().out)["targets"]
    assert (target["verdict"], target["conflicts"]) == ("undecided", [])


def test_explain_decides_below_it(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("explain", world.environment("flock"), "-p", "linux-64", folder=world.folder) == 4
    assert "this line can't be met" in capsys.readouterr().out
