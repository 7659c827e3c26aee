"""How long ``lock check`` takes beyond its start-up, for a lockfile of N packages.

Run ``python benchmarks/check_speed.py LOCKFILE [flags of lock check]``: fresh processes, best of ``RUNS``;
start-up is `lock check --help`. The bytecode cache must be warm (Python writes it on the first run).
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from pathlib import Path

RUNS = 15


def best(*arguments: str) -> tuple[float, float]:
    """Return the shortest wall time and CPU time of one process, in milliseconds."""
    command = [sys.executable, "-c", "from lockfiles.cli.main import entry_point; entry_point()", *arguments]
    walls, cpus = [], []
    for _ in range(RUNS):
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(command, cwd=Path(__file__).parent.parent, capture_output=True, check=False)
        walls.append(time.perf_counter() - start)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpus.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(walls) * 1000, min(cpus) * 1000


def main() -> None:
    """Print start-up, the check, and the difference."""
    lockfile = str(Path(sys.argv[1]).resolve())
    start, check = best("check", "--help"), best("check", lockfile, *sys.argv[2:])
    for kind, one, other in zip(("wall", "CPU"), start, check, strict=True):
        print(f"{kind}: start-up {one:.0f} ms, check {other:.0f} ms, beyond start-up {other - one:.0f} ms")


if __name__ == "__main__":
    main()
