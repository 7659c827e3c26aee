"""Findings of any verb as a SARIF 2.1.0 log, as code hosts read it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from resolver.model.findings import Finding
from resolver.model.rules import RuleReport

if TYPE_CHECKING:
    from lockfiles.cli.terminal import Terminal

SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


class SarifSubject(msgspec.Struct, frozen=True, kw_only=True):
    """What was looked at; ``file`` is the place of findings that have none."""

    file: str
    report: RuleReport
    properties: Mapping[str, str] = msgspec.field(default_factory=dict)


def sarif(subjects: Sequence[SarifSubject]) -> dict[str, object]:
    """Return the findings as a SARIF 2.1.0 log.

    One run, every rule described, silenced ones as suppressed results.
    """
    from lockfiles.rules import every_rule

    rules = every_rule()
    numbers = {rule.id: number for number, rule in enumerate(rules)}
    results = []
    for subject in subjects:
        report = subject.report
        results += [_result(subject, finding, numbers, None) for finding in report.findings]
        results += [_result(subject, finding, numbers, reason) for finding, reason in report.silenced]
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


def _result(
    subject: SarifSubject, finding: Finding, numbers: dict[str, int], reason: str | None
) -> dict[str, object]:
    text = [finding.message, *finding.evidence]
    if finding.fact:
        text.append(f"{finding.fact.text} ({finding.fact.source})")
    if finding.fix:
        text.append(f"Fix: {finding.fix}")
    origin = finding.origin
    in_file = origin is not None and not origin.file.startswith("--")
    file = origin.file if origin is not None and in_file else subject.file.split(", ")[0]
    region: dict[str, int] = {"startLine": (origin.line or 1) if origin is not None and in_file else 1}
    if origin is not None and in_file and origin.column:
        region["startColumn"] = origin.column
    result: dict[str, object] = {
        "ruleId": finding.rule,
        "ruleIndex": numbers[finding.rule],
        "level": finding.severity.value,
        "message": {"text": _without_links("\n".join(text))},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": _uri(file)}, "region": region}}],
        "properties": dict(subject.properties),
    }
    if reason is not None:
        result["suppressions"] = [{"kind": "external", "justification": reason}]
    return result


def _without_links(text: str) -> str:
    """Return a text in which no `[words](target)` is an embedded link (SARIF 2.1.0, 3.11.6)."""
    return text.replace("](", "] (")


def _uri(file: str) -> str:
    from urllib.parse import quote

    return quote(Path(file).as_posix(), errors="surrogateescape")  # a name that isn't UTF-8: its bytes


def write_sarif(name: str, subjects: Sequence[SarifSubject], terminal: Terminal) -> None:
    """Write the SARIF log to a file, or to standard output for ``-``; raises OutputError."""
    from lockfiles.cli.terminal import make_json_visible

    text = make_json_visible(json.dumps(sarif(subjects), indent=2, ensure_ascii=False) + "\n")
    if name == "-":
        terminal.data(text)
        return
    from lockfiles.files import write_text

    write_text(name, text)
