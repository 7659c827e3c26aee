"""Any lockfile that is read -> its resolutions: one reader a format, found by the file's kind.

The kinds, and what tells them apart, stand in :mod:`resolver.inputs.file_kinds`. A
kind that is read has a module ``lockfiles.formats.ID.reading`` with
``read(text, file, options) -> LockContent``; nothing else names it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import PurePath

import msgspec

from lockfiles.model import LockMetadata
from resolver.errors import InputError
from resolver.inputs.file_kinds import CONFLICT_HINT, KINDS, conflict_error, has_key, kind_of
from resolver.model.notices import Notice
from resolver.model.origin import Origin
from resolver.model.resolution import Resolution

#: Where nothing says for which platform a file is.
DEFAULT_PLATFORM = "linux-64"


#: The category of what is always installed.
MAIN = "main"


class LockReadOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What some formats leave open."""

    environment: str | None = None  #: of a pixi.lock
    platforms: tuple[str, ...] = ()  #: of a file that names none, or is for any; empty: one is chosen
    python: str | None = None  #: of a file that is for several, as ``3.12``; None: one is chosen
    groups: tuple[str, ...] | None = None  #: groups, extras and categories beside the main one; None: all
    is_preference: bool = False  #: what isn't for the platform or Python is read for another

    @property
    def platform(self) -> str:
        """The one platform of a file that names none."""
        return next(iter(self.platforms), DEFAULT_PLATFORM)


class LockContent(msgspec.Struct, frozen=True, kw_only=True):
    """What a lockfile of any format holds: one resolution a platform, and what it says of its making."""

    resolutions: tuple[Resolution, ...]
    metadata: LockMetadata = msgspec.field(default_factory=LockMetadata)
    groups: tuple[str, ...] | None = None  #: named beside the main one; None: those of the packages

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What was chosen in reading it."""
        return tuple(notice for resolution in self.resolutions for notice in resolution.notices)


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
    elif kind.id == "conda_lock" and PurePath(file).name == "pixi.lock":  # pixi's before 4 are of its form
        raise InputError(
            "a pixi.lock from before version 4 is not read", Origin(file=file), "`pixi lock` writes it anew."
        )
    reader: Callable[[str, str, LockReadOptions], LockContent] = import_module(
        f"lockfiles.formats.{kind.id if kind else 'conda_lock'}.reading"
    ).read
    options = options or LockReadOptions()
    content = reader(text, file, options)
    return content if options.groups is None else _limit_groups(content, options.groups, file)


def _limit_groups(content: LockContent, asked: Sequence[str], file: str) -> LockContent:
    """Return the packages of some groups and of the main one; raises InputError for an unknown group."""
    known = content.groups
    if known is None:
        found = {name for one in content.resolutions for pin in one.conda for name in pin.categories}
        found |= {name for one in content.resolutions for pin in one.pypi for name in pin.categories}
        known = tuple(sorted(found - {MAIN}))
    for name in asked:
        if name not in known and name != MAIN:
            there = ", ".join(f"`{one}`" for one in known) or "none"
            raise InputError(f"holds no group `{name}`", Origin(file=file), f"Its groups: {there}.")
    kept = frozenset({MAIN, *asked})
    resolutions = tuple(limit_categories(resolution, kept) for resolution in content.resolutions)
    return msgspec.structs.replace(content, resolutions=resolutions)


def limit_categories(resolution: Resolution, kept: frozenset[str]) -> Resolution:
    """Return the resolution with the packages of these categories."""
    return msgspec.structs.replace(
        resolution,
        conda=tuple(pin for pin in resolution.conda if pin.categories & kept),
        pypi=tuple(pin for pin in resolution.pypi if pin.categories & kept),
    )


def _refuse_definitions(text: str, file: str) -> None:
    """Raise InputError for a file that says what is wanted, where a lockfile is meant."""
    if has_key(text, "package") or has_key(text, "metadata"):
        return  # a conda-lock.yml that lacks something, which its reader names
    if PurePath(file).suffix == ".toml":
        is_project = PurePath(file).name in ("pyproject.toml", "pixi.toml")
        hint = f"`lock {file}` makes one." if is_project else None
        raise InputError(
            "a project file, no lockfile" if is_project else "no lockfile", Origin(file=file), hint
        )
    if has_key(text, "dependencies"):
        raise InputError("an environment file, no lockfile", Origin(file=file), f"`lock {file}` makes one.")
    if any(has_key(text, key) for key in ("environment", "jobs", "command")):
        raise InputError(
            "an Azure ML job, no lockfile", Origin(file=file), "`lock hash` reads it; lock its environment."
        )
