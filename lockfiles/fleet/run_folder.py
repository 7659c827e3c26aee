"""A temporary folder that goes with its run; what a killed run left of its own goes with the next one.

::

    /tmp/lockstack-run-x3k2/      of this user
    /tmp/lockstack-run-x3k2/.run  locked (flock) for as long as the run lives: the system lets go of it
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

PREFIX = "lockstack-run-"
_MARK = ".run"


@contextlib.contextmanager
def run_folder() -> Iterator[Path]:
    """Give an empty folder for as long as the block runs; those of runs that were killed are removed before.

    Raises OSError where none can be made.
    """
    _sweep(Path(tempfile.gettempdir()))
    home = Path(tempfile.mkdtemp(prefix=PREFIX))
    handle = os.open(home / "new", os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        lock_file(handle)
        (home / "new").rename(home / _MARK)  # from now on others may look whether it is locked
        folder = home / "files"
        folder.mkdir()
        yield folder
    finally:
        shutil.rmtree(home, ignore_errors=True)
        os.close(handle)


def lock_file(handle: int) -> bool | None:
    """Lock an open file that nobody has locked; None: somebody has, False: there are no such locks here."""
    try:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return None
    except (ImportError, OSError):
        return False
    return True


def _sweep(above: Path) -> None:
    """Remove the folders of this user's runs of which none is at work."""
    own = getattr(os, "geteuid", lambda: None)()
    with contextlib.suppress(OSError):
        for home in above.glob(f"{PREFIX}*"):
            with contextlib.suppress(OSError):
                facts = home.lstat()
                if stat.S_ISDIR(facts.st_mode) and facts.st_uid == own:
                    _remove_if_left(home)


def _remove_if_left(home: Path) -> None:
    """Remove a run's folder if its mark isn't locked; raises OSError for one without a mark."""
    handle = os.open(home / _MARK, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
    try:
        if lock_file(handle):
            shutil.rmtree(home, ignore_errors=True)
    finally:
        os.close(handle)
