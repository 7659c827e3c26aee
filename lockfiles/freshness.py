"""Is a lockfile an answer to what is asked? Solves nothing, writes nothing."""

from __future__ import annotations

from pathlib import Path

import msgspec

from lockfiles.files import exists
from lockfiles.held_date import find_faults
from lockfiles.locking import LockRequest
from lockfiles.places import find_output
from lockfiles.request.satisfied import Fault
from lockfiles.session import Session, log_notices, open_session


class Freshness(msgspec.Struct, frozen=True, kw_only=True):
    """Why a lockfile has to be made again; fresh without a fault."""

    session: Session
    output: Path
    faults: tuple[Fault, ...]


def check_fresh(request: LockRequest, *, logs_notices: bool = True) -> Freshness:
    """Say whether the lockfile of a request is fresh, and if not, why.

    ``logs_notices``: what reading the inputs has to say is logged; else only the session has it.
    Raises InputError where the lockfile's place is standard output, or it can't be read.
    """
    session = open_session(request)
    if logs_notices:
        log_notices(session)
    output = find_output(session)
    if output is None:
        from resolver.errors import InputError

        raise InputError("`--check` needs a lockfile to look at", None, "Leave out `--output -`.")
    if exists(output):
        faults = find_faults(session, output)
    else:
        faults = (Fault(message=f"`{output}` does not exist"),)
    return Freshness(session=session, output=output, faults=faults)


def is_ours(output: Path) -> bool:
    """Tell whether a file is one that `lock` may write over: a conda-lock.yml, or none at all."""
    from lockfiles.files import read_text
    from resolver.inputs.file_kinds import kind_of

    kind = kind_of(read_text(output), output.name) if exists(output) else None
    return kind is None or kind.id == "conda_lock"
