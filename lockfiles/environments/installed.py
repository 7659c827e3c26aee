"""What is in an environment, as names: enough to tell what comes, goes and stays."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import msgspec

from lockfiles.regular_files import read_whole
from resolver.errors import InputError
from resolver.model.json_text import decode_json
from resolver.model.names import PypiName, pypi_name
from resolver.model.origin import Origin
from resolver.model.patterns import pattern

_FOLDER = pattern(r"(?P<name>[^/]+?)-(?P<version>[^/-]+)(?:-py\d[\d.]*)?\.(?:dist|egg)-info", re.IGNORECASE)


class CondaRecordFile(msgspec.Struct, frozen=True, kw_only=True):
    """What a record in ``conda-meta`` says of its package."""

    name: str
    version: str
    build: str
    fn: str
    url: str = ""
    channel: str | None = None
    subdir: str | None = None
    sha256: str | None = None
    md5: str | None = None
    files: tuple[str, ...] = ()


class PresentProject(msgspec.Struct, frozen=True, kw_only=True):
    """A Python project that is there, by its metadata folder."""

    name: PypiName
    version: str
    folder: str  #: relative to the environment, with ``/``
    owner: str | None = None  #: the conda package that put it there

    @property
    def site(self) -> str:
        """The folder of modules that it lies in, relative to the environment."""
        return self.folder.rpartition("/")[0]


class Present(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is there: conda's records by name, projects by folder."""

    conda: Mapping[str, CondaRecordFile] = msgspec.field(default_factory=dict)
    projects: tuple[PresentProject, ...] = ()


def read_present(prefix: Path) -> Present:
    """Return what is in an environment; nothing where none is. Raises InputError for a damaged record."""
    records = {}
    for path in sorted((prefix / "conda-meta").glob("*.json")):
        record = _read_record(path)
        records[record.name] = record
    owners = {
        file.rpartition("/")[0]: record.name
        for record in records.values()
        for file in record.files
        if file.rpartition("/")[0].endswith((".dist-info", ".egg-info"))
    }
    projects = []
    for place in sorted(prefix.glob("lib/python*/site-packages/*-info")):
        match = _FOLDER.fullmatch(place.name)
        if match is None:
            continue
        folder = place.relative_to(prefix).as_posix()
        projects.append(
            PresentProject(
                name=pypi_name(match["name"]),
                version=match["version"],
                folder=folder,
                owner=owners.get(folder),
            )
        )
    return Present(conda=records, projects=tuple(projects))


def _read_record(path: Path) -> CondaRecordFile:
    try:
        return decode_json(read_whole(path), CondaRecordFile)
    except (OSError, ValueError) as error:
        told = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise InputError(
            f"is no record of a package: {told}",
            Origin(file=str(path)),
            "The environment is damaged: install into a new folder.",
        ) from None
