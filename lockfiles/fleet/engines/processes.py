"""Processes of an engine and the signals of a terminal: the command hears them, and ends its workers itself.

A terminal, and who ends a whole process group (`timeout`), sends its signal to every process of it: to
workers and to the helpers of `multiprocessing` as well. Each of these would have words of its own for it,
and one that goes first leaves behind what it was to clean up.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator

#: Signals that a terminal or a supervisor ends a command with, as far as the system has them.
ENDING_SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
#: What the helper that outlives a killed command would say of the semaphores that it then removes.
_CLEANED = "ignore:resource_tracker:UserWarning"


@contextlib.contextmanager
def _unheard(warning: str) -> Iterator[None]:
    """Have interpreters that begin within not tell of a warning, as with ``-W`` (one has no other way)."""
    before = list(sys.warnoptions)
    sys.warnoptions.append(warning)
    try:
        yield
    finally:
        sys.warnoptions[:] = before


@contextlib.contextmanager
def shielded() -> Iterator[None]:
    """Hold back what ends this process; processes and threads that begin within never hear of it.

    This thread hears of it behind the block.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker

    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING_SIGNALS)
    try:
        with _unheard(_CLEANED):
            resource_tracker.ensure_running()  # whose start lets two of them through again
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDING_SIGNALS)
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def become_worker() -> None:
    """Make this process, in its main thread, one that only its parent ends, and that is gone with it.

    From now on it leads a group of its own, so that what its jobs start (builds, git) can be ended with it.
    """
    if hasattr(os, "setsid"):
        with contextlib.suppress(OSError):  # it leads one already
            os.setsid()
    if hasattr(signal, "pthread_sigmask"):
        # what came until now was for the whole group of the command
        before = {number: signal.signal(number, signal.SIG_IGN) for number in ENDING_SIGNALS}
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING_SIGNALS)
        for number, handler in before.items():
            signal.signal(number, handler)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()


def _end_with_parent() -> None:
    """Leave when the parent is gone: a pool's own pipes don't tell its workers."""
    from multiprocessing import parent_process
    from multiprocessing.connection import wait

    parent = parent_process()
    if parent is None:
        return
    wait([parent.sentinel])
    end_group(0)
    os._exit(1)


def end_group(process: int) -> None:
    """End a worker, and what it has started, at once; 0: this one."""
    with contextlib.suppress(OSError):
        if hasattr(os, "killpg"):
            try:
                os.killpg(process, signal.SIGKILL)
            except ProcessLookupError:  # it doesn't lead its group yet
                os.kill(process, signal.SIGKILL)
        elif process:
            os.kill(process, signal.SIGTERM)
