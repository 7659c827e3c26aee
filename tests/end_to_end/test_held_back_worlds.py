"""Random worlds: what is said of an update over an earlier lockfile is what the update then does."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.said_world import World
from tests.support.channel import record

NAMES = tuple("abcdef")


def records(chance: random.Random) -> list[dict[str, Any]]:
    """Return four versions of six packages that need or limit one another."""
    found = []
    for place, name in enumerate(NAMES):
        for version in range(1, 5):
            fields: dict[str, list[str]] = {"depends": [], "constrains": []}
            for other in NAMES[:place] + NAMES[place + 1 :]:
                if chance.random() < 0.3:  # most go with what is about as old
                    kind = "depends" if NAMES.index(other) > place else "constrains"
                    bound = chance.choice((f">={version - 1}", f"<={version}", f"<={version}"))
                    fields[kind].append(f"{other} {bound}")
            found.append(record(name, str(version), **fields))
    return found


def locked(world: World) -> dict[str, str]:
    """Return the version of each package in the lockfile."""
    text = (world.folder / "conda-lock.yml").read_text()
    files = [line.rsplit("/", 1)[1] for line in text.splitlines() if line.endswith(".conda")]
    return {name: version for name, version, _ in (file.rsplit("-", 2) for file in files)}


@pytest.mark.parametrize("seed", range(12))
def test_an_update_does_what_is_said(seed: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chance = random.Random(seed)  # noqa: S311
    world, everything = World(tmp_path, capsys), records(chance)
    world.channel(*(one for one in everything if int(one["version"]) <= chance.randint(1, 4)))
    asked = chance.sample(NAMES, 2)
    if world.lock(world.environment(*asked)).code != 0:
        return
    world.channel(*everything)
    name = world.environment(*asked, *chance.sample(NAMES, 2))
    said = world.lock(name)
    if said.code != 0:
        return
    before = locked(world)
    text = (tmp_path / "conda-lock.yml").read_text()
    for notice in said.notices:
        if notice["code"] != "held-back":
            continue
        assert world.lock(name, "--update", notice["package"]).code == 0
        after = locked(world)
        reached = notice["update_reaches"] or notice["version"]
        assert after[notice["package"]] == reached, notice["text"]
        (tmp_path / "conda-lock.yml").write_text(text)
        if notice["update_reaches"] is not None:
            moved = {n for n in before.keys() & after.keys() - {notice["package"]} if before[n] != after[n]}
            assert set(notice["update_moves"]) <= moved, notice["text"]
