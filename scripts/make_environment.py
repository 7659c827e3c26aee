"""Make the project's own virtual environment and install the project into it.

Called by ``scripts/lock`` and ``scripts/test`` with any Python 3.11 or newer;
needs the standard library alone. Two calls at once are fine: the second waits
and finds the work done. Everything it says goes to stderr.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import os
import re
import subprocess
import sys
import tomllib
import venv
from collections.abc import Iterator
from pathlib import Path


def main() -> int:
    """Read the command line; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("root", type=Path)
    parser.add_argument("--group", default="", help="a dependency group of pyproject.toml")
    parser.add_argument("--folder", type=Path, help="the environment's place; `.venv` unless it is given")
    arguments = parser.parse_args()
    folder = arguments.folder or arguments.root / ".venv"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _only_one(folder):
            return _ensure(arguments.root, folder, arguments.group)
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        _complain(f"can't make the environment in `{folder}`: {error}")
        return 1


@contextlib.contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """Hold a lock on the environment's folder itself, so that no lock file is left behind."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        # Some network file systems know no locks; going on alone is better than not at all.
        with contextlib.suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _ensure(root: Path, folder: Path, group: str) -> int:
    wanted = f"{root}\n".encode() + (root / "pyproject.toml").read_bytes()
    stamp = folder / (f"lockstack-{group}.stamp" if group else "lockstack.stamp")
    if stamp.is_file() and stamp.read_bytes() == wanted and _works(folder):
        return 0
    purpose = "the tests' environment" if group else "the environment"
    print(f"Setting up {purpose} in {folder} (once, takes up to a minute)", file=sys.stderr, flush=True)
    if not _works(folder):
        venv.EnvBuilder(clear=True, with_pip=True, symlinks=True).create(folder)
    code = _install(root, folder, group)
    if code:
        _complain(f"pip could not install the project (exit code {code})", hint=(
            "the first call needs the package index that pip is configured for; "
            "`PIP_INDEX_URL` and `HTTPS_PROXY` are honoured"
        ))  # fmt: skip
        return 1
    stamp.write_bytes(wanted)
    if group:  # what the tests need includes what the command needs
        (folder / "lockstack.stamp").write_bytes(wanted)
    return 0


def _works(folder: Path) -> bool:
    """Tell whether the environment runs, is new enough, has pip and still stands where it was made."""
    python, pip = folder / "bin" / "python", folder / "bin" / "pip"
    if not (python.exists() and pip.exists()):
        return False
    check = "import pip, sys; sys.exit(sys.version_info < (3, 11))"
    done = subprocess.run([python, "-c", check], capture_output=True, check=False)
    # The first line of pip names the folder: it says whether the environment was moved since.
    return done.returncode == 0 and str(folder) in pip.read_text(errors="replace")


def _install(root: Path, folder: Path, group: str) -> int:
    """Install the project, editable, with what ``group`` names; return pip's exit code."""
    # The list itself: the pip that comes with Python 3.11 to 3.13 knows no `--group`.
    command = [str(folder / "bin" / "python"), "-m", "pip", "install", "-qq", "--no-input",
               "--disable-pip-version-check", *(read_group(root, group) if group else ()),
               *(["--no-compile"] if _compiles_later(group) else ()), "--editable", str(root)]  # fmt: skip
    # pip's own output goes to stderr: stdout belongs to the command that follows.
    return subprocess.run(command, stdout=sys.stderr, stdin=subprocess.DEVNULL, check=False).returncode


def _compiles_later(group: str) -> bool:
    """Tell whether modules are compiled as they are loaded: tests load a third of what pip would compile."""
    return bool(group) and not sys.dont_write_bytecode


def read_group(root: Path, name: str) -> list[str]:
    """Return the requirements of a dependency group (PEP 735) and of those that it includes.

    Raises ValueError for a group that isn't there or includes itself.
    """
    with (root / "pyproject.toml").open("rb") as file:
        groups = {_same(group): lines for group, lines in tomllib.load(file)["dependency-groups"].items()}
    return _expand(groups, name, ())


def _expand(groups: dict[str, list[str | dict[str, str]]], name: str, within: tuple[str, ...]) -> list[str]:
    if _same(name) not in groups:
        raise ValueError(f"no dependency group `{name}`")
    if _same(name) in within:
        raise ValueError(f"the dependency group `{name}` includes itself")
    found = []
    for line in groups[_same(name)]:
        if isinstance(line, str):
            found.append(line)
        else:
            found += _expand(groups, line["include-group"], (*within, _same(name)))
    return found


def _same(name: str) -> str:
    """Return the form in which two spellings of a group's name are one."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _complain(message: str, hint: str | None = None) -> None:
    print(f"error: {message}", file=sys.stderr)
    if hint:
        print(f"\nhint: {hint}", file=sys.stderr)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
