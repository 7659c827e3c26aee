"""An explanation as what is drawn: the conflict's lines on the left, what clashes on the right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import networkx as nx

from lockfiles.drawings.model import DrawnConflict, DrawnEdge, DrawnPart
from resolver.explain.showing.conflict_graph import ConflictGraph, graph_of_conflicts
from resolver.explain.showing.text import explanation_text
from resolver.model.visible import make_visible

if TYPE_CHECKING:
    from resolver.explain.explanation import Explanation


def draw_conflicts(explanation: Explanation) -> DrawnConflict:
    """Return what makes one target unsolvable."""
    graph = graph_of_conflicts(explanation.conflicts)
    columns = _columns(graph)
    places = {node.id: place for place, node in enumerate(graph.nodes)}
    return DrawnConflict(
        platform=make_visible(explanation.target.subdir),
        text=make_visible(explanation_text(explanation)),
        parts=tuple(
            DrawnPart(
                id=node.id, label=make_visible(node.label), part=node.part.value, column=columns[node.id]
            )
            for node in graph.nodes
        ),
        edges=tuple(
            DrawnEdge(places[edge.source], places[edge.target], make_visible(edge.label))
            for edge in graph.edges
        ),
    )


def _columns(graph: ConflictGraph) -> dict[str, int]:
    """Return the column of each node: one more than the rightmost that leads to it; circles share one."""
    view: nx.DiGraph[str] = nx.DiGraph()
    view.add_nodes_from(node.id for node in graph.nodes)
    view.add_edges_from((edge.source, edge.target) for edge in graph.edges)
    circles: nx.DiGraph[int] = nx.condensation(view)
    return {
        node: column
        for column, layer in enumerate(nx.topological_generations(circles))
        for circle in layer
        for node in circles.nodes[circle]["members"]
    }
