"""Sync: the lockfile is made again where that is due, and the environment made what it says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from lockfiles.freshness import check_fresh
from lockfiles.installing import DEFAULT_LOCKFILE, Installed, InstallRequest, install
from lockfiles.listener import Listener
from lockfiles.locking import LockRequest, lock
from lockfiles.session import read_settings
from resolver.errors import InputError

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


def sync(request: SyncRequest, listener: Listener | None = None) -> Synced:
    """Lock where the lockfile isn't fresh, then install. Raises what locking and installing raise."""
    from lockfiles.files import write_text

    asked = _with_files(request.lock)
    fresh = check_fresh(asked)
    is_due = bool(fresh.faults)
    if is_due and (request.is_locked or request.dry_run):
        return Synced(lockfile=fresh.output, faults=fresh.faults, is_written=False, installed=None)
    is_written = False
    if is_due:
        locked = lock(asked, listener)
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
    return Synced(lockfile=fresh.output, faults=fresh.faults, is_written=is_written, installed=installed)


def _with_files(request: LockRequest) -> LockRequest:
    """Return the request with the files that the lockfile was made from, where it names none."""
    from lockfiles.files import is_file, read_text
    from lockfiles.formats.reading import read_lockfile

    if request.files:
        return request
    output = Path(str(read_settings(request).output.value or DEFAULT_LOCKFILE))
    if not is_file(output):
        hint = "Name an environment file: `lock sync environment.yml --prefix DIR`."
        raise InputError(f"no input file, and no `{output}` that names one", hint=hint)
    sources = read_lockfile(read_text(output), str(output)).metadata.sources
    if not sources:
        raise InputError(f"`{output}` doesn't say what it was made from", hint="Name the files.")
    settings = dict(request.settings) | {"output": str(output)}
    return replace(request, files=tuple(str(output.parent / name) for name in sources), settings=settings)
