"""Sync: the lockfile is made again where that is due, and the environment made what it says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from lockfiles.as_before import as_before
from lockfiles.default_inputs import with_default_files
from lockfiles.freshness import check_fresh
from lockfiles.installing import Installed, InstallRequest, install
from lockfiles.listener import Listener
from lockfiles.locking import LockRequest, lock
from lockfiles.made_with import flags_notice
from lockfiles.several.locking import lock_several
from lockfiles.several.planning import plan as plan_environments

if TYPE_CHECKING:
    from lockfiles.environments.projects import Route
    from lockfiles.request.satisfied import Fault
    from lockfiles.several.planning import EnvironmentPlan


class SyncRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What to lock (without files: those that the lockfile names), and the environment's folder."""

    lock: LockRequest
    prefix: str
    environment: str | None = None  #: the one to install, of a lockfile that holds several
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

    asked = as_before(with_default_files(request.lock, "lock sync --prefix DIR"))
    plan = plan_environments(asked)
    output, faults = _faults(asked, plan)
    if faults and (request.is_locked or request.dry_run):
        return Synced(lockfile=output, faults=faults, is_written=False, installed=None)
    is_written = False
    said: tuple[str, ...] = ()
    if faults:
        text, said = _locked(asked, plan, listener)
        is_written = write_text(output, text)
    installed = install(
        InstallRequest(
            files=(str(output),),
            prefix=request.prefix,
            environment=request.environment,
            settings=asked.settings,
            surroundings=asked.surroundings,
            route=request.route,
            dry_run=request.dry_run,
            command=request.command,
        ),
        listener,
    )
    return Synced(
        lockfile=output,
        faults=faults,
        is_written=is_written,
        installed=installed,
        said=said,
    )


def _faults(asked: LockRequest, plan: EnvironmentPlan | None) -> tuple[Path, tuple[Fault, ...]]:
    """Return the lockfile's place, and why it isn't fresh. Raises InputError for standard output."""
    if plan is None:
        fresh = check_fresh(asked)
        return fresh.output, fresh.faults
    from lockfiles.files import exists
    from lockfiles.request.satisfied import Fault
    from lockfiles.several.freshness import find_faults
    from resolver.errors import InputError

    if plan.output is None:
        raise InputError("`lock sync` needs a lockfile to look at", None, "Leave out `--output -`.")
    if not exists(plan.output):
        return plan.output, (Fault(message=f"`{plan.output}` does not exist"),)
    return plan.output, find_faults(plan)


def _locked(
    asked: LockRequest, plan: EnvironmentPlan | None, listener: Listener | None
) -> tuple[str, tuple[str, ...]]:
    """Return the new lockfile's text, and what is said of how it was asked for."""
    if plan is not None:
        return lock_several(asked, listener, plan).text, ()
    locked = lock(asked, listener)
    not_given = flags_notice(locked.session, locked.earlier)
    return locked.text, (not_given.text,) if not_given is not None else ()
