"""``lock verify``: what became of a lockfile's packages at their sources."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec

from lockfiles.verifying_sources import SourcesReport, SourcesRequest, verify_sources

if TYPE_CHECKING:
    from lockfiles.cli.terminal import Terminal

#: Exit code where something was found, and where a source couldn't be asked.
EXIT_FINDINGS, EXIT_SOURCE = 5, 3
#: Version of the JSON form; grows when a key changes its meaning or goes away.
SCHEMA_VERSION = 1


class VerifyCommand(msgspec.Struct, frozen=True, kw_only=True):
    """What the verb is to do."""

    request: SourcesRequest
    fail_on: str = "warning"


def run(command: VerifyCommand, terminal: Terminal) -> int:
    """Look and tell; return the exit code: findings first, then sources that failed."""
    from lockfiles.cli.listening import TerminalListener
    from resolver.model.findings import Severity

    report = verify_sources(command.request, TerminalListener(terminal))
    if terminal.json:
        terminal.data(json.dumps(report_to_json(report), indent=2, ensure_ascii=False))
    else:
        _tell(report, terminal)
    for line in report.unanswered:
        terminal.error(f"couldn't be asked: {line}")
    worst = Severity(command.fail_on).rank
    if any(finding.severity.rank <= worst for finding in report.findings):
        return EXIT_FINDINGS
    return EXIT_SOURCE if report.unanswered else 0


def _tell(report: SourcesReport, terminal: Terminal) -> None:
    for finding in report.findings:
        terminal.data(f"{finding.severity.value}[{finding.kind.value}]: {finding}")
    if not report.findings:
        terminal.data("nothing found")
    looked = f"looked at {report.looked} of {report.packages} packages where they came from"
    looked += f", hashed {report.hashed} archives" if report.hashed is not None else ""
    looked += f", matched {report.advisories} advisories" if report.advisories is not None else ""
    terminal.note(looked)
    if report.unlisted:
        names = ", ".join(f"`{name}`" for name in report.unlisted[:5])
        more = f" and {len(report.unlisted) - 5} more" if len(report.unlisted) > 5 else ""
        terminal.note(
            f"note: no channel and no index lists {names}{more}: references and folders aren't looked at"
        )


def report_to_json(report: SourcesReport) -> dict[str, object]:
    """Return the report as JSON values (docs/json.md)."""
    return {
        "schema_version": SCHEMA_VERSION,
        "lockfile": report.lockfile,
        "findings": [finding.to_json() for finding in report.findings],
        "unanswered": list(report.unanswered),
        "unlisted": list(report.unlisted),
        "packages": report.packages,
        "looked": report.looked,
        "hashed": report.hashed,
        "advisories": report.advisories,
    }
