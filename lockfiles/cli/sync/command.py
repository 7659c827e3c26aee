"""``lock sync``: lock if that is due, then install."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec

from lockfiles.syncing import SyncRequest, sync

if TYPE_CHECKING:
    from lockfiles.cli.terminal import Terminal

#: Exit code when the lockfile has to be made again, and may not be.
EXIT_STALE = 5


class SyncCommand(msgspec.Struct, frozen=True, kw_only=True):
    """What the verb is to do."""

    request: SyncRequest


def run(command: SyncCommand, terminal: Terminal) -> int:
    """Lock, install and tell; return 0, or ``EXIT_STALE`` where ``--locked`` forbids what is due."""
    from lockfiles.cli.environments import (
        SCHEMA_VERSION,
        exit_code_of,
        installed_to_json,
        tell_installed,
    )
    from lockfiles.cli.listening import TerminalListener

    done = sync(command.request, TerminalListener(terminal))
    for fault in done.faults:
        terminal.note(f"`{done.lockfile}`: {fault}")
    if done.installed is None:
        is_told = command.request.is_locked
        terminal.note(
            f"`{done.lockfile}` is not fresh."
            if is_told
            else f"Would write `{done.lockfile}` and install it."
        )
    else:
        for text in done.said:
            terminal.note(f"note: {text}")
        if done.is_written:
            terminal.note(f"Wrote `{done.lockfile}`.")
        tell_installed(done.installed, terminal)
    if terminal.json:
        value = {
            "schema_version": SCHEMA_VERSION,
            "lockfile": str(done.lockfile),
            "locked": done.is_written,
            "reasons": [str(fault) for fault in done.faults],
            "notes": list(done.said),
            "install": installed_to_json(done.installed) if done.installed else None,
        }
        terminal.data(json.dumps(value, indent=2, ensure_ascii=False))
    elif done.installed is not None and not done.installed.dry_run:
        terminal.data(done.installed.activation)
    if done.installed is None:
        return EXIT_STALE if command.request.is_locked else 0
    return exit_code_of(done.installed)
