"""What explaining adds to a `lock` that fails, beside all that the command does before it knows that.

Run as ``python -m benchmarks.explain_whole PROBLEMS.jsonl CHANNELS [--every N] [--cache DIR]``;
PROBLEMS.jsonl is what ``benchmarks.make_unsolvable`` wrote. Problems with pip lines are left out (they need
the live index).

Each problem is an environment.yml that `lock` is run on, in a process of its own, twice, so that the cache
is warm. Processor seconds are read where the search has failed (``verdict``: start, reading, settings,
search) and at the end (``explained``): the conflict and a change, as `lock` prints them. ``ratio`` is what
came after the verdict in times of what came before. Steps (a decision is 1, a conflict 50) are the same on
every machine.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.make_unsolvable import Unsolvable, read_unsolvable

_CHILD = """
import json, os, sys, time
sys.argv[0] = "lock"
import resolver.explain.budget as budget
import resolver.explain.showing.brief as brief
found, meters = {}, []
explain, bound = brief.no_solution, budget.Meter.bound
def noted(*arguments, **more):
    found["verdict"] = time.process_time()
    error = explain(*arguments, **more)
    found["explained"] = time.process_time()
    found["steps"] = meters[-1].steps if meters else 0
    return error
def counted(self, whole):
    found["failing steps"] = self.steps
    meters.append(self)
    bound(self, whole)
brief.no_solution, budget.Meter.bound = noted, counted
from lockfiles.cli.main import main
found["code"] = main(sys.argv[1:])
sys.stdout.write(json.dumps(found))
sys.stdout.flush()
os._exit(0)
"""


def write(problem: Unsolvable, folder: Path) -> list[str]:
    """Write a problem as an environment file; return the arguments that lock it."""
    lines = [*(f"  - {json.dumps(name)}" for name in problem.specs)]
    channels = [f"  - {json.dumps(name)}" for name in problem.channels]
    text = "\n".join(["channels:", *channels, "dependencies:", *lines, ""])
    (folder / "environment.yml").write_text(text, encoding="utf-8")
    arguments = [
        "environment.yml",
        "-q",
        "-p",
        problem.platform,
        "--channel-priority",
        problem.channel_priority,
    ]
    for name, version in problem.virtual_packages:
        arguments += ["--virtual-package", f"{name}={version}"]
    if problem.exclude_newer is not None:
        arguments += ["--exclude-newer", str(problem.exclude_newer)]
    return arguments


def measure(problem: Unsolvable, channels: Path, cache: Path) -> dict[str, Any] | None:
    """Lock a problem twice; return what the second run took, None where it doesn't fail as it should."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        asked = [
            *write(problem, folder),
            "--channel-alias",
            str(channels),
            "--cache-dir",
            str(cache),
            "--no-index",
        ]
        found: dict[str, Any] = {}
        for _ in range(2):
            done = subprocess.run(
                [sys.executable, "-c", _CHILD, *asked],
                cwd=folder,
                env={**os.environ, "HOME": name, "PYTHONPATH": os.pathsep.join(sys.path)},
                capture_output=True,
                text=True,
                check=False,
            )
            found = json.loads(done.stdout) if done.stdout.startswith("{") else {}
    if found.get("code") != 4 or "explained" not in found:
        return None
    explaining = found["explained"] - found["verdict"]
    return {"id": problem.id, **found, "explaining": explaining, "ratio": explaining / found["verdict"]}


def report(rows: list[dict[str, Any]], left_out: int) -> dict[str, Any]:
    """Return the figures."""

    def spread(values: list[float]) -> dict[str, float]:
        values = sorted(values)
        return {
            "median": round(statistics.median(values), 2),
            "p95": round(values[int(0.95 * (len(values) - 1))], 2),
            "max": round(values[-1], 2),
        }

    return {
        "problems": len(rows),
        "left out (other errors)": left_out,
        "seconds to the verdict": spread([row["verdict"] for row in rows]),
        "seconds of explaining": spread([row["explaining"] for row in rows]),
        "explaining, in times of all before it": spread([row["ratio"] for row in rows]),
        "above ten times": sum(row["ratio"] > 10 for row in rows),
        "steps of the failing search": spread([row.get("failing steps", 0) for row in rows]),
        "steps in all": spread([row["steps"] for row in rows]),
    }


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("problems", type=Path)
    parser.add_argument("channels", type=Path)
    parser.add_argument("--every", type=int, default=1, help="only every n-th problem")
    parser.add_argument("--cache", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        cache = arguments.cache or Path(name)
        asked = [one for one in read_unsolvable(arguments.problems)[:: arguments.every] if not one.pip]
        found = [measure(problem, arguments.channels.resolve(), cache.resolve()) for problem in asked]
    rows = [row for row in found if row is not None]
    print(json.dumps(report(rows, len(found) - len(rows)), indent=2))


if __name__ == "__main__":
    main()
