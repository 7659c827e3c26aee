"""The links of a conflict as a Graphviz graph."""

from __future__ import annotations

from collections.abc import Sequence

from resolver.explain.showing.conflict_graph import ConflictGraph, ConflictPart, graph_of_conflicts
from resolver.explain.telling.told import ToldConflict
from resolver.model.dot_text import quoted

_STYLES = {
    ConflictPart.LINE: "shape=box, ",
    ConflictPart.PACKAGE: "",
    ConflictPart.DEAD: "peripheries=2, ",
    ConflictPart.UNHELD: "shape=note, ",
}


def conflicts_to_dot(conflicts: Sequence[ToldConflict]) -> str:
    """Return a digraph: boxes are lines, ellipses packages, the doubled ones what nothing is left of."""
    return conflict_graph_to_dot(graph_of_conflicts(conflicts))


def conflict_graph_to_dot(graph: ConflictGraph) -> str:
    """Return the same of a graph that was made before."""
    lines = ["digraph conflict {", "  rankdir=LR;", '  node [fontname="sans-serif"];']
    lines += [
        f"  {quoted(node.id)} [{_STYLES[node.part]}label={quoted(node.label)}];" for node in graph.nodes
    ]
    for edge in graph.edges:
        label = f" [label={quoted(edge.label)}]" if edge.label else ""
        lines.append(f"  {quoted(edge.source)} -> {quoted(edge.target)}{label};")
    return "\n".join([*lines, "}"]) + "\n"
