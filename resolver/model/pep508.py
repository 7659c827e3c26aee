"""PEP 508 requirements and markers as installers tolerate them: text to value, memoised.

Clauses are repaired as :mod:`resolver.model.specifiers` does; what can't be is an
:class:`Unusable`. The common shape is read here, and anything else by packaging, whose
grammar of requirements and markers takes 25 ms to load.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

import msgspec
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from resolver.model.patterns import pattern
from resolver.model.plain_markers import PlainMarker, plain_marker
from resolver.model.specifiers import (
    BARE_ANY,
    MEMORY,
    is_numeric,
    is_out_of_bounds,
    numeric_clauses,
    repair_clauses,
    specifier_set,
)
from resolver.model.unusable import Unusable

if TYPE_CHECKING:
    from packaging.markers import Marker
    from packaging.requirements import Requirement

_REQUIREMENT = pattern(r"^\s*([A-Za-z0-9][A-Za-z0-9._-]*\s*(?:\[[^\]]*\])?)(.*?)(;.*)?$", re.DOTALL)


class PlainRequirement(msgspec.Struct, frozen=True):
    """A requirement of the common shape, with the attributes of packaging's."""

    name: str
    extras: frozenset[str]
    versions: str  #: ``specifier`` as it is written
    marker: PlainMarker | Marker | None
    url: None = None

    @property
    def specifier(self) -> SpecifierSet:
        """The versions that it admits; shared: never change it."""
        return specifier_set(self.versions)


AnyRequirement: TypeAlias = "PlainRequirement | Requirement"


@lru_cache(maxsize=MEMORY)
def parse_requirement(text: str) -> AnyRequirement | Unusable:
    """Return the requirement meant by ``text``, for example ``requests (>=2.*) ; extra == 'http'``.

    The value is shared between callers: never change it.
    """
    if is_out_of_bounds(text):
        return Unusable(f"`{text[:40]}...` is longer than a requirement may be, or has a number that is")
    found = _PLAIN.match(text)
    if found is not None:
        name, extras, specifier, enclosed, marker = found.groups()
        plain = _plain(name, extras or "", specifier or enclosed or "", marker or "")
        if plain is not None:
            return plain
    from packaging.markers import InvalidMarker
    from packaging.requirements import InvalidRequirement, Requirement

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
def parse_marker(text: str) -> PlainMarker | Marker | Unusable:
    """Return the condition meant by ``text`` (``python_version < "3.9"``); shared: never change it."""
    plain = plain_marker(text)
    if plain is not None:
        return plain
    from packaging.markers import InvalidMarker, Marker

    try:
        made = Marker(text)
        check_marker(made)
        return made
    except (InvalidMarker, RecursionError):
        return Unusable(f"`{text}` is no marker (PEP 508)")


_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
_CLAUSES = (
    r"[<>=!~][ !-'*-:<-?A-Z^-~]*"  # no blanks but spaces, as packaging's grammar of requirements has it
)
#: the common shape; what it takes is put together from parts that packaging reads, each once
_PLAIN = pattern(
    rf"({_NAME})[ ]?(?:\[({_NAME}(?:,{_NAME})*)\])?[ ]?"
    rf"(?:({_CLAUSES})|\(({_CLAUSES})\))?[ ]?(?:;[ ]?([ -~]+))?\Z"
)


def _plain(name: str, extras: str, specifier: str, marker: str) -> PlainRequirement | None:
    """Return the requirement that these parts make; None where one of them is faulty."""
    condition = parse_marker(marker.strip()) if marker else None
    if isinstance(condition, Unusable):
        return None
    versions = specifier.strip()
    if not is_numeric(versions):
        try:
            specifier_set(versions)
        except InvalidSpecifier:
            return None
    return PlainRequirement(name, frozenset(extras.split(",")) if extras else _NONE, versions, condition)


_NONE = frozenset[str]()


def clauses_of(requirement: AnyRequirement) -> list[str]:
    """Return the clauses of a requirement's versions, in no promised order."""
    read = numeric_clauses(requirement.versions) if isinstance(requirement, PlainRequirement) else None
    return [str(clause) for clause in requirement.specifier] if read is None else list(map("".join, read))


def names_pre_release(requirement: AnyRequirement) -> bool:
    """Tell whether a pre-release stands in a requirement."""
    if isinstance(requirement, PlainRequirement) and is_numeric(requirement.versions):
        return False
    return bool(requirement.specifier.prereleases)


#: Some value for each variable, to see whether a marker can be judged at all.
_PROBE = {
    "implementation_name": "cpython", "implementation_version": "3.12.0", "os_name": "posix",
    "platform_machine": "x86_64", "platform_python_implementation": "CPython", "platform_release": "6.1",
    "platform_system": "Linux", "platform_version": "1", "python_full_version": "3.12.0",
    "python_version": "3.12", "sys_platform": "linux", "extra": "",
}  # fmt: skip


def check_marker(marker: Marker) -> None:
    """Raise InvalidMarker for one that can't be judged: ``os_name ~= "x"``, or two constants."""
    from packaging.markers import InvalidMarker, UndefinedComparison, UndefinedEnvironmentName

    try:
        marker.evaluate(dict(_PROBE))
    except (UndefinedComparison, UndefinedEnvironmentName, ValueError) as error:
        raise InvalidMarker(f"nobody can tell whether `{marker}` holds: {error}") from None


def _judged(requirement: Requirement) -> Requirement:
    if requirement.marker is not None:
        check_marker(requirement.marker)
    return requirement
