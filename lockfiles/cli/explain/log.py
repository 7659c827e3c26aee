"""What was understood of another tool's error, in words and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from resolver.explain.logs.about_python import python_conflict, python_that_helps

if TYPE_CHECKING:
    from resolver.explain.logs import LogReport

#: So many reasons of the other tool are repeated.
_MOST_REASONS = 4


def conflict_of(report: LogReport) -> list[str]:
    """Return the conflict that a log itself holds, one sentence each; empty where it holds none."""
    return [*report.conflict, *python_conflict(report.pythons)]


def report_lines(report: LogReport, name: str) -> list[str]:
    """Return what was understood of one error."""
    where = f"{name}:{report.first_line}"
    azureml = " in an Azure ML image build" if report.azureml else ""
    result = [f"{where}: an error of {report.tool.value}{azureml}"]
    if report.specs:
        result.append("asked for:")
        result += [f"  {spec.text}{' (constraint)' if spec.is_constraint else ''}" for spec in report.specs]
    if report.missing:
        result.append(f"found nowhere: {', '.join(report.missing)}")
    if report.reasons and not report.conflict:
        result.append("it says:")
        result += [f"  {reason}" for reason in report.reasons[:_MOST_REASONS]]
        if len(report.reasons) > _MOST_REASONS:
            result.append(f"  ... and {len(report.reasons) - _MOST_REASONS} more")
    told = conflict_of(report)
    if told:
        result.append("so the conflict of the log is:")
        result += [f"  {reason}" for reason in told]
    if report.pythons:
        helps = python_that_helps(report.pythons)
        result += [f"what helps: Python {helps}"] if helps else []
    if not report.complete:
        result.append("the log breaks off in the middle of the error: some of it may be missing")
    return result


def logs_to_json(reports: Sequence[LogReport]) -> list[dict[str, object]]:
    """Return what was understood as JSON values."""
    return [
        {
            "tool": report.tool.name.lower(),
            "specs": [
                {"text": s.text, "ecosystem": s.ecosystem, "line": s.line, "constraint": s.is_constraint}
                for s in report.specs
            ],
            "missing": list(report.missing),
            "reasons": list(report.reasons),
            "platform": report.platform,
            "channels": list(report.channels),
            "virtual_packages": list(report.virtual_packages),
            "azureml": report.azureml,
            "conflict": conflict_of(report),
            "python_that_helps": python_that_helps(report.pythons),
            "complete": report.complete,
        }
        for report in reports
    ]
