"""What a lock of several environments has come to: lines for people, JSON for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lockfiles.cli.terminal import Terminal
    from lockfiles.several.locking import LockedSeveral

#: Version of the JSON form; grows when a key changes its meaning or goes away.
SCHEMA_VERSION = 1


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
