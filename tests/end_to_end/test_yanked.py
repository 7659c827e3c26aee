"""A yanked release is taken only where a pin asks for it, and that is said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.said_world import PYTHON, Said, World
from tests.support.packages import make_wheel
from tests.support.server import LoopbackServer

RELEASES = {"1": None, "2": "breaks on Mondays", "3": ""}  # what its owners say of a yanked one


@pytest.fixture
def index() -> Iterator[LoopbackServer]:
    links = {"foo": [], "user": ['<a href="user-1-py3-none-any.whl">user-1-py3-none-any.whl</a>']}
    files = {"simple/user/user-1-py3-none-any.whl": make_wheel("user", "1", ["foo==2"])}
    for version, said in RELEASES.items():
        name = f"foo-{version}-py3-none-any.whl"
        files[f"simple/foo/{name}"] = make_wheel("foo", version)
        yanked = "" if said is None else f' data-yanked="{said}"'
        links["foo"].append(f'<a href="{name}"{yanked}>{name}</a>')
    for project, lines in links.items():
        files[f"simple/{project}/index.html"] = "<br>".join(lines).encode()
    with LoopbackServer(files) as server:
        yield server


@pytest.fixture
def world(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> World:
    made = World(tmp_path, capsys)
    made.channel(*PYTHON)
    return made


def lock(world: World, index: LoopbackServer, *lines: str, flags: tuple[str, ...] = ()) -> tuple[Said, str]:
    """Return what was said, and the version of foo in the lockfile that was written."""
    name = world.environment("python", pip=lines)
    said = world.lock(name, "--index-url", f"{index.url}/simple", *flags)
    text = (world.folder / "conda-lock.yml").read_text() if said.code == 0 else ""
    return said, text.partition("/foo-")[2].partition("-py3")[0]


def test_a_pin_of_a_line_is_taken_and_said(world: World, index: LoopbackServer) -> None:
    said, version = lock(world, index, "foo==2.0")
    assert (said.code, version) == (0, "2")
    assert said.of("yanked") == ["`foo` 2 is yanked: breaks on Mondays; it is taken as a line pins it"]
    assert "warning: `foo` 2 is yanked" in said.err


def test_a_pin_of_the_earlier_lockfile_stays_and_is_said(world: World, index: LoopbackServer) -> None:
    lock(world, index, "foo==3")
    said, version = lock(world, index, "foo")
    assert (said.code, version) == (0, "3")
    kept = "`foo` 3 is yanked; it stays as the earlier lockfile has it (`--update foo` takes another)"
    assert said.of("yanked") == [kept]
    (notice,) = [n for n in said.notices if n["code"] == "yanked"]
    assert (notice["version"], notice["reason"], notice["pinned_by"]) == ("3", None, "lockfile")


@pytest.mark.parametrize("flags", [("--update", "foo"), ("--update-all",)])
def test_what_is_updated_leaves_a_yanked_release(
    world: World, index: LoopbackServer, flags: tuple[str, ...]
) -> None:
    lock(world, index, "foo==3")
    said, version = lock(world, index, "foo", flags=flags)
    assert (said.code, version, said.of("yanked")) == (0, "1", [])


@pytest.mark.parametrize(
    ("lines", "code", "version"), [(("foo",), 0, "1"), (("user",), 4, ""), (("foo>1",), 4, "")]
)
def test_nothing_else_takes_one(
    world: World, index: LoopbackServer, lines: tuple[str, ...], code: int, version: str
) -> None:
    said, found = lock(world, index, *lines)
    assert (said.code, found) == (code, version)


def test_a_dependency_s_pin_takes_one_that_the_lockfile_has(world: World, index: LoopbackServer) -> None:
    lock(world, index, "foo==2")
    said, version = lock(world, index, "user")
    assert (said.code, version) == (0, "2")
