"""YAML and JSON text -> plain data with the place of every node.

The data is what ``yaml.safe_load`` gives (the SDK reads with it, and its quirks
are part of the formula: an unquoted ``3.10`` is a float, an alias is one shared
object); the places come from the same node tree.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from lockfiles.files import read_text as read_utf8
from resolver.errors import InputError, InputErrors
from resolver.model.origin import Origin

#: A template's placeholder (``{{latest-image-tag}}``); a job's ``${{inputs.x}}`` is an expression, and stays.
_PLACEHOLDER = re.compile(r"(?<!\$)\{\{[^{}\n]*\}\}")

#: More nodes than this, aliases expanded, is an attack or a mistake: real definitions have under a thousand.
MAX_NODES = 200_000

#: Deeper than this no definition goes, and a recursive walk stays safe.
MAX_DEPTH = 100

Step = str | int
NodePath = tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Plain data and where its nodes stand.

    ``places`` maps a path of keys and indexes to (line, column) of the value,
    both from 1; the empty path is the document.
    """

    file: str  #: as the user typed it
    data: Any
    places: Mapping[NodePath, tuple[int, int]] = field(default_factory=dict, repr=False)

    def origin(self, *path: Step) -> Origin:
        """Return the place of the node, or of its nearest ancestor that has one."""
        while path and path not in self.places:
            path = path[:-1]
        line, column = self.places.get(path, (None, None))
        return Origin(file=self.file, line=line, column=column)


def read_text(path: Path, file: str) -> str:
    """Return a file's text with CRLF and BOM taken away; errors call it ``file``."""
    try:
        text = read_utf8(path)
    except InputError as error:
        origin = error.origin or Origin(file=file)
        shown = Origin(file=file, line=origin.line, column=origin.column)
        raise InputError(error.message, shown, error.hint) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def parse_yaml(text: str, file: str) -> Source:
    """Return the data of a YAML (or JSON) document and the places of its nodes.

    Raises InputError for a syntax error, an unsafe tag, several documents, a
    structure that contains itself; InputErrors for placeholders of a template.
    """
    _refuse_placeholders(text, file)
    try:
        node, data = _load(text)
    except yaml.MarkedYAMLError as error:
        raise _syntax_error(error, file) from None
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
        raise InputError(f"not YAML: {' '.join(str(error).split())}", Origin(file=file)) from None
    _refuse_monsters(data, file)
    places: dict[NodePath, tuple[int, int]] = {}
    if node is not None:
        _note_places(node, (), places)
    return Source(file=file, data=data, places=places)


def _load(text: str) -> tuple[yaml.Node | None, Any]:
    """Return the node tree and the data of one document, (None, None) for an empty one."""
    loader = yaml.SafeLoader(text)
    try:
        node = loader.get_single_node()
        return node, loader.construct_document(node) if node is not None else None
    finally:
        loader.dispose()


def _refuse_placeholders(text: str, file: str) -> None:
    errors = [
        InputError(
            f"`{match.group()}` is a placeholder of a template",
            Origin(file=file, line=number, column=match.start() + 1),
            "Fill the template in first.",
        )
        for number, line in enumerate(text.splitlines(), start=1)
        if not line.lstrip().startswith("#")
        for match in _PLACEHOLDER.finditer(line)
    ]
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise InputErrors(errors)


def _syntax_error(error: yaml.MarkedYAMLError, file: str) -> InputError:
    mark = error.problem_mark or error.context_mark
    words = " ".join(part for part in (error.problem, error.context) if part)
    hint = "Indent with blanks, not with tabs." if "'\\t'" in words else None
    origin = Origin(file=file, line=mark.line + 1, column=mark.column + 1) if mark else Origin(file=file)
    return InputError(f"not YAML: {words}", origin, hint)


def _refuse_monsters(data: object, file: str) -> None:
    """Raise InputError for data that contains itself or grows beyond MAX_NODES when aliases are expanded."""
    seen = 0
    stack: list[tuple[object, int]] = [(data, 0)]
    while stack:
        value, depth = stack.pop()
        seen += 1
        if seen > MAX_NODES or depth > MAX_DEPTH:
            raise InputError("aliases (`*name`) make the document too large or endless", Origin(file=file))
        if isinstance(value, dict):
            stack.extend((child, depth + 1) for child in value.values())
        elif isinstance(value, (list, tuple, set)):
            stack.extend((child, depth + 1) for child in value)


def _note_places(node: yaml.Node, path: NodePath, places: dict[NodePath, tuple[int, int]]) -> None:
    places[path] = (node.start_mark.line + 1, node.start_mark.column + 1)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                _note_places(value, (*path, key.value), places)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            _note_places(value, (*path, index), places)
