"""The environments of a fleet that are to be merged: files as `lock fleet` finds them."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from lockfiles.fleet.finding import FindRequest, find_files
from lockfiles.fleet.merging.members import NotMerged
from lockfiles.locking import LockRequest
from resolver.errors import InputError


def find_environments(
    find: FindRequest, template: LockRequest, folder: str | None
) -> tuple[tuple[LockRequest, ...], tuple[NotMerged, ...]]:
    """Return one request a file, and what can't be looked into; what stands in ``folder`` takes no part.

    ``template``: everything that is asked for but the files. Raises InputError where there is no file.
    """
    around = template.surroundings
    found = find_files(find, around.read)
    made = None if folder is None else around.cwd / folder
    names = [name for name in found.files if made is None or not (around.cwd / name).is_relative_to(made)]
    if not names:
        places = ", ".join(f"`{path}`" for path in find.paths) or "the request"
        raise InputError(
            f"no environment file in {places}",
            hint="Name files, folders that hold some, or globs in quotes: `lock fleet 'envs/**/*.yml'`.",
        )
    unread = tuple(NotMerged(name=one.file, reason=one.reason, code=2) for one in found.unread)
    return tuple(replace(template, files=(str(Path(name)),)) for name in names), unread
