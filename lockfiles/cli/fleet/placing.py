"""Where a fleet looks at its files: where they are, or for a git revision in a folder that holds them."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from msgspec.structs import replace

from lockfiles.cli.revision_folder import enter_revision

if TYPE_CHECKING:
    from lockfiles.cli.terminal import Terminal
    from lockfiles.fleet.running import FleetRequest


def placed(request: FleetRequest, held: contextlib.ExitStack, terminal: Terminal) -> FleetRequest:
    """Return the request; for a git revision with its files in a folder, where the fleet looks at them."""
    around = request.lock.surroundings
    entered = enter_revision(request.find.paths, around, held, terminal)
    if entered is None:
        return request
    paths, there = entered
    return replace(
        request,
        find=replace(request.find, paths=paths, heeds_git=False),
        lock=replace(request.lock, surroundings=there),
        dry_run=True,
        journal=around.cwd / (request.journal or there.cwd / "fleet.jsonl"),
    )
