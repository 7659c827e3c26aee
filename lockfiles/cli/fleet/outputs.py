"""A fleet's records as CSV and as a page, and its findings as SARIF."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

from lockfiles.cli.sarif import SarifSubject, write_sarif
from resolver.model.visible import make_visible

if TYPE_CHECKING:
    from lockfiles.cli.terminal import Terminal
    from lockfiles.fleet.page.making import FleetPageMaker
    from lockfiles.fleet.records import FindingRow, FleetRecord
    from lockfiles.fleet.running import FleetReport, FleetRequest
    from resolver.model.findings import Finding

COLUMNS = (
    *("file", "outcome", "exit_code", "lockfile", "sha256", "written", "changes", "packages", "bytes"),
    *("findings", "cause", "seconds", "requests", "attempts", "settings"),
)


class CsvTable:
    """Takes records; gives the table, whose numbers of packages and bytes are of all platforms together."""

    def __init__(self) -> None:
        self._text = io.StringIO()
        self._writer = csv.writer(self._text, lineterminator="\n")
        self._writer.writerow(COLUMNS)

    def take(self, record: FleetRecord) -> None:
        """Add a record's row."""
        packages = [row for target in record.targets for row in target.packages]
        self._writer.writerow(
            _plain(cell)
            for cell in (
                record.file,
                record.outcome,
                record.code,
                record.output or "",
                record.digest or "",
                "yes" if record.is_written else "no",
                "" if record.changes is None else record.changes,
                len(packages),
                sum(row.size or 0 for row in packages),
                len(record.findings),
                " / ".join(dict.fromkeys(failure.cause for failure in record.failures)),
                f"{record.seconds:.3f}",
                record.requests,
                record.attempts,
                " ".join(record.settings_files),
            )
        )

    def write(self, name: str, terminal: Terminal) -> None:
        """Write the table to a file, or to standard output for ``-``; raises OutputError."""
        from lockfiles.files import write_text

        if name == "-":
            terminal.data(self._text.getvalue())
        else:
            write_text(name, self._text.getvalue())


#: Signs that begin a formula, full-width ones too, and blanks that are cut off before them (OWASP, "CSV
#: Injection"). Behind ``;``, a tab or a line's end a cell begins where a spreadsheet parts cells by these.
_FORMULA = re.compile(r"(?:^|(?<=[;\t\r\n]))(?=[=+\-@\t\r\n\uff0b\uff0d\uff1d\uff20])")


def _plain(cell: object) -> object:
    """Return a cell that no spreadsheet takes for a formula, and no screen for more than text."""
    return _FORMULA.sub("'", make_visible(cell)) if isinstance(cell, str) else cell


def write_findings(name: str, report: FleetReport, terminal: Terminal) -> None:
    """Write the findings of all files as one SARIF log; raises OutputError."""
    from resolver.model.rules import RuleReport

    subjects = [
        SarifSubject(
            file=record.file,
            report=RuleReport(findings=tuple(_finding(row, record.file) for row in record.findings)),
            properties={},
        )
        for record in report.records
    ]
    write_sarif(name, subjects, terminal)


def _finding(row: FindingRow, file: str) -> Finding:
    from resolver.model.findings import Fact, Finding, Severity
    from resolver.model.origin import Origin

    return Finding(
        rule=row.rule,
        severity=Severity(row.severity),
        message=row.message,
        evidence=row.evidence,
        fix=row.fix,
        origin=Origin(file=row.file or file, line=row.line),
        fact=Fact(text=row.fact.text, source=row.fact.source) if row.fact else None,
    )


# -- the page -----------------------------------------------------------------------------------------


def open_page(name: str, request: FleetRequest) -> FleetPageMaker:
    """Return what takes records for a page; raises OutputError where no file can stand in its place."""
    from lockfiles.fleet.page.making import FleetPageMaker

    check_page_place(name)
    return FleetPageMaker(request)


def check_page_place(name: str) -> None:
    """Raise OutputError where no file can stand: that is known before hours are spent."""
    from pathlib import Path

    from resolver.errors import OutputError

    if name == "-":
        return
    if not Path(name).parent.is_dir():
        raise OutputError(name, "its folder does not exist")
    if Path(name).is_dir():
        raise OutputError(name, "is a folder")


def write_page(name: str, text: str, terminal: Terminal) -> None:
    """Write a page to a file, or to standard output for ``-``; raises OutputError."""
    from lockfiles.files import write_text

    if name == "-":
        terminal.data(text)
        return
    write_text(name, text)
    terminal.note(f"Wrote `{make_visible(name)}`.")
