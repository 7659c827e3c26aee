"""``lock FILE...`` where the lockfile holds several environments."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lockfiles.cli.terminal import Terminal
    from lockfiles.locking import LockRequest
    from lockfiles.several.planning import EnvironmentPlan


def lock_environments(
    request: LockRequest, asked: EnvironmentPlan, terminal: Terminal, *, dry_run: bool, place: str | None
) -> int:
    """Lock, write and tell; return 0. ``place``: where to record it."""
    from lockfiles.cli.listening import TerminalListener
    from lockfiles.cli.several import several_to_json, tell_several
    from lockfiles.cli.summary import conclude
    from lockfiles.files import write_text
    from lockfiles.several.locking import LockedSeveral, lock_several

    listener = TerminalListener(terminal)
    if place is None:
        locked = lock_several(request, listener, asked)
    else:
        from lockfiles.cli.lock.recording import lock_recorded

        locked = lock_recorded(request, place, listener, terminal, LockedSeveral)
    written = False
    if not dry_run:
        if locked.output is None:
            terminal.data(locked.text)
            written = True
        else:
            written = write_text(locked.output, locked.text)
    tell_several(locked, terminal)
    conclude(locked, listener.progress, terminal, written=written, dry_run=dry_run)
    if terminal.json and not (locked.output is None and written):
        value = several_to_json(locked, written=written, seconds=listener.progress.seconds)
        terminal.data(json.dumps(value, indent=2, ensure_ascii=False))
    return 0
