"""The causes of a fleet's failures, each with all files that fail for it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import msgspec

from lockfiles.fleet.causes import Failure
from lockfiles.fleet.records import FleetRecord


class SharedCause(msgspec.Struct, frozen=True, kw_only=True):
    """One cause, with every file that fails for it, in the fleet's order."""

    id: str  #: 12 hex digits of the cause's words
    kind: str
    text: str
    example: Failure  #: the first file's
    files: tuple[str, ...]


def group_causes(records: Iterable[FleetRecord]) -> tuple[SharedCause, ...]:
    """Return the causes of all failures: those of most files first, then by their words."""
    files: dict[tuple[str, str], dict[str, None]] = {}
    examples: dict[tuple[str, str], Failure] = {}
    for record in records:
        for failure in record.failures:
            key = (failure.kind, failure.cause)
            examples.setdefault(key, failure)
            files.setdefault(key, {})[record.file] = None
    found = [
        SharedCause(
            id=hashlib.sha256("\n".join(key).encode()).hexdigest()[:12],
            kind=key[0],
            text=key[1],
            example=examples[key],
            files=tuple(names),
        )
        for key, names in files.items()
    ]
    return tuple(sorted(found, key=lambda cause: (-len(cause.files), cause.kind, cause.text)))
