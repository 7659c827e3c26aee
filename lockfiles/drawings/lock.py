"""Graphs of a lockfile, or of two, as what is drawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar
from urllib.parse import urlsplit

from msgspec.structs import replace

from lockfiles.difference import Change, ChangeKind
from lockfiles.drawings.groups import group_nodes
from lockfiles.drawings.model import DrawnEdge, DrawnFinding, DrawnGraph, DrawnGroup, DrawnNode
from lockfiles.graphs.labels import source_of
from lockfiles.graphs.ways import shortest_ways
from resolver.graph import PYPI, Graph, by_name
from resolver.model.findings import Finding
from resolver.model.resolution import CondaPin, PypiPin
from resolver.model.visible import make_visible

T = TypeVar("T")

#: Of a larger graph the ways aren't drawn: they would take a minute, and megabytes.
MOST_WITH_WAYS = 3_000
#: So many ways to a package are drawn.
_MOST_WAYS = 12
_NOWHERE = "unknown"


def draw_graph(
    graph: Graph, findings: Sequence[Finding] = (), changes: Iterable[Change] = (), *, index: str = ""
) -> DrawnGraph:
    """Return one platform as it is drawn: nodes by name, groups, findings, and how each package differs.

    ``index`` is that of projects which name none.
    """
    places = {node: place for place, node in enumerate(graph.nodes)}
    changed = {_node_of(change): change for change in changes}
    about: dict[str, list[int]] = {}
    for number, finding in enumerate(findings):
        for node in finding.packages:
            about.setdefault(node, []).append(number)
    return DrawnGraph(
        platform=make_visible(graph.platform),
        nodes=tuple(_node(graph, node, places, about, changed.get(node), index) for node in graph.nodes),
        edges=tuple(
            DrawnEdge(places[edge.source], places[edge.target], make_visible(edge.requirement))
            for edges in graph.edges.values()
            for edge in edges
        ),
        groups=tuple(
            DrawnGroup(
                title=make_visible(group.title),
                kind=group.kind.value,
                nodes=tuple(places[node] for node in group.nodes),
            )
            for group in group_nodes(graph)
        ),
        findings=tuple(map(_finding, findings)),
        knows_asked=graph.knows_asked,
    )


def join_graphs(old: Graph, new: Graph) -> Graph:
    """Return the newer graph with the packages that only the older one has, and what these need."""
    gone = [node for node in old.nodes if node not in new.nodes]
    nodes = dict(new.nodes) | {node: old.nodes[node] for node in gone}
    edges = dict(new.edges) | {node: old.edges[node] for node in gone}
    asked = dict(new.asked) | {node: lines for node, lines in old.asked.items() if node in gone}
    return replace(
        new, nodes=_sorted(nodes), edges=_sorted(edges), asked=_sorted(asked),
        knows_asked=old.knows_asked and new.knows_asked,
    )  # fmt: skip


def _sorted(values: Mapping[str, T]) -> dict[str, T]:
    return {node: values[node] for node in sorted(values, key=by_name)}


def _node_of(change: Change) -> str:
    return (PYPI if change.manager == "pip" else "") + change.name


def _node(
    graph: Graph,
    node: str,
    places: Mapping[str, int],
    about: Mapping[str, Sequence[int]],
    change: Change | None,
    index: str,
) -> DrawnNode:
    pin = graph.nodes[node]
    is_conda = isinstance(pin, CondaPin)
    ways = shortest_ways(graph, node) if len(graph.nodes) <= MOST_WITH_WAYS else ()
    return DrawnNode(
        id=make_visible(node),
        name=make_visible(node.removeprefix(PYPI)),
        manager="conda" if is_conda else "pip",
        version=make_visible(pin.record.version if isinstance(pin, CondaPin) else pin.version),
        build=make_visible(pin.record.build) if isinstance(pin, CondaPin) else "",
        source=make_visible(source_of(pin) or ("" if is_conda else index) or _host(pin)),
        size=_size(pin),
        license=make_visible(pin.record.license or "") or None if isinstance(pin, CondaPin) else None,
        asked=tuple(make_visible(str(line)) for line in graph.asked.get(node, ())),
        ways=tuple(tuple(places[step.node] for step in way.steps) for way in ways[:_MOST_WAYS]),
        more_ways=max(0, len(ways) - _MOST_WAYS),
        findings=tuple(about.get(node, ())),
        change=change.kind.value if change else "",
        old=_old(change),
    )


def _old(change: Change | None) -> str:
    """Return what the package was before: its version, or what else is another one."""
    if change is None or change.old is None or change.new is None:
        return ""
    old, new = change.old, change.new
    if change.kind is ChangeKind.MOVED:
        return make_visible(old.source)
    return make_visible(old.version if old.version != new.version else old.build or old.file)


def _size(pin: CondaPin | PypiPin) -> int | None:
    if isinstance(pin, CondaPin):
        return pin.record.size
    return pin.file.size if pin.file else None


def _host(pin: CondaPin | PypiPin) -> str:
    """Return the server of a file whose index nobody names."""
    if isinstance(pin, CondaPin) or pin.file is None:
        return _NOWHERE
    try:
        return urlsplit(pin.file.url).hostname or _NOWHERE
    except ValueError:
        return _NOWHERE


def _finding(finding: Finding) -> DrawnFinding:
    return DrawnFinding(
        rule=finding.rule,
        severity=finding.severity.value,
        message=make_visible(finding.message),
        evidence=tuple(map(make_visible, finding.evidence)),
        fix=make_visible(finding.fix) if finding.fix else None,
    )
