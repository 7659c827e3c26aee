"""Results of ``lock check`` as text and JSON; the list of rules; version matrices."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lockfiles.cli.findings import count_findings, deviations_text, files_text, finding_text
from resolver.model.findings import Unknown

if TYPE_CHECKING:
    from lockfiles.cli.terminal import Terminal
    from lockfiles.subjects.reading import Checked
    from resolver.checks.context import CheckContext
    from resolver.checks.coverage import Coverage
    from resolver.checks.logs import LogMatch
    from resolver.checks.registry import Report
    from resolver.machine.description import Machine

#: Packages that are shown for a failure in a log; JSON has all.
MOST_PACKAGES = 8
#: Version of the JSON form of this verb; grows when a key changes its meaning or goes away.
SCHEMA_VERSION = 1


def print_rules(terminal: Terminal) -> None:
    """Print every rule: id, severity and its line."""
    from lockfiles.cli.terminal import format_columns
    from lockfiles.rules import every_rule

    if terminal.json:
        rows = [
            {
                "rule": rule.id,
                "severity": rule.severity.value,
                "line": rule.line,
                "explanation": rule.explanation,
                "facts": list(rule.facts),
            }
            for rule in every_rule()
        ]
        terminal.data(
            json.dumps({"schema_version": SCHEMA_VERSION, "rules": rows}, indent=2, ensure_ascii=False)
        )
        return
    lines = format_columns(((rule.id, rule.severity.value, rule.line) for rule in every_rule()), indent="")
    terminal.data("\n".join(lines))


def print_matrix(name: str, terminal: Terminal) -> None:
    """Print a matrix, each cell with the number of its source; raises InputError for an unknown name."""
    from lockfiles.cli.terminal import format_columns
    from resolver.checks.matrix import matrix, names
    from resolver.errors import InputError
    from resolver.model.origin import Origin

    if name not in names():
        raise InputError(f"no matrix `{name}`", Origin(file="--matrix"), f"There are {', '.join(names())}.")
    table = matrix(name)
    if terminal.json:
        rows = [
            {
                column: [fact.to_json() for fact in cell.said]
                for column, cell in zip(table.columns, row, strict=True)
            }
            for row in table.rows
        ]
        terminal.data(
            json.dumps(
                {"schema_version": SCHEMA_VERSION, "matrix": name, "title": table.title, "rows": rows},
                indent=2,
                ensure_ascii=False,
            )
        )
        return
    sources: dict[tuple[str, str | None], int] = {}

    def show(cell: Any) -> str:
        parts = []
        for fact in cell.said:
            number = sources.setdefault((fact.source, fact.date), len(sources) + 1)
            parts.append(f"{fact.text} [{number}]")
        return " | ".join(parts) or "-"

    lines = format_columns([table.columns, *(tuple(map(show, row)) for row in table.rows)], indent="")
    notes = [
        f"[{number}] {source}" + (f" ({date})" if date and date not in source else "")
        for (source, date), number in sources.items()
    ]
    terminal.data("\n".join([table.title, "", *lines, "", *notes]))


def print_reports(
    machine: Machine,
    reports: Sequence[tuple[Checked, Report]],
    matches: Sequence[LogMatch],
    terminal: Terminal,
    *,
    has_log: bool,
) -> None:
    """Print the findings and the matches of a log, for people or as JSON."""
    if terminal.json:
        terminal.data(json.dumps(_to_json(machine, reports, matches), indent=2, ensure_ascii=False))
        return
    for text in machine.assumptions:
        terminal.note(f"assumed: {text}")
    blocks = []
    for checked, report in reports:
        label = _label(checked)
        blocks += [finding_text(label, finding) for finding in report.findings]
        for finding, reason in report.silenced:
            terminal.detail(f"silenced: {finding.rule}: {finding.message} ({reason})")
    blocks += [_match_text(match) for match in matches]
    if blocks:
        terminal.data("\n\n".join(blocks))
    closing = [f"not known: {found}" for found in _unknown(machine, reports)]
    closing += [f"not compared: {text}" for _, report in reports for text in report.not_compared]
    closing.append(_summary(reports, matches, has_log=has_log))
    is_one = len(reports) == 1
    for checked, report in reports:
        closing += _installed(checked.context)
        if checked.name:
            found = count_findings(report.findings)
            own = "" if is_one else f"{_label(checked)}: {', '.join(found) or 'nothing found'}; "
            closing.append(own + _looked_at(machine, report.coverage))
    terminal.note(("\n" if blocks else "") + "\n".join(closing))


def _unknown(machine: Machine, reports: Sequence[tuple[Checked, Report]]) -> list[Unknown]:
    """Return what the facts don't reach, the machine's first; each stands once."""
    every = (*machine.unknown, *(found for _, report in reports for found in report.unknown))
    return list(dict.fromkeys(every))


def _installed(context: CheckContext) -> list[str]:
    """Return what was compared of a prefix: with its lockfile, and of its files."""
    lines = [deviations_text(context.deviations)] if context.deviations is not None else []
    return lines + ([files_text(context.installation)] if context.installation is not None else [])


def _looked_at(machine: Machine, coverage: Coverage) -> str:
    """Return one line: packages, rules that had something to compare, and what is known of the machine."""
    missing = f", {len(coverage.without_fact)} of them without a fact" if coverage.without_fact else ""
    known = [
        text
        for text in (
            _gpu_text(machine),
            f"driver {machine.driver}" if machine.driver else _cuda_text(machine),
            f"glibc {machine.glibc}" if machine.glibc else "",
            f"image {machine.image.reference}" if machine.image else "",
        )
        if text
    ]
    given = (
        f"known of the machine: {', '.join(known)}"
        if known
        else "nothing is known of the machine: no GPU, driver or image was compared"
    )
    packages = f"{coverage.packages} package{'s' if coverage.packages != 1 else ''}"
    return f"looked at {packages} with {len(coverage.applied)} of {coverage.rules} rules{missing}; {given}"


def _gpu_text(machine: Machine) -> str:
    if machine.gpu is None:
        return "no GPU" if machine.has_gpu is False else ""
    return machine.gpu.model if machine.gpu.model.startswith("GPU ") else f"GPU {machine.gpu.model}"


def _cuda_text(machine: Machine) -> str:
    """Return the CUDA of a driver that wasn't named; an assumed one says so."""
    if machine.cuda is None:
        return ""
    assumed = any(text.startswith(f"CUDA {machine.cuda}:") for text in machine.assumptions)
    return f"CUDA {machine.cuda}{' (assumed)' if assumed else ''}"


