"""How long the views of a lockfile take beyond their start-up, on lockfiles of real records.

Run ``python -m benchmarks.view_speed PROBLEMS CHANNELS [--runs 15] [--keep FOLDER]``: `lock why`, `tree` and
`graph` on a lockfile of 300 packages, `lock FILE --check` of a problem of that size that is locked first,
`lock diff` of two of 500, as conda-lock.yml and as pixi.lock. Fresh
processes, the best of ``--runs`` in CPU time and in wall time; start-up is `lock VERB --help`. ``--keep``
leaves the lockfiles and pages there.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from benchmarks.lock_corpus import Corpus, SampleLock
from benchmarks.prepare import Problem, read_problems
from benchmarks.side_by_side import Run, clean_environ, run
from lockfiles.formats.conda_lock.text import write_conda_lock
from lockfiles.formats.export import ExportRequest, export

#: What is measured: verb, arguments, milliseconds that it should take beyond start-up (0: no aim).
MEASURED: tuple[tuple[str, tuple[str, ...], int], ...] = (
    ("", ("locked/environment.yml", "--check"), 100),
    ("why", ("openssl", "300.yml"), 100),
    ("why", ("openssl", "300.lock"), 0),
    ("why", ("openssl", "300.yml", "--all", "--limit", "20"), 0),
    ("tree", ("300.yml",), 0),
    ("tree", ("300.yml", "--invert", "openssl"), 0),
    ("diff", ("500.yml", "other-500.yml"), 200),
    ("diff", ("500.yml", "500.yml"), 200),
    ("diff", ("500.lock", "other-500.lock"), 0),
    ("diff", ("500.yml", "other-500.yml", "--format", "markdown"), 0),
    ("graph", ("300.yml", "-o", "300.html", "--no-check"), 0),
    ("graph", ("300.yml", "-o", "300.html"), 0),
)


def main() -> None:
    """Write the lockfiles, then a row for each command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("problems", type=Path)
    parser.add_argument("channels", type=Path)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--keep", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = asked.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        _write(asked.problems, asked.channels, folder, Path(scratch) / "wheels")
        print(f"{'':<58} {'CPU, ms':>8} {'wall, ms':>9}   aim")
        for verb, arguments, aim in MEASURED:
            name = [verb] if verb else []
            start = _best([*name, "--help"], folder, asked.runs)
            whole = _best([*name, *arguments], folder, asked.runs)
            cpu, wall = (1000 * (b - a) for a, b in zip(start, whole, strict=True))
            mark = f"   {aim}: {'met' if cpu <= aim else 'missed'}" if aim else ""
            print(f"{' '.join(('lock', *name, *arguments)):<58} {cpu:8.0f} {wall:9.0f}{mark}")


def _write(problems: Path, channels: Path, folder: Path, wheels: Path) -> None:
    """Write a lockfile of 300 packages and two of 500, in two formats, each with the input of its problem."""
    known = {problem.id: problem for problem in read_problems(problems)}
    corpus = Corpus(problems, channels, wheels)
    first, other = [_of_size(500, known.values(), skip) for skip in (0, 40)]
    for name, problem in (("300", _of_size(300, known.values(), 0)), ("500", first), ("other-500", other)):
        sample = corpus.of_problem(problem)
        source = f"{name}.environment.yml"
        metadata = msgspec.structs.replace(sample.metadata, sources=(source,))
        (folder / f"{name}.yml").write_text(write_conda_lock(sample.resolutions, metadata))
        specs = "".join(f"  - {spec!r}\n" for spec in problem.specs)
        (folder / source).write_text(f"channels: {list(problem.channels)}\ndependencies:\n{specs}")
        (folder / f"{name}.lock").write_text(_as_pixi(sample))
    _lock(_of_size(300, known.values(), 0), channels, folder / "locked")


def _lock(problem: Problem, channels: Path, folder: Path) -> None:
    """Lock a problem in a folder of its own, for the question whether that is fresh."""
    folder.mkdir()
    specs = "".join(f"  - {spec!r}\n" for spec in problem.specs)
    (folder / "environment.yml").write_text(f"channels: {list(problem.channels)}\ndependencies:\n{specs}")
    virtual = [f"{name}={version}" for name, version in problem.virtual_packages if name != "__archspec"]
    settings = {
        "platforms": [problem.platform],
        "channel-alias": str(channels.resolve()),
        "channel-priority": problem.channel_priority,
        "virtual-packages": virtual,
        "cache-dir": str((folder / "cache").resolve()),
    }
    lines = (f"{name} = {json.dumps(value)}\n" for name, value in settings.items())
    (folder / "lockstack.toml").write_text("".join(lines))
    done = run(_command(["environment.yml"]), clean_environ(), folder)
    if done.code:
        raise SystemExit(f"the problem can't be locked:\n{done.errors}")


def _of_size(size: int, problems: Iterable[Problem], skip: int) -> Problem:
    """Return a problem for Linux whose solution has openssl and so many packages or more: the smallest."""
    fitting = [
        one
        for one in problems
        if one.platform == "linux-64"
        and len(one.solution) >= size
        and any("/openssl-" in address for address in one.solution)
    ]
    return sorted(fitting, key=lambda one: (len(one.solution), one.id))[skip]


def _as_pixi(sample: SampleLock) -> str:
    (file,) = export("pixi", ExportRequest(resolutions=sample.resolutions, metadata=sample.metadata))
    return file.text


def _command(arguments: Sequence[str]) -> list[str]:
    return [sys.executable, "-c", "from lockfiles.cli.main import entry_point; entry_point()", *arguments]


def _best(arguments: Sequence[str], folder: Path, runs: int) -> tuple[float, float]:
    """Return the least CPU time and wall time, in seconds."""
    done: list[Run] = []
    for _ in range(runs):
        one = run(_command(arguments), clean_environ(), folder)
        if one.code:
            raise SystemExit(f"{' '.join(arguments)} ended with {one.code}:\n{one.errors}")
        done.append(one)
    return min(one.cpu for one in done), min(one.wall for one in done)


if __name__ == "__main__":
    main()
