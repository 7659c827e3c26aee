"""``lock tree``: a lockfile's packages below what was asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from lockfiles.graphs.labels import asked_label, package_label
from lockfiles.graphs.tree import TreeRow, draw_rows
from lockfiles.tracing import PlatformTree, Tree, TreeRequest, tree

if TYPE_CHECKING:
    from lockfiles.cli.terminal import Terminal


class TreeCommand(msgspec.Struct, frozen=True, kw_only=True):
    """What the verb is to do."""

    request: TreeRequest
    requirements: bool = False  #: shown in an inverted tree always


def run(command: TreeCommand, terminal: Terminal) -> int:
    """Print the trees; return 0."""
    from lockfiles.cli.lockfile_arguments import saying_the_order

    asked = command.request
    with saying_the_order("lock tree --invert", asked.inverted or "", asked.lockfile):
        found = tree(asked)
    if terminal.json:
        terminal.data(json.dumps(found.to_json(), indent=2, ensure_ascii=False))
        return 0
    terminal.data("\n".join(_lines(found, command)))
    if any(row.is_repeated for one in found.trees for row in (*one.rows, *one.rest)):
        terminal.note("(*) what stands below it is shown above")
    for remark in found.remarks:
        terminal.note(f"note: {remark}")
    return 0


def _lines(found: Tree, command: TreeCommand) -> Iterator[str]:
    for place, one in enumerate(found.trees):
        if place:
            yield ""
        yield f"{', '.join(one.platforms)}:"
        yield from _drawn(one, one.rows, command)
        if one.rest:
            yield "nothing that was asked for leads to:"
            yield from _drawn(one, one.rest, command)
    if found.absent:
        yield f"not on {', '.join(found.absent)}"


def _drawn(one: PlatformTree, rows: Sequence[TreeRow], command: TreeCommand) -> list[str]:
    return draw_rows(rows, [_label(one, row, command) for row in rows])


def _label(one: PlatformTree, row: TreeRow, command: TreeCommand) -> str:
    """Return name and version, the requirement where wanted, who asked in an inverted tree, and marks."""
    is_inverted = command.request.inverted is not None
    parts = [package_label(one.graph, row.node)]
    if row.requirement and (is_inverted or command.requirements):
        parts.append(f"[{row.requirement}]")
    if is_inverted:
        parts += [f"<- {asked_label(asked)}" for asked in one.graph.asked.get(row.node, ())]
    if row.is_repeated:
        parts.append("(*)")
    if row.has_more:
        parts.append("(...)")
    return " ".join(parts)
