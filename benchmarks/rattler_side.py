"""py-rattler's answer to solve problems, from files on disk.

One problem, in a fresh process (the stage that is timed opens the sparse repodata and
solves; imports are done before)::

    python -m benchmarks.rattler_side one PROBLEMS CHANNELS ID

All problems in one process, one JSON line each, continued where an earlier run stopped
(sparse repodata is opened once for all, so ``seconds`` is the solve alone)::

    python -m benchmarks.rattler_side all PROBLEMS CHANNELS OUTPUT.jsonl

CHANNELS is what ``benchmarks.prepare`` writes. Each answer has ``id``, ``verdict``
(``solution``, ``none`` or ``error``), ``seconds``, ``solution``
(``channel/subdir/file``, sorted) and ``message``.

py-rattler's asynchronous functions can crash the interpreter at exit, so both modes
leave through ``os._exit`` once everything is written.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import rattler
from rattler.exceptions import SolverError
from rattler.package import BuildString

from benchmarks.prepare import BASELINES, Problem, read_problems, repodata_files

ALIAS = "https://conda.anaconda.org/"  #: where py-rattler places a channel that is given by name
TIMEOUT = dt.timedelta(seconds=120)
PRIORITIES = {
    "strict": rattler.ChannelPriority.Strict,
    "disabled": rattler.ChannelPriority.Disabled,
}


def open_sparse(channels: Path, problem: Problem, cache: dict[Path, Any] | None) -> list[Any]:
    """Return the sparse repodata of a problem by priority; ``cache`` keeps them open between problems."""
    sparse = []
    for channel, subdir, path in repodata_files(channels, problem):
        data = cache.get(path) if cache is not None else None
        if data is None:
            data = rattler.SparseRepoData(rattler.Channel(channel), subdir, path)
            if cache is not None:
                cache[path] = data
        sparse.append(data)
    return sparse


def virtual_packages(problem: Problem) -> list[Any]:
    """Return the problem's virtual packages as py-rattler takes them."""
    builds = {"__archspec": BASELINES.get(problem.platform, "0")}
    return [
        rattler.GenericVirtualPackage(
            rattler.PackageName(name), rattler.Version(version), BuildString(builds.get(name, "0"))
        )
        for name, version in problem.virtual_packages
    ]


async def solve(problem: Problem, sparse: list[Any], virtual: list[Any]) -> list[str]:
    """Return the solution as ``channel/subdir/file``, sorted."""
    records = await rattler.solve_with_sparse_repodata(
        specs=[rattler.MatchSpec(spec) for spec in problem.specs],
        sparse_repodata=sparse,
        virtual_packages=virtual,
        channel_priority=PRIORITIES[problem.channel_priority],
        timeout=TIMEOUT,
    )
    return sorted(record.url.removeprefix(ALIAS) for record in records)


def answer(problem: Problem, channels: Path, cache: dict[Path, Any] | None) -> dict[str, Any]:
    """Return py-rattler's answer to one problem; see the module for its keys."""
    virtual = virtual_packages(problem)
    result: dict[str, Any] = {"id": problem.id, "verdict": "solution", "solution": [], "message": ""}
    started, worked = time.perf_counter(), time.process_time()
    try:
        sparse = open_sparse(channels, problem, cache)
        result["opening"] = round(time.process_time() - worked, 6)
        result["solution"] = asyncio.run(solve(problem, sparse, virtual))
    except SolverError as error:
        result |= {"verdict": "none", "message": str(error)}
    except Exception as error:  # whatever else py-rattler raises is a result here
        result |= {"verdict": "error", "message": f"{type(error).__name__}: {error}"}
    result["seconds"] = round(time.perf_counter() - started, 6)
    result["cpu"] = round(time.process_time() - worked, 6)
    return result


def answer_all(problems: list[Problem], channels: Path, output: Path) -> None:
    """Append the answers that ``output`` lacks, one line each."""
    done = set()
    if output.exists():
        done = {json.loads(line)["id"] for line in output.read_text(encoding="utf-8").splitlines()}
    cache: dict[Path, Any] = {}
    with output.open("a", encoding="utf-8") as stream:
        for problem in problems:
            if problem.id not in done:
                stream.write(json.dumps(answer(problem, channels, cache), sort_keys=True) + "\n")
                stream.flush()


def main() -> None:
    """Run from the command line; never returns."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("mode", choices=("one", "all"))
    parser.add_argument("problems", type=Path)
    parser.add_argument("channels", type=Path)
    parser.add_argument("what", help="the problem's id, or the file to write")
    arguments = parser.parse_args()
    problems = read_problems(arguments.problems)
    status = 0
    if arguments.mode == "all":
        answer_all(problems, arguments.channels, Path(arguments.what))
    else:
        found = next((problem for problem in problems if problem.id == arguments.what), None)
        if found is None:
            print(f"no problem `{arguments.what}` in {arguments.problems}", file=sys.stderr)
            status = 2
        else:
            print(json.dumps(answer(found, arguments.channels, None), sort_keys=True))
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    main()
