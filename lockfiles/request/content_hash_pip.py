"""pip requirements as conda-lock's content hash sees them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urldefrag

from resolver.model.names import pypi_name
from resolver.model.patterns import pattern
from resolver.model.requirements import DirectKind, PypiRequirement
from resolver.model.unusable import Unusable

#: Marker variables that conda-lock knows before Python is chosen; a clause about any other holds.
_PLATFORM_VARIABLES = frozenset({"sys_platform", "platform_system", "os_name"})
_MARKER_TOKEN = pattern(r"""\s*(\(|\)|'[^']*'|"[^"]*"|[<>=!~]+|\bnot\s+in\b|[A-Za-z_][\w.]*)""")


def hashed_requirement(requirement: PypiRequirement) -> dict[str, Any]:
    """Return a requirement as conda-lock's model serialises it (fields that were never set left out)."""
    text, _, marker = (
        requirement.text.rpartition(";") if ";" in requirement.text else (requirement.text, "", "")
    )
    common: dict[str, Any] = {"manager": "pip", "category": requirement.category, "extras": []}
    if marker.strip():
        common["markers"] = marker.strip()
    text, _, digest = text.strip().partition(" --hash=")
    if text.startswith(("git+", "https://", "ssh://")):  # a bare address: its last part stands for the name
        place = text.rsplit("/", 1)[-1].split("@")[0].removesuffix(".git")
        text = f"{place} @ {text}"
    head, at, url = text.partition("@") if requirement.direct else (text, "", "")
    name, extras = _name_and_extras(head)
    if at:
        return {"name": name} | common | _direct(requirement, url.strip(), extras)
    return (
        {"name": name}
        | common
        | {
            "extras": extras,
            "version": _version(requirement),
            "build": None,
            "conda_channel": None,
            "hash": digest.strip() or (requirement.hashes[0] if len(requirement.hashes) == 1 else None),
        }
    )


#: one clause as packaging writes it itself
_ONE_CLAUSE = pattern(r"(?:(?:[<>]=?|[=!]=)[0-9]+(?:\.[0-9]+)*|~=[0-9]+(?:\.[0-9]+)+)\Z")


def _name_and_extras(head: str) -> tuple[str, list[str]]:
    match = re.match(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[([^\]]*)\])?", head)
    if not match:
        return pypi_name(head), []
    extras = {extra.strip() for extra in (match.group(2) or "").split(",")} - {""}
    return pypi_name(match.group(1)), sorted(extras)


def _version(requirement: PypiRequirement) -> str:
    """Return the specifier as a conda version spec: clauses sorted, ``===`` as ``==``."""
    specifier = requirement.specifier
    if not specifier or _ONE_CLAUSE.match(specifier):
        return specifier or "*"
    versions = requirement.specifier_set
    text = specifier if isinstance(versions, Unusable) else str(versions)
    return ",".join(sorted(text.replace(" ", "").replace("===", "==").split(","))) or "*"


def _direct(requirement: PypiRequirement, url: str, extras: list[str]) -> dict[str, Any]:
    if url.startswith("git+"):
        source, revision, subdirectory = _split_git(url)
        found: dict[str, Any] = {"source": source, "vcs": "git", "rev": revision}
        return found | ({"subdirectory": subdirectory} if subdirectory else {})
    if url.startswith(("https://", "ssh://")):
        address, fragment = urldefrag(url)
        return {"extras": extras, "url": address, "hashes": [fragment.replace("=", ":")]}
    path = re.sub(r"/+(?=/)|(?<=/)\./", "", url.removeprefix("file://")).rstrip("/").removeprefix("./")
    is_directory = requirement.direct is not None and requirement.direct.kind is DirectKind.DIRECTORY
    return {"extras": extras, "path": path or ".", "is_directory": is_directory}


def _split_git(url: str) -> tuple[str, str | None, str | None]:
    """Return source, revision and subdirectory; an ``@`` before the last one belongs to the source."""
    address = url.removesuffix(".git").removeprefix("git+")
    source, at, revision = address.rpartition("@")
    if not at:
        return address, None, None
    revision, _, subdirectory = revision.partition("#subdirectory=")
    return source, revision or None, subdirectory or None


def applies_to(requirement: PypiRequirement, platform: str) -> bool:
    """Tell whether a requirement counts for a platform, by its selector and its marker."""
    if requirement.platforms is not None and platform not in requirement.platforms:
        return False
    return requirement.marker is None or marker_applies(requirement.marker, platform)


def marker_applies(marker: str, platform: str) -> bool:
    """Tell whether a marker can hold on a platform; clauses about Python and machines count as true."""
    system = platform.split("-", 1)[0]
    environment = {
        "sys_platform": {"osx": "darwin", "win": "win32"}.get(system, system),
        "platform_system": {"linux": "Linux", "osx": "Darwin", "win": "Windows"}.get(system, system),
        "os_name": "nt" if system == "win" else "posix",
    }
    tokens = [match.group(1) for match in _MARKER_TOKEN.finditer(marker)]
    return _any_of(iter([*tokens, ")"]), environment)


def _any_of(tokens: Iterator[str], environment: Mapping[str, str]) -> bool:
    """Read ``clause (and clause)* (or ...)* )`` from the tokens, and tell whether it holds."""
    groups, current = [], True
    while True:
        left = next(tokens, ")")
        current &= _any_of(tokens, environment) if left == "(" else _clause(left, tokens, environment)
        joint = next(tokens, ")")
        if joint != "and":
            groups.append(current)
            current = True
        if joint not in ("and", "or"):
            return any(groups)


def _clause(left: str, tokens: Iterator[str], environment: Mapping[str, str]) -> bool:
    from packaging.markers import InvalidMarker, Marker, UndefinedComparison

    operator, right = next(tokens, ""), next(tokens, "")
    if not {left, right} & _PLATFORM_VARIABLES:
        return True
    try:
        return Marker(f"{left} {operator} {right}").evaluate({**environment})
    except (InvalidMarker, UndefinedComparison):
        return True
