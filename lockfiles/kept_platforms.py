"""Platforms of the earlier lockfile that a run doesn't lock: they stay as they are, or leave, which is said.

==========================================  =======================================
the platform                                becomes of it
==========================================  =======================================
is locked by this run                       made anew
is named by ``--drop-platform``             leaves
isn't listed where platforms are listed     leaves
any other                                   stays, package by package as it was
==========================================  =======================================

Platforms are listed by the input file or a settings file. A flag or a variable says
which of them to lock this time, so it takes none away.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from lockfiles.formats.conda_lock.target_keys import (
    EXCLUDE_NEWER,
    INDEXES,
    OVERRIDES,
    PER_PLATFORM,
    PRIORITY,
    RESOLUTION,
    WITHOUT_MD5,
)
from lockfiles.model import CondaLock
from resolver.errors import InputError
from resolver.model.findings import Severity
from resolver.model.notices import Notice

if TYPE_CHECKING:
    from lockfiles.session import Session

#: Keys of a lockfile that are about all of its platforms and decide an answer, in words.
_OF_ALL = {
    PRIORITY: "channel priority",
    RESOLUTION: "resolution",
    EXCLUDE_NEWER: "`exclude-newer`",
    OVERRIDES: "overrides",
}


class Others(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of the platforms that aren't locked this time."""

    kept: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()


def settle_others(session: Session, earlier: Sequence[str], dropped: Sequence[str] = ()) -> Others:
    """Say which platforms of an earlier lockfile stay, and why others leave.

    Raises InputError for one that is to be dropped and is locked by this very run, or is
    not in the lockfile.
    """
    locked = [target.subdir for target in session.targets]
    for name in dropped:
        if name in locked:
            raise InputError(
                f"`--drop-platform {name}`: this run locks {name}",
                hint="Take it from the `platforms:` of the file, or name the others with `--platform`.",
            )
        if name not in earlier:
            there = ", ".join(sorted(earlier)) or "none"
            raise InputError(f"`--drop-platform {name}`: the lockfile has no such platform (it has {there})")
    listed = listed_platforms(session)
    kept, notices = [], []
    for name in sorted(set(earlier) - set(locked)):
        if name in dropped:
            notices.append(_notice("platform-dropped", f"`{name}` leaves the lockfile, as asked", name))
        elif listed is not None and name not in listed:
            text = f"`{name}` leaves the lockfile: it is not listed any more"
            notices.append(_notice("platform-dropped", text, name))
        else:
            kept.append(name)
    if kept:
        names = ", ".join(f"`{name}`" for name in kept)
        text = f"{names} {'stays' if len(kept) == 1 else 'stay'} in the lockfile as before"
        notices.append(_notice("platform-kept", text, *kept))
    return Others(kept=tuple(kept), notices=tuple(notices))


def listed_platforms(session: Session) -> frozenset[str] | None:
    """Return the platforms that are written down for this input; None where none are."""
    from lockfiles.session_sources import overrides_input
    from lockfiles.settings.setting import Layer

    asked = session.settings.platforms
    if session.requirements.platforms:
        return frozenset(session.requirements.platforms)
    if overrides_input(asked.layer) or asked.layer is Layer.DEFAULT:
        return None
    return frozenset(asked.value)


def _notice(code: str, text: str, *platforms: str, severity: Severity = Severity.NOTE) -> Notice:
    return Notice(code=code, text=text, severity=severity, facts={"platforms": platforms})


def with_kept(made: CondaLock, earlier: CondaLock, kept: Sequence[str]) -> CondaLock:
    """Return a lockfile with some platforms of an earlier one beside its own."""
    if not kept:
        return made
    old, new = earlier.metadata, made.metadata
    packages = tuple(
        sorted(
            (*made.packages, *(package for name in kept for package in earlier.of_platform(name))),
            key=lambda package: package.key,
        )
    )
    of_kept = {start + name for start in PER_PLATFORM for name in kept}
    custom = dict(new.custom) | {key: value for key, value in old.custom.items() if key in of_kept}
    if INDEXES not in custom and INDEXES in old.custom:
        custom[INDEXES] = old.custom[INDEXES]
    without = {p.name for p in packages if p.manager == "conda" and "md5" not in p.hashes}
    if without:
        custom[WITHOUT_MD5] = " ".join(sorted(without))
    metadata = replace(
        new,
        content_hash=dict(new.content_hash) | {name: old.content_hash.get(name, "") for name in kept},
        channels=(*new.channels, *(channel for channel in old.channels if channel not in new.channels)),
        platforms=tuple(sorted((*new.platforms, *kept))),
        custom=dict(sorted(custom.items())),
    )
    return CondaLock(metadata=metadata, packages=packages)


def tell_disagreement(made: CondaLock, earlier: CondaLock, kept: Sequence[str]) -> tuple[Notice, ...]:
    """Return a warning for each setting of the whole file that kept platforms were not locked with."""
    old, new = earlier.metadata.custom, made.metadata.custom
    names = ", ".join(f"`{name}`" for name in kept)
    found = []
    for key, words in _OF_ALL.items():
        before, after = old.get(key) or "none", new.get(key) or "none"
        if kept and PRIORITY in old and before != after:
            text = (
                f"{names}: locked with another {words} ({before}) than this run ({after}); "
                "the lockfile names one for all"
            )
            found.append(_notice("platform-kept-otherwise", text, *kept, severity=Severity.WARNING))
    return tuple(found)
