"""What checks and identifiers say of one file of a fleet."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from lockfiles.fleet.records import FactRow, FindingRow, FleetRecord, ImageRow

if TYPE_CHECKING:
    from lockfiles.locking import Locked, LockRequest
    from resolver.model.findings import Finding
    from resolver.model.images import NamedImage
    from resolver.model.requirements import Requirements
    from resolver.model.resolution import Resolution

#: Exit code where a finding is an error.
FOUND = 5


def check_locked(request: LockRequest, made: FleetRecord, locked: Locked) -> FleetRecord:
    """Return the record with what `lock check` finds in what was locked, against the request's machine."""
    asked = locked.session.requirements
    return _checked(request, made, locked.resolutions, asked, asked.image)


def check_lockfile(request: LockRequest, made: FleetRecord) -> FleetRecord:
    """Return the record with the packages of the lockfile that is there, and what `lock check` finds in it.

    Raises InputError.
    """
    from lockfiles.files import is_file, read_text
    from lockfiles.fleet.rows import target_rows
    from lockfiles.formats.reading import LockReadOptions, read_lockfile
    from lockfiles.session import open_session

    place = made.output
    if place is None or not is_file(place):
        return made
    content = read_lockfile(read_text(place), place, LockReadOptions(platforms=request.platforms))
    asked = open_session(request).requirements
    made = replace(made, targets=target_rows(content.resolutions, asked))
    return _checked(request, made, content.resolutions, None, None)


def _checked(
    request: LockRequest,
    made: FleetRecord,
    resolutions: Sequence[Resolution],
    asked: Requirements | None,
    image: NamedImage | None,
) -> FleetRecord:
    from lockfiles.machine import describe_request
    from lockfiles.rules import silenced_rules
    from resolver.checks.context import CheckContext
    from resolver.checks.registry import run_checks
    from resolver.model.findings import Severity

    machine, silenced = describe_request(request.machine, image), silenced_rules(request)
    today = request.surroundings.today()
    rows: dict[tuple[object, ...], FindingRow] = {}
    for resolution in resolutions:
        context = CheckContext(resolution=resolution, machine=machine, today=today, requirements=asked)
        for finding in run_checks(context, silence=silenced).findings:
            row = _row(finding, resolution.target.subdir, made.file)
            rows.setdefault((row.platform, row.rule, row.message), row)
    found = (*made.findings, *rows.values())
    is_bad = any(row.severity == Severity.ERROR.value for row in rows.values())
    code = made.code or (FOUND if is_bad else 0)
    outcome = "findings" if code and not made.code else made.outcome
    return replace(made, findings=found, code=code, outcome=outcome)


@lru_cache(maxsize=1024)
def _fact(text: str, source: str) -> FactRow:
    """Return what a rule rests on, one value for all that say the same: many findings of a file do."""
    return FactRow(text=text, source=source)


def _row(finding: Finding, platform: str | None, file: str) -> FindingRow:
    origin, fact = finding.origin, finding.fact
    return FindingRow(
        rule=finding.rule,
        severity=finding.severity.value,
        message=finding.message,
        fix=finding.fix,
        evidence=finding.evidence,
        line=origin.line if origin else None,
        platform=platform,
        file=origin.file if origin and origin.file != file else None,
        fact=_fact(fact.text, fact.source) if fact else None,
    )


def identify_images(request: LockRequest, made: FleetRecord, locked: Locked | None) -> FleetRecord:
    """Return the record with the identifiers that `lock hash` computes, and what it finds in the definition.

    Raises InputError and InputErrors for a file that is no definition.
    """
    from lockfiles.hashing import HashRequest, hash  # noqa: A004  the verb's name
    from lockfiles.listener import Listener

    fields = {name: getattr(request, name) for name in ("files", "settings", "machine", "surroundings")}
    lock = made.output if locked is not None and made.output and Path(made.output).is_file() else None
    report = hash(HashRequest(**fields, image=request.machine.image, lock=lock), Listener())
    images = tuple(
        ImageRow(kind=one.kind.value, value=one.value, certainty=one.certainty.value)
        for entry in report.entries
        for one in entry.identities.found
    )
    rows = tuple(
        _row(finding, None, made.file) for entry in report.entries for finding in entry.linted.findings
    )
    return replace(made, images=images, findings=(*made.findings, *rows))
