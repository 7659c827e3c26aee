"""What ``lock --check`` says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from lockfiles.freshness import Freshness, check_fresh, is_ours

if TYPE_CHECKING:
    from lockfiles.cli.terminal import Terminal
    from lockfiles.locking import LockRequest
    from lockfiles.request.satisfied import Fault
    from lockfiles.several.planning import EnvironmentPlan

#: Exit code when the lockfile has to be made again.
EXIT_STALE = 5
#: Version of the JSON form; grows when a key changes its meaning or goes away.
SCHEMA_VERSION = 1


def check_lockfile(request: LockRequest, terminal: Terminal) -> int:
    """Say whether the lockfile is fresh, and if not, why; return 0 or ``EXIT_STALE``."""
    found = check_fresh(request)
    return _tell(found.output, found.faults, _way_on(found, request) if found.faults else "", terminal)


def check_several(request: LockRequest, asked: EnvironmentPlan, terminal: Terminal) -> int:
    """Say the same of a lockfile that holds several environments."""
    from lockfiles.files import exists
    from lockfiles.request.satisfied import Fault
    from lockfiles.several.freshness import find_faults

    output = asked.output
    if output is None:
        from resolver.errors import InputError

        raise InputError("`--check` needs a lockfile to look at", None, "Leave out `--output -`.")
    faults = find_faults(asked) if exists(output) else (Fault(message=f"`{output}` does not exist"),)
    from lockfiles.cli.again import command_of

    return _tell(output, faults, f"run `{command_of(request)}`", terminal)


def _tell(output: Path, faults: tuple[Fault, ...], hint: str, terminal: Terminal) -> int:
    """Write the verdict; return the exit code."""
    if terminal.json:
        terminal.data(json.dumps(freshness_to_json(output, faults), indent=2, ensure_ascii=False))
    if not faults:
        terminal.note(f"`{output}` is fresh.")
        return 0
    terminal.note(f"`{output}` is not fresh:")
    for fault in faults:
        terminal.note(f"  {fault}")
    terminal.note(f"\nhint: {hint}")
    return EXIT_STALE


def _way_on(found: Freshness, request: LockRequest) -> str:
    if is_ours(found.output):
        from lockfiles.cli.again import command_of

        return f"run `{command_of(request)}`"
    return "run the tool that wrote it: `lock` writes conda-lock.yml"


def freshness_to_json(output: Path, faults: tuple[Fault, ...]) -> dict[str, object]:
    """Return the verdict as JSON values: ``schema_version``, ``lockfile``, ``fresh`` and ``reasons``."""
    return {
        "schema_version": SCHEMA_VERSION,
        "lockfile": output.as_posix(),
        "fresh": not faults,
        "reasons": [
            {
                "message": fault.message,
                "platform": fault.platform,
                **({"environment": fault.environment} if fault.environment else {}),
                "origin": None if fault.origin is None else str(fault.origin),
            }
            for fault in faults
        ],
    }
