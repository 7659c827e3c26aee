"""Which settings files hold for a file: those of the nearest folder that has some, upwards from its own.

::

    repo/.git
    repo/lockstack.toml             holds for envs/a, where nothing nearer does
    repo/envs/a/environment.yml
    repo/envs/gpu/lockstack.toml    holds for envs/gpu and below, as a whole
    repo/envs/gpu/b/environment.yml

What holds depends on where the file lies, not on how or from where it is asked for. The root of a git
repository ends the walk, so that a checkout is the same anywhere. Outside of one it goes on to the top, past
files of other users: they'd set what this one asks of whom. The same goes for a `.git` of another user's.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lockfiles.regular_files import read_whole
from resolver.model.loggers import lazy_logger

if TYPE_CHECKING:
    from typing import NamedTuple
else:
    from resolver.model.named_tuples import NamedTuple

logger = lazy_logger(__name__)

#: Bytes of a settings file: what has more is none, and each job of a fleet would read it.
LARGEST = 1 << 20
#: Folders above one another that are looked into.
_HIGHEST = 64


class SettingsFile(NamedTuple):
    """A file with settings. ``raw``: its bytes, or why it can't be read; ``is_own``: beside the input."""

    path: Path
    tables: tuple[str, ...]
    raw: bytes | OSError
    is_own: bool


def nearest_files(environment_file: Path | None, cwd: Path) -> tuple[SettingsFile, ...]:
    """Return the settings files that hold for a file, as they are seen from ``cwd``, the stronger one first.

    ``environment_file`` as typed; None: those that hold in ``cwd``.
    """
    folder = Path() if environment_file is None else environment_file.parent
    whole, found = cwd / folder, _files_in(folder, cwd, is_own=True)
    if found or _is_top(whole):
        return found
    here = list(_above(folder, cwd))
    if not here:
        return ()
    trusted = _trusted(whole)
    root = next((n for n, one in enumerate([folder, *here]) if _is_repository(cwd / one, trusted)), None)
    for one in here if root is None else here[:root]:
        found = _files_in(one, cwd, is_own=False)
        if root is None:
            found = tuple(file for file in found if _is_trusted(cwd / file.path, trusted))
        if found:
            return found
    return ()


def _above(folder: Path, cwd: Path) -> Iterator[Path]:
    """Yield the folders above one, as they are seen from ``cwd``: ``a/b`` has ``a``, ``.``, ``..`` and so on.

    Links are followed as the system does: what is typed goes first, part by part.
    """
    for _ in range(_HIGHEST):
        if _is_top(cwd / folder):
            return
        folder = folder / ".." if folder.name in ("", "..") else folder.parent
        yield folder


def _is_top(folder: Path) -> bool:
    try:
        whole = os.path.abspath(folder)  # noqa: PTH100  (`..` goes away)
    except OSError:  # the current folder is gone: nothing is above it
        return True
    return whole == os.path.dirname(whole)  # noqa: PTH120


def _files_in(folder: Path, cwd: Path, *, is_own: bool) -> tuple[SettingsFile, ...]:
    found: list[SettingsFile] = []
    for name, tables in (("lockstack.toml", ()), ("pyproject.toml", ("tool", "lockstack"))):
        path = folder / name
        try:
            raw: bytes | OSError = read_whole(cwd / path)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            if tables:
                continue
            raw = error
        if not tables or (isinstance(raw, bytes) and (b"lockstack" in raw and _has_table(raw, tables))):
            found.append(SettingsFile(path, tables, raw, is_own))
    return tuple(found)


def _has_table(raw: bytes, tables: tuple[str, ...]) -> bool:
    """Tell whether a TOML file has a table; one that can't be read may, and says so where it is read."""
    import tomllib  # most folders have no such file

    try:
        table: Any = tomllib.loads(raw.decode())
    except (ValueError, RecursionError):
        return True
    for name in tables:
        if not isinstance(table, dict) or name not in table:
            return False
        table = table[name]
    return True


# -- whose they are -----------------------------------------------------------------------------------


def _trusted(folder: Path) -> frozenset[int]:
    """Return the users whose settings count for what lies in a folder: this one, its owner, the system's."""
    mine = getattr(os, "geteuid", None)
    owners = {0} if mine is None else {0, mine()}
    with contextlib.suppress(OSError):
        owners.add(folder.stat().st_uid)
    return frozenset(owners)


def _is_repository(folder: Path, trusted: frozenset[int]) -> bool:
    place = folder / ".git"
    sys.audit("lockstack.kind", os.fspath(place))
    try:
        return place.stat().st_uid in trusted
    except OSError:
        return False


def _is_trusted(path: Path, trusted: frozenset[int]) -> bool:
    try:
        if path.stat().st_uid in trusted:
            return True
    except OSError:
        return True  # it is told as one that can't be read
    logger.warning("the settings of `%s` don't count: it belongs to another user", path)
    return False
