"""Metadata folders of Python projects (``*.dist-info``, ``*.egg-info``), and the files that each lists.

Sources: the specification "Recording installed projects" (PEP 376, 627), PEP 610 for
``direct_url.json``, PEP 427 for ``WHEEL``; ``*.egg-info`` as setuptools writes it.
"""

from __future__ import annotations

import csv
import io
import posixpath
import re
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from pathlib import Path

import msgspec

from lockfiles.regular_files import open_regular_file
from lockfiles.subjects.prefix.listed import ListedFile
from resolver.errors import InputError
from resolver.model.json_text import decode_json
from resolver.model.names import PypiName, pypi_name
from resolver.model.origin import Origin
from resolver.model.redaction import strip
from resolver.model.requirements import DirectKind, DirectReference

_LARGEST = 64 * 1024 * 1024  #: bytes of one file of metadata; torch's RECORD has 2 MiB
_METADATA_FILES = ("METADATA", "PKG-INFO")
#: What pip leaves of a folder that it couldn't remove: the first letter replaced.
_REMAINS = re.compile(r"~")
_TAG = re.compile(r"(?m)^Tag:[ \t]*([\w.]+-[\w.]+-[\w.]+)[ \t]*\r?$")


class ProjectFolder(msgspec.Struct, frozen=True, kw_only=True):
    """What a metadata folder says, before anything is made of it.

    ``files`` is None where the project lists none.
    """

    folder: str  #: relative to the prefix, with ``/``
    name: PypiName
    version: str
    requires_dist: tuple[str, ...] = ()
    requires_python: str | None = None
    tags: tuple[str, ...] = ()
    direct: DirectReference | None = None
    commit: str | None = None
    files: tuple[ListedFile, ...] | None = None
    outside: int = 0  #: listed files that lie outside the prefix


class SiteContent(msgspec.Struct, frozen=True, kw_only=True):
    """The projects of one folder of packages, and what is left of removed ones."""

    projects: tuple[ProjectFolder, ...] = ()
    remains: tuple[str, ...] = ()


def read_site(prefix: Path, site: Path, faults: list[InputError]) -> SiteContent:
    """Return the projects in a folder of packages, by the name of their folder."""
    projects, remains = [], []
    for path in sorted((*site.glob("*.dist-info"), *site.glob("*.egg-info"))):
        relative = path.relative_to(prefix).as_posix()
        if _REMAINS.match(path.name):
            remains.append(relative)
            continue
        try:
            found = _read_project(prefix, path, relative)
        except OSError as error:
            reason = error.strerror or str(error)
            faults.append(InputError(f"can't be read: {reason}", Origin(file=str(path))))
            continue
        if found is None:
            remains.append(relative)
        else:
            projects.append(found)
    return SiteContent(projects=tuple(projects), remains=tuple(remains))


def _read_project(prefix: Path, path: Path, relative: str) -> ProjectFolder | None:
    """Return what a metadata folder says; None where it says nothing (a removed project's)."""
    from resolver.metadata.core_metadata import parse_headers

    data = _metadata(path)
    if data is None:
        return None
    headers = parse_headers(data)
    name, version = headers.first("name"), headers.first("version")
    if name is None or version is None:
        return None
    direct, commit = _direct(path)
    files, outside = _record(prefix, path)
    return ProjectFolder(
        folder=relative,
        name=pypi_name(name),
        version=version,
        requires_dist=tuple(text for text in headers.fields.get("requires-dist", ()) if text),
        requires_python=headers.first("requires-python"),
        tags=tuple(_TAG.findall((_bytes(path / "WHEEL") or b"").decode("utf-8", "replace"))),
        direct=direct,
        commit=commit,
        files=files,
        outside=outside,
    )


def _metadata(path: Path) -> bytes | None:
    if path.is_file():  # an egg-info of distutils is one file
        return _bytes(path)
    return next((data for name in _METADATA_FILES if (data := _bytes(path / name)) is not None), None)


