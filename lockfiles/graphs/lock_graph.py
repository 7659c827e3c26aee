"""A lockfile of any format -> its graphs, and in words what the file doesn't hold."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from lockfiles.graphs.roots import find_roots
from lockfiles.locked_file import LockfileRequest, OpenedLock, open_lockfile
from resolver.graph import PYPI, Graph, graph_of

_HOW_TO_SAY = "`--input FILE` names the file that it was made from"


class LockGraph(msgspec.Struct, frozen=True, kw_only=True):
    """One graph a platform, in the lockfile's order; ``remarks`` say what is guessed or missing."""

    name: str  #: of the lockfile
    graphs: tuple[Graph, ...]
    remarks: tuple[str, ...] = ()


def read_graph(request: LockfileRequest) -> LockGraph:
    """Return the graphs of a lockfile; raises InputError for what can't be read."""
    return graph_of_lock(
        open_lockfile(request.lockfile, request.reading, request.surroundings, beside=request.inputs), request
    )


def graph_of_lock(opened: OpenedLock, request: LockfileRequest) -> LockGraph:
    """Return the graphs of a lockfile that was read; raises InputError for an input that can't be."""
    roots = find_roots(opened, request)
    graphs = [graph_of(resolution, roots.requirements) for resolution in opened.resolutions]
    remarks = [*dict.fromkeys(notice.text for notice in opened.content.notices), *roots.remarks]
    if roots.requirements is not None and not any(graph.asked for graph in graphs):
        remarks.append(f"nothing that {roots.where} asks for is in `{opened.name}`")
    graphs = [
        graph if graph.asked else graph_of(resolution)
        for graph, resolution in zip(graphs, opened.resolutions, strict=True)
    ]
    if not all(graph.knows_asked for graph in graphs):
        remarks.append(
            f"`{opened.name}` doesn't say what was asked for: "
            f"packages that nothing else needs stand in; {_HOW_TO_SAY}"
        )
    remarks += _without_edges(opened.name, graphs)
    return LockGraph(name=opened.name, graphs=tuple(graphs), remarks=tuple(remarks))


def _without_edges(name: str, graphs: Sequence[Graph]) -> list[str]:
    """Say of which ecosystem a lockfile holds several packages and not one dependency."""
    found = []
    for what, is_pypi in (("conda packages", False), ("PyPI projects", True)):
        edges = [
            graph.edges[node] for graph in graphs for node in graph.nodes if node.startswith(PYPI) is is_pypi
        ]
        if len(edges) > 1 and not any(edges):
            found.append(f"`{name}` holds no dependencies of {what}: who needs whom isn't known")
    return found
