"""Who needs whom in a resolution: its packages, the requirements between them, and what was asked for.

A node is a package's name; a PyPI project carries the prefix ``pypi:`` so that
``torch`` of both ecosystems stay apart. An edge points from a package to what
it depends on, with the text of the requirement. A PyPI requirement that a conda
package meets points to that conda package: the resolution says which one does,
else what the package ships (:mod:`resolver.constraints.name_map`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

import msgspec

from resolver.model.dependency_text import dependency_name
from resolver.model.names import CondaName, PypiName
from resolver.model.origin import Origin
from resolver.model.requirements import CondaRequirement, PypiRequirement, Requirements
from resolver.model.resolution import CondaPin, PypiPin, Resolution

#: Prefix of the nodes that are PyPI projects.
PYPI = "pypi:"
#: Why a node without a line of its own is a root.
UNNEEDED = "nothing else needs it"
#: What every pip requirement needs, though no line may name it.
_OF_PIP = ("python", "pip")


class Edge(msgspec.Struct, frozen=True, gc=False):
    """One package needs another one; ``requirements`` are the texts in the first one's metadata."""

    source: str  #: node
    target: str  #: node
    requirements: tuple[str, ...]  #: as a rule one: match specs, or PEP 508 requirements without markers

    @property
    def requirement(self) -> str:
        """All of them as one text."""
        return ", ".join(self.requirements)


class AskingLine(msgspec.Struct, frozen=True, gc=False):
    """Why a node is a root: a line of an input, or (without a place) words."""

    text: str
    origin: Origin | None = None

    def __str__(self) -> str:
        return f"{self.origin}: {self.text}" if self.origin else self.text


