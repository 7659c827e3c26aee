"""Signals of child processes, whatever the parent's shell did with its own."""

from __future__ import annotations

import signal


def hear_interrupts() -> None:
    """Let a child hear SIGINT: a shell that starts a job in the background lets it ignore that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
