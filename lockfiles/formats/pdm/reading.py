"""``pdm.lock``, versions 4.0 to 4.5, read for one environment of each platform.

Source: PDM's own locker (``project/lockfile``, ``models/repositories/lock.py``). A package
stands once for itself and once for each set of extras; with the strategy
``inherit_metadata`` each names its groups and a marker. Files have an address only with
``static_urls``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from lockfiles.formats.reading import MAIN, LockContent, LockReadOptions
from lockfiles.formats.universal.files import file_name_of, hashes_of, is_archive_name
from lockfiles.formats.universal.model import LockedNeed, LockedProject, Membership, UniversalLock
from lockfiles.formats.universal.reading import resolutions_of
from lockfiles.formats.universal.toml_text import load_toml, reading_form, tables, text_of, texts_of
from resolver.errors import InputError
from resolver.model.names import PypiName, pypi_name
from resolver.model.origin import Origin
from resolver.model.records import DistFile
from resolver.model.redaction import strip
from resolver.model.requirements import DirectKind, DirectReference

#: The group of the project's own dependencies.
_DEFAULT = "default"
_PLATFORMS = {"linux": "linux", "windows": "win32", "macos": "darwin"}
_MACHINES = {
    "amd64": ("x86_64", "AMD64"),
    "x86_64": ("x86_64", "AMD64"),
    "arm64": ("arm64", "ARM64", "aarch64"),
}


def read(text: str, file: str, options: LockReadOptions) -> LockContent:
    """Return what a pdm.lock installs; raises InputError."""
    return resolutions_of(parse_pdm_lock(text, file), options)


def parse_pdm_lock(text: str, file: str) -> UniversalLock:
    """Return the packages of a pdm.lock; raises InputError."""
    value = load_toml(text, file)
    with reading_form("pdm.lock", file):
        metadata = value["metadata"]
        version = str(metadata.get("lock_version", ""))
        if version.partition(".")[0] != "4":
            raise InputError(f"pdm.lock version {version or '?'} is unknown; 4 is read", Origin(file=file))
        files = metadata.get("files", {})
        targets = tables(metadata, "targets")
        pythons = list(dict.fromkeys(str(target.get("requires_python", "")) for target in targets))
        return UniversalLock(
            file=file,
            entries=_merged(_entry(package, files) for package in tables(value, "package")),
            requires_python=pythons[0] if len(pythons) == 1 else None,
            environments=tuple(_environment(target) for target in targets),
        )


def _environment(target: Mapping[str, Any]) -> str:
    """Return a target of the lockfile as a marker: ``manylinux_2_17_x86_64`` is Linux on x86_64."""
    parts = []
    for clause in str(target.get("requires_python", "")).split(","):
        found = clause.strip()
        operator = found.rstrip("0123456789.*abrc ")
        if found and operator in ("<", "<=", ">", ">=", "==", "!=", "~="):
            parts.append(f"python_full_version {operator} '{found[len(operator) :].strip()}'")
    platform = str(target.get("platform", ""))
    system = next((name for key, name in _PLATFORMS.items() if key in platform), None)
    if system:
        parts.append(f"sys_platform == '{system}'")
    machines = next((names for key, names in _MACHINES.items() if platform.endswith(key)), ())
    if machines:
        parts.append("(" + " or ".join(f"platform_machine == '{name}'" for name in machines) + ")")
    if target.get("implementation"):
        parts.append(f"implementation_name == '{target['implementation']}'")
    return " and ".join(parts) or "python_version >= '0'"


def _entry(package: Mapping[str, Any], files_by_name: Mapping[str, Any]) -> LockedProject:
    version = str(package.get("version", "0"))
    name = str(package["name"])
    direct, commit = _direct(package)
    listed = package.get("files", files_by_name.get(f"{name} {version}", []))
    return LockedProject(
        name=pypi_name(name),
        version=version,
        files=() if direct is not None else tuple(_files(listed, version)),
        direct=direct,
        commit=commit,
        requires_python=text_of(package, "requires_python") or None,
        edges=tuple(_edges(texts_of(package, "dependencies"))),
        extras=frozenset(str(pypi_name(extra)) for extra in texts_of(package, "extras")),
        memberships=tuple(
            Membership(category=MAIN if group == _DEFAULT else group, marker=text_of(package, "marker"))
            for group in texts_of(package, "groups")
        ),
    )


def _merged(entries: Iterable[LockedProject]) -> tuple[LockedProject, ...]:
    """Return one entry for a version, whatever extras of it stand apart."""
    found: dict[tuple[PypiName, str, str | None], LockedProject] = {}
    for entry in entries:
        key = (entry.name, entry.version, entry.direct.url if entry.direct else None)
        held = found.get(key)
        if held is None:
            found[key] = entry
            continue
        found[key] = msgspec.structs.replace(
            held,
            files=held.files or entry.files,
            edges=(*held.edges, *(edge for edge in entry.edges if edge.name != entry.name)),
            extras=held.extras | entry.extras,
            memberships=tuple(dict.fromkeys((*held.memberships, *entry.memberships))),
        )
    return tuple(found.values())


def _edges(texts: Iterable[str]) -> Iterator[LockedNeed]:
    from resolver.model.pep508 import parse_requirement
    from resolver.model.unusable import Unusable

    for text in texts:
        found = parse_requirement(text)
        if isinstance(found, Unusable):
            continue
        yield LockedNeed(
            name=pypi_name(found.name),
            specifier=str(found.specifier),
            marker=str(found.marker) if found.marker else None,
            extras=frozenset(str(pypi_name(extra)) for extra in found.extras),
        )


def _files(listed: Iterable[Mapping[str, Any]], version: str) -> Iterator[DistFile]:
    for item in listed:
        url = text_of(item, "url")
        name = text_of(item, "file") or file_name_of(url or "")
        yield DistFile(
            file_name=name,
            version=version,
            is_wheel=name.endswith(".whl"),
            url=strip(url) if url else "",
            hashes=hashes_of(text_of(item, "hash")),
        )


def _direct(package: Mapping[str, Any]) -> tuple[DirectReference | None, str | None]:
    below = text_of(package, "subdirectory")
    if "git" in package:
        direct = DirectReference(
            kind=DirectKind.VCS,
            url=f"git+{strip(str(package['git']))}",
            revision=text_of(package, "ref"),
            subdirectory=below,
        )
        return direct, text_of(package, "revision")
    path, url = text_of(package, "path"), text_of(package, "url")
    if path is None and url is None:
        return None, None
    place = path or url or ""
    is_archive = is_archive_name(place)
    return DirectReference(
        kind=DirectKind.ARCHIVE if url or is_archive else DirectKind.DIRECTORY,
        url=strip(url) if url else None,
        path=path,
        subdirectory=below,
        editable=bool(package.get("editable", False)),
    ), None
