"""Why a package is in a lockfile, and the tree of all of them: over any format that is read."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator
from typing import Any, TypeVar

import msgspec

from lockfiles.graphs.labels import source_of
from lockfiles.graphs.lock_graph import LockGraph, read_graph
from lockfiles.graphs.tree import TreeRow, not_shown, tree_rows
from lockfiles.graphs.ways import Way, all_ways, shortest_ways
from lockfiles.locked_file import LockfileRequest
from resolver.errors import InputError
from resolver.graph import PYPI, AskingLine, Edge, Graph
from resolver.model.origin import Origin
from resolver.model.resolution import CondaPin

#: Version of the JSON forms; grows when a key changes its meaning or goes away.
SCHEMA_VERSION = 1

Key = TypeVar("Key", bound=Hashable)


class WhyRequest(LockfileRequest, frozen=True, kw_only=True):
    """A package of a lockfile: a name of either ecosystem, ``pypi:NAME`` for the project alone.

    ``every``: all ways that meet no package twice, not a shortest one from each line; ``limit``: so many.
    """

    package: str
    every: bool = False
    limit: int = 100


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """Why one package is there, on platforms where it is for the same reasons."""

    platforms: tuple[str, ...]
    graph: Graph  #: of the first platform
    node: str
    ways: tuple[Way, ...]  #: shortest first; empty where nothing that was asked for leads there
    is_complete: bool  #: False where there are more ways than asked for

    @property
    def needed_by(self) -> tuple[Edge, ...]:
        """The edges that lead to it."""
        return self.graph.needed_by[self.node]


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a package: one reason for each kind of platforms and each ecosystem."""

    package: str
    reasons: tuple[Reason, ...]
    absent: tuple[str, ...] = ()  #: platforms without it
    remarks: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the answer as JSON values, with ``schema_version``."""
        return {
            "schema_version": SCHEMA_VERSION,
            "package": self.package,
            "reasons": [_reason_to_json(reason) for reason in self.reasons],
            "absent": list(self.absent),
            "remarks": list(self.remarks),
        }


def why(request: WhyRequest) -> Why:
    """Return the ways from what was asked for to a package.

    Raises InputError where no platform has it, with names that are near.
    """
    lock = read_graph(request)
    reasons = [_reason(graph, node, request) for graph in lock.graphs for node in graph.find(request.package)]
    if not reasons:
        raise unknown_package(request.package, lock)
    groups = _grouped((_same_reason(reason), reason) for reason in reasons)
    held = {reason.graph.platform for reason in reasons}
    return Why(
        package=request.package,
        reasons=tuple(
            msgspec.structs.replace(group[0], platforms=tuple(one.graph.platform for one in group))
            for group in groups
        ),
        absent=tuple(graph.platform for graph in lock.graphs if graph.platform not in held),
        remarks=lock.remarks,
    )


def _reason(graph: Graph, node: str, request: WhyRequest) -> Reason:
    ways, is_complete = shortest_ways(graph, node), True
    if request.every:
        ways, is_complete = all_ways(graph, node, request.limit)
    elif len(ways) > request.limit:
        ways, is_complete = ways[: request.limit], False
    return Reason(platforms=(graph.platform,), graph=graph, node=node, ways=ways, is_complete=is_complete)


def _same_reason(reason: Reason) -> Hashable:
    """Return what two platforms have in common where one text says both: versions and lines, not builds."""
    steps = tuple(
        (way.asked, tuple((version_of(reason.graph, step.node), step) for step in way.steps))
        for way in reason.ways
    )
    return (reason.node, version_of(reason.graph, reason.node), steps, reason.is_complete)


def _grouped(items: Iterable[tuple[Key, Any]]) -> list[list[Any]]:
    """Return the values of equal keys together, in the order of their first ones."""
    groups: dict[Key, list[Any]] = {}
    for key, value in items:
        groups.setdefault(key, []).append(value)
    return list(groups.values())


def version_of(graph: Graph, node: str) -> str:
    """Return the version of a node's package."""
    pin = graph.nodes[node]
    return pin.record.version if isinstance(pin, CondaPin) else pin.version


def unknown_package(name: str, lock: LockGraph) -> InputError:
    """Return the error for a package that no platform has."""
    known = {node.removeprefix(PYPI) for graph in lock.graphs for node in graph.nodes}
    known.update(str(project) for graph in lock.graphs for project in graph.provided)
    if name.startswith("__"):
        hint = "A virtual package is a fact of the machine, and no file: `lock check` looks at those."
        return InputError(f"`{name}` is no package of the lockfile", Origin(file=lock.name), hint)
    bare = re.match(r"(?:pypi:)?[\w.-]*\w(?=\s*[<>=!~\[ ])", name, re.ASCII)
    if bare is not None:
        hint = f"A name alone is meant: `{bare[0]}`. `lock fleet why` takes versions: `openssl<3.0.15`."
        return InputError(f"`{name}` is no name of a package", Origin(file=lock.name), hint)
    near = " or ".join(f"`{one}`" for one in _near(name.removeprefix(PYPI).lower(), known))
    return InputError(
        f"holds no package `{name}`", Origin(file=lock.name), f"did you mean {near}?" if near else None
    )


