"""Ways from what was asked for to one package.

``networkx`` is loaded where all of them are wanted; the shortest take one search backwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, pairwise

import msgspec

from resolver.graph import AskingLine, Edge, Graph

#: The node before all roots; no package has this name.
_START = ""
#: Edges that may be looked at for all ways: a few seconds, which only a graph that means harm takes.
_MOST_STEPS = 5_000_000


class WayStep(msgspec.Struct, frozen=True):
    """A package on a way, and the requirement that leads to it from the one before (empty for the first)."""

    node: str
    requirement: str = ""


class Way(msgspec.Struct, frozen=True):
    """A way from a root to a package: at least one step, the last one is the package."""

    asked: tuple[AskingLine, ...]
    steps: tuple[WayStep, ...]


def shortest_ways(graph: Graph, node: str) -> tuple[Way, ...]:
    """Return a shortest way from each root that reaches ``node`` through no other root, shortest first.

    Equally short ones stand by name. Empty where no root leads there.
    """
    following: dict[str, Edge | None] = {node: None}  # the edge to take from a node towards the package
    layer = [node]
    while layer:
        found: dict[str, Edge] = {}
        for at in layer:
            if at in graph.asked and at != node:
                continue  # what leads here leads on by this root's own way
            for edge in graph.needed_by[at]:
                known = found.get(edge.source)
                if edge.source not in following and (known is None or edge.target < known.target):
                    found[edge.source] = edge
        following |= found
        layer = sorted(found)
    ways = [Way(graph.asked[root], _follow(root, following)) for root in graph.asked if root in following]
    return tuple(sorted(ways, key=_by_length))


def _follow(root: str, following: Mapping[str, Edge | None]) -> tuple[WayStep, ...]:
    steps, at = [WayStep(root)], following[root]
    while at is not None:
        steps.append(WayStep(at.target, at.requirement))
        at = following[at.target]
    return tuple(steps)


def _by_length(way: Way) -> tuple[int, tuple[str, ...]]:
    return (len(way.steps), tuple(step.node for step in way.steps))


def all_ways(graph: Graph, node: str, most: int) -> tuple[tuple[Way, ...], bool]:
    """Return ways that meet no package twice, shortest first, and whether these are all there are.

    There may be exponentially many; the ``most`` shortest are found one after the other (Yen 1971),
    each by as many searches as the one before has steps, so long as these are few enough.
    """
    found: list[Way] = []
    steps, edges = 0, sum(map(len, graph.edges.values()))
    for way in islice(_iter_ways(graph, node), most + 1):
        found.append(way)
        steps += len(way.steps) * edges
        if steps > _MOST_STEPS:
            return tuple(sorted(found[:most], key=_by_length)), False
    return tuple(sorted(found[:most], key=_by_length)), len(found) <= most


def _iter_ways(graph: Graph, node: str) -> Iterator[Way]:
    import networkx as nx

    view: nx.DiGraph[str] = nx.DiGraph()
    view.add_edges_from((_START, root) for root in graph.asked)
    view.add_edges_from((e.source, e.target) for edges in graph.edges.values() for e in edges)
    if node not in view or not nx.has_path(view, _START, node):
        return
    for path in nx.shortest_simple_paths(view, _START, node):
        yield Way(graph.asked[path[1]], tuple(_steps(graph, path[1:])))


def _steps(graph: Graph, path: Sequence[str]) -> Iterator[WayStep]:
    yield WayStep(path[0])
    for before, at in pairwise(path):
        yield WayStep(at, next(edge.requirement for edge in graph.edges[before] if edge.target == at))
