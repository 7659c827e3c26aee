"""``lock FILE...`` where the lockfile holds several environments."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lockfiles.cli.progress import Progress
    from lockfiles.cli.terminal import Terminal
    from lockfiles.locking import LockRequest
    from lockfiles.several.locking import LockedSeveral
    from lockfiles.several.planning import Plan

#: Version of the JSON form; grows when a key changes its meaning or goes away.
SCHEMA_VERSION = 1


def lock_environments(request: LockRequest, asked: Plan, terminal: Terminal, *, dry_run: bool) -> int:
    """Lock, write and tell; return 0."""
    from lockfiles.cli.listening import TerminalListener
    from lockfiles.files import write_text
    from lockfiles.several.locking import lock_several

    listener = TerminalListener(terminal)
    locked = lock_several(request, listener, asked)
    written = False
    if not dry_run:
        if locked.output is None:
            terminal.data(locked.text)
            written = True
        else:
            written = write_text(locked.output, locked.text)
    tell_several(locked, terminal)
    _conclude(locked, listener.progress, terminal, written=written, dry_run=dry_run)
    if terminal.json and not (locked.output is None and written):
        value = several_to_json(locked, written=written, seconds=listener.progress.seconds)
        terminal.data(json.dumps(value, indent=2, ensure_ascii=False))
    return 0


def tell_several(locked: LockedSeveral, terminal: Terminal) -> None:
    """Write what each environment has come to, what changed, and what is said."""
    from lockfiles.cli.notices import tell_notices
    from lockfiles.cli.summary import describe_resolution, show_difference

    for one in locked.environments:
        for resolution in one.resolutions:
            terminal.note(f"Locked {one.name}, {describe_resolution(resolution)}")
    if locked.difference is not None:
        show_difference(locked.difference, terminal)
    targets = {target.subdir for one in locked.environments for target in one.session.targets}
    tell_notices(locked.notices, sorted(targets), terminal)


def _conclude(
    locked: LockedSeveral, progress: Progress, terminal: Terminal, *, written: bool, dry_run: bool
) -> None:
    from lockfiles.cli.progress import format_seconds, format_size

    place = "standard output" if locked.output is None else f"`{locked.output}`"
    verb = "Wrote" if written else "Nothing to change in"
    if dry_run and locked.text != locked.earlier:
        verb = "Would write"
    fetched = f", {progress.fetched} requests ({format_size(progress.size)})" if progress.fetched else ""
    terminal.note(f"{verb} {place} in {format_seconds(progress.seconds)}{fetched}.")


def several_to_json(locked: LockedSeveral, *, written: bool, seconds: float) -> dict[str, object]:
    """Return the lock as JSON: ``environments`` with the ``platforms`` of ``lock --json``, each."""
    from lockfiles.cli.summary import platform_to_json

    return {
        "schema_version": SCHEMA_VERSION,
        "output": None if locked.output is None else locked.output.as_posix(),
        "written": written,
        "changes": None if locked.difference is None else locked.difference.to_json(),
        "environments": {
            one.name: {"platforms": [platform_to_json(resolution) for resolution in one.resolutions]}
            for one in locked.environments
        },
        "notices": [notice.to_json() for notice in locked.notices],
        "seconds": round(seconds, 3),
    }
