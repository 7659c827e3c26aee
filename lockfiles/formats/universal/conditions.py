"""Markers of a lockfile, judged for one environment, with extras and groups taken in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from resolver.model.patterns import pattern

if TYPE_CHECKING:
    from packaging.markers import Marker

    from resolver.model.target import Target
    from resolver.model.unusable import Unusable

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
    from resolver.model.unusable import Unusable

    condition = _parse(_settle_extras(marker, extras) if "extra" in marker else marker)
    if isinstance(condition, Unusable):
        return True
    return condition.evaluate(
        {**variables, "extras": extras, "dependency_groups": groups}, context="lock_file"
    )


def _settle_extras(marker: str, extras: frozenset[str]) -> str:
    """Return the marker with each ``extra == 'name'`` as what it comes to."""

    def settled(match: re.Match[str]) -> str:
        return _ALWAYS if (match[3] in extras) == (match[1] == "==") else _NEVER

    return _EXTRA.sub(settled, marker)


@lru_cache(maxsize=4096)
def _parse(text: str) -> Marker | Unusable:
    from resolver.model.pep508 import parse_marker

    return parse_marker(text)
