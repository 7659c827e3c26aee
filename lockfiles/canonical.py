"""One text for one value: YAML that every reader takes the same way.

Block style, two blanks of indentation, keys in the order given, no anchors,
no line folding. A string stands plain where YAML 1.1 and YAML 1.2 both read it
back as that very string, else in double quotes with JSON's escapes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from resolver.model.patterns import pattern

Scalar = str | int | bool | None
Node = Scalar | Mapping[str, "Node"] | Sequence["Node"]

#: Characters that mean nothing in YAML wherever they stand inside a plain scalar of block style. A colon is
#: only taken when something follows it, ``#`` only behind a non-blank: both hold as blanks are left out.
_PLAIN = pattern(
    r"[A-Za-z0-9_./+-][A-Za-z0-9_./+@=~%!$<>*;()#^|\\-]*"
    r"(?::(?=[A-Za-z0-9_./])[A-Za-z0-9_./+@=~%!$<>*;()#^|\\-]*)*\Z"
)

#: Words that YAML 1.1 (or 1.2) reads as null or a truth value, in lower case.
_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
_LONGEST_WORD = 5
#: What a text begins with that :data:`_NUMBER_LIKE` takes.
_FIRST_OF_NUMBERS = frozenset("0123456789+-._")

#: A superset of every number and date of YAML 1.1 and 1.2, and of document marks.
_NUMBER_LIKE = pattern(
    r"[-+]?(?:0x[0-9a-f_]+|0o?[0-7_]+|0b[01_]+"
    r"|[0-9_]+(?::[0-9_]+)*(?:\.[0-9_]*)?(?:e[-+]?[0-9_]+)?"
    r"|\.[0-9_]*(?:e[-+]?[0-9_]+)?|\.inf|\.nan)\Z"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*\Z"
    r"|-+\Z|\.\.\.\Z|-(?=[^A-Za-z0-9])",
    re.IGNORECASE | re.DOTALL,
)

#: What a double-quoted scalar can't hold as itself: quotes, backslashes, what isn't printable in YAML, the
#: line ends of YAML 1.1 (U+0085, U+2028, U+2029) and the byte order mark.
_ESCAPED = r"[^ !#-\[\]-~\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def _escape(match: re.Match[str]) -> str:
    char = match.group()
    return _SHORT.get(char) or f"\\u{ord(char):04x}"


def is_plain(text: str) -> bool:
    """Tell whether ``text`` may stand without quotes in block style."""
    if _PLAIN.match(text) is None or (len(text) <= _LONGEST_WORD and text.lower() in _WORDS):
        return False
    return text[0] not in _FIRST_OF_NUMBERS or _NUMBER_LIKE.match(text) is None


@lru_cache(maxsize=16384)
def quote_text(text: str) -> str:
    """Return ``text`` as a YAML scalar on one line."""
    if is_plain(text):
        return text
    if text.isascii() and text.isprintable():  # as nearly all are: the pattern takes long to compile
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    else:
        escaped = re.sub(_ESCAPED, _escape, text)
    return f'"{escaped}"'


def format_scalar(value: Scalar) -> str:
    """Return a scalar as YAML; floats are not taken: their spelling isn't canonical."""
    if isinstance(value, str):
        return quote_text(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def to_yaml(node: Node) -> str:
    """Return ``node`` as a YAML document that ends in one line end.

    Mappings keep their order; empty ones are ``{}`` and ``[]``.
    """
    if isinstance(node, (str, int)) or node is None or not node:
        return next(_iter_lines(node, "")) + "\n"
    return "\n".join(_iter_lines(node, "")) + "\n"


def _iter_lines(node: Node, indent: str) -> Iterator[str]:
    """Yield the lines of ``node``; the first holds ``indent`` too."""
    if isinstance(node, Mapping) and node:
        for key, value in node.items():
            head = f"{indent}{quote_text(key)}:"
            if _is_leaf(value):
                yield f"{head} {_format_leaf(value)}"
            else:
                yield head
                # a sequence under a key may stand at the key's own indentation; deeper reads better
                yield from _iter_lines(value, indent + "  ")
    elif isinstance(node, Sequence) and not isinstance(node, str) and node:
        for value in node:
            if _is_leaf(value):
                yield f"{indent}- {_format_leaf(value)}"
            else:
                lines = _iter_lines(value, indent + "  ")
                yield f"{indent}- {next(lines)[len(indent) + 2 :]}"
                yield from lines
    else:
        yield indent + _format_leaf(node)


def _is_leaf(node: Node) -> bool:
    return isinstance(node, (str, int)) or node is None or not node


def _format_leaf(node: Node) -> str:
    if isinstance(node, Mapping):
        return "{}"
    if isinstance(node, Sequence) and not isinstance(node, str):
        return "[]"
    return format_scalar(node)
