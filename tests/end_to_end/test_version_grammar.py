"""Regular expressions and stars inside versions, in lines and in a channel's records."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.said_world import World
from tests.support.channel import record

CHANNEL = (
    *(record("lib", version) for version in ("1.0.3", "1.1.3", "1.2.4", "2.0.3")),
    record("app", "1.0", depends=["lib 1.*.3"]),
    record("app", "2.0", depends=["lib ^(?=1).*$"]),
    record("slow", "1.0", depends=["lib ^(([0-9]+)+[.]?)+!$"]),
)


@pytest.fixture
def world(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> World:
    world = World(tmp_path, capsys)
    world.channel(*CHANNEL)
    return world


@pytest.mark.parametrize(
    ("line", "version"),
    [("lib=1.*.3", "1.1.3"), ("lib ^1[.][0-2][.]4$", "1.2.4"), ("\"lib[version='1.*.3|^2.*$']\"", "2.0.3")],
)
def test_a_line(world: World, line: str, version: str) -> None:
    assert world.lock(world.environment(line)).code == 0
    assert f"version: {version}\n" in (world.folder / "conda-lock.yml").read_text()


def test_a_line_that_is_refused(world: World) -> None:
    said = world.lock(world.environment("lib ^(?=a)$"))
    assert said.code == 2
    assert "environment.yml:3:3" in said.err
    assert "a regular expression with a group that begins with `(?`, which is not supported here" in said.err


def test_a_record_that_nobody_can_read_is_no_candidate(world: World) -> None:
    said = world.lock(world.environment("app"))
    assert said.code == 0, said.err
    assert "version: 1.1.3\n" in (world.folder / "conda-lock.yml").read_text()
    assert [text.partition(":")[0] for text in said.of("held-back")] == ["`app` 1.0 (newest 2.0)"]


def test_a_pattern_that_others_would_take_minutes_for(world: World) -> None:
    assert world.lock(world.environment("slow")).code == 4
