"""Packages and lines of a graph in words, the same for every view of it."""

from __future__ import annotations

from resolver.graph import PYPI, AskingLine, Graph
from resolver.model.resolution import CondaPin, PypiPin


def package_label(graph: Graph, node: str) -> str:
    """Return name and version; a PyPI project is marked as `lock diff` marks it."""
    pin = graph.nodes[node]
    if isinstance(pin, CondaPin):
        return f"{node} {pin.record.version}"
    return f"{node.removeprefix(PYPI)} {pin.version} (pip)"


def asked_label(asked: AskingLine) -> str:
    """Return the line that asks with its place, or the words that stand for one."""
    return str(asked)


def source_of(pin: CondaPin | PypiPin) -> str:
    """Return where a package comes from: channel, index, or direct reference; empty where nobody says."""
    if isinstance(pin, CondaPin):
        return pin.channel.name
    if pin.direct is not None:
        return pin.direct.url or pin.direct.path or ""
    return pin.index or ""
