"""``lock fleet PATH...``: many environments, a table and one exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from lockfiles.cli.fleet.progress import FleetProgress
from lockfiles.cli.fleet.table import tell_report
from lockfiles.fleet.records import FleetRecord, record_to_json
from lockfiles.fleet.running import FleetRequest, run_fleet

if TYPE_CHECKING:
    from lockfiles.cli.terminal import Terminal


class FleetCommand(msgspec.Struct, frozen=True, kw_only=True):
    """What the verb is to do."""

    request: FleetRequest


def run(command: FleetCommand, terminal: Terminal) -> int:
    """Do what was asked for; return the exit code."""

    def take(record: FleetRecord) -> None:
        terminal.data(record_to_json(record).decode())

    progress = FleetProgress(terminal)
    try:
        with progress:
            report = run_fleet(command.request, progress, take if terminal.json else None)
    except KeyboardInterrupt:
        if progress.finished:
            terminal.note(f"\n{progress.finished:,} files are done: `--resume` goes on behind them.")
        raise
    tell_report(report, terminal, progress.seconds)
    return report.exit_code
