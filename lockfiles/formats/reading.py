"""Any lockfile that is read -> its resolutions: one reader a format, found by the file's kind.

The kinds, and what tells them apart, stand in :mod:`resolver.inputs.file_kinds`. A
kind that is read has a module ``lockfiles.formats.ID.reading`` with
``read(text, file, options) -> LockContent``; nothing else names it.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

import msgspec

from lockfiles.model import LockMetadata
from resolver.errors import InputError
from resolver.inputs.file_kinds import CONFLICT_HINT, KINDS, conflict_error, has_key, kind_of
from resolver.model.origin import Origin
from resolver.model.resolution import Resolution


class LockReadOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What some formats leave open."""

    environment: str | None = None  #: of a pixi.lock
    platform: str = "linux-64"  #: of a file that names none
    python: str | None = None  #: of a file that names none: full version, or ``3.12``


class LockContent(msgspec.Struct, frozen=True, kw_only=True):
    """What a lockfile of any format holds: one resolution a platform, and what it says of its making."""

    resolutions: tuple[Resolution, ...]
    metadata: LockMetadata = msgspec.field(default_factory=LockMetadata)


def read_lockfile(text: str, file: str, options: LockReadOptions | None = None) -> LockContent:
    """Return what the text of a lockfile holds; ``file`` is its name, also for messages.

    A file of no known kind is read as a conda-lock.yml, whose reader says what is
    missing. Raises InputError for a file that is no lockfile, is damaged, or holds the
    marks of an unfinished merge.
    """
    conflict = conflict_error(text, file, CONFLICT_HINT)
    if conflict is not None:
        raise conflict
    kind = kind_of(text, file)
    if kind is not None and not kind.is_read:
        known = ", ".join(row.title for row in KINDS if row.is_read)
        raise InputError(f"{kind.title} is not read", Origin(file=file), f"Lockfiles that are read: {known}.")
    if kind is None:
        _refuse_definitions(text, file)
    reader: Callable[[str, str, LockReadOptions], LockContent] = import_module(
        f"lockfiles.formats.{kind.id if kind else 'conda_lock'}.reading"
    ).read
    return reader(text, file, options or LockReadOptions())


def _refuse_definitions(text: str, file: str) -> None:
    """Raise InputError for a file that says what is wanted, where a lockfile is meant."""
    if has_key(text, "package") or has_key(text, "metadata"):
        return  # a conda-lock.yml that lacks something, which its reader names
    if has_key(text, "dependencies"):
        raise InputError("an environment file, no lockfile", Origin(file=file), f"`lock {file}` makes one.")
    if any(has_key(text, key) for key in ("environment", "jobs", "command")):
        raise InputError(
            "an Azure ML job, no lockfile", Origin(file=file), "`lock hash` reads it; lock its environment."
        )
