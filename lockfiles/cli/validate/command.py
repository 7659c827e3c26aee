"""``lock validate``: an environment's own tests, and the part of them that imports nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from lockfiles.files import make_folder, write_text
from lockfiles.locked_file import LockfileRequest
from lockfiles.validating import (
    SCHEMA_VERSION,
    Validated,
    ValidateRequest,
    ValidationOutcome,
    init_suite,
    validate,
)

if TYPE_CHECKING:
    from lockfiles.cli.terminal import Terminal

#: Exit code where something failed.
EXIT_FAILED = 5
#: Details of one answer that are shown; JSON has all.
_SHOWN = 10


class ValidateCommand(msgspec.Struct, frozen=True, kw_only=True):
    """What the verb is to do; without a ``folder`` the request has a prefix."""

    request: LockfileRequest
    folder: str | None = None


def run(command: ValidateCommand, terminal: Terminal) -> int:
    """Write the tests, or answer what they ask of files; return the exit code."""
    request = command.request
    if isinstance(request, ValidateRequest):
        return _validate(request, terminal)
    return _init(request, Path(command.folder or "."), terminal)


def _init(request: LockfileRequest, folder: Path, terminal: Terminal) -> int:
    suite = init_suite(request)
    make_folder(folder)
    written, kept = [], []
    for file in suite.files:
        path = folder / file.name
        if file.is_yours and path.exists():
            kept.append(str(path))
        else:
            write_text(path, file.text)
            written.append(str(path))
    if terminal.json:
        said = {
            "schema_version": SCHEMA_VERSION,
            "written": written,
            "kept": kept,
            "remarks": list(suite.remarks),
        }
        terminal.data(json.dumps(said, indent=2, ensure_ascii=False))
        return 0
    terminal.note(f"Wrote {', '.join(f'`{name}`' for name in written)}.")
    if kept:
        terminal.note(f"note: {', '.join(f'`{name}`' for name in kept)} stays as it is")
    for remark in suite.remarks:
        terminal.note(f"note: {remark}")
    terminal.note(f"Run them with the environment's Python: `python -m pytest {folder}`.")
    return 0


def _validate(request: ValidateRequest, terminal: Terminal) -> int:
    found = validate(request)
    if terminal.json:
        terminal.data(json.dumps(found.to_json(), indent=2, ensure_ascii=False))
    else:
        terminal.data("\n".join(_lines(found)))
        for remark in found.remarks:
            terminal.note(f"note: {remark}")
    return 0 if found.is_good else EXIT_FAILED


def _lines(found: Validated) -> Iterator[str]:
    for one in found.validations:
        why = f": {one.details[0]}" if one.outcome is ValidationOutcome.SKIPPED else ""
        yield f"{one.name} {one.outcome.value}{why}"
        if one.outcome is ValidationOutcome.FAILED:
            yield from (f"  {detail}" for detail in one.details[:_SHOWN])
            if len(one.details) > _SHOWN:
                yield f"  ... and {len(one.details) - _SHOWN} more"
