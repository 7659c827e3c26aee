"""A folder takes another one's place, so that at any moment there is the old one or the new one.

Linux and macOS can exchange two names in one step (``renameat2``, ``renamex_np``). Where the
file system can't, the old folder is renamed aside and the new one put there; if the process dies in
between, :func:`recover` finishes that at the next start::

    WORK/new        the copy that is worked on; after an exchange, the old folder
    WORK/old        the old folder on its way out, where names can't be exchanged
    WORK/complete   written once WORK/new may take the place
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import shutil
import stat
import sys
from collections.abc import Callable
from pathlib import Path

#: The file that a work folder is held by.
LOCK_NAME = "lock"
_NEW, _OLD, _COMPLETE = "new", "old", "complete"
_RENAME_EXCHANGE = 2  #: <linux/fs.h>
_RENAME_SWAP = 2  #: <sys/stdio.h> of macOS
_AT_FDCWD = -100
#: What a kernel or a file system says that can't exchange names.
_CANNOT = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EPERM})


class CannotExchangeError(Exception):
    """Two names can't be exchanged in one step here."""


def new_folder(work: Path) -> Path:
    """Return the folder that is worked on."""
    return work / _NEW


def swap(work: Path, prefix: Path, exchange: Callable[[Path, Path], None] | None = None) -> None:
    """Put ``WORK/new`` in the place of ``prefix``; what stood there is below ``work`` then.

    Raises OSError; then ``prefix`` is what it was.
    """
    new = new_folder(work)
    (work / _COMPLETE).touch()
    if not _holds_anything(prefix):
        new.rename(prefix)
        return
    try:
        (exchange or exchange_names)(new, prefix)
    except CannotExchangeError:
        prefix.rename(work / _OLD)
        try:
            new.rename(prefix)
        except OSError:
            (work / _OLD).rename(prefix)
            raise


def recover(work: Path, prefix: Path) -> bool:
    """Finish what a process that died left; tell whether there was anything. Raises OSError.

    Only for who holds the lock of ``work``.
    """
    new, old = new_folder(work), work / _OLD
    found = new.exists() or old.exists()
    if old.exists() and not prefix.exists():
        (new if (work / _COMPLETE).exists() and new.exists() else old).rename(prefix)
    clear(work)
    return found


def clear(work: Path) -> None:
    """Remove everything below ``work`` but what it is locked with."""
    for child in sorted(work.iterdir()):
        if child.name == LOCK_NAME:
            continue
        if child.is_dir() and not child.is_symlink():
            remove_tree(child)
        else:
            child.unlink()


def remove_tree(folder: Path) -> None:
    """Remove a folder, also where a folder in it may not be written to. Raises OSError."""

    def loosen(call: Callable[..., object], path: str, _: object) -> None:
        for place in (Path(path).parent, Path(path)):
            with contextlib.suppress(OSError):
                place.chmod(place.lstat().st_mode | stat.S_IRWXU)
        with contextlib.suppress(FileNotFoundError):
            call(path)

    if sys.version_info >= (3, 12):
        shutil.rmtree(folder, onexc=loosen)
    else:
        shutil.rmtree(folder, onerror=loosen)


def exchange_names(one: Path, other: Path) -> None:
    """Exchange the names of two files or folders in one step. Raises OSError, CannotExchangeError."""
    library = ctypes.CDLL(None, use_errno=True)
    first, second = os.fsencode(one), os.fsencode(other)
    if sys.platform == "linux" and hasattr(library, "renameat2"):
        code = library.renameat2(_AT_FDCWD, first, _AT_FDCWD, second, _RENAME_EXCHANGE)
    elif sys.platform == "darwin" and hasattr(library, "renamex_np"):
        code = library.renamex_np(first, second, _RENAME_SWAP)
    else:
        raise CannotExchangeError
    if code:
        number = ctypes.get_errno()
        if number in _CANNOT:
            raise CannotExchangeError
        raise OSError(number, os.strerror(number), str(other))


def _holds_anything(prefix: Path) -> bool:
    return prefix.exists() and any(prefix.iterdir())
