"""A drawing in the language of Graphviz: a cluster for each group, colours by channel and index."""

from __future__ import annotations

from collections.abc import Iterator

from lockfiles.drawings.colors import color_of_sources
from lockfiles.drawings.model import Drawing, DrawnConflict, DrawnGraph
from resolver.model.dot_text import quoted

_SHAPES = {"line": "box", "dead": "doublecircle", "unheld": "note"}
_CHANGES = {"added": "bold", "removed": "dashed", "upgraded": "bold", "downgraded": "bold"}


def to_dot(drawing: Drawing) -> str:
    """Return a digraph of all platforms."""
    lines = [f"digraph {quoted(drawing.title)} {{", "  rankdir=LR;", '  node [fontname="sans-serif"];']
    for number, graph in enumerate(drawing.graphs):
        lines += _graph(graph, f"g{number}")
    for number, conflict in enumerate(drawing.conflicts):
        lines += _conflict(conflict, f"c{number}")
    return "\n".join([*lines, "}"]) + "\n"


def _graph(graph: DrawnGraph, prefix: str) -> Iterator[str]:
    colors = color_of_sources(graph)
    for number, group in enumerate(graph.groups):
        yield f"  subgraph {quoted(f'cluster_{prefix}_{number}')} {{"
        yield f"    label={quoted(f'{graph.platform}: {group.title}')};"
        for place in group.nodes:
            node = graph.nodes[place]
            shape = "box" if node.asked else "ellipse"
            style = f", style={_CHANGES[node.change]}" if node.change in _CHANGES else ""
            label = quoted(f"{node.name}\n{node.version}")
            color = quoted(colors[node.source])
            yield f'    "{prefix}_{place}" [label={label}, shape={shape}, color={color}{style}];'
        yield "  }"
    for edge in graph.edges:
        ends = f'"{prefix}_{edge.source}" -> "{prefix}_{edge.target}"'
        yield f"  {ends} [tooltip={quoted(edge.requirement)}];"


def _conflict(conflict: DrawnConflict, prefix: str) -> Iterator[str]:
    for place, part in enumerate(conflict.parts):
        shape = _SHAPES.get(part.part, "ellipse")
        yield f'  "{prefix}_{place}" [label={quoted(part.label)}, shape={shape}];'
    for edge in conflict.edges:
        ends = f'"{prefix}_{edge.source}" -> "{prefix}_{edge.target}"'
        yield f"  {ends} [label={quoted(edge.requirement)}];"
