"""One row, run: what is measured, and all that is wrong with how it ended."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import NamedTuple

from tests.hostile.rows import Row
from tests.hostile.world import PLACES, Ran, World

MOST_MEMORY = 300  #: MiB
#: Characters that move a terminal's cursor, change its colours or turn a line round.
RAW = frozenset(["Cc", "Cf", "Cs", "Zl", "Zp"])


class Outcome(NamedTuple):
    """How a row ended; ``faults``: what shouldn't be so, in words."""

    row: Row
    ran: Ran
    faults: tuple[str, ...]


def good_lockfile(folder: Path) -> str:
    """Return a lockfile of the same question, made where nothing is wrong."""
    folder.mkdir(parents=True, exist_ok=True)
    world = World(folder)
    with world.server:
        made = world.run(world.write("page"))
    assert made.code == 0, made.err
    return world.lockfile.read_text()


def run_row(row: Row, before: str, folder: Path) -> Outcome:
    """Run a row, and what must hold behind it.

    1. It ends with its exit code and words, in its memory, without a traceback or a raw character.
    2. Where it fails, the lockfile that was there (``before``) stays.
    3. With the source mended the next run is right, on the same cache. Where the answer was "no
       solution" the source told the truth of that moment, which may be remembered.
    """
    world = World(folder)
    with world.server:
        name = world.write(row.place)
        row.put(world.server)
        if row.code:
            world.lockfile.write_text(before)
        # With its pins free the run must look at what the stranger offers.
        ran = world.run(name, "--update-all", *row.arguments)
        faults = _faults_of(ran, row)
        if row.code and world.lockfile.read_text() != before:
            faults.append("the lockfile was changed")
        text = world.lockfile.read_text() if world.lockfile.exists() else ""
        if row.version and f'version: "{row.version}"' not in text:
            faults.append(f"{row.version} is not locked")
        if row.code == 3:
            world.lockfile.unlink()
            world.mend(row.place)
            again = world.run(name)
            text = world.lockfile.read_text() if world.lockfile.exists() else ""
            if again.code or PLACES[row.place].version not in text:
                faults.append(f"the second run ended with {again.code}: {again.err[:300]}")
    return Outcome(row, ran, tuple(faults))


def _faults_of(ran: Ran, row: Row) -> list[str]:
    found = [f"exit code {ran.code}, not {row.code}"] if ran.code != row.code else []
    found += [f"`{words}` is not said" for words in row.words if words not in ran.err + ran.out]
    found += ["a traceback"] if "Traceback" in ran.err or "unexpected" in ran.err else []
    found += [f"raw {sorted(map(ascii, raw))}" for raw in [_raw_characters(ran.err + ran.out)] if raw]
    found += [f"{ran.mib:.0f} MiB"] if ran.mib > MOST_MEMORY else []
    return found


def _raw_characters(text: str) -> set[str]:
    return {char for char in text if char != "\n" and unicodedata.category(char) in RAW}
