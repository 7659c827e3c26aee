"""The lockfile of a run that names none: where the settings write it, else the one that is there.

::

    1.  output = "locks/train.yml"    what the settings say, there or not
    2.  conda-lock.yml
    3.  pixi.lock                     one that `lock` wrote
    4.  train.conda-lock.yml          where no other file is called so

What other tools wrote is never taken unasked: a project may have several of them, and they may be stale.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lockfiles.files import is_file
from lockfiles.places import SEVERAL, is_ours
from lockfiles.surroundings import STDIN

if TYPE_CHECKING:
    from lockfiles.surroundings import Surroundings

#: Where no setting says where a lockfile is written.
DEFAULT_LOCKFILE = "conda-lock.yml"


def usual_lockfile(output: object) -> str:
    """Return the name of the lockfile that is meant; ``output``: what the setting says, None: nothing.

    Where there is none it is that of the default, which then isn't there.
    """
    if output is not None and str(output) != STDIN:
        return str(output)
    if is_file(DEFAULT_LOCKFILE):
        return DEFAULT_LOCKFILE
    if is_file(SEVERAL) and is_ours(SEVERAL):
        return SEVERAL
    named = named_lockfiles(Path())
    return named[0] if len(named) == 1 else DEFAULT_LOCKFILE


def named_lockfiles(folder: Path) -> list[str]:
    """Return the names of a folder's lockfiles that bear their input's name, sorted."""
    try:
        return sorted(one.name for one in folder.glob(f"?*.{DEFAULT_LOCKFILE}") if is_file(one))
    except OSError:
        return []


def lockfile_here(around: Surroundings) -> str:
    """Return the lockfile that is meant in the current folder. Raises InputErrors for its settings.

    Settings are read where one of their places has the word, as few have: they take a fifth of a look at
    a lockfile.
    """
    from lockfiles.settings.nearest import nearest_files

    files = [file for file in nearest_files(None, around.cwd) if file.is_own]
    if not around.environ.get("LOCK_OUTPUT") and not any(
        isinstance(file.raw, OSError) or b"output" in file.raw for file in files
    ):
        return usual_lockfile(None)
    from lockfiles.settings.model import load_settings

    settings = load_settings({}, around.environ, None, around.home, around.cwd, prefix=around.python_prefix)
    return usual_lockfile(settings.output.value)
