"""Solve stage beside py-rattler's: fresh processes, files on disk, in turn, one run.

::

    python -m benchmarks.solve_stage PROBLEMS CHANNELS --count 100 [--repeat 3] [--cpu]

CHANNELS is what ``benchmarks.prepare`` writes. For every problem both sides run in turn
``repeat`` times; a side's figure is its best. Prints the ratios (ours / py-rattler's):
median, p90, worst, and the sums. Our cache is warmed before; py-rattler reads its sparse
repodata.json. What each side takes to open the channels is part of the stage; a last line has
the ratio of CPU time beyond that.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.prepare import read_problems


def run_side(module: str, arguments: argparse.Namespace, problem: str, cache: str) -> dict[str, object]:
    """Return one side's answer from a fresh process."""
    extra = ["--cache", cache] if module.endswith("lockstack_side") else []
    done = subprocess.run(
        [sys.executable, "-m", module, "one", arguments.problems, arguments.channels, problem, *extra],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("problems")
    parser.add_argument("channels")
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--cpu", action="store_true", help="CPU time of all threads, for a busy machine")
    arguments = parser.parse_args()
    problems = read_problems(Path(arguments.problems))
    step = max(1, len(problems) // arguments.count)
    rows, beyond = [], []
    with tempfile.TemporaryDirectory() as cache:
        for problem in problems[::step][: arguments.count]:
            run_side("benchmarks.lockstack_side", arguments, problem.id, cache)
            ours, theirs = [], []
            for _ in range(arguments.repeat):
                ours.append(run_side("benchmarks.lockstack_side", arguments, problem.id, cache))
                theirs.append(run_side("benchmarks.rattler_side", arguments, problem.id, cache))
            clock = "cpu" if arguments.cpu else "seconds"
            mine = min(float(str(a[clock])) for a in ours)
            other = min(float(str(a[clock])) for a in theirs)
            beyond.append(beyond_opening(ours) / beyond_opening(theirs))
            rows.append((mine / other, mine, other, problem.id))
            print(
                f"{mine / other:.2f} {mine * 1000:.0f} ms / {other * 1000:.0f} ms {problem.id}",
                file=sys.stderr,
            )
    report(rows)
    print(f"ratio beyond opening, CPU: median {statistics.median(beyond):.2f}")


def beyond_opening(answers: Sequence[Mapping[str, object]]) -> float:
    """Return the least CPU time that was taken behind the opening of channels."""
    return min(float(str(a["cpu"])) - float(str(a["opening"])) for a in answers)


def report(rows: list[tuple[float, float, float, str]]) -> None:
    """Print the figures over all problems."""
    ratios = sorted(row[0] for row in rows)
    ours, theirs = [row[1] for row in rows], [row[2] for row in rows]
    p90 = ratios[int(len(ratios) * 0.9)]
    print(f"problems {len(rows)}")
    print(f"ratio median {statistics.median(ratios):.2f}, p90 {p90:.2f}, worst {ratios[-1]:.2f}")
    print(f"sum {sum(ours):.1f} s / {sum(theirs):.1f} s")
    print(f"p50 {statistics.median(ours) * 1000:.0f} ms / {statistics.median(theirs) * 1000:.0f} ms")
    for row in sorted(rows, reverse=True)[:5]:
        print(f"slowest ratio {row[0]:.2f} ({row[1] * 1000:.0f} ms / {row[2] * 1000:.0f} ms) {row[3]}")


if __name__ == "__main__":
    main()