def _near(name: str, known: Iterable[str]) -> list[str]:
    """Return up to three names: those that look alike, then those that hold the name."""
    import difflib

    every = sorted(known)
    alike = difflib.get_close_matches(name, every, n=3, cutoff=0.7)
    holding = [one for one in every if len(name) >= 3 and name in one]
    return list(dict.fromkeys((*alike, *holding)))[:3]


class TreeRequest(LockfileRequest, frozen=True, kw_only=True):
    """A lockfile's packages as a tree: below what was asked for, or what needs ``inverted``."""

    inverted: str | None = None  #: a package, as in :class:`WhyRequest`
    depth: int | None = None  #: of the deepest row; 0: what was asked for alone. None: no limit


class PlatformTree(msgspec.Struct, frozen=True, kw_only=True):
    """The tree of platforms that have the same one; ``rest``: what nothing that was asked for needs."""

    platforms: tuple[str, ...]
    graph: Graph  #: of the first platform
    rows: tuple[TreeRow, ...]
    rest: tuple[TreeRow, ...] = ()


class Tree(msgspec.Struct, frozen=True, kw_only=True):
    """A lockfile's trees."""

    trees: tuple[PlatformTree, ...]
    absent: tuple[str, ...] = ()  #: platforms without the package that was inverted
    remarks: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the trees as JSON values, with ``schema_version``."""
        return {
            "schema_version": SCHEMA_VERSION,
            "trees": [_tree_to_json(tree) for tree in self.trees],
            "absent": list(self.absent),
            "remarks": list(self.remarks),
        }


def tree(request: TreeRequest) -> Tree:
    """Return the trees of a lockfile; raises InputError for a package that no platform has."""
    lock = read_graph(request)
    trees = [found for graph in lock.graphs if (found := _platform_tree(graph, request)) is not None]
    if request.inverted is not None and not trees:
        raise unknown_package(request.inverted, lock)
    held = {found.graph.platform for found in trees}
    return Tree(
        trees=tuple(
            msgspec.structs.replace(group[0], platforms=tuple(one.graph.platform for one in group))
            for group in _grouped((_same_tree(found), found) for found in trees)
        ),
        absent=tuple(graph.platform for graph in lock.graphs if graph.platform not in held),
        remarks=lock.remarks,
    )


def _platform_tree(graph: Graph, request: TreeRequest) -> PlatformTree | None:
    platforms = (graph.platform,)
    if request.inverted is not None:
        roots = graph.find(request.inverted)
        rows = tree_rows(graph, roots, inverted=True, depth=request.depth)
        return PlatformTree(platforms=platforms, graph=graph, rows=tuple(rows)) if roots else None
    rows = tree_rows(graph, tuple(graph.asked), depth=request.depth)
    rest: list[TreeRow] = []
    if request.depth is None:  # else what is too deep would seem to be left over
        rest = tree_rows(graph, not_shown(graph, rows, graph.edges))
    return PlatformTree(platforms=platforms, graph=graph, rows=tuple(rows), rest=tuple(rest))


def _same_tree(found: PlatformTree) -> Hashable:
    rows = tuple((row, version_of(found.graph, row.node)) for row in (*found.rows, *found.rest))
    return (rows, tuple(found.graph.asked.items()))


def package_to_json(graph: Graph, node: str) -> dict[str, Any]:
    """Return name, version, manager, build and source of a package."""
    pin = graph.nodes[node]
    is_conda = isinstance(pin, CondaPin)
    return {
        "name": node.removeprefix(PYPI),
        "version": version_of(graph, node),
        "manager": "conda" if is_conda else "pip",
        "build": pin.record.build if isinstance(pin, CondaPin) else None,
        "source": source_of(pin),
    }


def asked_to_json(asked: Iterable[AskingLine]) -> list[dict[str, Any]]:
    """Return the lines that ask for a package: text, file and line (null where it is no line)."""
    return [
        {
            "text": line.text,
            "file": line.origin.file if line.origin else None,
            "line": line.origin.line if line.origin else None,
        }
        for line in asked
    ]


def _reason_to_json(reason: Reason) -> dict[str, Any]:
    graph = reason.graph
    return {
        "platforms": list(reason.platforms),
        **package_to_json(graph, reason.node),
        "asked": asked_to_json(graph.asked.get(reason.node, ())),
        "needed_by": [
            {**package_to_json(graph, edge.source), "requirement": edge.requirement}
            for edge in reason.needed_by
        ],
        "ways": [
            {
                "asked": asked_to_json(way.asked),
                "steps": [
                    {**package_to_json(graph, step.node), "requirement": step.requirement or None}
                    for step in way.steps
                ],
            }
            for way in reason.ways
        ],
        "complete": reason.is_complete,
    }


def _tree_to_json(found: PlatformTree) -> dict[str, Any]:
    return {
        "platforms": list(found.platforms),
        "rows": list(_rows_to_json(found.graph, found.rows)),
        "unreached": list(_rows_to_json(found.graph, found.rest)),
    }


def _rows_to_json(graph: Graph, rows: Iterable[TreeRow]) -> Iterator[dict[str, Any]]:
    for row in rows:
        yield {
            "depth": row.depth,
            **package_to_json(graph, row.node),
            "requirement": row.requirement or None,
            "asked": asked_to_json(graph.asked.get(row.node, ())),
            "repeated": row.is_repeated,
            "has_more": row.has_more,
        }
