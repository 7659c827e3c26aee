"""Is a lockfile an answer to what is asked? Solves nothing, writes nothing."""

from __future__ import annotations

from pathlib import Path

import msgspec

from lockfiles.locking import LockRequest
from lockfiles.places import find_output
from lockfiles.request.satisfied import Fault, check_satisfied
from lockfiles.session import Session, log_notices, open_session


class Freshness(msgspec.Struct, frozen=True, kw_only=True):
    """Why a lockfile has to be made again; fresh without a fault."""

    session: Session
    output: Path
    faults: tuple[Fault, ...]


def check_fresh(request: LockRequest) -> Freshness:
    """Say whether the lockfile of a request is fresh, and if not, why.

    Raises InputError where the lockfile's place is standard output, or it can't be read.
    """
    session = open_session(request)
    log_notices(session)
    output = find_output(session)
    if output is None:
        from resolver.errors import InputError

        raise InputError("`--check` needs a lockfile to look at", None, "Leave out `--output -`.")
    if output.exists():
        faults = find_faults(session, output)
    else:
        faults = (Fault(message=f"`{output}` does not exist"),)
    return Freshness(session=session, output=output, faults=faults)


def find_faults(session: Session, output: Path) -> tuple[Fault, ...]:
    """Return why the lockfile at ``output`` doesn't answer the session's request; empty when it does."""
    from lockfiles.files import read_text
    from lockfiles.formats.conda_lock.restore import resolutions_of_lock
    from lockfiles.formats.conda_lock.text import read_conda_lock
    from lockfiles.kept_platforms import settle_others
    from lockfiles.request.request_hash import request_hashes

    lock = read_conda_lock(read_text(output), str(output))
    return check_satisfied(
        session.requirements,
        session.targets,
        resolutions_of_lock(lock, str(output)),
        channels=session.channels,
        custom=lock.metadata.custom,
        kept=settle_others(session, lock.metadata.platforms).kept,
        hashes=request_hashes(session.requirements, session.targets, settings=session.fingerprint()),
    )
