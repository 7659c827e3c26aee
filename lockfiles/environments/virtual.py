"""A virtual environment for lockfiles that bring no Python: of an interpreter that is there already."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from lockfiles.environments.processes import Holding, can_run, run
from lockfiles.environments.relocation import relocate_file
from resolver.errors import InputError, OutputError


def make_virtual(prefix: Path, final: Path, version: str | None, uv: Path | None, holding: Holding) -> None:
    """Make a virtual environment at ``prefix`` whose files name ``final``.

    ``version``: of the Python that the lockfile was made for; None: any. Raises InputError where no such
    Python is there.
    """
    minor = ".".join(version.split(".")[:2]) if version else None
    if uv is not None:
        command = [str(uv), "venv", "--no-config", "--no-project", "--color", "never"]
        command += ["--python", minor] if minor else []
        done = run([*command, str(prefix)], holding, UV_PYTHON_DOWNLOADS="never")
    else:
        done = run([str(_find_python(minor, holding)), "-m", "venv", "--without-pip", str(prefix)], holding)
    if done.code:
        if minor and uv is not None:
            raise _missing(minor)
        raise OutputError(str(final), f"no virtual environment can be made: {done.last_line}")
    for path in [prefix / "pyvenv.cfg", *sorted((prefix / "bin").iterdir())]:
        relocate_file(path, prefix, final)


def _find_python(minor: str | None, holding: Holding) -> Path:
    running = f"{sys.version_info[0]}.{sys.version_info[1]}"
    if minor in (None, running):
        return Path(sys.executable)
    found = shutil.which(f"python{minor}", path=holding.environ.get("PATH", ""))
    if found is None or not can_run(Path(found)):
        raise _missing(minor or running)
    return Path(found)


def _missing(minor: str) -> InputError:
    return InputError(
        f"the lockfile is for Python {minor}, which it doesn't hold and which isn't there",
        hint=f"Install Python {minor}, make the environment with it, and name that with `--prefix`.",
    )
