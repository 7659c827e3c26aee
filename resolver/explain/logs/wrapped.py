"""Trees as pixi prints them: marks of plain letters (``|--``), and lines broken at the terminal's width."""

from __future__ import annotations

import re
from collections.abc import Sequence

from resolver.explain.logs.lines import Line

_PLAIN = re.compile(r"^(?P<indent>[\s|]*)(?P<mark>\|--|`--)\s(?P<text>\S.*)$")
#: What frames an error's text: it takes columns, and says nothing.
_FRAME = re.compile(r"^[ ×│╰├─▶]*")  # noqa: RUF001  (the tool's own sign)


def unwrapped(lines: Sequence[Line]) -> list[Line]:
    """Return the lines with plain marks as drawn ones, each node in one line; others as they are.

    A line that goes on stands at least as far to the right as the tree's outermost mark.
    Its number is that of the node's first line.
    """
    if not any(_PLAIN.match(_without_frame(line.text)) for line in lines):
        return list(lines)
    has_last = any("`-- " in line.text for line in lines)  # else no node says that it is the last
    result: list[Line] = []
    margin: int | None = None
    for line in lines:
        text = _without_frame(line.text)
        node = _PLAIN.match(text)
        indent = len(text) - len(text.lstrip())
        if node is not None:
            at = len(node["indent"])
            margin = at if margin is None else min(margin, at)
            mark = "├─" if node["mark"] == "|--" and has_last else "└─"
            result.append(Line(line.number, f"{' ' * at}{mark} {node['text']}"))
        elif result and _goes_on(result[-1].text, text, indent, margin):
            before = result.pop()
            result.append(Line(before.number, f"{before.text} {text.strip()}"))
        else:
            result.append(Line(line.number, text))
    return result


def _goes_on(before: str, text: str, indent: int, margin: int | None) -> bool:
    if not text.strip() or not indent:
        return False
    if margin is not None:
        return indent >= margin and before.lstrip().startswith(("├─", "└─"))
    return bool(before.strip()) and not before.rstrip().endswith((".", ":"))


def _without_frame(text: str) -> str:
    frame = _FRAME.match(text)
    return " " * frame.end() + text[frame.end() :] if frame else text