def _bytes(path: Path) -> bytes | None:
    """Return what a file of metadata holds; None where it isn't there or isn't a plain file."""
    if not path.is_file():
        return None
    with open_regular_file(path) as file:
        return file.read(_LARGEST)


def _direct(path: Path) -> tuple[DirectReference | None, str | None]:
    """Return where a project came from if not from an index, and the VCS revision (PEP 610)."""
    data = _bytes(path / "direct_url.json")
    try:
        told = decode_json(data, _DirectUrl) if data is not None else None
    except ValueError:
        told = None
    if told is None:
        return None, None
    url = strip(told.url)
    if told.vcs_info is not None:
        kind = DirectKind.VCS
    else:
        kind = DirectKind.DIRECTORY if told.dir_info is not None else DirectKind.ARCHIVE
    direct = DirectReference(
        kind=kind,
        url=url,
        subdirectory=told.subdirectory,
        hashes=_archive_hashes(told),
        editable=told.dir_info is not None and told.dir_info.editable,
    )
    return direct, told.vcs_info.commit_id if told.vcs_info is not None else None


class _VcsInfo(msgspec.Struct, frozen=True):
    vcs: str = ""
    commit_id: str | None = None


class _DirInfo(msgspec.Struct, frozen=True):
    editable: bool = False


class _ArchiveInfo(msgspec.Struct, frozen=True):
    hash: str | None = None
    hashes: dict[str, str] | None = None


class _DirectUrl(msgspec.Struct, frozen=True):
    url: str
    subdirectory: str | None = None
    vcs_info: _VcsInfo | None = None
    dir_info: _DirInfo | None = None
    archive_info: _ArchiveInfo | None = None


def _archive_hashes(told: _DirectUrl) -> dict[str, str]:
    info = told.archive_info
    if info is None:
        return {}
    algorithm, separator, value = (info.hash or "").partition("=")
    return dict(info.hashes or ({algorithm: value} if separator else {}))


def _record(prefix: Path, path: Path) -> tuple[tuple[ListedFile, ...] | None, int]:
    """Return the files that RECORD lists inside the prefix, and how many lie outside; None: no RECORD."""
    data = _bytes(path / "RECORD")
    if data is None:
        return None, 0
    base = path.parent.relative_to(prefix).as_posix()
    files, outside = [], 0
    for row in _rows(data.decode("utf-8", "replace")):
        place = _place(base, row[0], prefix)
        if place is None:
            outside += 1
        else:
            files.append(_listed(place, row[1] if len(row) > 1 else "", row[2] if len(row) > 2 else ""))
    return tuple(files), outside


def _rows(text: str) -> Iterator[list[str]]:
    """Yield the rows of a RECORD; one that is no CSV ends it."""
    try:
        yield from (row for row in csv.reader(io.StringIO(text, newline="")) if row and row[0])
    except csv.Error:
        return


def _place(base: str, path: str, prefix: Path) -> str | None:
    """Return a path of RECORD relative to the prefix; None where it lies outside."""
    path = path.replace("\\", "/")
    if posixpath.isabs(path) or re.match(r"[A-Za-z]:/", path):
        inside = f"{prefix.absolute().as_posix()}/"
        return posixpath.normpath(path)[len(inside) :] if path.startswith(inside) else None
    place = posixpath.normpath(posixpath.join(base, path))
    return None if place == ".." or place.startswith("../") else place


def _listed(path: str, digest: str, size: str) -> ListedFile:
    algorithm, _, value = digest.partition("=")
    sha256 = None
    if algorithm == "sha256":
        try:
            sha256 = urlsafe_b64decode(value + "=" * (-len(value) % 4)).hex()
        except ValueError:
            sha256 = None
    known = int(size) if size.isascii() and size.isdecimal() and len(size) < 16 else None
    return ListedFile(path=path, sha256=sha256, size=known)
