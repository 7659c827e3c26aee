"""How long ``lock check`` takes beyond its start-up, for a lockfile of N packages.

Run ``python benchmarks/check_speed.py LOCKFILE [flags of lock check]``: fresh processes, best of ``RUNS``;
start-up is `lock check --help`. The bytecode cache must be warm (Python writes it on the first run).
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

RUNS = 15


def best(*arguments: str) -> float:
    """Return the shortest time of one process, in milliseconds."""
    command = [sys.executable, "-c", "from lockfiles.cli.main import entry_point; entry_point()", *arguments]
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        subprocess.run(command, cwd=Path(__file__).parent.parent, capture_output=True, check=False)
        times.append(time.perf_counter() - start)
    return min(times) * 1000


def main() -> None:
    """Print start-up, the check, and the difference."""
    lockfile = str(Path(sys.argv[1]).resolve())
    start, check = best("check", "--help"), best("check", lockfile, *sys.argv[2:])
    print(f"start-up {start:.0f} ms, check {check:.0f} ms, beyond start-up {check - start:.0f} ms")


if __name__ == "__main__":
    main()
