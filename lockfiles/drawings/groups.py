"""Packages in groups that people can take in: who alone brings them in, else what kind they are.

A package belongs to what was asked for if every way to it leads through that one, its dominator (Lengauer
and Tarjan 1979; networkx has the algorithm of Cooper, Harvey and Kennedy). What several bring in is shared.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec
import networkx as nx

from resolver.graph import PYPI, Graph, by_name
from resolver.model.choices import StrEnum

#: The node before all that was asked for; no package has this name.
_START = ""
_PYTHON = frozenset({"python", "python_abi"})
#: A group of more is parted, into parts of so many or more.
_MOST, _LEAST = 24, 6
#: So many names stand in the title of a part.
_DEEPEST = 3


class GroupKind(StrEnum):
    """Why packages stand together, in the order of drawing."""

    ASKED = "asked"  #: one that was asked for, and what it alone brings in
    ALONE = "alone"  #: asked for, and bringing nothing in that others don't
    PROJECTS = "projects"  #: of PyPI, brought in by several
    PYTHON = "python"  #: conda packages that need Python, brought in by several
    LIBRARIES = "libraries"  #: conda packages that don't
    UNREACHED = "unreached"  #: nothing that was asked for leads to them


_TITLES = {
    GroupKind.ALONE: "Asked for, and bringing nothing in alone",
    GroupKind.PROJECTS: "PyPI projects that several need",
    GroupKind.PYTHON: "Python packages that several need",
    GroupKind.LIBRARIES: "Libraries and tools that several need",
    GroupKind.UNREACHED: "Nothing that was asked for leads here",
}


class NodeGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Nodes that stand together; of what was asked for, that one first, else by name."""

    title: str
    kind: GroupKind
    nodes: tuple[str, ...]


def group_nodes(graph: Graph) -> tuple[NodeGroup, ...]:
    """Return the groups, each node in one: what was asked for first, the largest first, then the rest.

    A large group of one that was asked for is parted further, by what within it brings the most in alone.
    """
    dominators = _dominators(graph)
    members: dict[tuple[GroupKind, tuple[str, ...]], list[str]] = {}
    for node in graph.nodes:
        members.setdefault(_place(graph, node, dominators), []).append(node)
    for key in [key for key, nodes in members.items() if key[0] is GroupKind.ASKED and len(nodes) == 1]:
        members.setdefault((GroupKind.ALONE, ()), []).extend(members.pop(key))
    groups = [
        part
        for (kind, owner), nodes in members.items()
        for part in (_parted(owner, nodes, dominators) if kind is GroupKind.ASKED else [(kind, owner, nodes)])
    ]
    kinds = list(GroupKind)
    sizes = {owner[0]: len(nodes) for (kind, owner), nodes in members.items() if kind is GroupKind.ASKED}
    groups.sort(
        key=lambda one: (kinds.index(one[0]), -sizes.get(next(iter(one[1]), ""), 0), one[1]),
    )
    return tuple(
        NodeGroup(title=_title(kind, owner, graph), kind=kind, nodes=_ordered(owner, nodes))
        for kind, owner, nodes in groups
    )


def _title(kind: GroupKind, owner: Sequence[str], graph: Graph) -> str:
    if kind is GroupKind.ALONE and not graph.knows_asked:
        return "Nothing else needs these, and they bring nothing in alone"
    return _TITLES.get(kind) or " / ".join(node.removeprefix(PYPI) for node in owner)


def _ordered(owner: Sequence[str], nodes: Iterable[str]) -> tuple[str, ...]:
    """Return nodes by name, the one that brings them in first."""
    first = owner[-1] if owner else ""
    return tuple(sorted(nodes, key=lambda node: (node != first, by_name(node))))


def _parted(
    owner: tuple[str, ...], nodes: Sequence[str], dominators: Mapping[str, Sequence[str]]
) -> list[tuple[GroupKind, tuple[str, ...], list[str]]]:
    """Return a group, or several: each that below its owner brings in enough alone becomes one, and so on."""
    found: list[tuple[GroupKind, tuple[str, ...], list[str]]] = []
    waiting = [(owner, list(nodes))]
    while waiting:
        at, inside = waiting.pop()
        depth = len(at)
        below: dict[str, list[str]] = {}
        for node in inside:
            if len(dominators[node]) > depth:
                below.setdefault(dominators[node][depth], []).append(node)
        is_large = len(inside) > _MOST and depth < _DEEPEST
        large = {top: part for top, part in below.items() if is_large and len(part) >= _LEAST}
        taken = {node for part in large.values() for node in part}
        found.append((GroupKind.ASKED, at, [node for node in inside if node not in taken]))
        waiting += [((*at, top), part) for top, part in large.items()]
    return found


def _dominators(graph: Graph) -> Mapping[str, tuple[str, ...]]:
    """Return node -> the first nodes that all ways to it lead through, it may be itself; what is reached."""
    view: nx.DiGraph[str] = nx.DiGraph()
    view.add_edges_from((_START, root) for root in graph.asked)
    view.add_edges_from((edge.source, edge.target) for edges in graph.edges.values() for edge in edges)
    if _START not in view:
        return {}
    above = nx.immediate_dominators(view, _START)
    chains: dict[str, tuple[str, ...]] = {_START: ()}
    for node in above:
        path, at = [], node
        while at not in chains:
            path.append(at)
            at = above[at]
        for step in reversed(path):
            chains[step] = (*chains[above[step]], step)[: _DEEPEST + 1]
    del chains[_START]
    return chains


def _place(
    graph: Graph, node: str, dominators: Mapping[str, Sequence[str]]
) -> tuple[GroupKind, tuple[str, ...]]:
    chain = dominators.get(node)
    if chain is None:
        return GroupKind.UNREACHED, ()
    if chain[0] in graph.asked:
        return GroupKind.ASKED, (chain[0],)
    if node.startswith(PYPI):
        return GroupKind.PROJECTS, ()
    needs_python = any(target in _PYTHON for target in graph.targets[node])
    return (GroupKind.PYTHON if needs_python else GroupKind.LIBRARIES), ()
