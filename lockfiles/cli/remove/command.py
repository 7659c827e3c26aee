"""``lock remove``: take packages out of the input files, and lock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lockfiles.amending import AmendRequest, remove

if TYPE_CHECKING:
    from lockfiles.cli.terminal import Terminal


def run(command: AmendRequest, terminal: Terminal) -> int:
    """Do it, and tell; return 0."""
    from lockfiles.cli.amended import tell_amended
    from lockfiles.cli.listening import TerminalListener

    listener = TerminalListener(terminal)
    amended = remove(command, listener)
    tell_amended(amended, listener.progress, terminal, dry_run=command.dry_run)
    return 0
