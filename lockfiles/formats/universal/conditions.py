"""Markers of a lockfile, judged for one environment, with extras and groups taken in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from functools import lru_cache
from typing import TYPE_CHECKING

from resolver.model.patterns import pattern

if TYPE_CHECKING:
    from packaging.markers import Marker

    from resolver.model.target import Target

#: ``extra == 'name'``, of which several may be true at once: that no marker's environment can say.
_EXTRA = pattern(r"""\bextra\s*(==|!=)\s*(["'])(.*?)\2""")
_ALWAYS, _NEVER = "python_version >= '0'", "python_version < '0'"
#: What Poetry writes where no environment is left.
_EMPTY = "<empty>"

Variables = Mapping[str, str]


def variables_of(target: Target, python: str) -> Variables:
    """Return the variables of markers for a target and a full version of Python."""
    return {
        **target.marker_environment(),
        "python_version": ".".join(python.split(".")[:2]),
        "python_full_version": python,
        "implementation_version": python,
    }


def holds(
    marker: str | None,
    variables: Variables,
    extras: frozenset[str] = frozenset(),
    groups: frozenset[str] = frozenset(),
) -> bool:
    """Tell whether a marker is true with these extras and groups; one that can't be read is."""
    if not marker:
        return True
    if marker == _EMPTY:
        return False
    from packaging.markers import UndefinedComparison, UndefinedEnvironmentName

    condition = _parse(_settle_extras(marker, extras) if "extra" in marker else marker)
    if condition is None:
        return True
    environment: dict[str, str | AbstractSet[str]] = {
        **variables,
        "extras": extras,
        "dependency_groups": groups,
    }
    try:
        return condition.evaluate(environment, context="lock_file")
    except (UndefinedComparison, UndefinedEnvironmentName, ValueError):
        return True


def _settle_extras(marker: str, extras: frozenset[str]) -> str:
    """Return the marker with each ``extra == 'name'`` as what it comes to."""

    def settled(match: re.Match[str]) -> str:
        return _ALWAYS if (match[3] in extras) == (match[1] == "==") else _NEVER

    return _EXTRA.sub(settled, marker)


@lru_cache(maxsize=4096)
def _parse(text: str) -> Marker | None:
    """Return what a lockfile's marker means: it may ask for extras and groups, which no requirement's may."""
    from packaging.markers import InvalidMarker, Marker

    try:
        return Marker(text)
    except (InvalidMarker, RecursionError):
        return None
