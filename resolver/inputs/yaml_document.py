"""YAML and JSON text -> plain data with the place of every node.

The data is what ``yaml.safe_load`` gives (the SDK reads with it, and its quirks
are part of the formula: an unquoted ``3.10`` is a float, an alias is one shared
object); the places are those of :mod:`resolver.inputs.yaml_nodes`.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from resolver.inputs.faults import Faults
from resolver.inputs.yaml_nodes import compose
from resolver.model.origin import Origin

#: More nodes than this, aliases expanded, is an attack or a mistake: real definitions have under a thousand.
MAX_NODES = 200_000

#: Deeper than this no definition goes, and a recursive walk stays safe.
MAX_DEPTH = 100

Step = str | int
NodePath = tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class YamlDocument:
    """Plain data and where its nodes stand.

    ``places`` maps a path of keys and indexes to (line, column) of the value,
    both from 1; the empty path is the document. ``nodes`` maps it to the node.
    """

    file: str  #: as the user typed it
    data: Any
    places: Mapping[NodePath, tuple[int, int]] = field(default_factory=dict, repr=False)
    nodes: Mapping[NodePath, yaml.Node] = field(default_factory=dict, repr=False, compare=False)
    lines: Sequence[str] = field(default=(), repr=False, compare=False)  #: of the text, for selectors

    def origin(self, *path: Step) -> Origin:
        """Return the place of the node, or of its nearest ancestor that has one."""
        while path and path not in self.places:
            path = path[:-1]
        line, column = self.places.get(path, (None, None))
        return Origin(file=self.file, line=line, column=column)

    def at(self, path: NodePath) -> Any:
        """Return the data at a path; raises KeyError or IndexError where there is none."""
        data = self.data
        for step in path:
            data = data[step]
        return data


def parse_document(text: str, file: str, faults: Faults, *, expressions: bool = False) -> YamlDocument | None:
    """Return the data of a YAML (or JSON) document and the places of its nodes; None where nothing is left.

    Faults are those of :func:`~resolver.inputs.yaml_nodes.compose`, and an unsafe tag, a
    structure that contains itself. ``expressions``: ``${{ name }}`` is a job's, not a template's.
    """
    before = len(faults)
    root = compose(text, file, faults, expressions=expressions)
    if root is None and len(faults) > before:
        return None
    return document_of(root, text, file, faults, is_sound=len(faults) == before)


def document_of(
    root: yaml.Node | None, text: str, file: str, faults: Faults, *, is_sound: bool
) -> YamlDocument | None:
    """Return the document of a root that is composed already.

    ``is_sound``: the text had no fault; it is then loaded as the SDK does. Else the data is
    that of the repaired nodes.
    """
    try:
        data = yaml.load(text, Loader=yaml.SafeLoader) if is_sound else _construct(root)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        words = " ".join(part for part in (error.problem, error.context) if part)
        origin = Origin(file=file, line=mark.line + 1, column=mark.column + 1) if mark else Origin(file=file)
        faults.add(f"not YAML: {words}", origin)
        return None
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
        faults.add(f"not YAML: {' '.join(str(error).split())}", Origin(file=file))
        return None
    if _is_monster(data):
        faults.add("aliases (`*name`) make the document too large or endless", Origin(file=file))
        return None
    nodes: dict[NodePath, yaml.Node] = {}
    if root is not None:
        _note_nodes(root, (), nodes)
    places = {path: (node.start_mark.line + 1, node.start_mark.column + 1) for path, node in nodes.items()}
    return YamlDocument(file=file, data=data, places=places, nodes=nodes, lines=text.split("\n"))


def _construct(root: yaml.Node | None) -> Any:
    """Return the data of nodes; they are copied, as constructing spreads merge keys in place."""
    if root is None:
        return None
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_document(copy.deepcopy(root))
    finally:
        loader.dispose()


def _is_monster(data: object) -> bool:
    """Tell whether data contains itself or grows beyond MAX_NODES when aliases are expanded."""
    seen = 0
    stack: list[tuple[object, int]] = [(data, 0)]
    while stack:
        value, depth = stack.pop()
        seen += 1
        if seen > MAX_NODES or depth > MAX_DEPTH:
            return True
        if isinstance(value, dict):
            stack.extend((child, depth + 1) for child in value.values())
        elif isinstance(value, (list, tuple, set)):
            stack.extend((child, depth + 1) for child in value)
    return False


def _note_nodes(node: yaml.Node, path: NodePath, nodes: dict[NodePath, yaml.Node]) -> None:
    nodes[path] = node
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                _note_nodes(value, (*path, key.value), nodes)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            _note_nodes(value, (*path, index), nodes)
