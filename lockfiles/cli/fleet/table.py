"""A fleet's outcome for people: a table, the causes, and the sums."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from lockfiles.cli.fleet.progress import count_of
from lockfiles.cli.progress import format_seconds
from lockfiles.cli.terminal import format_columns
from lockfiles.fleet.causes import short_hint
from resolver.errors import one_line
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
#: Causes, lines of a conflict, and changes that help, without `-v`.
_MOST_CAUSES = 20
_MOST_LINES = 12
_MOST_CHANGES = 4
_CLASH = "these lines can't hold together"
#: Settings files that are named.
_MOST_SETTINGS = 3


def tell_report(report: FleetReport, terminal: Terminal, seconds: float, *, has_table: bool = True) -> None:
    """Print what became of the fleet."""
    for path in report.empty:
        terminal.warning(f"`{one_line(path)}`: no environment file in it")
    if has_table:
        for line in table_lines(report.records, terminal):
            terminal.data(line)
    tell_causes(report.causes, terminal)
    terminal.note(f"\n{sums(report)} in {format_seconds(seconds)}.")
    told = settings_told(report.records)
    if told:
        terminal.note(told)
    if report.snapshot is not None:
        made, asked = report.snapshot.made, report.snapshot.asked
        terminal.note(f"Snapshot of {made}; questions that sources were asked: {asked:,}.")


def _why(record: FleetRecord) -> str:
    """Return why a lockfile isn't fresh: the first reason, and how many more there are."""
    if not record.reasons:
        return ""
    told = "no lockfile" if record.reasons[0].endswith(" does not exist") else record.reasons[0]
    left = len(record.reasons) - 1
    more = f", and {count_of(left, 'more reason')}" if left else ""
    return f": {told}{more}"


def tell_causes(causes: Sequence[SharedCause], terminal: Terminal) -> None:
    """Print why files fail: the causes that most files share, with `-v` all of them."""
    if not causes:
        return
    everything = terminal.verbosity >= 1
    groups = _told_together(causes)
    shown = groups if everything else groups[:_MOST_CAUSES]
    terminal.note()
    for group in shown:
        for line in cause_lines(*group, everything=everything):
            terminal.note(line)
    left = len(groups) - len(shown)  # as the page counts them
    if left:
        terminal.note(
            f"and {count_of(left, 'more cause')}: `-v` tells all, `--html FILE` makes a page of them"
        )
    if any(cause.example.lines for cause in causes):
        terminal.note("`lock explain FILE` gives all reasons, and other changes that work.")


def _told_together(causes: Sequence[SharedCause]) -> list[list[SharedCause]]:
    """Return the causes in groups: single lines that nothing meets, in the same files, are one."""
    groups: dict[object, list[SharedCause]] = {}
    for cause in causes:
        is_single = len(cause.example.lines) == 1
        groups.setdefault(cause.files if is_single else cause.id, []).append(cause)
    return list(groups.values())


def settings_told(records: Sequence[FleetRecord]) -> str:
    """Return which settings files hold for how many files, in one line; empty where none does."""
    counts = Counter(" and ".join(record.settings_files) for record in records if record.settings_files)
    found = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    parts = [f"`{one_line(name)}` for {count:,}" for name, count in found[:_MOST_SETTINGS]]
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
    lines = format_columns((make_visible(one_line(r.file)), _say(r)) for r in shown)
    if left:
        lines.append(f"  {left:,} more: done (`-v` names them)")
    return [line.removeprefix("  ") for line in lines]


def _say(record: FleetRecord) -> str:
    if record.code:
        same = f", as {one_line(record.same_as)}" if record.same_as else ""
        return f"{record.outcome}{same}{_why(record)}"
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


def cause_lines(*causes: SharedCause, everything: bool = False) -> Iterator[str]:
    """Yield a cause: how many files fail for it, its lines or its message, and the files.

    Several are single lines that nothing meets, in the same files.
    """
    first = causes[0]
    example, files = first.example, first.files
    head = count_of(len(files), "file")
    texts = list(dict.fromkeys(line.text for cause in causes for line in cause.example.lines))
    if len(texts) == 1:
        yield f"{head}: nothing meets `{texts[0]}`"
    elif texts:
        yield f"{head}: {'nothing meets these lines' if len(causes) > 1 else _CLASH}:"
        yield from _some(texts, _MOST_LINES, "    ", everything=everything)
    else:
        yield f"{head}: {first.text if len(files) > 1 else example.message.partition(chr(10))[0]}"
    places = [f"{one_line(name)}{_place(example, name) if len(files) == 1 else ''}" for name in files]
    yield from _some(places, _MOST_NAMES, "  ", everything=everything)
    if len(causes) == 1:
        yield from _help(example, files, everything=everything)


def _some(texts: Sequence[str], most: int, indent: str, *, everything: bool) -> Iterator[str]:
    """Yield texts, of more than ``most`` the first ones and how many more there are."""
    shown = texts if everything or len(texts) <= most else texts[:most]
    yield from (f"{indent}{text}" for text in shown)
    if len(texts) > len(shown):
        yield f"{indent}and {len(texts) - len(shown):,} more"


def _help(failure: Failure, files: Sequence[str], *, everything: bool) -> Iterator[str]:
    """Yield why nothing meets a line, and what helps, in the first of the files."""
    whose = " (of the first)" if len(files) > 1 else ""
    for reason in failure.message.partition("\nwhy:\n")[2].splitlines()[:1]:
        yield f"  why{whose}: {reason.strip()}"
    hint = short_hint(failure, files[0])  # that there are explanations is said once, behind all causes
    if not hint:
        return
    changes = hint.split("; ")
    if not everything and len(changes) > _MOST_CHANGES:
        changes[_MOST_CHANGES:] = [f"and {len(changes) - _MOST_CHANGES:,} more changes"]
    yield f"  hint{whose}: {'; '.join(changes)}"


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
    told = f"{count_of(len(report.records), 'file')}: {', '.join(parts)}"
    if report.kept:
        told += f"; {report.kept:,} were done before"
    return told
