"""PEP 440 specifiers and PEP 508 requirements as installers tolerate them.

Metadata of old releases holds text that the standards reject and that every
installer has come to accept; it is repaired here by a short list of rules
(those that uv applies). What can't be repaired is an :class:`Unusable`, a value
with a reason: the release is left out, nothing is raised.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

import msgspec
from packaging.markers import InvalidMarker, Marker, UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet

#: distinct texts kept; a large search meets some ten thousand
_MEMORY = 65_536


class Cause(StrEnum):
    """What keeps something from being used."""

    FAULTY = "faulty"  #: what was read breaks its standard, or is of something else
    BUILD_FORBIDDEN = "build-forbidden"  #: only a build could tell, and builds are not allowed
    OTHER_PYTHON = "other-python"  #: only a build could tell, with a Python that is not the one running
    BUILD_FAILED = "build-failed"
    NETWORK = "network"  #: a build could not fetch what it needs: the next try may do better


class Unusable(msgspec.Struct, frozen=True):
    """Why something read from a source can't be used: for people, and as a fact to decide by."""

    reason: str
    cause: Cause = Cause.FAULTY


#: (what is written, what is meant, why); applied in this order, only where the text as written is invalid
_REPAIRS: tuple[tuple[re.Pattern[str], str], ...] = (
    # `>= '2.7'`, `'>=3.6'`: quotes that a template left inside
    (re.compile(r"""["']([0-9][0-9a-zA-Z.*]*|[<>=~!]=?[^"';]*)["'](?=\s*(?:,|;|\)|$))"""), r"\1"),
    # `!=~3.0`: meant is "no 3.0.x"
    (re.compile(r"!=\s*~\s*([0-9]+(?:\.[0-9]+)*)"), r"!=\1.*"),
    # `>=3.6.*`: an order has no wildcard
    (re.compile(r"(<=|>=|<|>)(\s*[0-9]+(?:\.[0-9]+)*)\.\*"), r"\1\2"),
    # `~=3.6.*`: likewise; the last number is what may grow
    (re.compile(r"(~=)(\s*[0-9]+(?:\.[0-9]+)*)\.\*"), r"\1\2.0"),
    # `!=3.0*`, `==3.*.*`
    (re.compile(r"([!=]=\s*[0-9]+(?:\.[0-9]+)*)\*"), r"\1.*"),
    (re.compile(r"([!=]=\s*[0-9]+(?:\.[0-9]+)*)(?:\.\*){2,}"), r"\1.*"),
    # `>=3.5 !=3.0.*`, `>=2.7!=3.0.*`: a comma is missing
    (re.compile(r"([0-9*])\s*(?=[<>~!]=?|===?)"), r"\1,"),
    # `>dev`: a version without a number
    (re.compile(r"(<=|>=|<|>)\s*dev\b"), r"\g<1>0.0.0.dev0"),
    # `>=9.0.0a1.0`: nothing follows a pre-release number
    (re.compile(r"((?:<=|>=|<|>|==|!=|~=)\s*[0-9]+(?:\.[0-9]+)*(?:a|b|rc)[0-9]+)(?:\.0)+"), r"\1"),
    # `=> 3.6`, `= 3.6`
    (re.compile(r"=>\s*(?=[0-9])"), ">="),
    (re.compile(r"(?<![<>=!~])=\s*(?=[0-9])"), "=="),
    # `>=3.6,`, `,>=3.6`, `>=3.6,,<4`
    (re.compile(r",\s*(?=,)"), ""),
    (re.compile(r",\s*(?=$|;|\))"), ""),
    (re.compile(r"(^|\(|\])\s*,"), r"\1"),
)  # fmt: skip
_BARE_ANY = frozenset({"*", "any"})
_REQUIREMENT = re.compile(r"^\s*([A-Za-z0-9][A-Za-z0-9._-]*\s*(?:\[[^\]]*\])?)(.*?)(;.*)?$", re.DOTALL)


@lru_cache(maxsize=_MEMORY)
def parse_specifier(text: str) -> SpecifierSet | Unusable:
    """Return the specifier set meant by ``text`` (empty: any version)."""
    try:
        return SpecifierSet(text)
    except InvalidSpecifier:
        pass
    if text.strip().lower() in _BARE_ANY:
        return SpecifierSet()
    try:
        return SpecifierSet(_repair(text))
    except InvalidSpecifier:
        return Unusable(f"`{text}` is no version specifier")


@lru_cache(maxsize=_MEMORY)
def parse_requirement(text: str) -> Requirement | Unusable:
    """Return the requirement meant by ``text``, for example ``requests (>=2.*) ; extra == 'http'``.

    The value is shared between callers: never change it.
    """
    found = _PLAIN.match(text)
    if found is not None:
        name, extras, specifier, enclosed, marker = found.groups()
        try:
            return _plain(name, extras or "", specifier or enclosed or "", marker or "")
        except (InvalidSpecifier, InvalidMarker):
            pass
    try:
        return Requirement(text)
    except InvalidRequirement:
        pass
    found = _REQUIREMENT.match(text)
    if found and "@" not in found[2]:
        name, specifier, marker = found[1], found[2].strip(), found[3] or ""
        if specifier.startswith("(") and specifier.endswith(")"):
            specifier = specifier[1:-1].strip()
        specifier = "" if specifier.lower() in _BARE_ANY else _repair(specifier)
        try:
            return Requirement(f"{name}{specifier} {marker}")
        except (InvalidRequirement, UndefinedComparison, UndefinedEnvironmentName):
            pass
    return Unusable(f"`{text}` is no requirement (PEP 508)")


#: the common shape; what it takes is put together from parts that packaging reads, each once
_PLAIN = re.compile(
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


@lru_cache(maxsize=_MEMORY)
def _specifier_set(text: str) -> SpecifierSet:
    return SpecifierSet(text)


@lru_cache(maxsize=_MEMORY)
def _marker(text: str) -> Marker:
    return Marker(text)


def _repair(text: str) -> str:
    text = text.strip()
    for pattern, replacement in _REPAIRS:
        text = pattern.sub(replacement, text)
    return text.strip()
