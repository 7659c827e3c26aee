"""YAML as nodes with places, and what can be said of text that is no YAML.

A syntax error hides what stands behind it. Tabs and unclosed quotes, the two
common ones, are found line by line and repaired in memory, so that the rest of
the file is checked in the same reading; any other line that is no YAML is left out,
and the reading goes on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from resolver.errors import InputError
from resolver.inputs.faults import Faults
from resolver.inputs.placeholders import MASK, mask_placeholders
from resolver.model.origin import Origin
from resolver.model.patterns import pattern

#: The C parser is ten times faster; it is absent where PyYAML was built without libyaml.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

#: An item or value whose text begins with a quote: what stands before it, and the quote.
_QUOTED = pattern(r"""^(?P<before>\s*(?:-\s+)*(?:[\w().\[\]-]+\s*:\s+)?)(?P<quote>["'])(?P<rest>.*)$""")
_CLOSED = {'"': pattern(r'(?:[^"\\]|\\.)*"'), "'": pattern(r"(?:[^']|'')*'(?!')")}

#: After so many lines that are no YAML the rest is not worth reading.
_MOST_ERRORS = 20

#: The parser's words -> ours, with a hint.
_WORDS: tuple[tuple[str, str, str | None], ...] = (
    (
        "mapping values are not allowed",
        "a `:` where YAML expects none",
        "check the indentation, or quote the text",
    ),
    ("found character '\\t'", "a tab", "YAML wants blanks; replace the tab"),
    ("found a tab character", "a tab", "YAML wants blanks; replace the tab"),
    ("that cannot start any token", "a character that must be quoted", "put the text between quotes"),
    ("unexpected end of stream", "an unclosed quote", "close the quote"),
    ("unexpected document separator", "an unclosed quote", "close the quote"),
    (
        "could not find expected ':'",
        "a line that is neither an item nor `key: value`",
        "is a `:` or a `- ` missing?",
    ),
    ("did not find expected '-' indicator", "wrong indentation", "items of one list stand in one column"),
    ("did not find expected key", "wrong indentation, or text behind a closed quote", None),
    ("did not find expected ',' or ']'", "an unclosed `[`", "close the bracket"),
    ("did not find expected ',' or '}'", "an unclosed `{`", "close the brace"),
    ("did not find expected node content", "an unclosed bracket or brace", None),
    ("block sequence entries are not allowed", "a `- ` where no list can begin", "check the indentation"),
    ("undefined alias", "an alias (`*name`) without its anchor", "quote text that begins with `*`"),
    ("but found another document", "a second document (`---`)", "one file holds one environment"),
    (
        "expected alphabetic or numeric character",
        "a character that must be quoted",
        "put the text between quotes",
    ),
)


def compose(text: str, file: str, faults: Faults, *, expressions: bool = False) -> yaml.Node | None:
    """Return the root node, None for an empty document or where nothing could be read.

    Faults found on the way are added; a root may come back beside them. ``expressions``:
    ``${{ name }}`` is a job's own and no fault.
    """
    lines = mask_placeholders(text, file, faults, expressions=expressions).split("\n")
    try:
        return _compose("\n".join(lines))
    except (yaml.YAMLError, RecursionError) as first:
        error: yaml.YAMLError | RecursionError = first
    touched = _repair_tabs(lines, file, faults) | _repair_quotes(lines, file, faults)
    for _ in range(_MOST_ERRORS):
        try:
            return _compose("\n".join(lines))
        except (yaml.YAMLError, RecursionError) as again:
            error = again
        line = _line_of_error(error)
        origin = _place_of_error(error, file)
        if line is None or not touched & {line, line - 1}:
            faults.add(*_words_of_error(error, origin))
        is_second = "another document" in str(getattr(error, "problem", ""))
        if is_second or line is None or line > len(lines) or not lines[line - 1].strip():
            return None
        lines[line - 1] = ""
        touched |= {line}
    return None


def _compose(text: str) -> yaml.Node | None:
    loader = _Loader(text)
    try:
        node: yaml.Node | None = loader.get_single_node()
        return node
    finally:
        loader.dispose()


def _repair_tabs(lines: list[str], file: str, faults: Faults) -> frozenset[int]:
    touched = set()
    for index, line in enumerate(lines):
        indentation = line[: len(line) - len(line.lstrip())]
        if "\t" in indentation and line.strip():
            origin = Origin(file=file, line=index + 1, column=indentation.index("\t") + 1)
            faults.add("a tab in the indentation", origin, "YAML wants blanks; replace the tab")
            lines[index] = line.replace("\t", "  ")
            touched.add(index + 1)
    return frozenset(touched)


def _repair_quotes(lines: list[str], file: str, faults: Faults) -> frozenset[int]:
    touched = set()
    for index, line in enumerate(lines):
        found = _QUOTED.match(line)
        if not found or _CLOSED[found["quote"]].match(found["rest"]):
            continue
        origin = Origin(file=file, line=index + 1, column=found.start("quote") + 1)
        faults.add("an unclosed quote", origin, f"close it with `{found['quote']}`")
        value = re.split(r"\s#", found["rest"], maxsplit=1)[0].rstrip()
        lines[index] = found["before"] + "'" + value.replace("'", "''") + "'"
        touched.add(index + 1)
    return frozenset(touched)


def _line_of_error(error: Exception) -> int | None:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    return None if mark is None else mark.line + 1


def _place_of_error(error: Exception, file: str) -> Origin:
    """Return the place to show: of a bracket that is never closed, where it opens."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if "while parsing a flow" in str(getattr(error, "context", None)):
        mark = getattr(error, "context_mark", None) or mark
    if mark is None:
        return Origin(file=file)
    return Origin(file=file, line=mark.line + 1, column=mark.column + 1)


def _words_of_error(error: Exception, origin: Origin) -> tuple[str, Origin, str | None]:
    if isinstance(error, RecursionError):
        return ("nested too deeply", origin, None)
    problem = str(getattr(error, "problem", None) or error).splitlines()[0]
    for key, message, hint in _WORDS:
        if key in problem:
            return (f"not YAML: {message}", origin, hint)
    return (f"not YAML: {problem}", origin, None)


def load_yaml(text: str, file: str) -> Any:
    """Return the plain data of a document that a tool wrote; raises InputError with the place.

    For lockfiles: they are long, and nobody edits them, so that the first error is enough.
    """
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506  (it is a safe one)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        origin = Origin(file=file, line=mark.line + 1, column=mark.column + 1) if mark else Origin(file=file)
        raise InputError(f"not YAML: {getattr(error, 'problem', None) or error}", origin) from None
    except (ValueError, OverflowError, RecursionError) as error:  # dates and numbers that are none
        raise InputError(f"not YAML: {error}", Origin(file=file)) from None


def place(node: yaml.Node, file: str) -> Origin:
    """Return where a node begins."""
    return Origin(file=file, line=node.start_mark.line + 1, column=node.start_mark.column + 1)


def kind_of(node: yaml.Node) -> str:
    """Return what a node is, in words for people."""
    if isinstance(node, yaml.SequenceNode):
        return "a list"
    if isinstance(node, yaml.MappingNode):
        return "a mapping"
    tag = node.tag.rpartition(":")[2]
    words = {"null": "nothing", "bool": "true or false", "int": "a number", "float": "a number"}
    return words.get(tag, "a date" if tag == "timestamp" else "text")


def is_masked(node: yaml.Node) -> bool:
    """Tell whether a scalar holds a placeholder that is reported already."""
    return isinstance(node, yaml.ScalarNode) and MASK in node.value


def is_null(node: yaml.Node) -> bool:
    """Tell whether a node is an empty value or ``null``."""
    return isinstance(node, yaml.ScalarNode) and node.tag.endswith(":null")


def is_number(node: yaml.Node) -> bool:
    """Tell whether YAML reads a scalar as a number."""
    return isinstance(node, yaml.ScalarNode) and node.tag.endswith((":int", ":float"))


def iter_mapping(
    node: yaml.MappingNode, file: str, faults: Faults
) -> Iterator[tuple[str, yaml.Node, yaml.Node]]:
    """Yield (key text, key node, value node), merge keys (``<<``) spread; duplicate keys are faults."""
    seen: dict[str, Origin] = {}
    merged: list[tuple[str, yaml.Node, yaml.Node]] = []
    for key, value in node.value:
        if is_masked(key):
            continue
        if not isinstance(key, yaml.ScalarNode):
            faults.add(f"{kind_of(key)} as a key", place(key, file), "a key is a word")
            continue
        if key.tag.endswith(":merge") and isinstance(value, yaml.MappingNode) and value is not node:
            merged.extend((k.value, k, v) for k, v in value.value if isinstance(k, yaml.ScalarNode))
            continue
        if key.value in seen:
            faults.add(
                f"`{key.value}` stands here a second time (first in line {seen[key.value].line})",
                place(key, file),
                "merge the two",
            )
            continue
        seen[key.value] = place(key, file)
        yield key.value, key, value
    for name, key, value in merged:
        if name not in seen:
            seen[name] = place(key, file)
            yield name, key, value
