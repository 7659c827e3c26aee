"""Every row of the table against real servers, by the command as a process.

Each run ends with the exit code and words of its row, in 300 MiB, without a traceback or a raw control
character; where it fails the lockfile that was there stays, and with the
source mended the next run is right, on the same cache. A sample runs always, all rows where
LOCKSTACK_ALL is set::

    LOCKSTACK_ALL=1 ./scripts/test tests/hostile -n 2
"""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest

from tests.hostile.rows import ROWS, Row
from tests.hostile.world import Ran, World

ALL = bool(os.environ.get("LOCKSTACK_ALL"))
#: Of each nine rows one, besides those that take up to the bound of memory.
SAMPLE = [row for number, row in enumerate(ROWS) if ALL or number % 9 == 4]
MOST_MEMORY = 300  #: MiB
#: Characters that move a terminal's cursor, change its colours or turn a line round.
RAW = frozenset(["Cc", "Cf", "Cs", "Zl", "Zp"])


def raw_characters(text: str) -> set[str]:
    return {char for char in text if char != "\n" and unicodedata.category(char) in RAW}


def faults_of(ran: Ran, row: Row) -> list[str]:
    found = [f"exit code {ran.code}, not {row.code}"] if ran.code != row.code else []
    found += [f"`{words}` is not said" for words in row.words if words not in ran.err + ran.out]
    found += ["a traceback"] if "Traceback" in ran.err or "unexpected" in ran.err else []
    found += [f"raw {sorted(map(ascii, raw))}" for raw in [raw_characters(ran.err + ran.out)] if raw]
    found += [f"{ran.mib:.0f} MiB"] if ran.mib > MOST_MEMORY else []
    return found


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A lockfile of the same question, made where nothing is wrong."""
    world = World(tmp_path_factory.mktemp("before"))
    with world.server:
        made = world.run(world.write("page"))
    assert made.code == 0, made.err
    return world.lockfile.read_text()


@pytest.mark.parametrize("row", SAMPLE, ids=lambda row: row.why)
def test_a_strangers_file(row: Row, before: str, tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.server:
        name = world.write(row.place)
        row.put(world.server)
        if row.code:
            world.lockfile.write_text(before)
        # With its pins free the run must look at what the stranger offers.
        ran = world.run(name, "--update-all", *row.arguments)
        assert faults_of(ran, row) == [], ran.err
        if not row.code:
            return
        assert world.lockfile.read_text() == before
        if row.code != 3:  # the source told the truth of that moment, which may be remembered
            return
        world.lockfile.unlink()
        world.server.rules.clear()
        world.server.files |= World(tmp_path).server.files
        again = world.run(name)
        assert again.code == 0, again.err
        assert "2.0" in world.lockfile.read_text()


def test_rows_have_names_of_their_own() -> None:
    names = [row.why for row in ROWS]
    assert len(names) == len(set(names))
