"""``lock fleet PATH... --avoid SPEC``: what must move, in groups of files that move alike."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from lockfiles.cli.fleet.progress import FleetProgress, count_of
from lockfiles.cli.fleet.table import sums, tell_causes
from lockfiles.cli.progress import format_seconds
from lockfiles.fleet.records import FleetRecord, record_to_json
from lockfiles.fleet.running import FleetReport, FleetRequest, run_fleet
from lockfiles.fleet.upkeep.groups import UpkeepGroup, group_updates, held_by
from resolver.model.visible import make_visible

if TYPE_CHECKING:
    from lockfiles.cli.endings import Endings
    from lockfiles.cli.terminal import Terminal
    from lockfiles.fleet.upkeep.branches import Base, WrittenBranch

#: Files of one group that are named; `-v`: all.
_MOST_NAMES = 5


class UpkeepCommand(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be relocked. ``folder`` takes the groups' texts.

    ``branches``: what the names of branches begin with; None: none is made. ``is_of_commit``: files are those
    of a commit, as branches would hold them.
    """

    request: FleetRequest
    branches: str | None = None
    folder: str | None = None
    is_of_commit: bool = False


class _Outcome(msgspec.Struct, frozen=True, kw_only=True):
    report: FleetReport
    groups: tuple[UpkeepGroup, ...]
    texts: dict[str, bytes]  #: lockfile -> what it is to hold
    seconds: float


def run_upkeep(command: UpkeepCommand, terminal: Terminal, endings: Endings) -> int:
    """Relock what must move, tell, make branches and texts where asked for; return the exit code."""
    _check_rules(command.request)
    base: Base | None = None
    if command.is_of_commit:
        command, base = _of_commit(command)
    made = _relock(command, terminal, endings, with_texts=base is not None)
    written: tuple[WrittenBranch, ...] = ()
    if base is not None and command.branches is not None and made.groups:
        written = _write_branches(command.branches, base, made)
    if command.folder is not None:
        _write_texts(Path(command.folder), made.groups)
    names = {branch.name.removeprefix(command.branches or ""): branch for branch in written}
    if not terminal.json:
        for line in _lines(made, names, everything=terminal.verbosity >= 1):
            terminal.data(make_visible(line))
    else:
        for branch in written:
            terminal.note(make_visible(f"branch `{branch.name}`: {branch.state}"))
    tell_causes(made.report.causes, terminal)
    terminal.note(f"\n{sums(made.report)} in {format_seconds(made.seconds)}.")
    if command.folder is not None:
        terminal.note(f"Wrote {count_of(len(made.groups), 'text')} into `{make_visible(command.folder)}`.")
    if any(branch.is_held for branch in written):
        return 2
    return made.report.exit_code


def _check_rules(request: FleetRequest) -> None:
    """Raise InputError for rules that can't be read, once and not for each file."""
    from lockfiles.files import read_bytes
    from lockfiles.fleet.upkeep.rules import read_rules

    read_rules(request.rules, read_bytes)


def _of_commit(command: UpkeepCommand) -> tuple[UpkeepCommand, Base]:
    """Return the command over the files of a commit, and that commit."""
    from lockfiles.fleet.revision import find_revision_paths
    from lockfiles.fleet.upkeep.branches import find_base, paths_in_repository

    request, environ = command.request, command.request.lock.surroundings.environ
    asked = find_revision_paths(request.find.paths)
    revision = asked[0].revision if asked else "HEAD"
    base = find_base(revision, command.branches or "", environ)
    if not asked:
        paths = paths_in_repository(request.find.paths, environ)
        named = tuple(f"{base.commit}:{'' if path == '.' else path}" for path in paths)
        request = replace(request, find=replace(request.find, paths=named))
    return replace(command, request=request), base


def _relock(command: UpkeepCommand, terminal: Terminal, endings: Endings, *, with_texts: bool) -> _Outcome:
    from lockfiles.cli.fleet.placing import placed
    from lockfiles.files import read_bytes

    progress = FleetProgress(terminal, endings, command.request.engine)
    records: list[FleetRecord] = []

    def take(record: FleetRecord) -> None:
        records.append(replace(record, targets=()))
        if terminal.json:
            terminal.data(record_to_json(record).decode())

    with progress, contextlib.ExitStack() as held:
        request = placed(command.request, held, terminal)
        request = replace(request, dry_run=not with_texts)
        report = run_fleet(request, progress, take)
        groups = group_updates(records)
        moved = [record.output or "" for group in groups for record in group.records] if with_texts else []
        texts = {name: read_bytes(name) for name in moved}
    return _Outcome(report=report, groups=groups, texts=texts, seconds=progress.seconds)


def _write_branches(prefix: str, base: Base, made: _Outcome) -> tuple[WrittenBranch, ...]:
    from lockfiles.fleet.upkeep.branches import NewBranch, write_branches

    branches = [
        NewBranch(
            name=f"{prefix}{group.slug}",
            group=group.id,
            message=f"{group.title}\n\n{group.text.partition(chr(10))[2].lstrip()}",
            files={name: made.texts[name] for record in group.records if (name := record.output)},
        )
        for group in made.groups
    ]
    return write_branches(branches, base)


def _write_texts(folder: Path, groups: Sequence[UpkeepGroup]) -> None:
    from lockfiles.files import make_folder, write_text

    make_folder(folder)
    for group in groups:
        write_text(folder / f"{group.slug}.md", group.text)


def _lines(made: _Outcome, written: dict[str, WrittenBranch], *, everything: bool) -> Iterator[str]:
    """Yield the groups, then what is held."""
    for number, group in enumerate(made.groups, 1):
        difference = group.records[0].upkeep.difference if group.records[0].upkeep else None
        moves = len(difference.changes) if difference is not None else 0
        count = len(group.records)
        plural = "" if moves == 1 else "s"
        yield f"group {number}: {group.title}"
        yield f"  {count:,} lockfile{'' if count == 1 else 's'}, {moves:,} package{plural} changed"
        names = group.records if everything else group.records[:_MOST_NAMES]
        for record in names:
            yield f"    {record.output} of {record.file}"
        if count > len(names):
            yield f"    and {count - len(names):,} more"
        branch = written.get(group.slug)
        if branch is not None:
            yield f"  branch {branch.name}: {branch.state}"
    yield from _held_lines(made.report.records, everything=everything)


def _held_lines(records: Sequence[FleetRecord], *, everything: bool) -> Iterator[str]:
    """Yield what should move and can't, each with the files that keep it; what keeps it in several, once."""
    alike: dict[str, dict[str, dict[str, None]]] = {}  # what and why -> what keeps it -> files
    for record in records:
        for row in record.upkeep.held if record.upkeep else ():
            ways = alike.setdefault(f"{row.name} {row.version}: {'; '.join(row.reasons)}", {})
            how = held_by(row, lambda text: f"`{text}`")
            ways.setdefault(how, {}).setdefault(record.file)
    for head, ways in sorted(alike.items()):
        yield f"stays: {head}"
        for how, files in sorted(ways.items()):
            if len(files) == 1:
                yield f"    {next(iter(files))}: {how}"
                continue
            yield f"  in {len(files):,} lockfiles: {how}"
            names = list(files) if everything else list(files)[:_MOST_NAMES]
            yield from (f"    {name}" for name in names)
            if len(files) > len(names):
                yield f"    and {len(files) - len(names):,} more"
