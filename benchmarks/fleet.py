"""A fleet beside one process a file: files a second, processor time, memory, stages, and the same bytes.

::

    python -m benchmarks.fleet FOLDER WORK --channel-alias CHANNELS
        [--problems PROBLEMS.jsonl.zst] [--count 1000] [--alone 100] [--ways alone,1,2,dask] [--warm]
        [--made-index] [--profile FILE] [flags of `lock`]

WORK takes ``files`` (COUNT files: the recognised inputs of FOLDER and the requests of PROBLEMS for linux-64,
then variants of them, each with one line less, so that each asks something of its own) and ``cache``. A first
pass fills the cache, the others are offline, so that no way pays for the network; remembered answers are
taken out before each way (``--warm``: left in). ``--made-index``: pip's lines are answered by
`benchmarks.made_index`, else by the index of the settings. With PIP_CONFIG_FILE=/dev/null no index of the
machine's own is asked. Ways:

- ``alone``: a process a file, for every n-th file, ALONE of them;
- ``0``, ``1``, ``2`` ...: `lock fleet` with so many workers; ``dask``: on a cluster of two processes.

``--profile FILE``: run way ``0`` alone under cProfile and write its figures there.

``cpu`` is the processor time of all processes of a way, from their start to their end, as Linux counts it:
on a busy machine the figure to compare. Modules are compiled before, as an installer does. ``bytes``:
lockfiles of the fleet that differ from those of a process a file; there must be none.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import hashlib
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.made_index import make_index
from benchmarks.prepare import read_problems
from lockfiles.fleet.finding import FindRequest, find_files
from tests.support.server import LoopbackServer

#: The command under a profiler; its first argument takes the figures.
_PROFILED = """\
import cProfile, sys
from lockfiles.cli.main import main
profiler, place = cProfile.Profile(), sys.argv[1]
code = profiler.runcall(main, sys.argv[2:])
sys.stdout.flush()
profiler.dump_stats(place)
"""


def make_files(folder: Path, problems: Path | None, place: Path, count: int) -> list[Path]:
    """Write the files and variants of them; return their places in order."""
    os.chdir(folder)
    found = find_files(FindRequest(paths=(".",), heeds_git=False), _read).files
    originals = {name: Path(name).read_text(encoding="utf-8", errors="replace") for name in found}
    if problems is not None:
        originals |= dict(_as_files(problems))
    if count < len(originals):  # evenly of all that there are
        every = len(originals) / count
        names = list(originals)
        originals = {name: originals[name] for name in (names[int(at * every)] for at in range(count))}
    made: list[Path] = []
    drop = 0
    while len(made) < count:
        for original, whole in originals.items():
            text = _without_line(whole, drop)
            if text is None or len(made) == count:
                continue
            name = place / f"{len(made):05d}" / Path(original).name
            name.parent.mkdir(parents=True, exist_ok=True)
            name.write_text(text, encoding="utf-8")
            made.append(name)
        drop += 1
    return made


def _as_files(problems: Path) -> Iterator[tuple[str, str]]:
    """Yield the requests for linux-64 as environment files, each once."""
    seen: set[str] = set()
    for problem in read_problems(problems):
        channels = "".join(f"  - {json.dumps(name)}\n" for name in problem.channels)
        lines = "".join(f"  - {json.dumps(spec)}\n" for spec in problem.specs)
        text = f"channels:\n{channels}dependencies:\n{lines}"
        if problem.platform == "linux-64" and text not in seen:
            seen.add(text)
            yield f"{problem.id}/environment.yml", text


def _read(name: str) -> bytes:
    return Path(name).read_bytes()


def _without_line(text: str, number: int) -> str | None:
    """Return a text without its n-th item that is a requirement (0: as it is); None where it has fewer."""
    if number == 0:
        return text
    lines = text.splitlines(keepends=True)
    items = [
        at
        for at, line in enumerate(lines)
        if line.strip().startswith("- ") and not line.strip().endswith(":")
    ]
    if number >= len(items) - 1:
        return None
    del lines[items[-number]]
    return "".join(lines)


def adopt_orphans() -> None:
    """Become the parent of all that a way leaves behind (a server that workers are forked from), on Linux."""
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER


def children() -> float:
    """Return the processor time of all processes begun below this one, once they have ended."""
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run_alone(files: list[Path], flags: list[str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Lock each file in a process of its own; return figures, and digests of lockfiles."""
    digests: dict[str, str] = {}
    codes: Counter[int] = Counter()
    times: list[float] = []
    began, cpu = time.monotonic(), children()
    for file in files:
        output = file.parent / "alone.yml"
        started = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", "lockfiles.cli", file.name, "-o", "alone.yml", *flags],
            cwd=file.parent, capture_output=True, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        times.append(time.monotonic() - started)
        codes[done.returncode] += 1
        if output.exists():
            digests[str(file)] = hashlib.sha256(output.read_bytes()).hexdigest()
            output.unlink()
    return _figures("alone", len(files), time.monotonic() - began, children() - cpu, times, codes), digests


