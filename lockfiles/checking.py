"""Check: lockfiles, files and prefixes in, findings of channel mixing and GPU-stack faults out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from lockfiles.files import is_file, read_bytes
from lockfiles.machine import describe_request
from lockfiles.rules import silenced_rules
from lockfiles.subjects.reading import Checked, SubjectRequest, open_files, read_subjects
from lockfiles.surroundings import STDIN, Surroundings
from resolver.errors import InputError

if TYPE_CHECKING:
    from resolver.checks.logs import LogMatch
    from resolver.checks.registry import Report
    from resolver.machine.description import Machine


class CheckRequest(SubjectRequest, frozen=True, kw_only=True):
    """What to check, on which machine; ``log`` is that of a failed job (``-``: standard input)."""

    log: str | None = None
    try_fixes: bool = True  #: solve for the changes that rules propose


class CheckReport(msgspec.Struct, frozen=True, kw_only=True):
    """What was found: a report for each thing checked, and the known failures of the log (None: no log).

    ``solver``: whose error the log holds where it is one of a solver, which ``lock explain`` reads.
    """

    machine: Machine
    reports: tuple[tuple[Checked, Report], ...]
    matches: tuple[LogMatch, ...] | None = None
    solver: str | None = None


def check(request: CheckRequest) -> CheckReport:
    """Check everything that the request names against its machine.

    Raises InputError where it names nothing, and what reading and locking raise.
    """
    from resolver.checks.registry import run_checks

    lines = _read_log(request.log, request.surroundings) if request.log else None
    silenced = silenced_rules(request)
    files = open_files(request)
    machine = describe_request(request.machine, files.image)
    is_empty = not request.files and not request.prefix and lines is None
    if is_empty and machine.image is None and machine.vm is None:
        from lockfiles.default_inputs import USUAL
        from lockfiles.usual_lockfile import DEFAULT_LOCKFILE, named_lockfiles

        there = [*named_lockfiles(Path()), *filter(is_file, USUAL), DEFAULT_LOCKFILE]
        hint = f"Give a lockfile or an environment file: `lock check {there[0]}`."
        raise InputError("nothing to check", hint=hint)
    checked = read_subjects(request, files, machine)
    reports: list[tuple[Checked, Report]] = []
    for item in checked:
        try_fix = item.try_fix if request.try_fixes else None
        report = run_checks(item.context, silence=silenced, try_fix=try_fix)
        reports.append((item, _with_origins(item, report, silenced, request)))
    expects_gpu = machine.gpu is not None or bool(machine.has_gpu)
    matches = _match(lines, checked, expects_gpu=expects_gpu) if lines is not None else None
    solver = _solver(lines) if lines is not None else None
    return CheckReport(machine=machine, reports=tuple(reports), matches=matches, solver=solver)


def _with_origins(
    item: Checked, report: Report, silenced: Mapping[str, str], request: CheckRequest
) -> Report:
    """Return the report with who asked for what, where there is something to report.

    The lockfile's source files are read for the evidence alone: rules that had
    nothing to say without them are not asked again.
    """
    from resolver.checks.registry import run_checks

    context = item.with_requirements(request.surroundings) if report.findings else None
    if context is None:
        return report
    spoke = {finding.rule for finding in report.findings}
    again = run_checks(context, silence=silenced)
    return msgspec.structs.replace(
        report, findings=tuple(finding for finding in again.findings if finding.rule in spoke)
    )


def _read_log(name: str, surroundings: Surroundings) -> list[str]:
    """Return the lines of a log; bytes that are no text are replaced."""
    raw = surroundings.read_stdin() if name == STDIN else read_bytes(name)
    encoding = "utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    return raw.decode(encoding, errors="replace").split("\n")


def _solver(lines: list[str]) -> str | None:
    from resolver.explain.logs import read_log

    return next((report.tool.value for report in read_log("\n".join(lines)) if report.specs), None)


def _match(lines: list[str], checked: Sequence[Checked], *, expects_gpu: bool) -> tuple[LogMatch, ...]:
    """Return the known failures, each with what shows it in the first environment that shows anything."""
    from resolver.checks.logs import explain_match, match_log

    matches = match_log(lines, expects_gpu=expects_gpu)
    for item in checked:
        if item.name is not None:
            explained = tuple(explain_match(match, item.context) for match in matches)
            matches = tuple(
                old if old.findings or not (new.findings or new.packages) else new
                for new, old in zip(explained, matches, strict=True)
            )
    return matches
