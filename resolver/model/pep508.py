"""PEP 508 requirements and markers as installers tolerate them: text to value, memoised.

Clauses are repaired as :mod:`resolver.model.specifiers` does; what can't be is an
:class:`Unusable`. Apart from it, as packaging's markers cost much more to load.
"""

from __future__ import annotations

import re
from functools import lru_cache

from packaging.markers import InvalidMarker, Marker, UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from resolver.model.patterns import pattern
from resolver.model.specifiers import BARE_ANY, MEMORY, is_out_of_bounds, repair_clauses
from resolver.model.unusable import Unusable

_REQUIREMENT = pattern(r"^\s*([A-Za-z0-9][A-Za-z0-9._-]*\s*(?:\[[^\]]*\])?)(.*?)(;.*)?$", re.DOTALL)


@lru_cache(maxsize=MEMORY)
def parse_requirement(text: str) -> Requirement | Unusable:
    """Return the requirement meant by ``text``, for example ``requests (>=2.*) ; extra == 'http'``.

    The value is shared between callers: never change it.
    """
    if is_out_of_bounds(text):
        return Unusable(f"`{text[:40]}...` is longer than a requirement may be, or has a number that is")
    found = _PLAIN.match(text)
    if found is not None:
        name, extras, specifier, enclosed, marker = found.groups()
        try:
            return _plain(name, extras or "", specifier or enclosed or "", marker or "")
        except (InvalidSpecifier, InvalidMarker, RecursionError):
            pass
    try:
        return _judged(Requirement(text))
    except (InvalidRequirement, InvalidMarker, RecursionError):
        pass
    found = _REQUIREMENT.match(text)
    if found and "@" not in found[2]:
        name, specifier, marker = found[1], found[2].strip(), found[3] or ""
        if specifier.startswith("(") and specifier.endswith(")"):
            specifier = specifier[1:-1].strip()
        specifier = "" if specifier.lower() in BARE_ANY else repair_clauses(specifier)
        try:
            return _judged(Requirement(f"{name}{specifier} {marker}"))
        except (InvalidRequirement, InvalidMarker, RecursionError):
            pass
    return Unusable(f"`{text}` is no requirement (PEP 508)")


@lru_cache(maxsize=MEMORY)
def parse_marker(text: str) -> Marker | Unusable:
    """Return the condition meant by ``text`` (``python_version < "3.9"``); shared: never change it."""
    try:
        return _marker(text)
    except (InvalidMarker, RecursionError):
        return Unusable(f"`{text}` is no marker (PEP 508)")


#: the common shape; what it takes is put together from parts that packaging reads, each once
_PLAIN = pattern(
    r"([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)[ ]?(?:\[([A-Za-z0-9._-]+(?:,[A-Za-z0-9._-]+)*)\])?[ ]?"
    r"(?:([<>=!~][^()@;\[\]]*)|\(([<>=!~][^()@;\[\]]*)\))?[ ]?(?:;[ ]?(.+))?\Z"
)


def _plain(name: str, extras: str, specifier: str, marker: str) -> Requirement:
    made = Requirement.__new__(Requirement)
    made.name, made.url = name, None
    made.extras = set(extras.split(",")) if extras else set()
    made.specifier = _specifier_set(specifier.strip())
    made.marker = _marker(marker.strip()) if marker else None
    return made


@lru_cache(maxsize=MEMORY)
def _specifier_set(text: str) -> SpecifierSet:
    return SpecifierSet(text)


#: Some value for each variable, to see whether a marker can be judged at all.
_PROBE = {
    "implementation_name": "cpython", "implementation_version": "3.12.0", "os_name": "posix",
    "platform_machine": "x86_64", "platform_python_implementation": "CPython", "platform_release": "6.1",
    "platform_system": "Linux", "platform_version": "1", "python_full_version": "3.12.0",
    "python_version": "3.12", "sys_platform": "linux", "extra": "",
}  # fmt: skip


@lru_cache(maxsize=MEMORY)
def _marker(text: str) -> Marker:
    made = Marker(text)
    check_marker(made)
    return made


def check_marker(marker: Marker) -> None:
    """Raise InvalidMarker for one that can't be judged: ``os_name ~= "x"``, or two constants."""
    try:
        marker.evaluate(dict(_PROBE))
    except (UndefinedComparison, UndefinedEnvironmentName, ValueError) as error:
        raise InvalidMarker(f"nobody can tell whether `{marker}` holds: {error}") from None


def _judged(requirement: Requirement) -> Requirement:
    if requirement.marker is not None:
        check_marker(requirement.marker)
    return requirement
