"""Whether two states of this program write the same lockfiles, byte for byte.

::

    python -m benchmarks.same_lockfiles CHECKOUT CHANNELS [--problems PROBLEMS] [--every 1] [--joint FILE]
                                        [--plain] [--again] [--cache DIR] [--only TEXT]

CHECKOUT is a folder with another state of the repository, as ``git worktree add FOLDER COMMIT`` makes it.
Both lock the same inputs with the same flags, each in one process with a cache of its own and another
hash seed, and remember no answers: every ``--every``-th of PROBLEMS (their conda parts), the problems of
``--joint`` (a YAML list of ``id``, ``conda``, ``pip``, as the joint tests read it), the inputs of
``benchmarks.all``, on five platforms too where they solve, and the examples. Pip lines ask the default
index. Where one has no lockfile, exit code and words must be the same.

``--plain``: CHECKOUT's search goes without rows (every file of a page is judged by itself), without what it
remembers of pairs that fire, and without replay of undone levels. With this checkout itself as
CHECKOUT that shows that none of them changes an answer. ``--again``: this checkout locks each input twice,
the second time with what the first run left in the cache, answers apart; both must be as CHECKOUT's.
Exit code 1 where anything differs.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from benchmarks.all.cases import CASES
from benchmarks.platforms import LEFT_OUT, PLATFORMS, without
from benchmarks.prepare import read_problems
from benchmarks.side_by_side import ROOT, clean_environ, default_index
from scripts.make_sample import ensure_sample

#: Runs jobs with the state that PYTHONPATH names: a line in JSON each, and so what came of it.
_WORKER = """
import contextlib, gc, hashlib, io, json, os, re, shutil, sys
from pathlib import Path
import resolver
from lockfiles.cli.main import main

if sys.argv[2] == "plain":
    from resolver.constraints.pypi_side import PypiSide
    from resolver.solving.propagation import Propagation
    from resolver.solving.replay import Replay

    class Forgetful(dict):
        def __setitem__(self, key, value):
            pass

    assert PypiSide._must_look_at_each and Replay.keep and Replay.take and Propagation._grower
    grower = Propagation._grower
    def forget(self, links_of):
        grow, firing = grower(self, links_of), self._firing
        def grow_and_forget(package):
            grow(package)
            firing[-1] = Forgetful()
        return grow_and_forget
    def keep_nothing(self, level):
        del self.stamps[level:]
    PypiSide._must_look_at_each = lambda *_: True
    Propagation._grower = forget
    Replay.keep = keep_nothing
    Replay.take = lambda *_: None

cache, times = Path(sys.argv[1]), 2 if sys.argv[2] == "again" else 1
print(json.dumps({"resolver": resolver.__file__}), flush=True)
for line in sys.stdin:
    job = json.loads(line)
    output, found = Path(job["output"]), []
    os.chdir(output.parent)
    for _ in range(times):
        for folder in cache.rglob("answer-*"):
            shutil.rmtree(folder)
        output.unlink(missing_ok=True)
        said = io.StringIO()
        gc.disable()
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
            try:
                code = main(job["arguments"])
            except SystemExit as end:
                code = end.code
        gc.enable()
        digest = hashlib.sha256(output.read_bytes()).hexdigest() if output.is_file() else None
        words = "" if digest else re.sub(r"[0-9.]+ s\\b", "", said.getvalue())
        found.append({"id": job["id"], "code": code, "digest": digest, "said": words})
    if any(one != found[0] for one in found):
        found[0]["said"] += f"and again: {found[1]}"
    print(json.dumps(found[0]), flush=True)
