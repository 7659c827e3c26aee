"""Paths and texts that a script puts together from plain ones."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

from lockfiles.identity.read.script.values import Placed

#: Functions that give their first argument again, as far as a path is concerned.
_SAME = frozenset({
    "pathlib.Path", "pathlib.PurePath", "pathlib.PosixPath", "str", "os.fspath", "os.path.abspath",
    "os.path.realpath", "os.path.normpath", "os.path.expanduser",
})  # fmt: skip
_SAME_METHODS = frozenset({"resolve", "absolute", "as_posix", "expanduser"})


def call(name: str, arguments: Sequence[object]) -> Placed | None:
    """Return what a function of paths gives, None where it is none or its arguments aren't plain."""
    texts = [item for item in arguments if isinstance(item, Placed)]
    if len(texts) != len(arguments) or not texts:
        return None
    place = texts[-1].place or texts[0].place
    if name in _SAME and len(texts) == 1:
        return texts[0]
    if name in {"os.path.join", "pathlib.Path", "pathlib.PurePath"}:
        return Placed(posixpath.join(*texts), place)
    if name == "os.path.dirname" and len(texts) == 1:
        return Placed(posixpath.dirname(texts[0]) or ".", place)
    return None


def method(text: Placed, name: str, arguments: Sequence[object]) -> Placed | None:
    """Return what a method of a path gives, None where it isn't followed."""
    if name in _SAME_METHODS and not arguments:
        return text
    if name == "joinpath":
        return call("os.path.join", (text, *arguments))
    return None


def attribute(text: Placed, name: str) -> Placed | None:
    """Return what an attribute of a path is, None where it isn't followed."""
    return Placed(posixpath.dirname(text) or ".", text.place) if name == "parent" else None


def divided(left: object, right: object) -> Placed | None:
    """Return the path of ``left / right``, None where one isn't plain."""
    return call("os.path.join", (left, right))
