"""Characters that an editor put in the place of those that were typed."""

from __future__ import annotations

_MEANT = {
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033", '"'),
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032", "'"),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
    "\u2265": ">=",
    "\u2264": "<=",
    "\u2260": "!=",
    "\uff1d": "=",
}


def hint_of_characters(text: str) -> str | None:
    """Return a hint for a text in which such a character stands, None for others."""
    found = next((letter for letter in text if letter in _MEANT), None)
    return None if found is None else f"`{found}` was put in by an editor: type `{_MEANT[found]}`"
