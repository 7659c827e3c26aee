"""Signals that end a command which has workers: these go first, with all that they hold.

::

    no worker ────────> raised where the process is
    workers ──────────> noted, and raised between two records: what is done is written down, and no worker
                        is left half started
    any more ─────────> nothing: all is being taken down, which takes seconds
    ten seconds later > raised where the process is; once it was, the process ends as it is

SIGINT is a KeyboardInterrupt, SIGTERM and SIGHUP are one of the kind :class:`Terminated`. A signal that the
caller ignores (``nohup``) stays ignored.
"""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Iterator
from types import FrameType

_ENDING = ("SIGINT", "SIGTERM", "SIGHUP")
#: Seconds behind a first signal in which others change nothing.
_PATIENCE = 10.0


class Terminated(KeyboardInterrupt):
    """The process was told to end by another signal than an interrupt."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number

    def __str__(self) -> str:
        return f"ended by {signal.Signals(self.number).name}"


class Endings:
    """Hears what ends the process; used as a context, in the main thread.

    Once it has raised, it hears nothing more, behind its block either: the process is at its end.
    """

    def __init__(self) -> None:
        self._has_workers = False
        self._first: float | None = None  #: when the first one came
        self._noted: int | None = None
        self._has_raised = False

    @contextlib.contextmanager
    def heard(self) -> Iterator[Endings]:
        """Hear signals within the block; in another thread than the main one nothing is heard."""
        before = {}
        if threading.current_thread() is threading.main_thread():
            numbers = [getattr(signal, name) for name in _ENDING if hasattr(signal, name)]
            # None: a handler that isn't Python's
            before = {
                number: handler
                for number in numbers
                if (handler := signal.getsignal(number)) not in (signal.SIG_IGN, None)
            }
        for number in before:
            signal.signal(number, self._hear)
        try:
            yield self
        finally:
            for number, handler in before.items():
                if not self._has_raised:
                    signal.signal(number, handler)

    def wait_for_ticks(self) -> None:
        """Note what comes from now on, and raise it at the next tick."""
        self._has_workers = True

    def tick(self) -> None:
        """Raise what has come."""
        if self._noted is not None:
            self._raise(self._noted)

    def raise_at_once(self) -> None:
        """Raise what has come, and from now on whatever comes."""
        self._has_workers = False
        self.tick()

    def _hear(self, number: int, _: FrameType | None) -> None:
        now = time.monotonic()
        is_late = self._first is not None and now - self._first > _PATIENCE
        if self._first is None:
            self._first = now
            self._noted = number
            if not self._has_workers:
                self._raise(number)
        elif is_late and not self._has_raised:
            self._raise(self._noted or number)
        elif is_late:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)

    def _raise(self, number: int) -> None:
        if not self._has_raised:
            self._has_raised = True
            raise KeyboardInterrupt if number == signal.SIGINT else Terminated(number)
