"""Hard puzzles as packages, beside py-rattler: pigeonholes, graph colouring, random 3-SAT, sudoku.

::

    python -m benchmarks.puzzles [--count 200] [--seed 1] [--sudoku FILE] [--json FILE] [--times 5]

Each instance is a conda channel of its own, written to a temporary folder and read by both from there:

=============  ==========================================================================
pigeonholes    a package a pigeon, a version a hole; pigeons constrain each other. Each may
               use a random part of the holes
colouring      a package a node, three versions; neighbours constrain each other
3-SAT          a package a variable, two versions; a package a clause with three builds, each
               of which depends on one literal
sudoku         FILE: mamba's ``sudoku.json`` (of its test data; unsatisfiable)
=============  ==========================================================================

Times are CPU seconds of the solve, which load hardly moves (our channels are opened before, py-rattler's
within); conflicts and decisions are counts of ours and repeat exactly. Instances over ``--times`` times
py-rattler's are listed. py-rattler gives up after two minutes. Never returns (see
``benchmarks.rattler_side``).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import lockstack_side, rattler_side
from benchmarks.prepare import Problem
from resolver.solving.engines import solve_best
from resolver.solving.search import Search
from tests.oracles.channel_folder import ChannelFolder, check_answer

MACHINE = (("__archspec", "1"), ("__glibc", "2.35"), ("__linux", "6.1"), ("__unix", "0"))
#: CPU seconds below which a ratio is noise
LEAST = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Puzzle:
    """An instance: its records, and what is asked."""

    kind: str
    name: str
    records: tuple[dict[str, Any], ...]
    specs: tuple[str, ...]


def record(
    name: str, version: int, *, depends: Sequence[str] = (), constrains: Sequence[str] = (), number: int = 0
) -> dict[str, Any]:
    """Return a record as repodata has it."""
    return {
        "name": name, "version": str(version), "build": f"h_{number}", "build_number": number,
        "depends": list(depends), "constrains": list(constrains), "subdir": "noarch",
        "md5": "0" * 32, "sha256": "0" * 64, "timestamp": 1_600_000_000_000,
    }  # fmt: skip


def pigeonholes(chance: random.Random, number: int) -> Puzzle:
    """Return pigeons for at most one hole less, each with a random part of the holes."""
    holes = chance.randint(4, 8)
    pigeons = holes + chance.choice((0, 1, 1))
    share = chance.choice((0.7, 0.85, 1.0))
    usable = [
        [h for h in range(holes) if chance.random() < share] or [chance.randrange(holes)]
        for _ in range(pigeons)
    ]
    records = [
        record(
            f"pigeon{p}",
            hole,
            constrains=[f"pigeon{other} !={hole}" for other in range(pigeons) if other != p],
        )
        for p in range(pigeons)
        for hole in usable[p]
    ]
    return Puzzle(
        kind="pigeonholes",
        name=f"pigeonholes-{number}: {pigeons} in {holes}",
        records=tuple(records),
        specs=tuple(f"pigeon{p}" for p in range(pigeons)),
    )


def colouring(chance: random.Random, number: int) -> Puzzle:
    """Return a random graph near the edge between colourable with three colours and not."""
    nodes = chance.randint(20, 100)
    edges = int(nodes * chance.uniform(2.0, 2.5))
    pairs = {tuple(sorted(chance.sample(range(nodes), 2))) for _ in range(edges)}
    near: dict[int, list[int]] = {n: [] for n in range(nodes)}
    for a, b in sorted(pairs):
        near[a].append(b)
        near[b].append(a)
    records = [
        record(f"node{n:03}", colour, constrains=[f"node{other:03} !={colour}" for other in near[n]])
        for n in range(nodes)
        for colour in (1, 2, 3)
    ]
    return Puzzle(
        kind="colouring",
        name=f"colouring-{number}: {nodes} nodes, {len(pairs)} edges",
        records=tuple(records),
        specs=tuple(f"node{n:03}" for n in range(nodes)),
    )


def random_sat(chance: random.Random, number: int) -> Puzzle:
    """Return random 3-SAT near the edge between satisfiable and not."""
    variables = chance.randint(20, 90)
    clauses = int(variables * chance.uniform(3.8, 4.8))
    records = [record(f"v{v:03}", value) for v in range(variables) for value in (0, 1)]
    for clause in range(clauses):
        for place, variable in enumerate(chance.sample(range(variables), 3)):
            literal = f"v{variable:03} =={chance.randint(0, 1)}"
            records.append(record(f"clause{clause:03}", 1, depends=[literal], number=place))
    return Puzzle(
        kind="3-SAT",
        name=f"3-SAT-{number}: {variables} variables, {clauses} clauses",
        records=tuple(records),
        specs=tuple(f"clause{clause:03}" for clause in range(clauses)),
    )


KINDS: tuple[Callable[[random.Random, int], Puzzle], ...] = (pigeonholes, colouring, random_sat)


def sudoku(path: Path) -> Puzzle:
    """Return mamba's sudoku: a package a cell, each of which needs all others; one is asked for."""
    packages = json.loads(path.read_text(encoding="utf-8"))
    files = {**packages.get("packages", {}), **packages.get("packages.conda", {})}
    records = [{**entry, "subdir": "noarch"} for entry in files.values()]
    return Puzzle(kind="sudoku", name="sudoku", records=tuple(records), specs=("sudoku_0_0",))


