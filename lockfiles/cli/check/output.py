"""Results of ``lock check`` as text, JSON and SARIF; the list of rules; version matrices."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from resolver.model.findings import Finding

if TYPE_CHECKING:
    from lockfiles.cli.terminal import Terminal
    from lockfiles.subjects.reading import Checked
    from resolver.checks.logs import LogMatch
    from resolver.checks.registry import Report
    from resolver.machine.description import Machine

#: Version of the JSON form of this verb; grows when a key changes its meaning or goes away.
SCHEMA_VERSION = 1
SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def print_rules(terminal: Terminal) -> None:
    """Print every rule: id, severity and its line."""
    from lockfiles.cli.terminal import format_columns
    from resolver.checks.registry import all_rules

    if terminal.json:
        rows = [
            {
                "rule": rule.id,
                "severity": rule.severity.value,
                "line": rule.line,
                "explanation": rule.explanation,
                "facts": list(rule.facts),
            }
            for rule in all_rules()
        ]
        terminal.data(
            json.dumps({"schema_version": SCHEMA_VERSION, "rules": rows}, indent=2, ensure_ascii=False)
        )
        return
    lines = format_columns(((rule.id, rule.severity.value, rule.line) for rule in all_rules()), indent="")
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
        blocks += [_finding_text(label, finding) for finding in report.findings]
        for finding, reason in report.silenced:
            terminal.detail(f"silenced: {finding.rule}: {finding.message} ({reason})")
    blocks += [_match_text(match) for match in matches]
    if blocks:
        terminal.data("\n\n".join(blocks))
    terminal.note(("\n" if blocks else "") + _summary(reports, matches, has_log=has_log))


def _label(checked: Checked) -> str:
    return f"{checked.name} ({checked.context.target.subdir})" if checked.name else "the machine"


def _finding_text(label: str, finding: Finding) -> str:
    place = str(finding.origin) if finding.origin else label
    lines = [f"{finding.severity.value}[{finding.rule}]: {finding.message}", f"  --> {place}"]
    lines += [f"  - {line}" for line in finding.evidence]
    if finding.fact:
        date = (
            f", {finding.fact.date}"
            if finding.fact.date and finding.fact.date not in finding.fact.source
            else ""
        )
        lines.append(f"  fact: {finding.fact.text} ({finding.fact.source}{date})")
    if finding.fix:
        lines.append(f"  fix: {finding.fix}")
    return "\n".join(lines)


def _match_text(match: LogMatch) -> str:
    times = f", {match.count} times" if match.count > 1 else ""
    lines = [
        f"log[{match.id}]: line {match.line}{times}: {match.text}",
        f"  cause: {match.cause}",
        f"  do: {match.remedy}",
    ]
    for finding in match.findings:
        lines.append(f"  seen in the environment: {finding.message} [{finding.rule}]")
        lines += [f"    - {line}" for line in finding.evidence]
    lines.append(f"  source: {match.fact.source}")
    return "\n".join(lines)


def _summary(reports: Sequence[tuple[Checked, Report]], matches: Sequence[LogMatch], *, has_log: bool) -> str:
    findings = [finding for _, report in reports for finding in report.findings]
    counts = {
        name: sum(finding.severity.value == name for finding in findings)
        for name in ("error", "warning", "note")
    }
    parts = [f"{count} {name}{'s' if count != 1 else ''}" for name, count in counts.items() if count]
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
        "checked": [
            {
                "file": checked.name,
                "platform": checked.context.target.subdir,
                "packages": len(checked.context.resolution.conda) + len(checked.context.resolution.pypi),
                "findings": [finding.to_json() for finding in report.findings],
                "silenced": [{**finding.to_json(), "reason": reason} for finding, reason in report.silenced],
            }
            for checked, report in reports
        ],
        "log": [match.to_json() for match in matches],
    }


def sarif(reports: Sequence[tuple[Checked, Report]]) -> dict[str, object]:
    """Return the findings as a SARIF 2.1.0 log.

    One run, every rule described, silenced ones as suppressed results.
    """
    from resolver.checks.registry import all_rules

    rules = all_rules()
    numbers = {rule.id: number for number, rule in enumerate(rules)}
    results = []
    for checked, report in reports:
        results += [_sarif_result(checked, finding, numbers, None) for finding in report.findings]
        results += [_sarif_result(checked, finding, numbers, reason) for finding, reason in report.silenced]
    return {
        "$schema": SARIF_SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "lockstack",
                        "rules": [
                            {
                                "id": rule.id,
                                "shortDescription": {"text": rule.line},
                                "fullDescription": {"text": rule.explanation},
                                "defaultConfiguration": {"level": rule.severity.value},
                            }
                            for rule in rules
                        ],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": results,
            }
        ],
    }


def _sarif_result(
    checked: Checked, finding: Finding, numbers: dict[str, int], reason: str | None
) -> dict[str, object]:
    text = [finding.message, *finding.evidence]
    if finding.fact:
        text.append(f"{finding.fact.text} ({finding.fact.source})")
    if finding.fix:
        text.append(f"Fix: {finding.fix}")
    origin = finding.origin
    in_file = origin is not None and not origin.file.startswith("--")
    file = origin.file if origin is not None and in_file else (checked.name or "environment").split(", ")[0]
    region: dict[str, int] = {"startLine": (origin.line or 1) if origin is not None and in_file else 1}
    if origin is not None and in_file and origin.column:
        region["startColumn"] = origin.column
    result: dict[str, object] = {
        "ruleId": finding.rule,
        "ruleIndex": numbers[finding.rule],
        "level": finding.severity.value,
        "message": {"text": "\n".join(text)},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": _uri(file)}, "region": region}}],
        "properties": {"platform": checked.context.target.subdir},
    }
    if reason is not None:
        result["suppressions"] = [{"kind": "external", "justification": reason}]
    return result


def _uri(file: str) -> str:
    from urllib.parse import quote

    return quote(Path(file).as_posix())


def write_sarif(name: str, reports: Sequence[tuple[Checked, Report]], terminal: Terminal) -> None:
    """Write the SARIF log to a file, or to standard output for ``-``; raises OutputError."""
    text = json.dumps(sarif(reports), indent=2, ensure_ascii=False) + "\n"
    if name == "-":
        terminal.data(text)
        return
    from resolver.errors import OutputError

    try:
        Path(name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError(name, error.strerror or str(error)) from None
