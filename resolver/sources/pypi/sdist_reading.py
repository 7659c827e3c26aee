"""What sdists and source trees say of themselves without being built."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from resolver.metadata.core_metadata import from_headers, parse_headers
from resolver.metadata.project_table import parse_identity, parse_static_metadata
from resolver.model.names import PypiName, pypi_name
from resolver.model.records import CoreMetadata
from resolver.model.unusable import Unusable
from resolver.sources.http.local import open_regular
from resolver.sources.limits import DEFAULTS, LimitError, ResourceKind
from resolver.sources.pypi.archives import read_top_members

_STATIC_MEMBERS = frozenset({"PKG-INFO", "pyproject.toml"})


def static_metadata(archive: BinaryIO, *, version: str | None) -> CoreMetadata | Unusable | None:
    """Return what an open sdist promises for every build; None where only a build could tell.

    ``version``: as the file's name has it. Raises BadArchiveError where it can't be unpacked.
    """
    return _parse_static(read_top_members(archive, _STATIC_MEMBERS), version=version)


def _parse_static(members: Mapping[str, bytes], *, version: str | None) -> CoreMetadata | Unusable | None:
    """Return what PKG-INFO or pyproject.toml promise for every build; None where neither does."""
    if "PKG-INFO" in members:
        headers = parse_headers(members["PKG-INFO"])
        if headers.is_static:
            return from_headers(headers)
    if "pyproject.toml" in members:
        return parse_static_metadata(members["pyproject.toml"], version=version)
    return None


def static_of_folder(folder: Path) -> CoreMetadata | Unusable | None:
    """Read a source tree; a PKG-INFO in it may be left over from an older state, so it doesn't count."""
    data = _project_file(folder)
    return parse_static_metadata(data) if isinstance(data, bytes) else data


def identity_of_folder(folder: Path) -> tuple[PypiName | None, str | None]:
    """Return the name and version that a source tree's pyproject.toml says, each None where it doesn't."""
    data = _project_file(folder)
    name, version = parse_identity(data) if isinstance(data, bytes) else (None, None)
    return pypi_name(name) if name else None, version


def _project_file(folder: Path) -> bytes | Unusable | None:
    """Return a source tree's pyproject.toml; None where there is none."""
    path = folder / "pyproject.toml"
    if not path.is_file():
        return None
    if not path.resolve().is_relative_to(folder.resolve()):  # a repository may hold any link
        return Unusable("its pyproject.toml is a link that leads out of it")
    try:
        with open_regular(path, DEFAULTS[ResourceKind.METADATA].sent) as file:
            return file.read()
    except LimitError as error:
        return Unusable(f"its pyproject.toml is not read: {error.reason}")
