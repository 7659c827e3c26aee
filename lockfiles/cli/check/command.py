"""``lock check``: channel mixing and GPU-stack faults, found before the job runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from lockfiles.checking import CheckRequest, check

if TYPE_CHECKING:
    from lockfiles.checking import CheckReport
    from lockfiles.cli.terminal import Terminal

#: Exit code where a finding is at least as bad as ``--fail-on``.
EXIT_FOUND = 5


class CheckCommand(msgspec.Struct, frozen=True, kw_only=True):
    """What the verb is to do: list the rules, print a matrix, or check and print what was found."""

    request: CheckRequest
    rules: bool = False
    matrix: str | None = None
    fail_on: str = "error"  #: the mildest severity that counts
    sarif: str | None = None  #: a file, or ``-``


def run(command: CheckCommand, terminal: Terminal) -> int:
    """Run the verb; return its exit code."""
    from lockfiles.cli.check import output

    if command.rules:
        output.print_rules(terminal)
        return 0
    if command.matrix:
        output.print_matrix(command.matrix, terminal)
        return 0
    report = check(command.request)
    if command.sarif:
        output.write_reports(command.sarif, report.reports, terminal)
    notices = [notice for checked, _ in report.reports for notice in checked.context.resolution.notices]
    if notices:
        from lockfiles.cli.notices import tell_notices

        tell_notices(notices, [notice.target or "" for notice in notices], terminal)
    if command.sarif != "-":
        output.print_reports(
            report.machine,
            report.reports,
            report.matches or (),
            terminal,
            has_log=report.matches is not None,
        )
    if report.solver and not terminal.json:
        terminal.note(f"The log holds an error of {report.solver}: `lock explain --log LOG` explains it.")
    return EXIT_FOUND if _fails(report, command.fail_on) else 0


def _fails(report: CheckReport, limit: str) -> bool:
    from resolver.model.findings import Severity, worst_severity

    if report.matches:
        return True
    worst = worst_severity(finding for _, one in report.reports for finding in one.findings)
    return worst is not None and worst.rank <= Severity(limit).rank