os._exit(0)
"""


class Job:
    """One input with the flags that it is locked with."""

    def __init__(self, name: str, files: Mapping[str, str], *flags: str, source: Path | None = None) -> None:
        """``files``: name -> text, the first is the input; ``source``: a file in their place."""
        self.name, self.files, self.flags, self.source = name, files, flags, source

    def write(self, folder: Path, common: list[str]) -> dict[str, Any]:
        """Write the input into a folder; return the job as the worker reads it."""
        place = folder / self.name.replace("/", "-")
        place.mkdir(parents=True)
        for name, text in self.files.items():
            (place / name).write_text(text, encoding="utf-8")
        given = str(self.source) if self.source else next(iter(self.files))
        more = [] if self.source else common
        output = place / "conda-lock.yml"
        arguments = [given, "-o", str(output), "-q", "--update-all", *self.flags, *more]
        return {"id": self.name, "arguments": arguments, "output": str(output)}


def of_problems(path: Path, every: int) -> Iterator[Job]:
    """Yield the conda parts of problems."""
    for problem in read_problems(path)[::every]:
        document = {"channels": list(problem.channels), "dependencies": list(problem.specs)}
        virtual = [f"--virtual-package={name}={version}" for name, version in problem.virtual_packages]
        yield Job(
            f"problem {problem.id}", {"environment.yml": yaml.safe_dump(document, sort_keys=False)},
            "-p", problem.platform, "--channel-priority", problem.channel_priority, *virtual,
        )  # fmt: skip


def of_joint(path: Path) -> Iterator[Job]:
    """Yield the joint problems."""
    for row in yaml.safe_load(path.read_text(encoding="utf-8")):
        dependencies = [*row["conda"], "pip", {"pip": row["pip"]}]
        document = {"channels": ["conda-forge"], "dependencies": dependencies}
        yield Job(f"joint {row['id']}", {"environment.yml": yaml.safe_dump(document)}, "-p", "linux-64")


def of_benchmarks() -> Iterator[Job]:
    """Yield the inputs of ``benchmarks.all``, and on five platforms what solves on all."""
    with tempfile.TemporaryDirectory() as name:
        for case in CASES:
            for how in ("", "edited", "longer"):
                written = case.write(Path(name), how)
                text = written.read_text(encoding="utf-8")
                yield Job(f"{case.name} {written.name}", {written.name: text}, "-p", "linux-64", *case.target)
            if case.name in LEFT_OUT:
                flags = [text for platform in PLATFORMS for text in ("-p", platform)]
                yield Job(f"{case.name} five platforms", {case.file: without(case)}, *flags, *case.target)


def of_examples() -> Iterator[Job]:
    """Yield the examples, with their own settings."""
    for folder in sorted((ROOT / "examples").glob("*/environment.yml")):
        yield Job(f"example {folder.parent.name}", {}, source=folder)


def start(checkout: Path, cache: Path, seed: int, how: str) -> subprocess.Popen[str]:
    """Start one side; ``how``: as it is, plain, or each input again."""
    environ = clean_environ(PYTHONPATH=str(checkout), PYTHONHASHSEED=str(seed), PYTHONDONTWRITEBYTECODE="1")
    return subprocess.Popen(
        [sys.executable, "-c", _WORKER, str(cache), how], env=environ, cwd=cache.parent, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=sys.stderr,
    )  # fmt: skip


def ask(process: subprocess.Popen[str], job: dict[str, Any]) -> None:
    """Hand one job on."""
    assert process.stdin is not None  # noqa: S101
    process.stdin.write(f"{json.dumps(job)}\n")
    process.stdin.flush()


def answer(process: subprocess.Popen[str]) -> dict[str, Any]:
    """Wait for what came of a job."""
    assert process.stdout is not None  # noqa: S101
    line = process.stdout.readline()
    if not line:
        raise SystemExit("a side ended early")
    found: dict[str, Any] = json.loads(line)
    return found


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("checkout", type=Path)
    parser.add_argument("channels", type=Path)
    parser.add_argument("--problems", type=Path)
    parser.add_argument("--joint", type=Path)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--plain", action="store_true")
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    ensure_sample()
    jobs = [*of_examples(), *of_benchmarks()]
    jobs += of_joint(arguments.joint) if arguments.joint else []
    jobs += of_problems(arguments.problems, arguments.every) if arguments.problems else []
    jobs = [job for job in jobs if arguments.only in job.name]
    with tempfile.TemporaryDirectory() as name:
        sys.exit(1 if _compare(jobs, arguments, Path(name)) else 0)


def _compare(jobs: list[Job], arguments: argparse.Namespace, folder: Path) -> int:
    """Run all jobs on both sides at once; print what differs, and return how many do."""
    caches = [(arguments.cache or folder) / side for side in ("here", "there")]
    for cache in caches:
        cache.mkdir(parents=True, exist_ok=True)
    sides = [
        start(ROOT, caches[0], 1, "again" if arguments.again else "as it is"),
        start(arguments.checkout.resolve(), caches[1], 2, "plain" if arguments.plain else "as it is"),
    ]
    print("; ".join(answer(side)["resolver"] for side in sides))
    differing, solved = 0, 0
    for number, job in enumerate(jobs, 1):
        for side, process, cache in zip(("here", "there"), sides, caches, strict=True):
            common = ["--channel-alias", str(arguments.channels.resolve()), "--index-url", default_index()]
            flags = Job(job.name, job.files, *job.flags, "--cache-dir", str(cache), source=job.source)
            ask(process, flags.write(folder / side / "x" / str(number), common))
        found = [answer(side) for side in sides]
        solved += found[0]["digest"] is not None
        if _told(found[0], folder, "here") != _told(found[1], folder, "there"):
            differing += 1
            print(f"differs: {job.name}: {found[0]['code']} here, {found[1]['code']} there", flush=True)
        if number % 100 == 0:
            print(f"{number} of {len(jobs)}: {differing} differ", flush=True)
    print(f"{len(jobs)} inputs, {solved} with a lockfile, {differing} differ")
    return differing


def _told(found: Mapping[str, Any], folder: Path, side: str) -> tuple[object, ...]:
    said = str(found["said"]).replace(os.fspath(folder / side), "")
    return found["code"], found["digest"], said


if __name__ == "__main__":
    main()
