"""Locks over an earlier lockfile after one changed line: the moves, beside the minimum proved by MaxSAT.

::

    python -m benchmarks.relocks PROBLEMS CHANNELS THEIRS.jsonl --cache DIR [--count 300] [--seed 1]
                                 [--json FILE]

THEIRS is what ``benchmarks.rattler_side all`` writes: py-rattler's answers are the earlier lockfiles.
CHANNELS is what ``benchmarks.prepare`` writes. One line is changed, the kinds in turn, until ``--count`` of
them had a solution:

older    something that came in is asked for in an older version than the lockfile holds
python   the minor version of python before the locked one is asked for
added    one more package that many of the problems ask for

A *move* is a package in both lockfiles in another file. Told are our moves, the minimum
(:mod:`benchmarks.fewest_moves`; needs python-sat) and py-rattler's with all packages given as locked. The
exit code is 5 where ours are more than the minimum, or fewer, though said to be proven.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import random
import statistics
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import rattler
from rattler.exceptions import SolverError

from benchmarks import lockstack_side, rattler_side
from benchmarks.compare_problems import read_answers
from benchmarks.fewest_moves import FewestMoves, Names
from benchmarks.prepare import Problem, read_problems
from benchmarks.search_counts import Counts
from resolver.solving.engines import solve_best
from resolver.solving.reporter import Stage
from resolver.solving.search import Search
from tests.oracles.channel_folder import ChannelFolder, check_answer
from tests.oracles.conda_checker import channel_of, spec_name

KINDS = ("older", "python", "added")
#: names that so many problems ask for count as popular
POPULAR = 60
#: an older version is one of so many before the locked one: far back mostly nothing fits
NEAREST = 3


def by_name(addresses: list[str], folder: ChannelFolder) -> dict[str, str]:
    """Return the addresses of a solution by package name."""
    found = ((address, folder.find(address)) for address in addresses)
    return {one.record.name.lower(): address for address, one in found if one is not None}


class Changes:
    """Draws one changed line for each problem; the same for the same seed."""

    def __init__(self, problems: list[Problem], folder: ChannelFolder, seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311  (a sample, not a secret)
        self._folder = folder
        counts = Counter(spec_name(spec) for problem in problems for spec in problem.specs)
        self._popular = [name for name, _ in counts.most_common(POPULAR)]

    def of(self, kind: str, problem: Problem, locked: Mapping[str, str], names: Names) -> Problem | None:
        """Return the problem with one more line; None: nothing can be changed so."""
        asked = {spec_name(spec) for spec in problem.specs}
        line: str | None = None
        if kind == "older":
            choices = sorted(name for name in locked if name not in asked and len(names.records(name)) > 3)
            name = self._chance.choice(choices) if choices else None
            line = name and self._older(name, locked[name], names)
        elif kind == "python" and "python" in locked:
            version = self._version(locked["python"]).split(".")
            line = f"python {version[0]}.{int(version[1]) - 1}.*"
        elif kind == "added":
            choices = [n for n in self._popular if n not in asked and n not in locked and names.records(n)]
            line = self._chance.choice(choices) if choices else None
        return replace(problem, specs=(*problem.specs, line)) if line else None

    def _older(self, name: str, address: str, names: Names) -> str | None:
        locked = rattler.Version(self._version(address))
        versions = {rattler.Version(entry["version"]) for _, entry in names.records(name)}
        older = sorted(one for one in versions if one < locked)[-NEAREST:]
        return f"{name} <={self._chance.choice(older)}" if older else None

    def _version(self, address: str) -> str:
        found = self._folder.find(address)
        return found.record.version if found else "0"


class _Told(Counts):
    """Hears how long each stage took, and whether the proof of fewest moves was given up."""

    def __init__(self) -> None:
        super().__init__()
        self.is_proven = True

    def left_as_it_is(self, stage: Stage) -> None:
        """Note that the fewest moves are not proven."""
        super().left_as_it_is(stage)
        self.is_proven = self.is_proven and stage is not Stage.STAY


class Relocks:
    """Asks our search, MaxSAT and py-rattler about changed problems, and counts."""

    def __init__(self, channels: Path, cache: Path) -> None:
        self._channels, self._cache = channels, cache
        self.folder = ChannelFolder(channels)
        self._names: dict[tuple[object, ...], Names] = {}
        self._sparse: dict[Path, Any] = {}

    def names(self, problem: Problem) -> Names:
        """Return the records that a problem may choose from."""
        key = (problem.channels, problem.platform)
        if key not in self._names:
            self._names[key] = Names(self.folder, problem.channels, problem.platform)
        return self._names[key]

    def ask(self, problem: Problem, locked: Mapping[str, str]) -> dict[str, Any]:
        """Return the moves of all three."""
        row = self._ours(problem, locked)
        row["least"] = FewestMoves(problem, self.names(problem)).least(locked)
        theirs = asyncio.run(self._theirs(problem, locked))
        row["rattler"] = None if theirs is None else _moves(by_name(theirs, self.folder), locked)
        return row

    def _ours(self, problem: Problem, locked: Mapping[str, str]) -> dict[str, Any]:
        pins = {name: address.rsplit("/", 1)[1] for name, address in locked.items()}
        universe = lockstack_side.universe_of(problem, self._channels, self._cache, pins)
        told = _Told()
        gc.disable()
        started = time.process_time()
        told.begins()
        best = solve_best(Search(universe, reporter=told), universe)
        gc.enable()
        row: dict[str, Any] = {"seconds": round(time.process_time() - started, 3), "ours": None}
        if best is not None:
            solution = lockstack_side.addresses(universe, best.selected)
            row["ours"] = _moves(by_name(solution, self.folder), locked)
            row["wrong"] = [str(one) for one in check_answer(self.folder, problem, solution)]
        row["proven"] = told.is_proven
        row["stages"] = {stage.value: round(sum(told.seconds[stage]), 4) for stage in Stage}
        return row

    async def _theirs(self, problem: Problem, locked: Mapping[str, str]) -> list[str] | None:
        sparse = rattler_side.open_sparse(self._channels, problem, self._sparse)
        files = {address.rsplit("/", 1)[1] for address in locked.values()}
        records = [
            record
            for source in sparse
            for name in locked
            for record in source.load_records(rattler.PackageName(name))
            if record.file_name in files
        ]
        try:
            found = await rattler.solve_with_sparse_repodata(
                specs=[rattler.MatchSpec(spec) for spec in problem.specs],
                sparse_repodata=sparse,
                locked_packages=records,
                virtual_packages=rattler_side.virtual_packages(problem),
                channel_priority=rattler_side.PRIORITIES[problem.channel_priority],
                timeout=rattler_side.TIMEOUT,
            )
        except SolverError:
            return None
        return [record.url.removeprefix(rattler_side.ALIAS) for record in found]


def _moves(chosen: Mapping[str, str], locked: Mapping[str, str]) -> int:
    return sum(chosen[name] != address for name, address in locked.items() if name in chosen)


def changed(
    relocks: Relocks, problems: list[Problem], theirs: Mapping[str, Any], seed: int
) -> Iterator[tuple[str, Problem, dict[str, str]]]:
    """Yield kind, changed problem and earlier lockfile, the kinds in turn, spread over all problems."""
    changes = Changes(problems, relocks.folder, seed)
    fitting = [
        problem
        for problem in problems
        if theirs.get(problem.id, {}).get("verdict") == "solution"
        and problem.channel_priority == "strict"
        and not any(channel_of(spec) for spec in problem.specs)
    ]
    chance = random.Random(seed)  # noqa: S311  (a sample, not a secret)
    chance.shuffle(fitting)
    given = 0
    for problem in fitting:
        kind = KINDS[given % len(KINDS)]
        locked = by_name(theirs[problem.id]["solution"], relocks.folder)
        found = changes.of(kind, problem, locked, relocks.names(problem))
        if found is not None:
            given += 1
            yield kind, found, locked


def table(rows: list[dict[str, Any]]) -> Iterator[str]:
    """Yield a line a kind: solved, moves of each, how many are the minimum, CPU seconds."""
    columns = (("asked", 7), ("solved", 8), ("ours", 8), ("least", 8), ("rattler", 9), ("minimal", 9))
    columns += (("median s", 10), ("worst", 8))
    yield f"{'kind':<10}" + "".join(f"{name:>{width}}" for name, width in columns)
    kinds: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        kinds[row["kind"]].append(row)
    for kind, found in kinds.items():
        solved = [row for row in found if row["ours"] is not None and row["least"] is not None]
        both = [row for row in solved if row["rattler"] is not None]
        seconds = [row["seconds"] for row in solved] or [0.0]
        minimal = sum(row["ours"] == row["least"] for row in solved)
        yield (
            f"{kind:<10}{len(found):>7}{len(solved):>8}{sum(row['ours'] for row in both):>8}"
            f"{sum(row['least'] for row in both):>8}{sum(row['rattler'] for row in both):>9}"
            f"{minimal:>9}{statistics.median(seconds):>10.2f}{max(seconds):>8.2f}"
        )
    yield from _stages([row for row in rows if row["ours"] is not None])
    for row in rows:
        if is_wrong(row) or not row["proven"]:
            yield f"{row['id']} {row['kind']} {row['line']}: {row}"


def _stages(rows: list[dict[str, Any]]) -> Iterator[str]:
    """Yield a line a stage: CPU seconds in all, and the median share of what the rest of its lock took."""
    for stage in Stage:
        shares = []
        for row in rows:
            rest = sum(row["stages"].values()) - row["stages"][stage.value]
            shares.append(row["stages"][stage.value] / rest if rest else 0.0)
        total = sum(row["stages"][stage.value] for row in rows)
        median = statistics.median(shares or [0.0])
        yield f"{stage.value:<18}{total:>8.2f} s in all, in the median {median:.2f} of all else"


def is_wrong(row: Mapping[str, Any]) -> bool:
    """Tell whether our answer is no answer, has another verdict, or isn't minimal though said to be."""
    if (row["ours"] is None) != (row["least"] is None) or row.get("wrong"):
        return True
    return row["ours"] is not None and row["proven"] and row["ours"] != row["least"]


def main() -> None:
    """Run from the command line; never returns (see ``benchmarks.rattler_side``)."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    for name in ("problems", "channels", "theirs"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    if find_spec("pysat") is None:
        sys.exit("python-sat is needed: `python -m pip install python-sat`")
    problems = read_problems(arguments.problems)
    relocks, rows = Relocks(arguments.channels, arguments.cache), []
    theirs = read_answers(arguments.theirs)
    for kind, problem, locked in changed(relocks, problems, theirs, arguments.seed):
        if sum(row["ours"] is not None for row in rows) == arguments.count:
            break
        row = {"kind": kind, "id": problem.id, "line": problem.specs[-1], **relocks.ask(problem, locked)}
        rows.append(row)
        if arguments.json:
            with arguments.json.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(row) + "\n")
    for line in table(rows):
        print(line)
    sys.stdout.flush()
    os._exit(5 if any(is_wrong(row) for row in rows) else 0)


if __name__ == "__main__":
    main()
