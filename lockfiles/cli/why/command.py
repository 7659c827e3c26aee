"""``lock why PACKAGE``: the ways that lead to a package."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lockfiles.graphs.labels import asked_label, package_label
from lockfiles.tracing import Reason, Why, WhyRequest, why

if TYPE_CHECKING:
    from lockfiles.cli.terminal import Terminal
    from lockfiles.graphs.ways import Way


def run(command: WhyRequest, terminal: Terminal) -> int:
    """Print the ways; return 0."""
    from lockfiles.cli.lockfile_arguments import saying_the_order

    with saying_the_order("lock why", command.package, command.lockfile):
        found = why(command)
    if terminal.json:
        terminal.data(json.dumps(found.to_json(), indent=2, ensure_ascii=False))
        return 0
    terminal.data("\n".join(_lines(found)))
    for remark in found.remarks:
        terminal.note(f"note: {remark}")
    return 0


def _lines(found: Why) -> Iterator[str]:
    for place, reason in enumerate(found.reasons):
        if place:
            yield ""
        yield from _reason(reason, found.package)
    if found.absent:
        yield f"not on {', '.join(found.absent)}"


def _reason(reason: Reason, name: str) -> Iterator[str]:
    graph, node = reason.graph, reason.node
    meets = "" if node.removeprefix("pypi:") == name.lower() else f", which is `{name}` here"
    yield f"{package_label(graph, node)} on {', '.join(reason.platforms)}{meets}"
    if not reason.ways:
        yield "  nothing that was asked for leads to it"
        for edge in reason.needed_by:
            yield f"  needed by {package_label(graph, edge.source)}: {edge.requirement}"
    for way in reason.ways:
        yield from _way(reason, way)
    if not reason.is_complete:
        yield f"  and more: these are the {len(reason.ways)} shortest (`--limit`)"


def _way(reason: Reason, way: Way) -> Iterator[str]:
    """Yield the lines that ask, and below them each step with what the one before says of it."""
    for asked in way.asked:
        yield f"  {asked_label(asked)}"
    for depth, step in enumerate(way.steps):
        needs = f"  [{step.requirement}]" if step.requirement else ""
        yield f"  {'    ' * depth}└── {package_label(reason.graph, step.node)}{needs}"
