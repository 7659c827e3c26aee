"""A graph as the rows of a tree: each package's own dependencies are shown once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from resolver.graph import Edge, Graph


class TreeRow(msgspec.Struct, frozen=True):
    """A package in a tree, in the order in which it is shown, what it needs right below it."""

    depth: int  #: 0 for a root
    node: str
    requirement: str = ""  #: the one between it and the package above; empty for a root
    is_repeated: bool = False  #: what is below it stands above, where the package comes first
    has_more: bool = False  #: what is below it is deeper than asked for


def tree_rows(
    graph: Graph, roots: Sequence[str], *, inverted: bool = False, depth: int | None = None
) -> list[TreeRow]:
    """Return the tree below each root, depth first; ``depth`` is the deepest row (0: the roots alone).

    Inverted, what stands below a package needs it. The rows of one call share what was shown, so there
    are at most as many as roots and edges together.
    """
    edges = graph.needed_by if inverted else graph.edges
    rows: list[TreeRow] = []
    shown: set[str] = set()
    stack = [(0, root, "") for root in reversed(roots)]
    while stack:
        at, node, requirement = stack.pop()
        below = edges[node]
        is_cut = depth is not None and at >= depth and bool(below)
        is_repeated = node in shown and bool(below)
        rows.append(TreeRow(at, node, requirement, is_repeated, is_cut and not is_repeated))
        if not is_repeated and not is_cut:
            shown.add(node)
            stack.extend((at + 1, *end) for end in reversed(list(_ends(below, inverted))))
    return rows


def _ends(edges: Iterable[Edge], inverted: bool) -> Iterator[tuple[str, str]]:
    for edge in edges:
        yield (edge.source if inverted else edge.target), edge.requirement


def not_shown(graph: Graph, rows: Iterable[TreeRow], edges: Mapping[str, Iterable[Edge]]) -> tuple[str, ...]:
    """Return roots for the packages that no row is about: of what is left, those that nothing left needs."""
    from resolver.graph import unneeded

    seen = {row.node for row in rows}
    left = {
        node: [edge for edge in edges[node] if edge.target not in seen]
        for node in graph.nodes
        if node not in seen
    }
    return unneeded(left)


def draw_rows(rows: Sequence[TreeRow], labels: Sequence[str]) -> list[str]:
    """Return the rows as lines with branches before them; the roots stand at the left."""
    lines: list[str] = []
    open_below: set[int] = set()  # depths at which a row follows below, seen from the end
    for row, label in zip(reversed(rows), reversed(labels), strict=True):
        open_below = {depth for depth in open_below if depth <= row.depth}
        if row.depth == 0:
            lines.append(label)
        else:
            bars = "".join("│   " if depth in open_below else "    " for depth in range(1, row.depth))
            lines.append(f"{bars}{'├──' if row.depth in open_below else '└──'} {label}")
        open_below.add(row.depth)
    return lines[::-1]
