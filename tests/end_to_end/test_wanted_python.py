"""``--python`` beside conda packages: one more constraint on conda's python, never in its place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from resolver.errors import IncompleteAnswerError
from resolver.model.channels import Channel
from resolver.model.names import CondaName
from resolver.model.origin import Origin
from resolver.model.requirements import CondaRequirement, Requirements
from resolver.model.target import Target
from resolver.options import ResolveOptions
from resolver.pipeline import resolve
from tests.end_to_end.said_world import World
from tests.support.channel import record

RECORDS = (
    *(record("python", f"3.{minor}.9", "0_cpython", depends=["ssl"]) for minor in (10, 11, 12)),
    record("ssl", "3.0"),
    *(
        record("tool", "1.0", f"py3{minor}_0", depends=[f"python >=3.{minor},<3.{minor + 1}.0a0"])
        for minor in (10, 11, 12)
    ),
    record("plain", "1.0"),
    record("pip", "24.0", depends=["python"]),
)


@pytest.fixture
def world(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> World:
    made = World(tmp_path, capsys)
    made.channel(*RECORDS)
    made.index("own", {"user": {"1.0": []}})
    return made


LOCKED = [
    # why, conda lines, pip lines, value, what is locked
    ("named in the file", ("python", "tool"), (), "3.11", {"python 3.11.9", "ssl 3.0", "tool 1.0"}),
    ("brought in by another", ("tool",), (), "3.10", {"python 3.10.9", "ssl 3.0", "tool 1.0"}),
    ("the same as the file's", ("python=3.11", "tool"), (), "3.11", {"python 3.11.9", "ssl 3.0", "tool 1.0"}),
    ("a full version", ("tool",), (), "3.11.9", {"python 3.11.9", "ssl 3.0", "tool 1.0"}),
    ("needed by nothing: not brought in", ("plain",), (), "3.11", {"plain 1.0"}),
    ("needed by pip lines", ("plain",), ("user",), "3.10",
     {"plain 1.0", "python 3.10.9", "ssl 3.0", "pip 24.0", "user 1.0"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("conda", "pip", "value", "locked"), [c[1:] for c in LOCKED], ids=[c[0] for c in LOCKED]
)
def test_conda_s_python_is_limited(
    world: World, conda: tuple[str, ...], pip: tuple[str, ...], value: str, locked: set[str]
) -> None:
    said = world.lock(
        world.environment(*conda, pip=pip), "--python", value, "--index-url", "own", "--dry-run"
    )
    assert said.code == 0, said.err
    (platform,) = json.loads(said.out)["platforms"]
    assert {f"{p['name']} {p['version']}" for p in platform["packages"]} == locked


def test_a_clash_is_told_as_line_against_flag(world: World) -> None:
    said = world.lock(world.environment("python=3.11", "tool"), "--python", "3.12")
    assert said.code == 4
    _, head, *members = said.err.split("\n\n")[0].replace("error: ", "\n").split("\n")
    assert head == "no solution for linux-64: these 2 lines can't hold together:"
    assert [line.split() for line in members] == [
        ["environment.yml:3:3", "python=3.11"],
        ["--python", "python", "3.12.*"],
    ]


def test_explain_tells_the_same_clash(world: World) -> None:
    said = world.lock("explain", world.environment("python=3.11", "tool"), "--python", "3.12")
    (conflict,) = json.loads(said.out)["targets"][0]["conflicts"]
    assert [member["text"] for member in conflict["members"]] == ["python=3.11", "python 3.12.*"]


def test_a_python_that_no_channel_has_is_told(world: World) -> None:
    said = world.lock(world.environment("tool"), "--python", "3.13")
    assert (said.code, "python 3.13.*" in said.err) == (4, True)


def test_a_settings_file_says_the_same_as_the_flag(world: World) -> None:
    world.write("lockstack.toml", 'python = "3.10"\n')
    said = world.lock(world.environment("tool"), "--dry-run")
    assert json.loads(said.out)["platforms"][0]["python"] == "3.10.9"
    clash = world.lock(world.environment("python=3.11"), "--dry-run")
    assert (clash.code, "lockstack.toml" in clash.err) == (4, True)


def test_a_fix_of_the_flag_is_no_edit_of_a_file(world: World) -> None:
    name = world.environment("python=3.11", "tool")
    before = (world.folder / name).read_text()
    fixes = json.loads(world.lock("explain", name, "--python", "3.12").out)["targets"][0]["fixes"]
    numbers = [fix["number"] for fix in fixes if "--python" in json.dumps(fix["edits"])]
    assert numbers
    for number in numbers:
        said = world.lock("explain", name, "--python", "3.12", "--apply", str(number))
        assert (said.code, "stands in no input file" in said.out + said.err) == (2, True)
        assert (world.folder / name).read_text() == before


def test_the_lock_is_fresh_for_the_same_flag_alone(world: World) -> None:
    name = world.environment("tool")
    assert world.lock(name, "--python", "3.10").code == 0
    assert world.lock(name, "--python", "3.10", "--check").code == 0
    assert world.lock(name, "--python", "3.11", "--check").code == 5


def test_a_lockfile_without_the_python_that_its_packages_need_is_refused(world: World) -> None:
    """Through the library a target may name a Python beside conda packages: that gives no lockfile."""
    tool = CondaRequirement(name=CondaName("tool"), spec="tool", origin=Origin(file="x"))
    channel = Channel(name="channel", base_url=(world.folder / "channel").as_uri())
    options = ResolveOptions(targets=(Target(subdir="linux-64", python="3.11.9"),), channels=(channel,))
    with pytest.raises(IncompleteAnswerError, match="which needs `python`, and no `python`"):
        resolve(Requirements(conda=(tool,)), options)
