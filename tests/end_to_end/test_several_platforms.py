"""Several platforms in one call: each gets what it gets alone, and what one leaves behind goes."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from resolver import pipeline
from resolver.constraints.universe import JointUniverse
from resolver.model.target import Target
from resolver.solving.propagation import Propagation
from tests.end_to_end.inside import run
from tests.end_to_end.said_world import PYTHON, World
from tests.support.channel import as_file, record, repodata

PLATFORMS = ("linux-64", "osx-arm64", "win-64", "linux-aarch64")
INDEX = {"six": {"1.15": [], "1.16": []}, "uses": {"1.0": ["six<1.16; sys_platform == 'win32'", "six"]}}


@pytest.fixture
def world(tmp_path, capsys) -> World:  # type: ignore[no-untyped-def]
    """A channel that differs by platform, and an index whose releases ask for other things under Windows."""
    made = World(tmp_path, capsys)
    made.channel(*PYTHON)
    for number, subdir in enumerate(PLATFORMS):
        tools = [record("tool", f"1.{n}", depends=["part"], subdir=subdir) for n in range(number + 1)]
        records = [*PYTHON, *tools, *(record("part", f"2.{n}", subdir=subdir) for n in range(3))]
        folder = tmp_path / "channel" / subdir
        folder.mkdir(exist_ok=True)
        contents = repodata(records, info={"subdir": subdir})
        (folder / "repodata.json").write_bytes(as_file(contents, "repodata.json"))
    made.index("index", INDEX)
    text = "channels: [./channel]\ndependencies:\n- python\n- pip\n- tool\n- pip:\n  - uses\n"
    made.write("environment.yml", text)
    return made


def locked(world: World, *platforms: str) -> list[str]:
    """Return the packages of a lockfile made for some platforms, a text each."""
    asked = [text for platform in platforms for text in ("-p", platform)]
    asked += ["--index-url", (world.folder / "index").as_uri(), "-o", f"{len(platforms)}-{platforms[0]}.yml"]
    assert run("environment.yml", *asked, "-q", folder=world.folder) == 0
    packages = (world.folder / asked[-1]).read_text().partition("\npackage:")[2]
    return [part.strip() for part in packages.split("- name: ") if part.strip()]


def test_each_gets_what_it_gets_alone(world: World) -> None:
    together = locked(world, *PLATFORMS)
    alone = [part for platform in PLATFORMS for part in locked(world, platform)]
    assert sorted(together) == sorted(alone)
    assert len(together) == 6 * len(PLATFORMS)


@pytest.fixture(name="no_collection")
def _collect_nothing() -> Iterator[None]:
    """Collect no garbage, as the command does."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@pytest.mark.usefixtures("no_collection")
def test_what_a_platform_rests_on_goes_with_the_next(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[list[weakref.ref[object]]] = []
    alive: list[int] = []
    solve, begin, propagate = pipeline.Resolver._solve, pipeline.Resolver.resolve, Propagation.__init__

    def note(self: pipeline.Resolver, target: Target, universes: list[JointUniverse]) -> object:
        made.append([])
        found = solve(self, target, universes)
        for universe in universes:
            registry = universe.registry
            made[-1] += [weakref.ref(registry.conda(n)) for n in range(5) if registry.keys[n].kind == 1]
            assert universe.pypi is not None
            made[-1].append(weakref.ref(universe.pypi))
        return found

    def note_propagation(self: Propagation, *arguments: object) -> None:
        propagate(self, *arguments)  # type: ignore[arg-type]
        made[-1].append(weakref.ref(self))

    def count(self: pipeline.Resolver, target: Target) -> object:
        found = begin(self, target)
        alive.append(sum(one() is not None for earlier in made[:-1] for one in earlier))
        return found

    monkeypatch.setattr(pipeline.Resolver, "_solve", note)
    monkeypatch.setattr(pipeline.Resolver, "resolve", count)
    monkeypatch.setattr(Propagation, "__init__", note_propagation)
    locked(world, *PLATFORMS)
    assert len(made) == len(PLATFORMS)
    assert all(len(noted) > 3 for noted in made)
    assert alive == [0] * len(PLATFORMS)
