"""``uv.lock``, version 1, read for one environment of each platform.

Source: uv's own reader and writer (``uv-resolver``, lock). Edges lead from the
members of the workspace; a marker's ``extra == 'extra-7-project-name'`` (and ``group-...``)
asks whether that extra of that member is taken in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lockfiles.formats.reading import MAIN, LockContent, LockReadOptions
from lockfiles.formats.universal.files import file_name_of, git_reference, hashes_of
from lockfiles.formats.universal.model import LockedNeed, LockedProject, UniversalLock
from lockfiles.formats.universal.reading import resolutions_of
from lockfiles.formats.universal.toml_text import load_toml, reading_form, tables, text_of, texts_of
from resolver.errors import InputError
from resolver.model.names import pypi_name
from resolver.model.origin import Origin
from resolver.model.records import DistFile
from resolver.model.redaction import strip
from resolver.model.requirements import DirectKind, DirectReference

VERSION = 1
_SOURCES = ("registry", "git", "url", "path", "directory", "editable", "virtual")
_MEMBER_SOURCES = frozenset({"virtual", "editable", "directory"})


def read(text: str, file: str, options: LockReadOptions) -> LockContent:
    """Return what a uv.lock installs; raises InputError.

    The dependencies of all members are ``main``, each extra and group is a category of its name.
    """
    return resolutions_of(parse_uv_lock(text, file), options)


def parse_uv_lock(text: str, file: str) -> UniversalLock:
    """Return the packages of a uv.lock; raises InputError."""
    value = load_toml(text, file)
    version = value.get("version")
    if version != VERSION:
        raise InputError(f"uv.lock version {version!r} is unknown; {VERSION} is read", Origin(file=file))
    with reading_form("uv.lock", file):
        packages = tables(value, "package")
        members = _members(value, packages)
        entries = tuple(_entry(package, is_member=package["name"] in members) for package in packages)
        roots, active = _roots(value, packages, members)
        return UniversalLock(
            file=file,
            entries=entries,
            requires_python=text_of(value, "requires-python"),
            environments=texts_of(value, "supported-markers"),
            roots=roots,
            active=active,
        )


def _members(value: Mapping[str, Any], packages: list[Mapping[str, Any]]) -> frozenset[str]:
    """Return the workspace's members: listed where there are several, else what lies in the folder itself."""
    listed = frozenset(texts_of(value.get("manifest", {}), "members"))
    if listed:
        return listed
    return frozenset(
        str(package["name"])
        for package in packages
        if any(package["source"].get(kind) == "." for kind in _MEMBER_SOURCES)
    )


def _roots(
    value: Mapping[str, Any], packages: list[Mapping[str, Any]], members: frozenset[str]
) -> tuple[dict[str, tuple[LockedNeed, ...]], dict[str, frozenset[str]]]:
    """Return category -> edges that it begins with, and category -> what markers call it."""
    roots: dict[str, list[LockedNeed]] = {MAIN: []}
    active: dict[str, set[str]] = {}
    for package in packages:
        if package["name"] not in members:
            continue
        roots[MAIN].extend(_edges(package))
        for key, kind in (("optional-dependencies", "extra"), ("dev-dependencies", "group")):
            for name, items in package.get(key, {}).items():
                roots.setdefault(name, []).extend(map(_edge, items))
                active.setdefault(name, set()).add(f"{kind}-{len(package['name'])}-{package['name']}-{name}")
    manifest = value.get("manifest", {})
    roots[MAIN].extend(_edge(item) for item in tables(manifest, "requirements"))  # of a script
    for name, items in manifest.get("dependency-groups", {}).items():
        roots.setdefault(name, []).extend(map(_edge, items))
    if not members and not roots[MAIN]:
        roots[MAIN] = [
            LockedNeed(name=pypi_name(package["name"]), version=package.get("version"))
            for package in packages
        ]
    return (
        {name: tuple(edges) for name, edges in roots.items()},
        {name: frozenset(names) for name, names in active.items()},
    )


def _entry(package: Mapping[str, Any], *, is_member: bool) -> LockedProject:
    source = package["source"]
    kind = next((key for key in _SOURCES if key in source), "")
    if not kind:
        raise ValueError(f"`source` of `{package['name']}` is of no known kind")
    version = str(package.get("version", "0"))
    direct, commit = _direct(kind, source, package)
    address = strip(str(source["registry"])) if kind == "registry" else None
    return LockedProject(
        name=pypi_name(package["name"]),
        version=version,
        files=() if direct is not None else tuple(_files(package, version, address or "")),
        direct=direct,
        commit=commit,
        index=address,
        source=_source_text(source),
        edges=tuple(_edges(package)),
        edges_of_extras={
            str(pypi_name(name)): tuple(map(_edge, items))
            for name, items in package.get("optional-dependencies", {}).items()
        },
        conditions=texts_of(package, "resolution-markers"),
        is_member=is_member,
    )


def _edges(package: Mapping[str, Any]) -> Iterator[LockedNeed]:
    yield from map(_edge, tables(package, "dependencies"))


def _edge(item: Mapping[str, Any]) -> LockedNeed:
    extras = item.get("extra", item.get("extras", ()))
    return LockedNeed(
        name=pypi_name(item["name"]),
        marker=text_of(item, "marker"),
        extras=frozenset(str(pypi_name(name)) for name in ([extras] if isinstance(extras, str) else extras)),
        version=text_of(item, "version"),
        source=_source_text(item["source"]) if "source" in item else None,
    )


def _source_text(source: Mapping[str, Any]) -> str:
    return " ".join(f"{key}={source[key]}" for key in sorted(source))


def _files(package: Mapping[str, Any], version: str, registry: str) -> Iterator[DistFile]:
    wheels = tables(package, "wheels")
    sdist = package.get("sdist")
    for item in (*wheels, *([sdist] if sdist else [])):
        place = item.get("url") or item.get("path") or item.get("filename") or ""
        if item.get("path") and "://" not in registry:
            place = f"file:{registry}/{item['path']}" if registry else f"file:{item['path']}"
        name = file_name_of(str(item.get("filename") or place))
        yield DistFile(
            file_name=name,
            version=version,
            is_wheel=name.endswith(".whl"),
            url=strip(str(place)) if ":" in str(place) else "",
            hashes=hashes_of(text_of(item, "hash")),
            size=item.get("size"),
        )


def _direct(
    kind: str, source: Mapping[str, Any], package: Mapping[str, Any]
) -> tuple[DirectReference | None, str | None]:
    place = str(source[kind])
    subdirectory = text_of(source, "subdirectory")
    if kind == "registry":
        return None, None
    if kind == "git":
        return git_reference(place)
    if kind in _MEMBER_SOURCES:
        return DirectReference(kind=DirectKind.DIRECTORY, path=place, editable=kind == "editable"), None
    listed: list[Mapping[str, Any]] = [*tables(package, "wheels"), package.get("sdist") or {}]
    return DirectReference(
        kind=DirectKind.ARCHIVE,
        url=strip(place) if kind == "url" else None,
        path=place if kind == "path" else None,
        subdirectory=subdirectory,
        hashes=hashes_of(text_of(listed[0], "hash")),
    ), None
