"""`torch-backend`: PyTorch's family comes from its own index for a variant, all else from the usual ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from resolver.machine import variant_indexes
from tests.end_to_end.said_world import Said, World
from tests.support.packages import index_files, make_wheel
from tests.support.server import LoopbackServer

CPU = {"torch-2.6.0+cpu-py3-none-any.whl": make_wheel("torch", "2.6.0+cpu", ["helper"])}


@pytest.fixture
def world(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> World:
    made = World(tmp_path, capsys)
    made.index("own", {"torch": {"2.6.0": ["helper"]}, "helper": {"2.0": []}, "other": {"1.0": ["torch"]}})
    return made


@pytest.fixture
def publisher(monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackServer]:
    old = {"helper-1.0-py3-none-any.whl": make_wheel("helper", "1.0")}
    with LoopbackServer(index_files({"torch": CPU, "helper": old}, root="whl/cpu")) as server:
        monkeypatch.setattr(variant_indexes, "_PYTORCH", f"{server.url}/whl")
        yield server


def lock(world: World, *flags: str) -> Said:
    (world.folder / "requirements.txt").write_text("other\n")
    return world.lock("requirements.txt", "--python", "3.12", "--index-url", "own", "--dry-run", *flags)


def packages(said: Said) -> dict[str, str]:
    (platform,) = json.loads(said.out)["platforms"]
    return {package["name"]: package["version"] for package in platform["packages"]}


@pytest.mark.usefixtures("publisher")
def test_only_the_family_comes_from_there(world: World) -> None:
    assert packages(lock(world)) == {"other": "1.0", "torch": "2.6.0", "helper": "2.0"}
    found = packages(lock(world, "--torch-backend", "cpu"))
    assert found == {"other": "1.0", "torch": "2.6.0+cpu", "helper": "2.0"}


@pytest.mark.usefixtures("publisher")
def test_an_index_of_one_s_own_for_a_project_wins(world: World) -> None:
    (world.folder / "lockstack.toml").write_text('torch-backend = "cpu"\n[package-indexes]\ntorch = "own"\n')
    assert packages(lock(world))["torch"] == "2.6.0"


@pytest.mark.parametrize(
    ("value", "hint"),
    [("auto", "nothing is detected here: name the variant"), ("gpu", "such as `cpu` or `cu124`")],
)
def test_what_is_no_variant(value: str, hint: str, world: World) -> None:
    said = lock(world, "--torch-backend", value)
    assert said.code == 2
    assert f"`{value}` is no variant of PyTorch's" in said.out + said.err
    assert hint in said.out + said.err
