"""A drawing as a networkx graph, and in the formats that networkx writes: GraphML and node-link JSON.

Of several platforms each is a part of its own; a node's name then has the platform before it.
"""

from __future__ import annotations

import json
from typing import Any

import networkx as nx

from lockfiles.drawings.model import Drawing, DrawnConflict, DrawnGraph, DrawnNode
from resolver.model.patterns import pattern

#: What no XML 1.0 document may hold.
_NO_XML = pattern("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_network(drawing: Drawing) -> nx.DiGraph[str]:
    """Return all platforms as one directed graph with plain attributes; what is unknown is left out."""
    view: nx.DiGraph[str] = nx.DiGraph(title=drawing.title)
    has_several = len(drawing.graphs) + len(drawing.conflicts) > 1
    for graph in drawing.graphs:
        _add_graph(view, graph, f"{graph.platform}/" if has_several else "")
    for conflict in drawing.conflicts:
        _add_conflict(view, conflict, f"{conflict.platform}/" if has_several else "")
    return view


def _add_graph(view: nx.DiGraph[str], graph: DrawnGraph, prefix: str) -> None:
    groups = {node: group.title for group in graph.groups for node in group.nodes}
    names = [prefix + node.id for node in graph.nodes]
    for place, node in enumerate(graph.nodes):
        view.add_node(names[place], platform=graph.platform, group=groups[place], **_attributes(node, graph))
    for edge in graph.edges:
        view.add_edge(names[edge.source], names[edge.target], requirement=edge.requirement)


def _attributes(node: DrawnNode, graph: DrawnGraph) -> dict[str, Any]:
    found = {
        "name": node.name,
        "version": node.version,
        "manager": node.manager,
        "build": node.build,
        "source": node.source,
        "size": node.size,
        "license": node.license,
        "asked": "\n".join(node.asked),
        "findings": "\n".join(graph.findings[number].rule for number in node.findings),
        "change": node.change,
        "old": node.old,
    }
    return {key: value for key, value in found.items() if value not in (None, "")}


def _add_conflict(view: nx.DiGraph[str], conflict: DrawnConflict, prefix: str) -> None:
    names = [prefix + part.id for part in conflict.parts]
    for place, part in enumerate(conflict.parts):
        view.add_node(names[place], platform=conflict.platform, label=part.label, part=part.part)
    for edge in conflict.edges:
        view.add_edge(names[edge.source], names[edge.target], requirement=edge.requirement)


def to_graphml(drawing: Drawing) -> str:
    """Return the drawing as GraphML."""
    text = "\n".join(nx.generate_graphml(_cleaned(to_network(drawing)), named_key_ids=True))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _cleaned(view: nx.DiGraph[str]) -> nx.DiGraph[str]:
    """Return the graph without what XML can't hold."""

    def clean(value: Any) -> Any:
        return _NO_XML.sub("\ufffd", value) if isinstance(value, str) else value

    made: nx.DiGraph[str] = nx.DiGraph(**{key: clean(value) for key, value in view.graph.items()})
    for node, data in view.nodes(data=True):
        made.add_node(clean(node), **{key: clean(value) for key, value in data.items()})
    for source, target, data in view.edges(data=True):
        made.add_edge(clean(source), clean(target), **{key: clean(value) for key, value in data.items()})
    return made


def to_node_link(drawing: Drawing) -> str:
    """Return the drawing as node-link JSON: `nodes`, `links`, as D3 and networkx read it."""
    value = nx.node_link_data(to_network(drawing), edges="links")
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
