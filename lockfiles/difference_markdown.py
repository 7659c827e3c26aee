"""What changed between two lockfiles, as Markdown for a pull request: a fold for each platform.

Every text of a lockfile stands between backticks, where Markdown has no markup, HTML no tags and nobody
is notified; longer runs of backticks hold shorter ones (CommonMark 6.1), and a bar is escaped (GFM 4.10).
As two backslashes would take that escape away, one is shown as its look-alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from lockfiles.difference import (
    Change,
    ChangeKind,
    Difference,
    Side,
    describe_change,
    format_size,
    summarize,
)

#: Rows of one platform; a comment of GitHub holds 65,536 characters.
_MOST = 300


def difference_to_markdown(difference: Difference) -> str:
    """Return the difference as Markdown; platforms with the same changes share a fold.

    What a line asks for stands apart from what comes in, where that is known.
    """
    lines = [f"**{plain(summarize(difference))}**"]
    for platforms, changes in _by_platforms(difference):
        lines += ["", *_fold(platforms, changes, difference)]
    return "\n".join(lines) + "\n"


def _by_platforms(difference: Difference) -> Iterator[tuple[list[str], list[Change]]]:
    """Yield platforms with the same changes, and these as the first of them has them."""
    by_platform: dict[str, list[Change]] = {}
    for change in difference.changes:
        by_platform.setdefault(change.platform, []).append(change)
    groups: dict[tuple[tuple[str, ...], ...], list[str]] = {}
    for platform, changes in by_platform.items():
        groups.setdefault(tuple((str(c.asked), *_cells(c)) for c in changes), []).append(platform)
    for platforms in groups.values():
        yield platforms, by_platform[platforms[0]]


def _fold(platforms: Sequence[str], changes: Sequence[Change], difference: Difference) -> list[str]:
    counted = plain(summarize(Difference(changes=tuple(changes))))
    lines = [
        f"<details><summary>{', '.join(map(plain, platforms))}: {counted}</summary>",
        "",
    ]
    shown = changes[:_MOST]
    for title, is_asked in (("Asked for", True), ("Brought in", False), ("", None)):
        rows = [change for change in shown if change.asked is is_asked]
        if rows:
            lines += [*([f"**{title}**", ""] if title else []), *_table(rows), ""]
    if len(changes) > _MOST:
        lines += [f"and {len(changes) - _MOST} more, which `lock diff` lists", ""]
    sizes = [size for size in difference.sizes if size.platform in platforms and size.is_whole]
    lines += [f"- {plain(size.platform)}: {format_size(size)}" for size in sizes]
    return [*lines, "</details>"]


def _table(changes: Iterable[Change]) -> list[str]:
    rows = (f"| {' | '.join(cell or ' ' for cell in _cells(change))} |" for change in changes)
    return ["| | package | old | new | |", "|---|---|---|---|---|", *rows]


def _cells(change: Change) -> tuple[str, ...]:
    """Return sign, name, old, new, and what else differs."""
    name = code_span(change.name) + (" (pip)" if change.manager == "pip" else "")
    remarks = []
    old, new = change.old, change.new
    if old is not None and new is not None:
        if old.place and new.place and old.place != new.place:
            remarks.append(f"{code_span(old.source)} → {code_span(new.source)}")
        if change.licenses is not None:
            remarks.append(f"licence {code_span(change.licenses[0])} → {code_span(change.licenses[1])}")
        if change.kind is ChangeKind.REBUILT and old.build == new.build:
            remarks.append("another file")
    is_rebuilt = change.kind is ChangeKind.REBUILT
    return (
        describe_change(change)[0],
        name,
        _side(old, with_build=is_rebuilt),
        _side(new, with_build=is_rebuilt),
        ", ".join(remarks),
    )


def _side(side: Side | None, *, with_build: bool) -> str:
    if side is None:
        return ""
    return code_span(f"{side.version} {side.build}".strip() if with_build else side.version)


def code_span(text: str) -> str:
    """Return a text as a code span in a table's cell."""
    flat = re.sub(r"\s+", " ", text).strip().replace("\\", "\N{SET MINUS}").replace("|", r"\|") or "?"
    longest = max((len(run) for run in re.findall("`+", flat)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if longest else ""
    return f"{fence}{pad}{flat}{pad}{fence}"


def plain(text: str) -> str:
    """Return a text in which only letters, digits and harmless signs stand for themselves."""
    return re.sub(r"[^\w ,.:-]", "?", text)
