"""The copy that is worked on: a folder beside the environment, held by one process at a time.

Files of the old environment are linked, not copied, but for those that tools write to as they
stand: through a second name of one file a write would reach the old environment too.
"""

from __future__ import annotations

import errno
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from lockfiles.environments.swapping import LOCK_NAME, remove_tree
from resolver.errors import InputError, OutputError
from resolver.model.origin import Origin

#: Folders whose files are copied: conda's records, its scripts' settings, commands.
_COPIED = frozenset({"conda-meta", "bin", "etc"})
#: Endings of folders whose files are copied: metadata of projects.
_COPIED_ENDINGS = (".dist-info", ".egg-info")
#: Bytes from which on a file is linked wherever it lies: programs and libraries are put beside and renamed.
_LARGE = 1 << 20
_NO_LINKS = frozenset({errno.EPERM, errno.EMLINK, errno.EXDEV, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EACCES})


def work_folder(prefix: Path) -> Path:
    """Return the folder beside ``prefix`` that is worked in."""
    return prefix.parent / f".{prefix.name}.lockstack"


@contextmanager
def held(prefix: Path, waiting: Callable[[], None]) -> Iterator[tuple[Path, int]]:
    """Hold the work folder of ``prefix`` alone; give it with the descriptor that holds it.

    ``waiting`` is called once where another process has it. A child that gets the descriptor holds
    the folder too, as long as it runs. Raises OutputError.
    """
    work = work_folder(prefix)
    try:
        handle = _lock(work, waiting)
    except OSError as error:
        raise OutputError(str(work), error.strerror or str(error), _hint(error)) from None
    try:
        yield work, handle
    finally:
        try:
            remove_tree(work)
        except OSError:
            pass  # what is left goes at the next start
        finally:
            os.close(handle)


def _hint(error: OSError) -> str | None:
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "The new environment is made beside the old one: its folder must be writable."
    return None


def _lock(work: Path, waiting: Callable[[], None]) -> int:
    """Return the descriptor of the lock file, locked; who had it before may have removed the file."""
    import fcntl

    while True:
        work.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(work / LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o600)
        except FileNotFoundError:
            continue
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.EACCES):
                os.close(handle)
                raise
            waiting()
            fcntl.flock(handle, fcntl.LOCK_EX)
        try:
            if os.path.samestat(os.fstat(handle), (work / LOCK_NAME).stat()):
                return handle
        except FileNotFoundError:
            pass
        os.close(handle)


def real_place(text: str, cwd: Path) -> Path:
    """Return the folder that is meant, from the root, links followed."""
    return Path(os.path.realpath(cwd / Path(text).expanduser()))


def check_place(prefix: Path) -> None:
    """Raise InputError where ``prefix`` can't become an environment."""
    where, running = Origin(file=str(prefix)), Path(os.path.realpath(sys.prefix))
    if os.name == "nt":
        raise InputError("environments are made on Linux and macOS", where, "`lock export` writes for conda.")
    if prefix.exists() and not prefix.is_dir():
        raise InputError("is a file, not a folder", where, "Name another folder with `--prefix`.")
    if prefix.parent == prefix:
        raise InputError("is the root of the file system", where, "Name a folder below it.")
    if not prefix.parent.is_dir():
        raise InputError("its folder is not there", where, f"`mkdir -p {prefix.parent}`")
    if os.path.ismount(prefix):
        raise InputError(
            "is a mount point, which can't be renamed", where, "Name a folder below it with `--prefix`."
        )
    if prefix.is_dir() and (running == prefix or running.is_relative_to(prefix)):
        raise InputError("is the environment that `lock` itself runs in", where, "Install `lock` elsewhere.")
    if prefix.is_dir() and not is_environment(prefix) and any(prefix.iterdir()):
        raise InputError(
            "is not empty, and no environment",
            where,
            "Name a new folder, or one made by conda, mamba or `lock`.",
        )


def is_environment(prefix: Path) -> bool:
    """Tell whether a folder is an environment, of conda's kind or a virtual one."""
    return (prefix / "conda-meta").is_dir() or (prefix / "pyvenv.cfg").is_file()


def copy_environment(source: Path, target: Path) -> None:
    """Make ``target`` a copy of ``source`` whose files can be replaced without a change of ``source``.

    Raises OSError. Sockets and pipes are left out.
    """
    target.mkdir()
    _copy_folder(source, target, is_copied=False, can_link=True)
    shutil.copystat(source, target)


def _copy_folder(source: Path, target: Path, *, is_copied: bool, can_link: bool) -> bool:
    """Copy what lies in a folder; return whether files could be linked."""
    with os.scandir(source) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            place = target / entry.name
            if entry.is_symlink():
                place.symlink_to(Path(entry.path).readlink())
            elif entry.is_dir():
                place.mkdir()
                inner = is_copied or entry.name in _COPIED or entry.name.endswith(_COPIED_ENDINGS)
                can_link = _copy_folder(Path(entry.path), place, is_copied=inner, can_link=can_link)
                shutil.copystat(entry.path, place)
            elif entry.is_file():
                keep = is_copied and entry.stat().st_size < _LARGE
                can_link = _copy_file(entry.path, place, is_linked=can_link and not keep) or (
                    can_link and keep
                )
    return can_link


def _copy_file(source: str, target: Path, *, is_linked: bool) -> bool:
    """Link or copy one file; return whether it was linked."""
    if is_linked:
        try:
            os.link(source, target)
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
        else:
            return True
    shutil.copy2(source, target)
    return False
