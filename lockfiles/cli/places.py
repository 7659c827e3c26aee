"""Places of input files and lockfiles."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from resolver.errors import InputError

#: Name of the file that standard input is given as.
STDIN = "-"


def default_output(files: Sequence[str]) -> Path:
    """Return the lockfile's place beside the first input.

    ``environment.yml`` gives ``conda-lock.yml``, any other ``NAME.yml`` gives
    ``NAME.conda-lock.yml``: two inputs in one folder keep two lockfiles.
    """
    if files[0] == STDIN:
        return Path("conda-lock.yml")
    first = Path(files[0])
    if first.stem.lower() == "environment":
        return first.with_name("conda-lock.yml")
    return first.with_name(f"{first.stem}.conda-lock.yml")


def relative_sources(files: Sequence[str], output: Path | None) -> tuple[str, ...]:
    """Return the input files as the lockfile names them: seen from its folder, with ``/``.

    A file outside the folder that the lockfile and the current one share is
    given by its name alone, so that no home folder gets into the lockfile.
    """
    folder = _absolute(output.parent if output else Path())
    return tuple(_relative(name, folder) for name in files if name != STDIN)


def _relative(name: str, folder: Path) -> str:
    path = _absolute(Path(name))
    try:
        found = Path(os.path.relpath(path, folder))
    except ValueError:  # another drive
        return path.name
    outside = found.parts[:1] == ("..",)
    here = Path.cwd()
    if outside and not (path.is_relative_to(here) and folder.is_relative_to(here)):
        return path.name
    return found.as_posix()


def _absolute(path: Path) -> Path:
    """Return the path from the root, ``..`` taken out; links stay as they are."""
    return Path(os.path.abspath(path))  # noqa: PTH100  # resolve() would follow links


def check_files(files: Sequence[str]) -> None:
    """Raise InputError where no input file is named, with the one that was probably meant."""
    if files:
        return
    near = next((name for name in ("environment.yml", "environment.yaml") if Path(name).is_file()), None)
    raise InputError(
        "no input file",
        None,
        f"run `lock {near}`" if near else "name an environment file: `lock environment.yml`",
    )
