"""Texts as the language of Graphviz writes them."""

from __future__ import annotations


def quoted(text: str) -> str:
    """Return a text as a string of DOT, in which a backslash is one and a line ends where it does."""
    escaped = text.replace("\\", "\\\\").replace('"', r"\"").replace("\r", "").replace("\n", r"\n")
    return f'"{escaped}"'
