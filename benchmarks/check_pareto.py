"""Ask py-rattler whether our answers can be beaten: nothing requested newer unless something gets older.

Run as::

    python -m benchmarks.check_pareto PROBLEMS CHANNELS OURS.jsonl [--every N]

OURS is what ``benchmarks.lockstack_side all`` writes, CHANNELS what ``benchmarks.prepare`` writes. For each
requested package of an answer that is not at the newest version its own specs leave, py-rattler solves the
problem again with that package newer and all other requested ones no older. It must find nothing: a
solution is printed as ``beaten``, and the exit code is 1.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.compare_problems import Lags, read_answers
from benchmarks.prepare import Problem, read_problems
from benchmarks.rattler_side import answer
from tests.oracles.channel_folder import ChannelFolder
from tests.oracles.conda_checker import spec_name


def harder(problem: Problem, versions: dict[str, str], name: str) -> Problem:
    """Return the problem with one package newer than in an answer, and the others no older."""
    limits = [f"{other} >={version}" for other, version in versions.items() if other != name]
    return replace(problem, specs=(*problem.specs, f"{name} >{versions[name]}", *limits))


def requested_versions(problem: Problem, solution: list[str], folder: ChannelFolder) -> dict[str, str]:
    """Return the versions that an answer has of what the problem requests."""
    wanted = {spec_name(spec) for spec in problem.specs}
    records = [one.record for address in solution if (one := folder.find(address)) is not None]
    return {record.name.lower(): record.version for record in records if record.name.lower() in wanted}


def main() -> None:
    """Run from the command line; never returns (see ``benchmarks.rattler_side``)."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    for name in ("problems", "channels", "ours"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--every", type=int, default=1)
    arguments = parser.parse_args()
    ours, folder = read_answers(arguments.ours), ChannelFolder(arguments.channels)
    lags, counts, cache = Lags(folder), Counter[str](), dict[Path, Any]()
    started = time.monotonic()
    for problem in read_problems(arguments.problems)[:: arguments.every]:
        found = ours.get(problem.id)
        if found is None or found["verdict"] != "solution":
            continue
        counts["answers"] += 1
        versions = requested_versions(problem, found["solution"], folder)
        for name, lag in lags.of(problem, found["solution"]).items():
            if lag:
                told = answer(harder(problem, versions, name), arguments.channels, cache)
                counts[f"questions, {told['verdict']}"] += 1
                if told["verdict"] != "none":
                    print("beaten:", problem.id, name, versions[name], told["message"][:99], flush=True)
    print(f"{dict(sorted(counts.items()))}, {time.monotonic() - started:.0f} s", flush=True)
    sys.stderr.flush()
    os._exit(1 if counts["questions, solution"] else 0)


if __name__ == "__main__":
    main()
