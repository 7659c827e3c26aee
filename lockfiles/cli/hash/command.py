"""``lock hash``: image identifiers of environment definitions, and whether an image will be reused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from lockfiles import hashing
from lockfiles.cli.hash.report import print_report
from lockfiles.cli.listening import TerminalListener
from lockfiles.cli.sarif import SarifSubject, write_sarif

if TYPE_CHECKING:
    from lockfiles.cli.terminal import Terminal

#: Exit code with ``--exit-code`` where an image would be built: a check found something.
EXIT_REBUILD = 5


class HashCommand(msgspec.Struct, frozen=True, kw_only=True):
    """What the verb is to do."""

    request: hashing.HashRequest
    exit_code: bool = False
    sarif: str | None = None  #: a file, or ``-``


def run(command: HashCommand, terminal: Terminal) -> int:
    """Run the verb; return its exit code."""
    report = hashing.hash(command.request, TerminalListener(terminal))
    is_locked = command.request.lock is not None
    read = [one.resolution for one in report.entries if is_locked or one.definition.lockfile is not None]
    notices = [notice for resolution in read if resolution for notice in resolution.notices]
    if notices:
        from lockfiles.cli.notices import tell_notices

        tell_notices(notices, [notice.target or "" for notice in notices], terminal)
    if command.sarif:
        subjects = [
            SarifSubject(file=one.definition.source.file, report=one.linted) for one in report.entries
        ]
        write_sarif(command.sarif, subjects, terminal)
    if command.sarif != "-":
        print_report(report, terminal)
    return EXIT_REBUILD if command.exit_code and report.builds_something else 0
