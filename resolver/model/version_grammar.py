r"""Conda's version specs where py-rattler's grammar ends: regular expressions and stars inside a version.

::

    1.7.*|^0\.[0-9]+$,!=0.3      (  1.7.*  |  ( ^0\.[0-9]+$ , !=0.3 ) )
    1.*.3                        any text with 1. before and .3 behind

``,`` (and) binds before ``|`` (or); a regular expression goes from ``^`` to the next ``$``. Both kinds look
at the text of a version as its record has it, as in conda; all other clauses mean what py-rattler says.
Source: conda's ``VersionSpec`` and ``treeify``; CEP 29 leaves both out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

from resolver.model.linear_regex import linear_matcher
from resolver.model.patterns import pattern

#: Whether a version's text is meant.
Matcher: TypeAlias = Callable[[str], bool]
#: Gives that of a clause which py-rattler reads; None for one with a star inside the version.
Ordinary: TypeAlias = Callable[[str], Matcher | None]

_TOKEN = pattern(r"\s*(\^[^$]*\$|[()|,]|[^()|,]+)")
#: How deep parentheses may stand in one another.
_DEEPEST = 50
_OPERATOR = pattern(r"[=<>!~]+")
_VERSION_CHARACTERS = pattern(r"[*.+!_0-9a-z\-]+\Z", re.IGNORECASE)


def text_matcher(spec: str, ordinary: Ordinary) -> Matcher:
    """Return a predicate over texts of versions; raises ValueError for what is no version spec."""
    return _SpecReader(spec, ordinary).matcher()


def glob_matcher(pattern: str) -> Matcher:
    """Return a predicate over texts for a pattern in which ``*`` stands for anything; linear in the text."""
    start, *inner = pattern.split("*")
    if not inner:
        return pattern.__eq__
    end = inner.pop()

    def matches(text: str) -> bool:
        if len(text) < len(start) + len(end) or not (text.startswith(start) and text.endswith(end)):
            return False
        at, stop = len(start), len(text) - len(end)
        for part in inner:  # the first place for each leaves the most for those behind it
            at = text.find(part, at, stop)
            if at < 0:
                return False
            at += len(part)
        return True

    return matches


class Taken(NamedTuple):
    """A match spec with its version taken out."""

    version: str
    rest: str  #: a match spec: name, channel and all other fields


#: Fields in brackets at the end: ``[version='1.*.3', build=py*]``; a class of a regular expression is none.
_FIELDS = pattern(r"\[(\s*[a-z_0-9]+\s*=.*)\]\s*\Z", re.DOTALL)
_VERSION_FIELD = pattern(r"""(?:^|[\s,])version\s*=\s*("[^"]*"|'[^']*'|[^\s,'"]+)\s*,?""")
#: Channel and name, then a version (a regular expression, or no blank and no ``=`` but an operator's), then a
#: build.
_PARTS = pattern(
    r"\s*((?:\S*::)?[a-z0-9_][a-z0-9_.\-]*)\s*(={0,2})\s*(\^.*\$[^\s=]*|[^\s=<>!~](?:[^\s=]|(?<=[<>!~=|,])=)*)?(?:\s*=\s*|\s+)?([^\s=,|<>~]+)?\s*\Z",
    re.IGNORECASE | re.DOTALL,
)


def take_version(text: str) -> Taken | None:
    """Take the version out of a match spec; None where there is none to be taken."""
    fields = _FIELDS.search(text)
    inside = fields[1] if fields else ""
    parts = _PARTS.match(text[: fields.start()] if fields else text)
    if parts is None:
        return None
    name, operator, version, build = parts.groups()
    if version and operator == "=" and not build and version[0] != "^" and not version.endswith("*"):
        version += "*"  # conda: `name=1.*.3` is `name 1.*.3*`
    given = _VERSION_FIELD.search(inside)
    if given is not None:
        version = given[1].strip("\"'")
        inside = inside[: given.start()] + "," + inside[given.end() :]
    kept = [part for part in inside.strip(" ,").split(",") if part.strip()]
    if build:
        kept.append(f"build='{build}'")
    if not version:
        return None
    return Taken(version.replace(" ", ""), name + (f"[{','.join(kept)}]" if kept else ""))


class _SpecReader:
    """Reads a spec by recursive descent over its tokens."""

    def __init__(self, spec: str, ordinary: Ordinary) -> None:
        self._spec, self._ordinary = spec, ordinary
        self._tokens = [token.strip() for token in _TOKEN.findall(spec)]
        self._at = self._depth = 0

    def matcher(self) -> Matcher:
        found = self._any()
        if self._at < len(self._tokens):
            raise self._refusal()
        return found

    def _any(self) -> Matcher:
        ways = [self._all()]
        while self._take("|"):
            ways.append(self._all())
        return ways[0] if len(ways) == 1 else lambda text: any(way(text) for way in ways)

    def _all(self) -> Matcher:
        clauses = [self._clause()]
        while self._take(","):
            clauses.append(self._clause())
        return clauses[0] if len(clauses) == 1 else _every(clauses)

    def _clause(self) -> Matcher:
        if self._take("("):
            self._depth += 1
            found = self._any() if self._depth <= _DEEPEST else None
            if found is None or not self._take(")"):
                raise self._refusal()
            self._depth -= 1
            return found
        clause = self._tokens[self._at] if self._at < len(self._tokens) else ""
        self._at += 1
        if not clause or clause in ")|,":
            raise self._refusal()
        if clause[0] == "^" or clause[-1] == "$":
            if clause[0] != "^" or clause[-1] != "$":
                raise ValueError(f"`{clause}`: a regular expression begins with `^` and ends with `$`")
            return linear_matcher(clause)
        ordinary = self._ordinary(clause)
        if ordinary is not None:
            return ordinary
        operator = _OPERATOR.match(clause)
        if operator is not None:
            raise ValueError(f"`{clause}`: `{operator[0]}` doesn't go with a `*` inside the version")
        if not _VERSION_CHARACTERS.match(clause):
            raise self._refusal()
        return glob_matcher(clause)

    def _take(self, token: str) -> bool:
        found = self._at < len(self._tokens) and self._tokens[self._at] == token
        self._at += found
        return found

    def _refusal(self) -> ValueError:
        return ValueError(f"`{self._spec}` is not a version spec")


def _every(clauses: Sequence[Matcher]) -> Matcher:
    return lambda text: all(clause(text) for clause in clauses)
