"""Who needs whom in a resolution: plain adjacency for checks, networkx views for the rest.

A node is a package's name; a PyPI project carries the prefix ``pypi:`` so that
``torch`` of both ecosystems stay apart. An edge points from a package to what
it depends on. A PyPI requirement that a conda package meets points to that
conda package.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from resolver.model.dependency_text import dependency_name
from resolver.model.requirements import CondaRequirement, PypiRequirement, Requirements
from resolver.model.resolution import Resolution

if TYPE_CHECKING:
    import networkx  # noqa: ICN001  # the name says what it is

#: Prefix of the nodes that are PyPI projects.
PYPI = "pypi:"


def adjacency(resolution: Resolution) -> dict[str, tuple[str, ...]]:
    """Return every node with the nodes it depends on, both sorted by name; virtual packages are left out."""
    conda = {pin.record.name for pin in resolution.conda}
    pypi = {pin.name for pin in resolution.pypi}
    edges: dict[str, tuple[str, ...]] = {}
    for pin in resolution.conda:
        names = {dependency_name(text) for text in pin.record.depends}
        edges[pin.record.name] = tuple(sorted((names & conda) - {pin.record.name}))
    for wheel in resolution.pypi:
        targets = set()
        for name in wheel.dependencies:
            if name in pypi:
                targets.add(PYPI + name)
            elif name in resolution.provided:
                targets.add(str(resolution.provided[name][0]))
            elif str(name) in conda:
                targets.add(str(name))
        edges[PYPI + wheel.name] = tuple(sorted(targets))
    return dict(sorted(edges.items()))


def requested(resolution: Resolution, requirements: Requirements | None) -> dict[str, str]:
    """Return the nodes that were asked for, with ``file:line: text`` of the first line that asks.

    Without requirements these are the nodes that nothing else needs.
    """
    nodes = adjacency(resolution)
    if requirements is None:
        needed = {name for targets in nodes.values() for name in targets}
        return {name: "nothing else needs it" for name in nodes if name not in needed}
    asked: dict[str, str] = {}
    wanted: Iterable[CondaRequirement | PypiRequirement] = (*requirements.conda, *requirements.pypi)
    for requirement in wanted:
        if requirement.is_constraint:
            continue
        if isinstance(requirement, CondaRequirement):
            node, text = str(requirement.name), requirement.spec
        elif requirement.name is None:
            continue
        else:
            node, text = PYPI + requirement.name, requirement.text
            if node not in nodes and requirement.name in resolution.provided:
                node = str(resolution.provided[requirement.name][0])
        if node in nodes:
            asked.setdefault(node, f"{requirement.origin}: {text}")
    return asked


def why(name: str, edges: Mapping[str, tuple[str, ...]], asked: Mapping[str, str]) -> tuple[str, ...]:
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
        for target in edges.get(node, ()):
            if target not in came:
                came[target] = node
                queue.append(target)
    return ()


def graph(resolution: Resolution) -> networkx.DiGraph[str]:
    """Return the resolution as a networkx graph; nodes carry ``version``, ``ecosystem`` and ``channel``."""
    import networkx  # noqa: ICN001  # the name says what it is

    view: networkx.DiGraph[str] = networkx.DiGraph()
    for pin in resolution.conda:
        view.add_node(
            pin.record.name, version=pin.record.version, ecosystem="conda", channel=pin.channel.name
        )
    for wheel in resolution.pypi:
        view.add_node(PYPI + wheel.name, version=wheel.version, ecosystem="pypi", channel=wheel.index)
    for node, targets in adjacency(resolution).items():
        view.add_edges_from((node, target) for target in targets)
    return view
