#!/usr/bin/env python3
"""Run a part of the tests under every other supported Python that this machine has.

Each gets an environment of its own in ``.pythons``, made by its first run. A
Python that isn't found or can't be set up is skipped and the reason is told;
with ``--all`` it is a failure. Exit code 1 where tests fail.

    python scripts/other_pythons.py [--all]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
#: Minor versions of Python 3 that the classifiers of pyproject.toml name.
MINORS = (11, 12, 13, 14)
#: Every stage once, and the command as a process; with the dependency group `smoke` alone.
PART = (
    "tests/model", "tests/constraints", "tests/solving/test_search.py", "tests/sources/cache",
    "tests/metadata/test_repodata.py", "tests/cli/test_progress.py", "tests/cli/test_failures.py",
    "tests/sample/test_made.py", "tests/test_library.py",
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


def run_part(minor: int) -> int:
    """Run the part of the tests; return pytest's exit code; raises SkippedError."""
    folder = ROOT / ".pythons" / f"3.{minor}"
    make = [find_python(minor), ROOT / "scripts" / "make_environment.py", ROOT, "--folder", folder]
    if subprocess.run([*make, "--group", "smoke"], check=False).returncode:
        raise SkippedError("its environment can't be made (the reason is above)")
    command = [folder / "bin" / "python", "-m", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider", *PART]
    return subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, check=False).returncode


def main() -> int:
    """Run from the command line; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--all", action="store_true", help="fail where a Python is skipped")
    must_all = parser.parse_args().all
    failed = False
    for minor in MINORS:
        if minor == sys.version_info.minor:
            continue
        try:
            code = run_part(minor)
        except SkippedError as reason:
            print(f"Python 3.{minor}: skipped: {reason}", flush=True)
            failed |= must_all
            continue
        print(f"Python 3.{minor}: {f'failed, exit code {code}' if code else 'passed'}", flush=True)
        failed |= code != 0
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
