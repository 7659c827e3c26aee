"""Files whose lockfiles move alike are one group: one title, one text, one branch."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec
from msgspec.structs import replace

from lockfiles.difference import Change, Difference
from lockfiles.difference_markdown import code_span, difference_to_markdown
from lockfiles.fleet.records import FleetRecord, HeldRow, MovedRow
from resolver.model.visible import make_visible

#: Files and reasons that one text names; a comment of GitHub holds 65,536 characters.
_MOST = 200


class UpkeepGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Files that move alike."""

    id: str  #: 8 hex digits of what moves
    title: str  #: one line, for a commit and a pull request
    text: str  #: Markdown
    records: tuple[FleetRecord, ...]

    @property
    def slug(self) -> str:
        """The group's name in a branch or a file."""
        first = self.title.partition(" ")[0].lower()
        name = re.sub(r"[^a-z0-9._-]+|\.\.+", "-", first).strip("-.") or "update"
        return f"{name.removesuffix('.lock')[:60]}-{self.id}"


def group_updates(records: Iterable[FleetRecord]) -> tuple[UpkeepGroup, ...]:
    """Return the groups of what moves: those of most files first, then by their titles."""
    alike: dict[str, list[FleetRecord]] = {}
    for record in records:
        if record.upkeep is not None and record.upkeep.difference is not None:
            alike.setdefault(_key_of(record.upkeep.difference), []).append(record)
    groups = [_group(key[:8], tuple(members)) for key, members in alike.items()]
    return tuple(sorted(groups, key=lambda group: (-len(group.records), group.title, group.id)))


def _key_of(difference: Difference) -> str:
    """Return what tells a difference from others; who asks for what takes no part."""
    changes = [_without_asked(change) for change in difference.changes]
    parts = (changes, difference.added_platforms, difference.removed_platforms)
    return hashlib.sha256(msgspec.msgpack.encode(parts)).hexdigest()


def _without_asked(change: Change) -> Change:
    return replace(change, asked=None)


def _group(number: str, records: tuple[FleetRecord, ...]) -> UpkeepGroup:
    moved = _moved(records)
    title = _title(moved, _difference(records))
    return UpkeepGroup(
        id=number, title=title, text=make_visible(_text(title, moved, records)), records=records
    )


def _moved(records: Sequence[FleetRecord]) -> tuple[MovedRow, ...]:
    """Return what had to move, with the reasons of all files together."""
    rows: dict[tuple[str, str, str, str | None], dict[str, None]] = {}
    platforms: dict[tuple[str, str, str, str | None], tuple[str, ...]] = {}
    for record in records:
        for row in record.upkeep.moved if record.upkeep else ():
            key = (row.ecosystem, row.name, row.old, row.new)
            rows.setdefault(key, {}).update(dict.fromkeys(row.reasons))
            platforms.setdefault(key, row.platforms)
    return tuple(
        MovedRow(
            ecosystem=key[0], name=key[1], old=key[2], new=key[3], platforms=platforms[key],
            reasons=tuple(reasons),
        )
        for key, reasons in rows.items()
    )  # fmt: skip


def _difference(records: Sequence[FleetRecord]) -> Difference:
    """Return the records' one difference; what only some of the files ask for is left open."""
    found = [record.upkeep.difference for record in records if record.upkeep and record.upkeep.difference]
    changes = tuple(
        change if len({other.asked for other in same}) == 1 else _without_asked(change)
        for change, *same in zip(found[0].changes, *(one.changes for one in found), strict=True)
    )
    return replace(found[0], changes=changes)


def _title(moved: Sequence[MovedRow], difference: Difference) -> str:
    told = list(dict.fromkeys(_move(row) for row in moved))
    if not told:
        return f"Lockfiles: {len(difference.changes)} packages move"
    more = f", and {len(told) - 1} more" if len(told) > 1 else ""
    return f"{told[0]}{more}"


def _move(row: MovedRow) -> str:
    return f"{row.name} {row.old} -> {row.new}" if row.new else f"{row.name} {row.old} leaves"


def _text(title: str, moved: Sequence[MovedRow], records: Sequence[FleetRecord]) -> str:
    """Return the text of a pull request: why, which files, what moves, what stays all the same."""
    lines = [f"# {code_span(title)}", ""]
    for row in moved:
        why = "; ".join(code_span(reason) for reason in row.reasons[:_MOST])
        lines.append(f"- {code_span(_move(row))}{f': {why}' if why else ''}")
    count = len(records)
    lines += ["", f"**{count:,} lockfile{'' if count == 1 else 's'}**", ""]
    lines += [f"- {_place(record)}" for record in records[:_MOST]]
    if count > _MOST:
        lines.append(f"- and {count - _MOST:,} more")
    lines += ["", difference_to_markdown(_difference(records)).rstrip("\n"), ""]
    held = list(_held_lines(records))
    if held:
        lines += ["**What stays, though it should move**", "", *held[:_MOST], ""]
    return "\n".join(lines)


def _place(record: FleetRecord) -> str:
    """Return a file with its lockfile; one that wasn't fresh also takes what its file asks for now."""
    stale = "" if record.upkeep is None or record.upkeep.was_fresh else " (wasn't fresh before)"
    return f"{code_span(record.output or '')} of {code_span(record.file)}{stale}"


def _held_lines(records: Sequence[FleetRecord]) -> Iterator[str]:
    for record in records:
        for row in record.upkeep.held if record.upkeep else ():
            package = code_span(f"{row.name} {row.version}")
            yield f"- {code_span(record.file)}: {package}, {held_by(row, code_span, code_span)}"


def held_by(row: HeldRow, quoted: Callable[[str], str], words: Callable[[str], str] = str) -> str:
    """Return who holds a package, in one line; ``words`` makes a sentence fit for where it stands."""
    lines = [quoted(f"{line.text}{_at(line.file, line.line)}") for line in row.by]
    if lines:
        return f"held by {', '.join(dict.fromkeys(lines))}"
    told = row.told.strip().partition("\n")[0]
    return words(told) if told else "held"


def _at(file: str | None, line: int | None) -> str:
    return f" ({file}:{line})" if file and line else f" ({file})" if file else ""
