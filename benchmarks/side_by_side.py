"""Commands measured in turn: fresh processes, A B A B, wall time, CPU time and memory of each.

A machine that others use too makes wall times of one run wide; the sides go in turn, so that what
disturbs one disturbs the other, and figures are medians with the range beside them. CPU time (user
and system, of all processes and threads) hardly moves and is shown beside the wall time.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of a command."""

    wall: float  #: seconds
    cpu: float  #: seconds, user and system, children included
    memory: float  #: MiB at the peak, of the largest process
    code: int
    output: str  #: standard output
    errors: str


def run(command: Sequence[str | Path], environ: Mapping[str, str], folder: Path | None = None) -> Run:
    """Run a command to its end and measure it."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        started = time.perf_counter()
        process = subprocess.Popen(
            [str(part) for part in command], env=dict(environ), cwd=folder,
            stdin=subprocess.DEVNULL, stdout=output, stderr=errors,
        )  # fmt: skip
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        return Run(
            wall=wall,
            cpu=usage.ru_utime + usage.ru_stime,
            memory=usage.ru_maxrss / 1024,
            code=process.returncode,
            output=output.read().decode("utf-8", "replace"),
            errors=errors.read().decode("utf-8", "replace"),
        )


def clean_environ(**more: str) -> dict[str, str]:
    """Return the variables of a measured process: of the user's only certificates and proxies."""
    kept = ("PATH", "HOME", "LANG", "TMPDIR", "SYSTEMROOT", "SSL_CERT_FILE", "SSL_CERT_DIR", "PIP_CERT",
            "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")  # fmt: skip
    environ = {name: os.environ[name] for name in kept if name in os.environ}
    tools = (
        f"{Path(sys.executable).parent}{os.pathsep}{environ.get('PATH', '')}"  # uv stands beside this Python
    )
    return environ | {
        "PATH": tools,
        "PYTHONPATH": str(ROOT),
        "PYTHONHASHSEED": "0",
        "PIP_CONFIG_FILE": os.devnull,
        "UV_NO_CONFIG": "1",
        # uv would look for a Python of the target's own, which takes longer than all the rest.
        "UV_PYTHON_DOWNLOADS": "never",
        "NO_COLOR": "1",
        **more,
    }


def in_turn(sides: Mapping[str, Callable[[], Run]], count: int) -> dict[str, list[Run]]:
    """Run every side once, then every side again, ``count`` times; a failed run ends the measurement."""
    runs: dict[str, list[Run]] = {name: [] for name in sides}
    for _ in range(count):
        for name, side in sides.items():
            runs[name].append(check(name, side()))
    return runs


def check(name: str, done: Run) -> Run:
    """Return the run; raises SystemExit with what the command said where it failed."""
    if done.code:
        raise SystemExit(f"{name} failed ({done.code}):\n{done.errors[-2000:]}{done.output[-500:]}")
    return done


def ratio(ours: Sequence[Run], theirs: Sequence[Run]) -> float:
    """Return the ratio of the median wall times."""
    return median(ours) / median(theirs)


def pair_ratios(ours: Sequence[Run], theirs: Sequence[Run]) -> list[float]:
    """Return the ratio of each pair of neighbouring runs, ascending."""
    return sorted(a.wall / b.wall for a, b in zip(ours, theirs, strict=True))


def median(runs: Sequence[Run]) -> float:
    """Return the median wall time in seconds."""
    return statistics.median(r.wall for r in runs)


def row(name: str, runs: Sequence[Run]) -> str:
    """Return a table row: name, median and range of the wall time, median CPU time, highest memory."""
    walls = sorted(r.wall for r in runs)
    spread = f"{walls[0]:.2f}-{walls[-1]:.2f}"
    cpu = statistics.median(r.cpu for r in runs)
    return f"{name:<44} {median(runs):8.2f} {spread:>13} {cpu:8.2f} {max(r.memory for r in runs):8.0f}"


HEAD = f"{'':<44} {'wall, s':>8} {'range':>13} {'CPU, s':>8} {'MiB':>8}"


def compare(name: str, ours: Sequence[Run], theirs: Sequence[Run]) -> str:
    """Return a line with the ratio of medians, and the median and range of the ratios of pairs."""
    pairs = pair_ratios(ours, theirs)
    return (
        f"{name}: ratio of medians {ratio(ours, theirs):.2f}; "
        f"of pairs {statistics.median(pairs):.2f} ({pairs[0]:.2f}-{pairs[-1]:.2f})"
    )


def default_index() -> str:
    """Return the index that both sides are given: pip's variable, else the public one."""
    from lockfiles.settings.public_index import default_index_url

    return os.environ.get("PIP_INDEX_URL") or default_index_url()
