"""Other programs, each in a process group of its own that is ended whole.

::

    start ──> wait, look now and then ──> it ends by itself ──┐
                   │ time over, or too much                   ├──> what is left of the group is killed
                   └──────────────────────────────────────────┘
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from resolver.sources.copied import leave_if_copy

_SHORTEST, _LONGEST = 0.002, 0.1  #: seconds between looks
_LOOK = 0.5  #: seconds between two looks at what a program makes


class EndedEarlyError(Exception):
    """A program was ended; ``reason``: why, as in "it took longer than 600 s"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def run_group(
    command: Sequence[str],
    *,
    folder: Path,
    environ: Mapping[str, str],
    output: int,
    errors: int,
    timeout: float,
    objection: Callable[[], str | None] | None = None,
) -> int:
    """Run a program without input; return its exit code once nothing of its group is left.

    ``output`` and ``errors`` are open files, ``timeout`` is in seconds. ``objection`` is asked twice a second
    and says why the program has to end, None as long as it needn't. Raises EndedEarlyError,
    and OSError where there is no such program.
    """
    leave_if_copy()
    process = subprocess.Popen(  # noqa: S603 - a list of arguments, and no shell
        list(command),
        cwd=folder,
        env=dict(environ),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=errors,
        start_new_session=True,
    )
    try:
        _wait(process, timeout, objection)
    finally:
        _end_group(process)
    return process.wait()


def _wait(
    process: subprocess.Popen[bytes], timeout: float, objection: Callable[[], str | None] | None
) -> None:
    """Wait until a process has ended, and leave it unreaped: its number still names its group then."""
    begun = looked = time.monotonic()
    pause = _SHORTEST
    while not _has_ended(process):
        now = time.monotonic()
        if now - begun > timeout:
            raise EndedEarlyError(f"it took longer than {timeout:.0f} s")
        if objection is not None and now - looked > _LOOK:
            looked = now
            reason = objection()
            if reason is not None:
                raise EndedEarlyError(reason)
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST)


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    if not hasattr(os, "waitid"):  # no groups either
        return process.poll() is not None
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _end_group(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()


def size_of_tree(folder: Path) -> int:
    """Return the bytes of all files below a folder, which may change meanwhile."""
    total, waiting = 0, [str(folder)]
    while waiting:
        with contextlib.suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    else:
                        total += entry.stat(follow_symlinks=False).st_size
    return total