class Graph(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """One platform's packages as a graph; every mapping and tuple is sorted by name (:func:`by_name`).

    ``edges`` has a key for every node. ``asked`` are the roots, each with one reason or more;
    ``knows_asked`` is False where nothing says what was asked for, and the roots are what nothing needs.
    """

    platform: str
    nodes: Mapping[str, CondaPin | PypiPin]
    edges: Mapping[str, tuple[Edge, ...]]
    asked: Mapping[str, tuple[AskingLine, ...]]
    knows_asked: bool
    provided: Mapping[PypiName, CondaName] = msgspec.field(default_factory=dict)  #: project -> who ships it

    @cached_property
    def needed_by(self) -> Mapping[str, tuple[Edge, ...]]:
        """Node -> the edges that lead to it, sorted by where they come from."""
        found: dict[str, list[Edge]] = {node: [] for node in self.nodes}
        for edges in self.edges.values():
            for edge in edges:
                found[edge.target].append(edge)
        return {node: tuple(edges) for node, edges in found.items()}

    @cached_property
    def targets(self) -> dict[str, tuple[str, ...]]:
        """Node -> the nodes it depends on."""
        return {node: tuple(edge.target for edge in edges) for node, edges in self.edges.items()}

    def find(self, name: str) -> tuple[str, ...]:
        """Return the nodes of a name as people write it: a package's of either ecosystem, or who ships it.

        ``pypi:NAME`` means the project alone. Empty where there is none.
        """
        from resolver.model.names import conda_name, pypi_name

        given = name.strip()
        project = pypi_name(given.removeprefix(PYPI))
        named = [] if given.startswith(PYPI) else [str(conda_name(given))]
        found = [node for node in (*named, PYPI + project) if node in self.nodes]
        if not found and project in self.provided:
            found = [str(self.provided[project])]
        return tuple(found)


def graph_of(resolution: Resolution, requirements: Requirements | None = None) -> Graph:
    """Return the graph of a resolution; without requirements its roots are what nothing else needs."""
    pins: tuple[CondaPin | PypiPin, ...] = (*resolution.conda, *resolution.pypi)
    nodes = {node_of(pin): pin for pin in pins}
    nodes = {node: nodes[node] for node in sorted(nodes, key=by_name)}
    shipped = _Shipped(resolution, nodes)
    edges = {node: _edges(node, pin, nodes, shipped) for node, pin in nodes.items()}
    roots: dict[str, tuple[AskingLine, ...]]
    if requirements is None:
        roots = {node: (AskingLine(UNNEEDED),) for node in unneeded(edges)}
    else:
        roots = _asked(resolution, requirements, nodes, shipped)
    return Graph(
        platform=resolution.target.subdir,
        nodes=nodes,
        edges=edges,
        asked={node: roots[node] for node in sorted(roots, key=by_name)},
        knows_asked=requirements is not None,
        provided={project: name for project, (name, _) in resolution.provided.items()},
    )


def needs_of(resolution: Resolution) -> dict[str, frozenset[str]]:
    """Return what each package needs, as :func:`graph_of` has it, and no more than that.

    In the order of the pins, those of conda first.
    """
    pins: tuple[CondaPin | PypiPin, ...] = (*resolution.conda, *resolution.pypi)
    nodes = {node_of(pin): pin for pin in pins}
    shipped = _Shipped(resolution, nodes)
    found = {}
    for node, pin in nodes.items():
        if isinstance(pin, CondaPin):
            needed = {str(name) for name in map(dependency_name, pin.record.depends) if name in nodes}
        else:
            needed = {target for target, _ in _needs(pin, nodes, shipped)}
        found[node] = frozenset(needed - {node})
    return found


class _Shipped:
    """Which node meets a project: what the resolution says, a package of its name, or the name map."""

    def __init__(self, resolution: Resolution, nodes: Mapping[str, CondaPin | PypiPin]) -> None:
        self._nodes, self._resolution = nodes, resolution

    def node(self, project: PypiName) -> str | None:
        if PYPI + project in self._nodes:
            return PYPI + project
        told = self._resolution.provided.get(project)
        if told is not None and told[0] in self._nodes:
            return str(told[0])
        if str(project) in self._nodes:
            return str(project)
        return self._by_map.get(project)

    @cached_property
    def _by_map(self) -> dict[PypiName, str]:
        """Project -> conda package, for all that the map knows of; read where nothing nearer has it."""
        from resolver.constraints.name_map import NameMap

        names = NameMap.load()
        found: dict[PypiName, str] = {}
        for pin in self._resolution.conda:
            for project, _ in names.pypi_of(pin.record):
                found.setdefault(project, pin.record.name)
        return found


def node_of(pin: CondaPin | PypiPin) -> str:
    """Return the node of a pin."""
    return pin.record.name if isinstance(pin, CondaPin) else PYPI + pin.name


def by_name(node: str) -> tuple[str, bool]:
    """Return the key that nodes are sorted by: the package's name, conda's first."""
    return (node.removeprefix(PYPI), node.startswith(PYPI))


def _edges(
    node: str, pin: CondaPin | PypiPin, nodes: Mapping[str, CondaPin | PypiPin], shipped: _Shipped
) -> tuple[Edge, ...]:
    """Return what a package needs, each target once."""
    texts: dict[str, list[str]] = {}
    for target, text in _needs(pin, nodes, shipped):
        if target != node and text not in texts.setdefault(target, []):
            texts[target].append(text)
    return tuple(Edge(node, target, tuple(texts[target])) for target in sorted(texts, key=by_name))


def _needs(
    pin: CondaPin | PypiPin, nodes: Mapping[str, CondaPin | PypiPin], shipped: _Shipped
) -> Iterator[tuple[str, str]]:
    if isinstance(pin, CondaPin):
        for text in pin.record.depends:
            name = dependency_name(text)
            if name in nodes:
                yield str(name), text
        return
    for project, specifier in pin.dependencies.items():
        target = shipped.node(project)
        if target is not None:
            yield target, f"{project}{specifier}"


def unneeded(edges: Mapping[str, Iterable[Edge]]) -> tuple[str, ...]:
    """Return the nodes that nothing else needs, sorted; of a circle that nothing outside needs, one.

    From them every node is reached. Those of circles are found as in Kosaraju's algorithm: of searches
    that begin at what no search reached, the last to begin in a circle is one that no other leads to.
    """
    needed = {edge.target for targets in edges.values() for edge in targets}
    roots = [node for node in edges if node not in needed]
    seen = _reach(roots, edges, set())
    starts = []
    for node in sorted(edges):
        if node not in seen:
            starts.append(node)
            _reach([node], edges, seen)
    again: set[str] = set()
    for node in reversed(starts):
        if node not in again:
            roots.append(node)
            _reach([node], edges, again)
    return tuple(sorted(roots, key=by_name))


def _reach(starts: Iterable[str], edges: Mapping[str, Iterable[Edge]], seen: set[str]) -> set[str]:
    """Add to ``seen`` all that can be reached."""
    stack = list(starts)
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            stack.extend(edge.target for edge in edges.get(node, ()))
    return seen


def _asked(
    resolution: Resolution,
    requirements: Requirements,
    nodes: Mapping[str, CondaPin | PypiPin],
    shipped: _Shipped,
) -> dict[str, tuple[AskingLine, ...]]:
    """Return the nodes that lines ask for on this platform; pip's lines need Python and pip as well."""
    found: dict[str, list[AskingLine]] = {}
    environment = _marker_environment(resolution)
    wanted: Iterable[CondaRequirement | PypiRequirement] = (*requirements.conda, *requirements.pypi)
    for line in wanted:
        if line.is_constraint or not _applies(line, resolution, environment):
            continue
        if isinstance(line, CondaRequirement):
            node, text = str(line.name), line.spec
        elif line.name is None:
            continue
        else:
            node, text = shipped.node(line.name) or "", line.text
        if node in nodes:
            found.setdefault(node, []).append(AskingLine(text, line.origin))
    for name in _OF_PIP if requirements.pypi else ():
        if name in nodes:
            found.setdefault(name, [AskingLine("pip's lines need it")])
    return {node: tuple(lines) for node, lines in found.items()}


def _marker_environment(resolution: Resolution) -> dict[str, str] | None:
    """Return the variables of markers; None where the Python isn't known, and so no marker can be judged."""
    python = resolution.python or resolution.target.python
    if python is None:
        return None
    return {
        **resolution.target.marker_environment(),
        "python_version": ".".join(python.split(".")[:2]),
        "python_full_version": python,
        "implementation_version": python,
        "extra": "",
    }


def _applies(
    line: CondaRequirement | PypiRequirement, resolution: Resolution, environment: Mapping[str, str] | None
) -> bool:
    if isinstance(line, CondaRequirement):
        return line.applies_to(resolution.target)
    if line.platforms is not None and resolution.target.subdir not in line.platforms:
        return False
    return environment is None or line.holds(environment)


def shortest_path(name: str, targets: Mapping[str, Iterable[str]], asked: Iterable[str]) -> tuple[str, ...]:
    """Return the shortest path from a requested node to ``name``, both included.

    Among equally short paths it is the first by name. Empty where nothing that
    was asked for leads there.
    """
    came: dict[str, str | None] = dict.fromkeys(sorted(asked))
    queue = deque(came)
    while queue:
        node = queue.popleft()
        if node == name:
            path: list[str] = []
            step: str | None = node
            while step is not None:
                path.append(step)
                step = came[step]
            return tuple(reversed(path))
        for target in targets.get(node, ()):
            if target not in came:
                came[target] = node
                queue.append(target)
    return ()
