"""``lock fleet PATH...``: many environments, a table and one exit code."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from lockfiles.cli.endings import Endings
from lockfiles.cli.fleet.placing import placed
from lockfiles.cli.fleet.progress import FleetProgress
from lockfiles.cli.fleet.table import tell_report
from lockfiles.fleet.records import FleetRecord, record_to_json
from lockfiles.fleet.running import FleetReport, FleetRequest, run_fleet
from resolver.errors import OutputError

if TYPE_CHECKING:
    from lockfiles.cli.fleet.merging import MergeCommand
    from lockfiles.cli.fleet.upkeep import UpkeepCommand
    from lockfiles.cli.terminal import Terminal
    from lockfiles.fleet.holding import HoldersRequest

#: What helps where only a report couldn't be written.
_WRITE_AGAIN = "What was done is kept: the same command with `--resume`, and another place, writes it."


class FleetCommand(msgspec.Struct, frozen=True, kw_only=True):
    """What the verb is to do: with ``holders`` tell who holds a package, else run the fleet."""

    request: FleetRequest
    holders: HoldersRequest | None = None
    csv: str | None = None  #: a file, or ``-``
    sarif: str | None = None
    merge: MergeCommand | None = None  #: in place of the request
    upkeep: UpkeepCommand | None = None  #: in place of the request
    html: str | None = None


def run(command: FleetCommand, terminal: Terminal) -> int:
    """Do what was asked for; return the exit code."""
    try:
        with Endings().heard() as endings:
            return _do(command, terminal, endings)
    except OutputError as error:  # a journal's, or of what `--write` names: there is no `--output`
        hint = error.hint.replace(" with `--output`", "") if error.hint else None
        raise OutputError(error.path, error.reason, hint) from error


def _do(command: FleetCommand, terminal: Terminal, endings: Endings) -> int:
    if command.request.engine.scheduler is not None:
        gc.enable()  # Dask's client, and a local cluster's scheduler, make garbage here for hours
    if command.merge is not None:
        from lockfiles.cli.fleet.merging import run_merge

        return run_merge(command.merge, terminal)
    if command.upkeep is not None:
        from lockfiles.cli.fleet.upkeep import run_upkeep

        return run_upkeep(command.upkeep, terminal, endings)
    if command.holders is not None:
        from lockfiles.cli.fleet.why import tell_holders

        return tell_holders(command.holders, terminal)
    from lockfiles.cli.fleet.outputs import CsvTable, check_page_place, open_page, write_findings, write_page

    for name in (command.csv, command.sarif):
        if name is not None:
            check_page_place(name)
    table = CsvTable() if command.csv else None
    page = open_page(command.html, command.request) if command.html else None
    takers = [one.take for one in (table, page) if one is not None]

    def take(record: FleetRecord) -> None:
        if terminal.json:
            terminal.data(record_to_json(record).decode())
        for one in takers:
            one(record)

    report, progress = _run(command.request, terminal, endings, take if terminal.json or takers else None)
    writers: list[Callable[[], None]] = []
    if table is not None:
        writers.append(lambda: table.write(command.csv or "-", terminal))
    if page is not None:
        writers.append(lambda: write_page(command.html or "-", page.text(report), terminal))
    if command.sarif:
        writers.append(lambda: write_findings(command.sarif or "-", report, terminal))
    unwritten = list(_failures_of(writers))
    has_table = not terminal.json and "-" not in (command.csv, command.sarif, command.html)
    tell_report(report, terminal, progress.seconds, has_table=has_table)
    for error in unwritten:
        terminal.error(str(error), _WRITE_AGAIN if error is unwritten[-1] else None)
    if unwritten:
        return unwritten[-1].exit_code
    return report.exit_code


def _failures_of(writers: Sequence[Callable[[], None]]) -> Iterator[OutputError]:
    """Write all that can be written; yield what can't."""
    for write in writers:
        try:
            write()
        except OutputError as error:
            yield error


def _run(
    request: FleetRequest,
    terminal: Terminal,
    endings: Endings,
    take: Callable[[FleetRecord], None] | None,
) -> tuple[FleetReport, FleetProgress]:
    progress = FleetProgress(terminal, endings, request.engine)
    try:
        with progress, contextlib.ExitStack() as held:
            return run_fleet(placed(request, held, terminal), progress, take), progress
    except KeyboardInterrupt:
        if progress.finished:
            with contextlib.suppress(OSError):  # nobody may be there any more to read it
                done = "1 file is" if progress.finished == 1 else f"{progress.finished:,} files are"
                terminal.note(f"\n{done} done: `--resume` goes on from there.")
        raise
