"""What :mod:`lockfiles.canonical` wrote, read without a YAML parser, which takes longer to load than to run.

A text is taken only where writing what was read gives that very text back, so that no fault in here can
give another value than a parser's: what is written is proven to be read alike by all of them. Anything
else (an edited file, another tool's) is None, and is then read as YAML.
"""

from __future__ import annotations

import msgspec

from lockfiles.canonical import Node, to_yaml
from resolver.model.patterns import pattern

#: A text between double quotes; what follows it is left to the caller.
_QUOTED = pattern(r'"(?:[^"\\]|\\.)*"')
_WORDS: dict[str, bool | None] = {"null": None, "true": True, "false": False}


def from_yaml(text: str) -> Node:
    """Return the mapping or list, with something in it, that ``to_yaml`` wrote; None: another form."""
    if "\\ud" in text:  # half a pair of UTF-16: no parser takes it
        return None
    lines = text.split("\n")[::-1]  # the next one last
    try:
        node = _block(lines, "")
        return node if to_yaml(node) == text else None
    except (ValueError, IndexError, RecursionError, msgspec.DecodeError):
        return None


def _block(lines: list[str], indent: str) -> Node:
    return _sequence(lines, indent) if lines[-1].startswith("- ", len(indent)) else _mapping(lines, indent)


def _mapping(lines: list[str], indent: str) -> dict[str, Node]:
    found: dict[str, Node] = {}
    start = len(indent)
    while lines[-1].startswith(indent) and lines[-1][start : start + 1] not in ("", " "):
        line = lines.pop()[start:]
        quoted = _QUOTED.match(line)
        if quoted is not None:
            key, value = _unquoted(quoted.group()), line[quoted.end() + 1 :]
        elif line.endswith(":"):
            key, value = line[:-1], ""
        else:
            key, _, value = line.partition(":" if ": " not in line else ": ")
        value = value.lstrip(" ")
        found[key] = _scalar(value) if value else _block(lines, indent + "  ")
    return found


def _sequence(lines: list[str], indent: str) -> list[Node]:
    found: list[Node] = []
    deeper = indent + "  "
    while lines[-1].startswith("- ", len(indent)) and lines[-1].startswith(indent):
        item = lines[-1][len(deeper) :]
        if item.startswith("- ") or _is_pair(item):
            lines[-1] = deeper + item  # its first line, as the others of the block
            found.append(_block(lines, deeper))
        else:
            found.append(_scalar(item))
            lines.pop()
    return found


def _is_pair(text: str) -> bool:
    quoted = _QUOTED.match(text)
    return ": " in text or text.endswith(":") if quoted is None else text.startswith(":", quoted.end())


def _scalar(text: str) -> Node:
    if text.startswith('"'):
        return _unquoted(text)
    if text in _WORDS:
        return _WORDS[text]
    if text in ("{}", "[]"):
        return {} if text == "{}" else []
    return int(text) if text.isdecimal() else text


def _unquoted(text: str) -> str:
    return msgspec.json.decode(text, type=str)