def puzzles(count: int, seed: int) -> Iterator[Puzzle]:
    """Yield instances, the kinds in turn; the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311  (a puzzle, not a secret)
    for number in range(count):
        yield KINDS[number % len(KINDS)](chance, number)


def run(puzzle: Puzzle, folder: Path, cache: Path) -> dict[str, Any]:
    """Ask both sides; return verdicts, CPU seconds and counts."""
    place = folder / "puzzle" / "noarch" / "repodata.json"
    place.parent.mkdir(parents=True, exist_ok=True)
    files = {f"{r['name']}-{r['version']}-{r['build']}.conda": r for r in puzzle.records}
    place.write_text(json.dumps({"info": {"subdir": "noarch"}, "packages": {}, "packages.conda": files}))
    problem = Problem(
        id=puzzle.name, platform="linux-64", channels=("puzzle",), channel_priority="strict",
        virtual_packages=MACHINE, specs=puzzle.specs, solution=(), solve_group=False,
    )  # fmt: skip
    row: dict[str, Any] = {"kind": puzzle.kind, "name": puzzle.name}
    universe = lockstack_side.universe_of(problem, folder, cache)
    search, started = Search(universe), time.process_time()
    best = solve_best(search)
    row["ours"] = round(time.process_time() - started, 3)
    row["verdict"] = "none" if best is None else "solution"
    row["conflicts"], row["decisions"] = search.effort.conflicts, search.effort.decisions
    if best is not None:
        solution = lockstack_side.addresses(universe, best.selected)
        row["wrong"] = [str(one) for one in check_answer(ChannelFolder(folder), problem, solution)]
    started = time.process_time()
    theirs = rattler_side.answer(problem, folder, None)
    row["theirs"], row["verdict_theirs"] = round(time.process_time() - started, 3), theirs["verdict"]
    return row


def table(rows: Iterable[dict[str, Any]], times: float) -> Iterator[str]:
    """Yield a line a kind, then what is over so many times py-rattler's."""
    kinds: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        kinds[row["kind"]].append(row)
    columns = (("number", 7), ("agree", 7), ("conflicts", 11), ("most", 7), ("ours s", 9), ("worst", 8))
    columns += (("theirs s", 10), ("worst", 8), ("over", 6))
    yield " " * 14 + "".join(f"{name:>{width}}" for name, width in columns)
    for kind, found in kinds.items():
        agree = sum(row["verdict"] == row["verdict_theirs"] for row in found)
        conflicts = [row["conflicts"] for row in found]
        ours, theirs = [row["ours"] for row in found], [row["theirs"] for row in found]
        over = sum(is_over(row, times) for row in found)
        yield (
            f"{kind:<14}{len(found):>7}{agree:>7}{statistics.median(conflicts):>11.0f}{max(conflicts):>7}"
            f"{sum(ours):>9.2f}{max(ours):>8.2f}{sum(theirs):>10.2f}{max(theirs):>8.2f}{over:>6}"
        )
    for row in rows:
        if is_over(row, times) or row["verdict"] != row["verdict_theirs"] or row.get("wrong"):
            yield (
                f"{row['name']}: {row['verdict']} / {row['verdict_theirs']}, {row['conflicts']} conflicts, "
                f"{row['ours']} / {row['theirs']} s {' '.join(row.get('wrong', ()))}"
            )


def is_over(row: dict[str, Any], times: float) -> bool:
    """Tell whether ours took more than so many times py-rattler's CPU time."""
    return bool(row["ours"] > times * max(row["theirs"], LEAST))


def main() -> None:
    """Run from the command line; never returns."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sudoku", type=Path)
    parser.add_argument("--times", type=float, default=5)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    asked = [sudoku(arguments.sudoku)] if arguments.sudoku else []
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as work:
        for number, puzzle in enumerate((*asked, *puzzles(arguments.count, arguments.seed))):
            rows.append(run(puzzle, Path(work) / str(number), Path(work) / "cache"))
            if arguments.json:
                arguments.json.write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
    for line in table(rows, arguments.times):
        print(line)
    sys.stdout.flush()
    os._exit(5 if any(row["verdict"] != row["verdict_theirs"] or row.get("wrong") for row in rows) else 0)


if __name__ == "__main__":
    main()
