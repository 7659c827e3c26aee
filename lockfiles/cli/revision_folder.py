"""Files of a git revision in a folder that a verb works in."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

if TYPE_CHECKING:
    from lockfiles.cli.terminal import Terminal
    from lockfiles.surroundings import Surroundings


def enter_revision(
    paths: Sequence[str], around: Surroundings, held: contextlib.ExitStack, terminal: Terminal
) -> tuple[tuple[str, ...], Surroundings] | None:
    """Make a folder with the files of the git revision that paths name the current one, for as long as held.

    Returns the paths in it, and surroundings there; None for paths of the disk.
    """
    import os

    from lockfiles.fleet.revision import find_revision_paths, write_revision
    from lockfiles.fleet.run_folder import run_folder

    asked = find_revision_paths(paths)
    if not asked:
        return None
    folder = held.enter_context(run_folder())
    write_revision(asked[0].revision, folder, around.environ)
    held.callback(os.chdir, around.cwd)
    os.chdir(folder)
    terminal.note(f"Files of `{asked[0].revision}`, seen from the repository's root; nothing is written.")
    return tuple(one.path or "." for one in asked), replace(around, cwd=folder)
