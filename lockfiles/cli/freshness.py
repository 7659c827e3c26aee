"""``lock --check``: is the lockfile an answer to what is asked? Solves nothing, writes nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from resolver.errors import InputError

if TYPE_CHECKING:
    from lockfiles.cli.terminal import Terminal
    from lockfiles.request.satisfied import Fault
    from lockfiles.session import Session

#: Exit code when the lockfile has to be made again.
EXIT_STALE = 5
#: Version of the JSON form; grows when a key changes its meaning or goes away.
SCHEMA_VERSION = 1


def check_lockfile(session: Session, output: Path | None, terminal: Terminal) -> int:
    """Say whether the lockfile is fresh, and if not, why; return 0 or ``EXIT_STALE``."""
    if output is None:
        raise InputError("`--check` needs a lockfile to look at", None, "Leave out `--output -`.")
    if not output.exists():
        faults: tuple[Fault, ...] = (_missing(output),)
    else:
        faults = find_faults(session, output)
    if terminal.json:
        terminal.data(json.dumps(_to_json(output, faults), indent=2, ensure_ascii=False))
    if not faults:
        terminal.note(f"`{output}` is fresh.")
        return 0
    terminal.note(f"`{output}` is not fresh:")
    for fault in faults:
        terminal.note(f"  {fault}")
    terminal.note(f"\nhint: run `lock {' '.join(session.files)}`")
    return EXIT_STALE


def _missing(output: Path) -> Fault:
    from lockfiles.request.satisfied import Fault

    return Fault(message=f"`{output}` does not exist")


def find_faults(session: Session, output: Path) -> tuple[Fault, ...]:
    """Return why the lockfile at ``output`` doesn't answer the session's request; empty when it does."""
    from lockfiles.files import read_text
    from lockfiles.formats.conda_lock.restore import resolutions_of_lock
    from lockfiles.formats.conda_lock.text import read_conda_lock
    from lockfiles.request.request_hash import request_hashes
    from lockfiles.request.satisfied import check_satisfied

    lock = read_conda_lock(read_text(output), str(output))
    return check_satisfied(
        session.requirements,
        session.targets,
        resolutions_of_lock(lock, str(output)),
        channels=session.channels,
        custom=lock.metadata.custom,
        hashes=request_hashes(session.requirements, session.targets, settings=session.fingerprint()),
    )


def _to_json(output: Path, faults: tuple[Fault, ...]) -> dict[str, object]:
    return {
        "schema_version": SCHEMA_VERSION,
        "lockfile": output.as_posix(),
        "fresh": not faults,
        "reasons": [
            {
                "message": fault.message,
                "platform": fault.platform,
                "origin": None if fault.origin is None else str(fault.origin),
            }
            for fault in faults
        ],
    }
