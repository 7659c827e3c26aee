"""Projects that many people know, and names that are one letter from theirs.

A name that somebody registered one letter from a popular one catches slips of the fingers.
``data/known_projects.json`` has three lists, each with its source and date: *named* in many environments,
most *downloaded*, and their *neighbours*: names one letter from one of those that much-used projects bear,
so no slips.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from resolver.model.names import PypiName

DATA = Path(__file__).with_name("data") / "known_projects.json"
#: Characters of a normalised name.
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789-"
#: Shorter names have too many real neighbours: a letter makes another word of them.
_SHORTEST = 5


@functools.cache
def _document() -> dict[str, dict[str, Any]]:
    import json  # what was asked about a name is mostly kept

    found: dict[str, dict[str, Any]] = json.loads(DATA.read_bytes())
    return found


@functools.cache
def _table() -> dict[str, frozenset[str]]:
    return {kind: frozenset(" ".join(row["names"]).split()) for kind, row in _document().items()}


def source_of_popular() -> tuple[str, str]:
    """Return where the list of the most downloaded projects is from, and its date."""
    row = _document()["downloaded"]
    return row["source"], row["date"]


def well_known() -> frozenset[str]:
    """Return the projects that many environments name."""
    return _table()["named"]


def near_popular(name: str) -> str | None:
    """Return the popular project that a normalised name is one letter from; None where it is none's.

    None too for a project that is well known itself, and for siblings (``-cu12``, ``-cu13``). Of several
    the one that environments name, then by name.
    """
    table = _table()
    named, downloaded = table["named"], table["downloaded"]
    if name in named or name in downloaded or name in table["neighbours"] or len(name) < _SHORTEST:
        return None
    around = frozenset(one_letter_away(name))
    near = around & named | around & downloaded
    meant = {other for other in near if len(other) >= _SHORTEST and not _is_sibling(name, other)}
    return min(meant, key=lambda other: (other not in named, other), default=None)


def _is_sibling(name: str, other: str) -> bool:
    """Tell whether two names differ in a digit for another, as those of builds for CUDA 12 and 13 do."""
    return len(name) == len(other) and _without_digits(name) == _without_digits(other)


def _without_digits(name: str) -> str:
    return "".join("0" if letter.isdigit() else letter for letter in name)


def near_popular_names(
    asked: Mapping[PypiName, Collection[PypiName]], far: set[str] | None = None
) -> Iterator[tuple[PypiName, str]]:
    """Yield (name, the popular one that it is near) of those near one; ``asked``: what each asks for.

    ``far``: names that were found to be near none; others that are found to be go there.
    Whom a popular project asks for is left out, and whom these ask for in turn: a slip of the fingers in
    what so many install would have been seen.
    """
    far = set() if far is None else far
    near: dict[PypiName, str] = {}
    for name in asked:
        other = None if name in far else near_popular(name)
        if other is None:
            far.add(name)
        else:
            near[name] = other
    if not near:
        return
    table = _table()
    popular = table["named"] | table["downloaded"]
    open_ones = [name for name in asked if name in popular]
    vouched: set[PypiName] = set()
    while open_ones:
        for name in asked[open_ones.pop()]:
            if name in near and name not in vouched:
                vouched.add(name)
                open_ones.append(name)
    yield from ((name, other) for name, other in near.items() if name not in vouched)


def one_letter_away(name: str) -> list[str]:
    """Return what a name is with a letter less, more or changed, or with two neighbours swapped."""
    found: list[str] = []
    for place in range(len(name) + 1):
        head, tail = name[:place], name[place:]
        found += [head + letter + tail for letter in _LETTERS]
        if tail:
            rest = tail[1:]
            found.append(head + rest)
            found += [head + letter + rest for letter in _LETTERS if letter != tail[0]]
        if len(tail) > 1 and tail[0] != tail[1]:
            found.append(head + tail[1] + tail[0] + tail[2:])
    return found
