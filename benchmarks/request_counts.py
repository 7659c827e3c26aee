"""What is asked of an index for a cold lock, beside ``uv``: requests and bytes by kind, and processor time.

::

    python -m benchmarks.request_counts [CHANNELS] [--only NAME]... [--pairs 1] [--show 10]

Inputs are those of ``benchmarks.all`` with pip lines (CHANNELS is needed where there are conda lines too)
and those of ``benchmarks.hard_pypi``. Both sides ask a relay on loopback (``benchmarks.relay``), each with an
empty cache. ``--show``: the projects most of whose files were asked for.
"""

from __future__ import annotations

import argparse
import re
import shutil
import statistics
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.all.cases import CASES, PEERS, Case, Place, start
from benchmarks.hard_pypi import PROBLEMS, ours, theirs
from benchmarks.prepare import prepare_channels
from benchmarks.relay import Relay, relaying
from benchmarks.side_by_side import Run, default_index

KINDS = ("page", "metadata", "range", "head", "archive", "all")


class Question(NamedTuple):
    """One input, and how each side is asked; a side takes its folder and the index."""

    name: str
    sides: dict[str, Callable[[Path, str], Run]]


def hard(folder: Path) -> Iterator[Question]:
    """Yield the inputs of ``benchmarks.hard_pypi``."""
    for name, lines in PROBLEMS.items():
        source = folder / f"{name}.txt"
        source.write_text("\n".join(lines) + "\n", encoding="utf-8")
        yield Question(
            name,
            {
                "lockstack": lambda place, index, source=source: ours(source, place, index=index),
                "uv": lambda place, index, source=source: theirs(source, place, index=index),
            },
        )


def usual(folder: Path, channels: Path | None) -> Iterator[Question]:
    """Yield the inputs of ``benchmarks.all`` that have pip lines."""
    prepared = folder / "prepared"
    for case in CASES:
        if "uv" not in case.peers[0] or (channels is None and case.file.endswith(".yml")):
            continue
        if channels is not None and not prepared.is_dir():
            prepare_channels(channels, prepared)
        source = case.write(folder)

        sides = {"lockstack": _lock(case, source, channels), "uv": _other(case, source, prepared)}
        yield Question(case.name, sides)


def _lock(case: Case, source: Path, channels: Path | None) -> Callable[[Path, str], Run]:
    def ask(place: Path, index: str) -> Run:
        where = Place(place, (channels or place).resolve(), place, index)
        return start(where.lock(source, place / "lock.yml", "--update-all", *case.target))

    return ask


def _other(case: Case, source: Path, prepared: Path) -> Callable[[Path, str], Run]:
    def ask(place: Path, index: str) -> Run:
        return start(PEERS[case.peers[0]](case, source, Place(place, place, prepared, index), ()))

    return ask


def projects(relay: Relay, count: int) -> str:
    """Return the projects most of whose files were asked for, with how often."""
    names = [re.split(r"-\d", path.rsplit("/", 1)[1])[0] for kind, path, _ in relay.asked if kind != "page"]
    return ", ".join(f"{name} {times}" for name, times in Counter(names).most_common(count))


def row(relay: Relay, runs: list[Run]) -> str:
    """Return the cells of one side."""
    totals = relay.totals()
    cells = []
    for kind in KINDS:
        requests, size = totals.get(kind, (0, 0))
        cells.append(f"{requests} / {size / 1e6:.1f}" if requests else "")
    cpu, wall = (statistics.median(getattr(run, name) for run in runs) for name in ("cpu", "wall"))
    return " | ".join([*cells, f"{cpu:.2f}", f"{wall:.2f}"])


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("channels", type=Path, nargs="?")
    parser.add_argument("--only", action="append")
    parser.add_argument("--pairs", type=int, default=1)
    parser.add_argument("--show", type=int, default=0)
    arguments = parser.parse_args()
    print(f"| input | side | {' | '.join(KINDS)} | CPU, s | wall, s |\n|---|---|{'---:|' * (len(KINDS) + 2)}")
    with tempfile.TemporaryDirectory() as name, relaying(default_index()) as relay:
        folder = Path(name)
        for question in (*usual(folder, arguments.channels), *hard(folder)):
            if arguments.only and question.name not in arguments.only:
                continue
            runs: dict[str, list[Run]] = {side: [] for side in question.sides}
            rows: dict[str, tuple[str, str]] = {}
            for number in range(arguments.pairs + 1):  # the first fills the relay
                for side, ask in question.sides.items():
                    place = folder / "run"
                    shutil.rmtree(place, ignore_errors=True)
                    place.mkdir()
                    relay.begin()
                    done = ask(place, relay.url)
                    if number:
                        runs[side].append(done)
                        rows[side] = row(relay, runs[side]), projects(relay, arguments.show)
            for side, (cells, names) in rows.items():
                failed = runs[side][-1].code
                print(f"| {question.name} | {side}{f' (exit {failed})' if failed else ''} | {cells} |")
                if arguments.show:
                    print(f"    {names}")
            print(end="", flush=True)


if __name__ == "__main__":
    main()
