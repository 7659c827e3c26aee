"""A PEP 508 marker -> the platforms on which it can hold."""

from __future__ import annotations

import re

from packaging.markers import Marker

from resolver.model.pep508 import check_marker
from resolver.model.platforms import KNOWN_SUBDIRS
from resolver.model.target import Target

_VARIABLE = re.compile(
    r"\b(?:os_name|sys_platform|platform_\w+|python_version|python_full_version|"
    r"implementation_\w+|extra|dependency_groups|extras)\b"
)
#: What a target says of a platform; the other variables depend on the interpreter or on who asks.
_KNOWN = frozenset(
    {"os_name", "sys_platform", "platform_system", "platform_machine"}
    | {"platform_python_implementation", "implementation_name"}
)


def platforms_of_marker(marker: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the subdirs where a marker holds, and the variables that no platform settles.

    With such a variable nothing can be told: every platform is returned. Raises
    packaging's InvalidMarker.
    """
    parsed = Marker(marker)
    check_marker(parsed)
    unsettled = frozenset(_VARIABLE.findall(re.sub(r"\"[^\"]*\"|'[^']*'", "", str(parsed)))) - _KNOWN
    if unsettled:
        return frozenset(KNOWN_SUBDIRS), unsettled
    subdirs = (
        subdir
        for subdir in KNOWN_SUBDIRS
        if parsed.evaluate({**Target(subdir=subdir).marker_environment(), "extra": ""})
    )
    return frozenset(subdirs), unsettled
