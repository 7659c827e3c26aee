#!/usr/bin/env python3
"""Run a part of the tests under every other supported Python that this machine has.

Each gets an environment of its own in ``.pythons``, made by its first run. All of them work at once,
and what each says is printed in whole when it ends. A Python that isn't found or can't be set up is
skipped and the reason is told; with ``--all`` it is a failure, and properties draw as many examples as
in any run of the tests, not a few (``tests/support/amount.py``). Exit code 1 where tests fail.

    python scripts/other_pythons.py [--all]
    python scripts/other_pythons.py --make   # the environments alone
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
#: Minor versions of Python 3 that the classifiers of pyproject.toml name.
MINORS = (11, 12, 13, 14)
#: Every stage once, and the command as a process; with the dependency group `smoke` alone.
PART = (
    "tests/model", "tests/constraints", "tests/solving/test_search.py", "tests/sources/cache",
    "tests/metadata/test_repodata.py", "tests/cli/test_progress.py", "tests/cli/test_failures.py",
    "tests/cli/test_bytecode.py", "tests/cli/test_compiled_patterns.py", "tests/sources/test_copies.py",
    "tests/sample/test_made.py::test_it_can_be_written_elsewhere", "tests/test_library.py",
)  # fmt: skip


class SkippedError(Exception):
    """A Python can't be used here; the text says why."""


def candidates(name: str) -> Iterator[Path]:
    """Yield every interpreter called ``name``: of PATH, then of pyenv, whose stand-ins in PATH may be off."""
    for folder in os.get_exec_path():
        yield Path(folder) / name
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    yield from sorted(pyenv.glob(f"*/bin/{name}"), reverse=True)


def find_python(minor: int) -> Path:
    """Return an interpreter of Python 3.``minor`` that can make environments; raises SkippedError."""
    check = f"import ensurepip, sys, venv; sys.exit(sys.version_info[:2] != (3, {minor}))"
    for path in candidates(f"python3.{minor}"):
        if (
            path.is_file()
            and subprocess.run([path, "-c", check], capture_output=True, check=False).returncode == 0
        ):
            return path
    raise SkippedError("not found")


def make(minor: int) -> tuple[int, str]:
    """Make a Python's environment where it isn't there; return 0 and what was said; raises SkippedError."""
    command = [find_python(minor), ROOT / "scripts" / "make_environment.py", ROOT, "--folder", _folder(minor)]
    made = run([*command, "--group", "smoke"])
    if made.returncode:
        raise SkippedError(f"its environment can't be made\n{made.stdout}")
    return 0, made.stdout


def run_part(minor: int, few: str) -> tuple[int, str]:
    """Run the part of the tests; return pytest's exit code and what it said; raises SkippedError."""
    _, said = make(minor)
    command = [_folder(minor) / "bin" / "python", "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider"]
    done = run([*command, *PART], LOCKSTACK_FEW=few)
    return done.returncode, said + done.stdout


def _folder(minor: int) -> Path:
    return ROOT / ".pythons" / f"3.{minor}"


def run(command: Sequence[str | Path], **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command in the project's folder; both its streams are in ``stdout``."""
    return subprocess.run(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, errors="replace", check=False, env={**os.environ, **variables},
    )  # fmt: skip


def main() -> int:
    """Run from the command line; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--all", action="store_true", help="fail where a Python is skipped")
    parser.add_argument("--make", action="store_true", help="make the environments, run nothing")
    arguments = parser.parse_args()
    must_all = arguments.all
    few = "" if must_all else "1"
    minors = [minor for minor in MINORS if minor != sys.version_info.minor]
    failed = False
    with ThreadPoolExecutor(1 if arguments.make else None) as pool:
        futures = [
            pool.submit(make, minor) if arguments.make else pool.submit(run_part, minor, few)
            for minor in minors
        ]
        for minor, future in zip(minors, futures, strict=True):
            try:
                code, said = future.result()
            except SkippedError as reason:
                print(f"Python 3.{minor}: skipped: {reason}", flush=True)
                failed |= must_all
                continue
            passed = "is there" if arguments.make else "passed"
            print(f"{said}Python 3.{minor}: {f'failed, exit code {code}' if code else passed}", flush=True)
            failed |= code != 0
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