def _label(checked: Checked) -> str:
    return f"{checked.name} ({checked.context.target.subdir})" if checked.name else "the machine"


def _match_text(match: LogMatch) -> str:
    times = f", {match.count} times" if match.count > 1 else ""
    lines = [
        f"log[{match.id}]: line {match.line}{times}: {match.text}",
        f"  cause: {match.cause}",
        f"  look at: {match.look}",
        f"  do: {match.remedy}",
    ]
    for finding in match.findings:
        lines.append(f"  seen in the environment: {finding.message} [{finding.rule}]")
        lines += [f"    - {line}" for line in finding.evidence]
    told = {line for finding in match.findings for line in finding.evidence}
    others = [line for line in match.packages if line not in told]
    if others:
        more = f" (and {len(others) - MOST_PACKAGES} more)" if len(others) > MOST_PACKAGES else ""
        lines += [f"  in the environment{more}:", *(f"    - {line}" for line in others[:MOST_PACKAGES])]
    lines.append(f"  source: {match.fact.source}")
    return "\n".join(lines)


def _summary(reports: Sequence[tuple[Checked, Report]], matches: Sequence[LogMatch], *, has_log: bool) -> str:
    parts = count_findings(finding for _, report in reports for finding in report.findings)
    if has_log:
        parts.append(f"{len(matches)} known failure{'s' if len(matches) != 1 else ''} in the log")
    silenced = sum(len(report.silenced) for _, report in reports)
    if silenced:
        parts.append(f"{silenced} silenced")
    return ", ".join(parts) or "nothing found"


def _to_json(
    machine: Machine, reports: Sequence[tuple[Checked, Report]], matches: Sequence[LogMatch]
) -> dict[str, object]:
    image = machine.image
    return {
        "schema_version": SCHEMA_VERSION,
        "machine": {
            "gpu": machine.gpu.model if machine.gpu else None,
            "compute_capability": machine.gpu.capability if machine.gpu else None,
            "has_gpu": machine.has_gpu,
            "driver": machine.driver,
            "cuda": machine.cuda,
            "glibc": machine.glibc,
            "image": image.reference if image else None,
            "image_cuda": image.cuda if image else None,
            "image_cudnn": image.cudnn if image else None,
            "vm_size": machine.vm_size,
            "library_path": list(machine.library_path),
            "assumptions": list(machine.assumptions),
        },
        "unknown": [found.to_json() for found in _unknown(machine, reports)],
        "checked": [
            {
                "file": checked.name,
                "platform": checked.context.target.subdir,
                "packages": len(checked.context.resolution.conda) + len(checked.context.resolution.pypi),
                "looked_at": report.coverage.to_json(),
                "not_compared": list(report.not_compared),
                "notices": [notice.to_json() for notice in checked.context.resolution.notices],
                **_installed_to_json(checked.context),
                "findings": [finding.to_json() for finding in report.findings],
                "silenced": [{**finding.to_json(), "reason": reason} for finding, reason in report.silenced],
            }
            for checked, report in reports
        ],
        "log": [match.to_json() for match in matches],
    }


def _installed_to_json(context: CheckContext) -> dict[str, object]:
    """Return what only a prefix has: its files, and how it differs from its lockfile."""
    found: dict[str, object] = {}
    if context.installation is not None:
        found["files"] = context.installation.files_to_json()
    if context.deviations is not None:
        found["against"] = context.deviations.to_json()
    return found


def write_reports(name: str, reports: Sequence[tuple[Checked, Report]], terminal: Terminal) -> None:
    """Write the SARIF log to a file, or to standard output for ``-``; raises OutputError."""
    from lockfiles.cli.sarif import SarifSubject, write_sarif

    subjects = [
        SarifSubject(
            file=checked.name or "environment",
            report=report,
            properties={"platform": checked.context.target.subdir},
        )
        for checked, report in reports
    ]
    write_sarif(name, subjects, terminal)
