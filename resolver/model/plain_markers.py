"""PEP 508 markers of the common form, read and judged without packaging's, which take 25 ms to load.

::

    marker  = all {"or" all}          all = one {"and" one}
    one     = "(" marker ")" | VARIABLE OPERATOR "TEXT"

A variable that holds a version is compared with a final release, every other one is equal to a word or
isn't: all that can be meant by them is written here in a few lines, and held to packaging's own judgement by
properties. Any other marker, and one in an environment that has no plain version, is left to packaging.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from resolver.model.names import pypi_name
from resolver.model.patterns import pattern
from resolver.model.version_forms import plain_numbers

if TYPE_CHECKING:
    from packaging.markers import Marker

#: Characters of the longest marker that is read here; nesting is bounded by it.
_LONGEST = 400
_TOKEN = pattern(
    r"[ ]*(?:(?P<sign>[()])|(?P<word>and|or)(?![A-Za-z0-9_])"
    r"|(?P<variable>[a-z_]+)[ ]*(?P<operator>[=!<>]=|[<>])[ ]*"
    r"(?P<quote>[\"'])(?P<text>[A-Za-z0-9._-]+)(?P=quote))"
)
_VERSIONS = frozenset({"implementation_version", "python_full_version", "python_version"})
_WORDS = frozenset(
    {
        "implementation_name", "os_name", "platform_machine", "platform_python_implementation",
        "platform_system", "sys_platform",
    }
)  # fmt: skip
_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt,
    ">=": operator.ge,
}  # fmt: skip


class _One(msgspec.Struct, frozen=True):
    """A comparison: ``value`` is what the variable's value becomes by :func:`_value_of`."""

    variable: str
    compare: Callable[[Any, Any], bool]
    value: tuple[int, ...] | str

    def holds(self, values: Mapping[str, tuple[int, ...] | str]) -> bool:
        return self.compare(values[self.variable], self.value)


class _Several(msgspec.Struct, frozen=True):
    """Conditions of which all hold, or any."""

    judge: Callable[[list[bool]], bool]
    parts: tuple[_Condition, ...]

    def holds(self, values: Mapping[str, tuple[int, ...] | str]) -> bool:
        return self.judge([part.holds(values) for part in self.parts])


_Condition: TypeAlias = _One | _Several


class PlainMarker(msgspec.Struct, frozen=True):
    """A marker of the common form; ``str`` and ``evaluate`` give what packaging's give."""

    text: str  #: as written
    variables: frozenset[str]
    condition: _Condition

    def __str__(self) -> str:
        return str(_by_packaging(self.text))

    def evaluate(self, environment: Mapping[str, str]) -> bool:
        """Tell whether it is true of values of the variables."""
        values: dict[str, tuple[int, ...] | str] = {}
        for variable in self.variables:
            value = _value_of(variable, environment.get(variable))
            if value is None:
                return _by_packaging(self.text).evaluate(dict(environment))
            values[variable] = value
        return self.condition.holds(values)


@lru_cache(maxsize=1024)
def _by_packaging(text: str) -> Marker:
    from packaging.markers import Marker

    return Marker(text)


def plain_marker(text: str) -> PlainMarker | None:
    """Return the marker that a text of the common form makes; None: another form, or none at all."""
    tokens = _tokens(text)
    if tokens is None:
        return None
    try:
        condition = _any(tokens)
    except (IndexError, ValueError, RecursionError):
        return None
    return None if tokens else PlainMarker(text, frozenset(_variables(condition)), condition)


def _tokens(text: str) -> list[str | _One] | None:
    """Return signs, words and comparisons, the first one last; None where there is anything else."""
    text = text.strip(" ")
    if len(text) > _LONGEST:
        return None
    found: list[str | _One] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            return None
        at = match.end()
        plain = match["sign"] or match["word"]
        plain = plain or _comparison(match["variable"], match["operator"], match["text"])
        if plain is None:
            return None
        found.append(plain)
    return found[::-1]


def _comparison(variable: str, sign: str, text: str) -> _One | None:
    if variable in _VERSIONS:
        value: tuple[int, ...] | str | None = plain_numbers(text)
    elif sign not in ("==", "!="):
        return None
    elif variable == "extra":
        value = str(pypi_name(text))
    else:
        value = text if variable in _WORDS else None
    return None if value is None else _One(variable, _OPERATORS[sign], value)


def _any(tokens: list[str | _One]) -> _Condition:
    """Take a marker off the tokens; raises IndexError, ValueError where there is none."""
    parts = [_all(tokens)]
    while tokens and tokens[-1] == "or":
        tokens.pop()
        parts.append(_all(tokens))
    return parts[0] if len(parts) == 1 else _Several(any, tuple(parts))


def _all(tokens: list[str | _One]) -> _Condition:
    parts = [_one(tokens)]
    while tokens and tokens[-1] == "and":
        tokens.pop()
        parts.append(_one(tokens))
    return parts[0] if len(parts) == 1 else _Several(all, tuple(parts))


def _one(tokens: list[str | _One]) -> _Condition:
    first = tokens.pop()
    if isinstance(first, _One):
        return first
    if first != "(":
        raise ValueError(first)
    inner = _any(tokens)
    if tokens.pop() != ")":
        raise ValueError("a bracket isn't closed")
    return inner


def _variables(condition: _Condition) -> set[str]:
    if isinstance(condition, _One):
        return {condition.variable}
    return set().union(*map(_variables, condition.parts))


def _value_of(variable: str, value: object) -> tuple[int, ...] | str | None:
    """Return what a variable's value is compared by; None where packaging has to say it."""
    if not isinstance(value, str):
        return None
    if variable in _VERSIONS:
        return plain_numbers(value)
    return str(pypi_name(value)) if variable == "extra" else value