def run_fleet(
    way: str, place: Path, flags: list[str], profile: Path | None = None
) -> tuple[dict[str, Any], dict[str, str]]:
    """Lock all files as a fleet; lockfiles are written."""
    program = ["-m", "lockfiles.cli"] if profile is None else ["-c", _PROFILED, str(profile)]
    where = ["--scheduler", "local", "--workers", "2"] if way == "dask" else ["--workers", way]
    began, cpu = time.monotonic(), children()
    done = subprocess.run(
        [sys.executable, *program, "fleet", ".", "--no-ignore", "--json", *where, *flags],
        cwd=place, capture_output=True, check=False, text=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    seconds = time.monotonic() - began
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    digests = {str(place / row["file"]): row["digest"] for row in rows if row["digest"]}
    own = children() - cpu
    codes = Counter(row["code"] for row in rows)
    found = _figures(way, len(rows), seconds, own, [row["seconds"] for row in rows], codes)
    stages: Counter[str] = Counter()
    for row in rows:
        stages.update(row["stages"])
    total = sum(stages.values()) or 1.0
    found |= {
        "cpu a file": round(own / len(rows), 4),
        "cpu of jobs": round(sum(row["cpu"] for row in rows), 1),
        "memory, MB": max((row["memory"] for row in rows), default=0) >> 20,
        "requests": sum(row["requests"] for row in rows),
        "stages, %": {name: round(100 * spent / total, 1) for name, spent in stages.most_common()},
    }
    return found, digests


def _figures(
    way: str, count: int, seconds: float, cpu: float, times: list[float], codes: Counter[int]
) -> dict[str, Any]:
    times = sorted(times) or [0.0]
    return {
        "way": way,
        "files": count,
        "codes": dict(sorted(codes.items())),
        "seconds": round(seconds, 1),
        "files a second": round(count / seconds, 2),
        "cpu": round(cpu, 1),
        "files a second of processor time": round(count / cpu, 2) if cpu else None,
        "p50": round(times[len(times) // 2], 3),
        "p99": round(times[int(0.99 * (len(times) - 1))], 3),
    }


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    adopt_orphans()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--channel-alias", type=Path, required=True)
    parser.add_argument("--problems", type=Path)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--alone", type=int, default=100)
    parser.add_argument("--ways", default="alone,1,2,dask")
    parser.add_argument("--warm", action="store_true")
    parser.add_argument("--made-index", action="store_true")
    parser.add_argument("--profile", type=Path)
    arguments, flags = parser.parse_known_args()
    work = arguments.work.absolute()
    place, cache = work / "files", work / "cache"
    problems = arguments.problems.absolute() if arguments.problems else None
    profile = arguments.profile.absolute() if arguments.profile else None
    shutil.rmtree(place, ignore_errors=True)
    channels = str(arguments.channel_alias.absolute())
    flags = ["--channel-alias", channels, "--cache-dir", str(cache), "-p", "linux-64", *flags]
    files = make_files(arguments.folder.absolute(), problems, place, arguments.count)
    with LoopbackServer() as server:
        if arguments.made_index:
            flags += ["--index-url", make_index(files, server)]
        measure(arguments, place, files, flags, profile)


def measure(
    arguments: argparse.Namespace, place: Path, files: list[Path], flags: list[str], profile: Path | None
) -> None:
    """Fill the cache, then run each way and compare."""
    cache = place.parent / "cache"
    print(json.dumps({"filled": run_fleet("2", place, flags)[0]}), flush=True)
    flags.append("--offline")
    every = max(1, len(files) // arguments.alone)
    digests: dict[str, dict[str, str]] = {}
    ways = arguments.ways.split(",") if profile is None else ["0"]
    for way in ways:
        for lockfile in place.rglob("*conda-lock.yml"):
            lockfile.unlink()
        if not arguments.warm:
            for bucket in list(cache.rglob("answer-*")):
                shutil.rmtree(bucket)
        found, digests[way] = (
            run_alone(files[::every], flags) if way == "alone" else run_fleet(way, place, flags, profile)
        )
        print(json.dumps(found), flush=True)
    alone = digests.get("alone", {})
    for way, others in digests.items():
        both = alone.keys() & others.keys()
        differ = sum(alone[name] != others[name] for name in both)
        print(json.dumps({"bytes": way, "compared": len(both), "differ": differ}), flush=True)


if __name__ == "__main__":
    main()
