"""Where a fleet looks at its files: where they are, or for a git revision in a folder that holds them."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from msgspec.structs import replace

if TYPE_CHECKING:
    from lockfiles.cli.terminal import Terminal
    from lockfiles.fleet.running import FleetRequest


def placed(request: FleetRequest, held: contextlib.ExitStack, terminal: Terminal) -> FleetRequest:
    """Return the request; for a git revision with its files in a folder, where the fleet looks at them."""
    import os

    from lockfiles.fleet.revision import find_revision_paths, write_revision
    from lockfiles.fleet.run_folder import run_folder

    asked = find_revision_paths(request.find.paths)
    if not asked:
        return request
    around = request.lock.surroundings
    folder = held.enter_context(run_folder())
    write_revision(asked[0].revision, folder, around.environ)
    held.callback(os.chdir, around.cwd)
    os.chdir(folder)
    terminal.note(f"Files of `{asked[0].revision}`, seen from the repository's root; nothing is written.")
    paths = tuple(one.path or "." for one in asked)
    lock = replace(request.lock, surroundings=replace(around, cwd=folder))
    return replace(
        request,
        find=replace(request.find, paths=paths, heeds_git=False),
        lock=lock,
        dry_run=True,
        journal=around.cwd / request.journal if request.journal is not None else folder / "fleet.jsonl",
    )
