"""The ``[project]`` table of pyproject.toml (PEP 621), where it says all that resolving needs."""

from __future__ import annotations

import tomllib
from typing import Any

from packaging.version import Version

from resolver.model.names import pypi_name
from resolver.model.pep508 import parse_requirement
from resolver.model.records import CoreMetadata
from resolver.model.unusable import Unusable

_RESOLVING_KEYS = frozenset({"dependencies", "optional-dependencies", "requires-python"})


def parse_static_metadata(data: bytes, *, version: str | None = None) -> CoreMetadata | Unusable | None:
    """Return what the table promises for every build; None where a build has to tell.

    ``version`` is the one known otherwise (an sdist's name), used where the
    table leaves it to the backend. Unusable: the file is broken, so that no build can help.
    """
    try:
        document = tomllib.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:  # TOMLDecodeError, UnicodeDecodeError among them
        return Unusable(f"its pyproject.toml can't be read: {error}")
    table = document.get("project")
    if not isinstance(table, dict):
        return None
    dynamic = table.get("dynamic", [])
    if not isinstance(dynamic, list) or not _RESOLVING_KEYS.isdisjoint(map(str, dynamic)):
        return None
    name, found = table.get("name"), table.get("version", version)
    if not isinstance(name, str) or not isinstance(found, str):
        return None
    try:
        normalised = str(Version(found))
    except ValueError:  # InvalidVersion, or more digits than Python reads
        return Unusable(f"its pyproject.toml gives a version that PEP 440 rejects: `{found}`")
    return _collect(table, name, normalised)


def parse_identity(data: bytes) -> tuple[str | None, str | None]:
    """Return the name and the version that the table says, each None where it doesn't."""
    try:
        table = tomllib.loads(data.decode("utf-8")).get("project")
    except (ValueError, RecursionError):
        return None, None
    if not isinstance(table, dict):
        return None, None
    name, version = table.get("name"), table.get("version")
    try:
        said = str(Version(version)) if isinstance(version, str) else None
    except ValueError:
        said = None
    return name if isinstance(name, str) and name else None, said


def _collect(table: dict[str, Any], name: str, version: str) -> CoreMetadata | Unusable:
    optional = table.get("optional-dependencies", {})
    dependencies = table.get("dependencies", [])
    requires_python = table.get("requires-python")
    if not _is_texts(dependencies) or not isinstance(optional, dict):
        return Unusable("its pyproject.toml has dependencies that are no list of texts")
    if not all(_is_texts(texts) for texts in optional.values()):
        return Unusable("its pyproject.toml has optional dependencies that are no list of texts")
    requirements: list[str] = []
    for extra, texts in (("", dependencies), *sorted(optional.items())):
        for text in texts:
            requirement = parse_requirement(text)
            if isinstance(requirement, Unusable):
                return Unusable(f"its pyproject.toml has a faulty dependency: {requirement.reason}")
            requirements.append(_under_extra(text, extra) if extra else text)
    return CoreMetadata(
        name=name,
        version=version,
        requires_dist=tuple(requirements),
        requires_python=requires_python if isinstance(requires_python, str) else None,
        extras=tuple(sorted(pypi_name(extra) for extra in optional)),
    )


def _under_extra(text: str, extra: str) -> str:
    """Return the requirement as METADATA spells it: under the extra, and its own marker."""
    head, semicolon, marker = text.partition(" ;") if " ;" in text else text.partition(";")
    condition = f"extra == '{pypi_name(extra)}'"
    if semicolon and marker.strip():
        condition = f"({marker.strip()}) and {condition}"
    return f"{head.strip()} ; {condition}"


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)
