"""A local version that no index at hand has: the index that publishes it is a change that is tried."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from resolver.machine import variant_indexes
from tests.end_to_end.said_world import World
from tests.support.packages import index_files, make_wheel
from tests.support.server import LoopbackServer

WHEELS = {f"torch-{v}-py3-none-any.whl": make_wheel("torch", v) for v in ("2.6.0+cpu", "2.5.0+cpu")}


@pytest.fixture
def world(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> World:
    made = World(tmp_path, capsys)  # type: ignore[arg-type]
    made.index(
        "own", {"torch": {"2.6.0": []}, "user": {"1.0": ["torch==2.6.0"]}, "never": {"1.0": ["torch<2"]}}
    )
    return made


@pytest.fixture
def publisher(monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackServer]:
    with LoopbackServer(index_files({"torch": WHEELS}, root="whl/cpu")) as server:
        monkeypatch.setattr(variant_indexes, "_PYTORCH", f"{server.url}/whl")
        yield server


def explain(world: World, *lines: str, flags: tuple[str, ...] = ()) -> tuple[int, dict[str, Any]]:
    """Return the exit code, and the explanation of the one target (empty: there is a solution)."""
    (world.folder / "requirements.txt").write_text("\n".join(lines) + "\n")
    asked = ("explain", "requirements.txt", "--python", "3.12", "--index-url", "own", *flags)
    said = world.lock(*asked)
    return said.code, next(iter(json.loads(said.out)["targets"]), {})


def flags_of(found: dict[str, Any]) -> list[list[str]]:
    return [[edit["flag"] for edit in fix["edits"]] for fix in found["fixes"]]


def test_the_index_is_a_numbered_change(world: World, publisher: LoopbackServer) -> None:
    code, found = explain(world, "torch==2.6.0+cpu", "user")
    address = f"{publisher.url}/whl/cpu"
    assert (code, flags_of(found)) == (4, [[f"--extra-index-url {address}"]])
    assert found["fixes"][0]["edits"][0]["action"] == "extra-index-url"
    assert found["fixes"][0]["packages"] == 2
    assert explain(world, "torch==2.6.0+cpu", "user", flags=("--extra-index-url", address)) == (0, {})


def test_it_is_offered_only_where_it_helps(world: World, publisher: LoopbackServer) -> None:
    _, found = explain(world, "torch==2.7.0+cpu")
    assert flags_of(found) == []
    assert f"they stand on {publisher.url}/whl/cpu" in found["conflicts"][0]["absent"][0]["message"]
    _, found = explain(world, "torch==2.6.0+cpu", "never")
    assert [f"--extra-index-url {publisher.url}/whl/cpu"] not in flags_of(found)


def test_an_index_that_fails_takes_nothing_else_away(world: World, publisher: LoopbackServer) -> None:
    publisher.fail("/", status=500)
    code, found = explain(world, "torch==2.6.0+cpu", flags=("--retries", "0"))
    assert (code, found["fixes"], found["complete"]) == (4, [], False)
    assert "no version of `torch` with `+cpu`" in found["conflicts"][0]["absent"][0]["message"]
    assert any("some changes could not be tried" in text for text in found["stopped"])
