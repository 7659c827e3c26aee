"""What a dependency asks for and no channel has: told with the versions around it, which are there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.inside import run
from tests.end_to_end.said_world import World
from tests.support.channel import record

HELD = ("1.0", "2.0", "2.4", "3.0")
CASES = [
    ("user2", "needs lib2 >=2.1,<2.2 (there is only 1.0 to 3.0, nearest 2.0 and 2.4)"),
    ("over", "needs lib2 >=4 (there is only 1.0 to 3.0)"),
]


@pytest.mark.parametrize(("name", "words"), CASES, ids=[case[0] for case in CASES])
def test_versions_around_a_gap_are_named(
    name: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A range from the lowest to the highest would seem to hold what is asked for."""
    world = World(tmp_path, capsys)
    world.channel(
        *(record("lib2", version) for version in HELD),
        record("user2", "1.0", depends=["lib2 >=2.1,<2.2"]),
        record("over", "1.0", depends=["lib2 >=4"]),
    )
    assert run("explain", world.environment(name), "-p", "linux-64", folder=world.folder) == 4
    assert words in capsys.readouterr().out
