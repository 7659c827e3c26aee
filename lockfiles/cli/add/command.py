"""``lock add``: put packages into an input file, and lock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lockfiles.amending import AmendRequest, add

if TYPE_CHECKING:
    from lockfiles.cli.terminal import Terminal


def run(command: AmendRequest, terminal: Terminal) -> int:
    """Do it, and tell; return 0."""
    from lockfiles.cli.amended import tell_amended
    from lockfiles.cli.listening import TerminalListener

    listener = TerminalListener(terminal)
    amended = add(command, listener)
    tell_amended(amended, listener.progress, terminal, dry_run=command.dry_run)
    return 0
