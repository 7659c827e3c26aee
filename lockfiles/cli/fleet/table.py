"""A fleet's outcome for people: a table, the causes, and the sums."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from lockfiles.cli.progress import format_seconds
from lockfiles.cli.terminal import format_columns
from resolver.model.visible import make_visible

if TYPE_CHECKING:
    from lockfiles.cli.terminal import Terminal
    from lockfiles.fleet.causes import Failure
    from lockfiles.fleet.grouping import SharedCause
    from lockfiles.fleet.records import FleetRecord
    from lockfiles.fleet.running import FleetReport

#: Lines of files that are done, and files named for one cause; `-v`: all.
_MOST_ROWS = 60
_MOST_NAMES = 5
#: Settings files that are named.
_MOST_SETTINGS = 3


def tell_report(report: FleetReport, terminal: Terminal, seconds: float, *, has_table: bool = True) -> None:
    """Print what became of the fleet."""
    for path in report.empty:
        terminal.warning(f"`{path}`: no environment file in it")
    if has_table:
        for line in table_lines(report.records, terminal):
            terminal.data(line)
    if report.causes:
        terminal.note()
        for cause in report.causes:
            for line in cause_lines(cause, everything=terminal.verbosity >= 1):
                terminal.note(line)
    terminal.note(f"\n{sums(report)} in {format_seconds(seconds)}.")
    told = settings_told(report.records)
    if told:
        terminal.note(told)
    if report.snapshot is not None:
        made, asked = report.snapshot.made, report.snapshot.asked
        terminal.note(f"Snapshot of {made}; questions that sources were asked: {asked:,}.")


def settings_told(records: Sequence[FleetRecord]) -> str:
    """Return which settings files hold for how many files, in one line; empty where none does."""
    counts = Counter(" and ".join(record.settings_files) for record in records if record.settings_files)
    found = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    parts = [f"`{make_visible(name)}` for {count:,}" for name, count in found[:_MOST_SETTINGS]]
    if len(found) > _MOST_SETTINGS:
        parts.append(f"{len(found) - _MOST_SETTINGS:,} more settings files")
    return f"Settings: {', '.join(parts)}." if parts else ""


def table_lines(records: Sequence[FleetRecord], terminal: Terminal) -> list[str]:
    """Return one line a file: those that failed, then the others as far as there is room for them."""
    shown = records
    left = 0
    if len(records) > _MOST_ROWS and terminal.verbosity < 1:
        shown = [record for record in records if record.code]
        left = len(records) - len(shown)
    lines = format_columns((make_visible(r.file), _say(r)) for r in shown)
    if left:
        lines.append(f"  {left:,} more: done (`-v` names them)")
    return [line.removeprefix("  ") for line in lines]


def _say(record: FleetRecord) -> str:
    if record.code:
        same = f", as {record.same_as}" if record.same_as else ""
        return f"{record.outcome}{same}"
    if record.output is None or "lock" not in record.work:
        return record.outcome
    packages = f"{record.changes:,} changed" if record.changes else ""
    if record.is_written:
        state = "written"
    elif record.changes is None:  # nothing may be written, and no lockfile is there
        state = "would be made"
    else:
        state = "would change" if record.changes else "unchanged"
    return ", ".join(part for part in (state, packages) if part)


def cause_lines(cause: SharedCause, *, everything: bool = False) -> Iterator[str]:
    """Yield a cause: how many files fail for it, its lines or its message, and the files."""
    count = len(cause.files)
    head = f"{count:,} file{'' if count == 1 else 's'}"
    example = cause.example
    if len(example.lines) == 1:
        yield f"{head}: nothing meets `{example.lines[0].text}`"
    elif example.lines:
        yield f"{head}: these lines can't hold together:"
        for text in dict.fromkeys(line.text for line in example.lines):
            yield f"    {text}"
    else:
        yield f"{head}: {cause.text}"
    names = cause.files if everything else cause.files[:_MOST_NAMES]
    for name in names:
        yield f"  {name}{_place(example, name) if count == 1 else ''}"
    if count > len(names):
        yield f"  and {count - len(names):,} more"
    if example.hint:
        whose = f" (of {names[0]})" if count > 1 else ""
        yield f"  hint{whose}: {example.hint}"


def _place(failure: Failure, file: str) -> str:
    """Return where a file's fault stands: its line, or the place in a file that it names."""
    if failure.line is None or failure.lines:
        return ""
    return f":{failure.line}" if failure.file in (None, file) else f" ({failure.file}:{failure.line})"


def sums(report: FleetReport) -> str:
    """Return how many files ended how, in one line."""
    counts = Counter(record.outcome for record in report.records)
    parts = [
        f"{count:,} {words}" for words, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]
    total = len(report.records)
    told = f"{total:,} file{'' if total == 1 else 's'}: {', '.join(parts)}"
    if report.kept:
        told += f"; {report.kept:,} were done before"
    return told
