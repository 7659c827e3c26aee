"""Regular expressions of path patterns, made to be matched without going back over their stars.

``*a*a*a`` as ``[^/]*a[^/]*a[^/]*a`` takes the third power of a name's length to fail. What stands between two
stars is found at its first place, once: a later place leaves less for what follows (as ``fnmatch`` does it).
"""

from __future__ import annotations

import re

#: Characters of a pattern: as many as a path has.
LONGEST = 4096
_NO_SLASH = "[^/]"
_STAR, _FOLDERS, _LEADING = f"{_NO_SLASH}*", "(?:/.+)?", "^(?:.+/)?"
_TOKEN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]])*\]", re.DOTALL)


def without_going_back(expression: str) -> str:
    r"""Return an expression that fits the same paths.

    ``expression``: of a pattern in git's language: ``[^/]*`` a star, ``(?:/.+)?`` folders between, at the
    beginning ``^(?:.+/)?``; everything else is a character, a class, an escape, or stands at the end.
    """
    head, *rest = _each_star(expression).split(_FOLDERS)
    if rest:
        if head.startswith(_LEADING):
            head = f"^(?>(?:.+?/)??{head.removeprefix(_LEADING)}(?=/))"
        head += "".join(f"(?>(?:/.+?)??{part}(?=/))" for part in rest[:-1]) + _FOLDERS + rest[-1]
    return head


def _bare(token: re.Match[str]) -> str:
    """Return nothing for an escape or a class, but a slash for a class that may fit one."""
    text = token.group()
    if not text.startswith("[") or text == _NO_SLASH:
        return ""
    return "" if ("/" in text) == text.startswith("[^") else "/"


def _each_star(expression: str) -> str:
    head, *rest = expression.split(_STAR)
    for place, part in enumerate(rest):
        is_within = place < len(rest) - 1 and not set("/(") & set(_TOKEN.sub(_bare, part))
        if is_within and not part:
            continue  # two stars are one
        head += f"(?>[^/]*?{part})" if is_within else f"{_STAR}{part}"
    return head
