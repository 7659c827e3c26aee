"""Dependency strings of conda's records, as text: ``name``, ``name >=1.2,<2``, ``name 1.2 build``.

A record holds dozens of them and a channel millions, and most are asked for their
name alone, so nothing is parsed here. What else one means is the match spec's
(:func:`resolver.model.match_spec.parse_match_spec`), which has the same name.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable

from resolver.model.names import CondaName
from resolver.model.patterns import pattern

#: Distinct texts kept by each memory of conda's texts, some 0.2 to 1 kB each; a large search meets some
#: ten thousand. Without a bound, a process that solves for hours would hold all that it ever read.
MEMORY = 65_536
_PLAIN = pattern(r"[a-z0-9_][a-z0-9_.\-]*\Z")
_NAME_END = pattern(r"[\s\[=<>!~]")


@functools.lru_cache(maxsize=MEMORY)
def dependency_name(text: str) -> CondaName:
    """Return the name of the package that a dependency string is about."""
    name = text.partition(" ")[0]
    if _PLAIN.match(name):  # nearly all: `python >=3.11,<3.12.0a0`
        return CondaName(name)
    return split_dependency(text)[0]


def dependency_names(texts: Iterable[str]) -> tuple[CondaName, ...]:
    """Return the names of the packages that dependency strings are about, each once."""
    texts = tuple(texts)
    heads = dict.fromkeys([text.partition(" ")[0] for text in texts])  # fewer than there are texts
    if all(map(_PLAIN.match, heads)):
        return tuple(map(CondaName, heads))
    return tuple(dict.fromkeys(map(dependency_name, texts)))


def names_build(text: str) -> bool:
    """Tell whether a dependency string names a build, in the words of nearly all: ``name version build``."""
    return text.count(" ") > 1


@functools.lru_cache(maxsize=MEMORY)
def split_dependency(text: str) -> tuple[CondaName, str]:
    """Return the name and what follows it, trimmed: version, build, brackets; empty where any will do.

    A channel in front (``channel::name``) is part of neither.
    """
    spec = text.strip()
    head = spec.partition("[")[0]
    if "::" in head:
        spec = spec[head.rindex("::") + 2 :].lstrip()
    end = _NAME_END.search(spec)
    if end is None:
        return CondaName(spec.lower()), ""
    return CondaName(spec[: end.start()].lower()), spec[end.start() :].strip()
