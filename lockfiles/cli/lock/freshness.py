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

#: Exit code when the lockfile has to be made again.
EXIT_STALE = 5
#: Version of the JSON form; grows when a key changes its meaning or goes away.
SCHEMA_VERSION = 1


def check_lockfile(request: LockRequest, terminal: Terminal) -> int:
    """Say whether the lockfile is fresh, and if not, why; return 0 or ``EXIT_STALE``."""
    found = check_fresh(request)
    if terminal.json:
        terminal.data(json.dumps(freshness_to_json(found.output, found.faults), indent=2, ensure_ascii=False))
    if not found.faults:
        terminal.note(f"`{found.output}` is fresh.")
        return 0
    terminal.note(f"`{found.output}` is not fresh:")
    for fault in found.faults:
        terminal.note(f"  {fault}")
    terminal.note(f"\nhint: {_way_on(found)}")
    return EXIT_STALE


def _way_on(found: Freshness) -> str:
    if is_ours(found.output):
        return f"run `lock {' '.join(found.session.files)}`"
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
                "origin": None if fault.origin is None else str(fault.origin),
            }
            for fault in faults
        ],
    }
