"""What an edit of input files has come to: their differences, and the lock's."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from lockfiles.cli.notices import tell_notices
from lockfiles.cli.several import several_to_json, tell_several
from lockfiles.cli.summary import describe_resolution, locked_to_json, show_difference
from lockfiles.several.locking import LockedSeveral

if TYPE_CHECKING:
    from lockfiles.amending import Amended
    from lockfiles.cli.progress import Progress
    from lockfiles.cli.terminal import Terminal
    from lockfiles.locking import Locked

#: Version of the JSON form; grows when a key changes its meaning or goes away.
SCHEMA_VERSION = 1


def tell_amended(amended: Amended, progress: Progress, terminal: Terminal, *, dry_run: bool) -> None:
    """Show what changed in the files and in the lockfile."""
    locked = amended.locked
    for file in amended.files:
        terminal.note(file.diff.rstrip("\n"))
    if not amended.files:
        terminal.note("The files ask for just that already.")
    if isinstance(locked, LockedSeveral):
        tell_several(locked, terminal)
    else:
        for resolution in locked.resolutions:
            terminal.note(f"Locked {describe_resolution(resolution)}")
        if locked.difference is not None:
            show_difference(locked.difference, terminal)
        tell_notices(locked.notices, [target.subdir for target in locked.session.targets], terminal)
    for name in amended.still_there:
        terminal.note(f"note: `{name}` stays in the lockfile: another package needs it (`lock why {name}`)")
    names = [file.path for file in amended.files]
    if locked.output is not None and locked.text != locked.earlier:
        names.append(str(locked.output))
    told = ", ".join(f"`{name}`" for name in names)
    verb = "Would write" if dry_run else "Wrote"
    terminal.note(f"{verb} {told}." if names else "Nothing to change.")
    if terminal.json:
        terminal.data(json.dumps(_to_json(amended, progress, dry_run=dry_run), indent=2, ensure_ascii=False))
    elif locked.output is None and not dry_run:
        terminal.data(locked.text)


def _to_json(amended: Amended, progress: Progress, *, dry_run: bool) -> dict[str, object]:
    """Return files with their differences, and the lock as ``lock --json`` has it."""
    locked = amended.locked
    return {
        "schema_version": SCHEMA_VERSION,
        "written": not dry_run,
        "files": [{"file": file.path, "diff": file.diff} for file in amended.files],
        "still_there": list(amended.still_there),
        "lock": _lock_to_json(
            locked, written=not dry_run and locked.text != locked.earlier, seconds=progress.seconds
        ),
    }


def _lock_to_json(locked: Locked | LockedSeveral, *, written: bool, seconds: float) -> dict[str, object]:
    if isinstance(locked, LockedSeveral):
        return several_to_json(locked, written=written, seconds=seconds)
    return locked_to_json(locked, written=written, seconds=seconds)
