"""Sync: the lockfile is made again where that is due, and the environment made what it says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from lockfiles.default_inputs import with_default_files
from lockfiles.freshness import check_fresh
from lockfiles.installing import Installed, InstallRequest, install
from lockfiles.listener import Listener
from lockfiles.locking import LockRequest, lock
from lockfiles.made_with import flags_notice

if TYPE_CHECKING:
    from lockfiles.environments.projects import Route
    from lockfiles.request.satisfied import Fault


class SyncRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What to lock (without files: those that the lockfile names), and the environment's folder."""

    lock: LockRequest
    prefix: str
    is_locked: bool = False  #: a lockfile that isn't fresh is an answer, not a reason to lock
    route: Route | None = None
    dry_run: bool = False
    command: str = "lock sync"


class Synced(msgspec.Struct, frozen=True, kw_only=True):
    """What was done; ``installed`` is None where the lockfile isn't fresh and wasn't to be made again."""

    lockfile: Path
    faults: tuple[Fault, ...]  #: why the lockfile wasn't fresh
    is_written: bool
    installed: Installed | None
    said: tuple[str, ...] = ()  #: what locking has to say of how it was asked, a sentence each


def sync(request: SyncRequest, listener: Listener | None = None) -> Synced:
    """Lock where the lockfile isn't fresh, then install. Raises what locking and installing raise."""
    from lockfiles.files import write_text

    asked = with_default_files(request.lock, "lock sync --prefix DIR")
    fresh = check_fresh(asked)
    is_due = bool(fresh.faults)
    if is_due and (request.is_locked or request.dry_run):
        return Synced(lockfile=fresh.output, faults=fresh.faults, is_written=False, installed=None)
    is_written = False
    said: tuple[str, ...] = ()
    if is_due:
        locked = lock(asked, listener)
        not_given = flags_notice(locked.session, locked.earlier)
        said = (not_given.text,) if not_given is not None else ()
        is_written = write_text(fresh.output, locked.text)
    installed = install(
        InstallRequest(
            files=(str(fresh.output),),
            prefix=request.prefix,
            settings=asked.settings,
            surroundings=asked.surroundings,
            route=request.route,
            dry_run=request.dry_run,
            command=request.command,
        ),
        listener,
    )
    return Synced(
        lockfile=fresh.output,
        faults=fresh.faults,
        is_written=is_written,
        installed=installed,
        said=said,
    )
