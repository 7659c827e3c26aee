"""Lockfiles as what is checked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lockfiles.files import is_file, is_folder, read_bytes
from resolver.errors import InputError
from resolver.model.origin import Origin
from resolver.model.resolution import Resolution

if TYPE_CHECKING:
    from lockfiles.formats.reading import LockReadOptions


def read_text(name: str) -> str:
    """Return a file's text; raises InputError for a folder and what can't be read."""
    from resolver.inputs.text import decode_text

    if is_folder(name):
        raise InputError(
            f"`{name}` is a folder", Origin(file=name), f"Use `--prefix {name}` for an environment."
        )
    return decode_text(read_bytes(name), name)


def lock_text(name: str) -> str | None:
    """Return the text of a lockfile; None for a file that must be locked first."""
    from resolver.inputs.file_kinds import is_lockfile

    if not is_file(name):
        if name.lower().endswith((".yml", ".yaml", ".lock")):
            read_text(name)  # says what is wrong with it
        return None
    text = read_text(name)
    return text if is_lockfile(text, name) else None


def read_lock(
    text: str, name: str, options: LockReadOptions
) -> tuple[tuple[Resolution, ...], tuple[str, ...]]:
    """Return the resolutions of a lockfile of any format, by platform, and its source files."""
    from lockfiles.formats.reading import read_lockfile

    found = read_lockfile(text, name, options)
    folder = Path(name).parent
    return found.resolutions, tuple((folder / source).as_posix() for source in found.metadata.sources)
