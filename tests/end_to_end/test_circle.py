"""Rounds of the search for the rest that go round in a circle: what lags least is kept."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.end_to_end.said_world import World
from tests.support.channel import record

#: The build x brings in b, nearer than d; y brings in c, nearer than d too. Each round's walk is the other's.
CHANNEL = (
    record("a", "1", "x", 2, depends=["b", "d"]),
    record("a", "1", "y", 1, depends=["c", "d"]),
    record("b", "1", constrains=["d <2"]),
    record("c", "1"),
    record("c", "2", constrains=["d <2"]),
    record("d", "1"),
    record("d", "2"),
)


def test_of_a_circle_the_one_that_lags_least(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    world = World(tmp_path, capsys)
    world.channel(*CHANNEL)
    said = world.lock(world.environment("a"))
    assert said.code == 0, said.err
    packages = yaml.safe_load((tmp_path / "conda-lock.yml").read_text())["package"]
    assert {one["name"]: one["version"] for one in packages} == {"a": "1", "c": "1", "d": "2"}
