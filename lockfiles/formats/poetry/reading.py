"""``poetry.lock``, versions 1.0 to 2.1, read for one environment of each platform.

Source: Poetry's own locker (``packages/locker.py``). From 2.1 on each package names its
groups and a marker; before, edges alone say what belongs where. The file names no
address: the name and hash of every file, and the index where it isn't the usual one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lockfiles.formats.reading import MAIN, LockContent, LockReadOptions
from lockfiles.formats.universal.files import hashes_of
from lockfiles.formats.universal.model import LockedNeed, LockedProject, Membership, UniversalLock
from lockfiles.formats.universal.reading import resolutions_of
from lockfiles.formats.universal.toml_text import load_toml, reading_form, tables, text_of, texts_of
from resolver.errors import InputError
from resolver.model.names import PypiName, pypi_name
from resolver.model.origin import Origin
from resolver.model.records import DistFile
from resolver.model.redaction import strip
from resolver.model.requirements import DirectKind, DirectReference

_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")
_CARET = re.compile(r"\^\s*(\d+(?:\.\d+)*)\S*")


def read(text: str, file: str, options: LockReadOptions) -> LockContent:
    """Return what a poetry.lock installs; raises InputError."""
    return resolutions_of(parse_poetry_lock(text, file), options)


def parse_poetry_lock(text: str, file: str) -> UniversalLock:
    """Return the packages of a poetry.lock; raises InputError."""
    value = load_toml(text, file)
    with reading_form("poetry.lock", file):
        metadata = value["metadata"]
        version = str(metadata.get("lock-version", "1.0"))
        if version.partition(".")[0] not in ("1", "2"):
            raise InputError(f"poetry.lock version {version} is unknown; 1 and 2 are read", Origin(file=file))
        files = metadata.get("files", metadata.get("hashes", {}))
        extras = {
            str(pypi_name(name)): tuple(_names(items)) for name, items in value.get("extras", {}).items()
        }
        return UniversalLock(
            file=file,
            entries=tuple(_entry(package, files, tuple(extras)) for package in tables(value, "package")),
            requires_python=_specifier(text_of(metadata, "python-versions")),
            optional=extras,
        )


def _names(items: Iterable[Any]) -> Iterator[PypiName]:
    for item in items:
        found = _NAME.match(str(item))
        if found:
            yield pypi_name(found[1])


def _entry(
    package: Mapping[str, Any], files_by_name: Mapping[str, Any], extras: tuple[str, ...]
) -> LockedProject:
    version = str(package["version"])
    source = package.get("source", {})
    direct, commit = _direct(source)
    listed = package.get("files", files_by_name.get(package["name"], []))
    edges, of_extras = _edges(package.get("dependencies", {}))
    is_index = source.get("type") == "legacy"
    return LockedProject(
        name=pypi_name(package["name"]),
        version=version,
        files=() if direct is not None else tuple(_files(listed, version)),
        direct=direct if direct is None or direct.kind is not DirectKind.ARCHIVE else _hashed(direct, listed),
        commit=commit,
        index=strip(str(source["url"])) if is_index else None,
        requires_python=_specifier(text_of(package, "python-versions")),
        edges=edges,
        edges_of_extras=of_extras,
        memberships=tuple(_memberships(package, extras)),
        is_optional=bool(package.get("optional", False)),
    )


def _memberships(package: Mapping[str, Any], extras: tuple[str, ...]) -> Iterator[Membership]:
    """Yield the groups of a package of version 2.1, and each extra that its marker may ask for."""
    markers = package.get("markers")
    for group in texts_of(package, "groups"):
        marker = markers.get(group) if isinstance(markers, dict) else markers
        yield Membership(category=group, marker=marker)
        if group == MAIN and marker and "extra" in marker:
            for extra in extras:
                yield Membership(category=extra, marker=marker, extras=frozenset({extra}))


def _edges(
    dependencies: Mapping[str, Any],
) -> tuple[tuple[LockedNeed, ...], dict[str, tuple[LockedNeed, ...]]]:
    """Return the edges, and those that an extra of the package asks for."""
    always: list[LockedNeed] = []
    of_extras: dict[str, list[LockedNeed]] = {}
    for name, given in dependencies.items():
        for item in given if isinstance(given, list) else [given]:
            told = item if isinstance(item, dict) else {"version": item}
            marker = text_of(told, "markers")
            edge = LockedNeed(
                name=pypi_name(name),
                specifier=_specifier(str(told.get("version", "*"))) or "",
                marker=marker,
                extras=frozenset(str(pypi_name(extra)) for extra in told.get("extras", ())),
            )
            asked = re.findall(r"""extra == ["']([^"']+)["']""", marker or "")
            for extra in asked:
                of_extras.setdefault(str(pypi_name(extra)), []).append(edge)
            if not asked and not told.get("optional"):
                always.append(edge)
    return tuple(always), {name: tuple(edges) for name, edges in of_extras.items()}


def _specifier(text: str | None) -> str | None:
    """Return Poetry's constraint as a PEP 440 specifier set; None: any, or none that says it."""
    if text is None or text.strip() in ("", "*"):
        return None
    if "|" in text:
        return None
    parts = []
    for part in re.split(r"\s*,\s*|\s+(?=[<>=!~^])", text.strip()):
        caret = _CARET.fullmatch(part)
        if caret:
            numbers = [int(number) for number in caret[1].split(".")]
            place = next((at for at, number in enumerate(numbers) if number), len(numbers) - 1)
            above = ".".join(map(str, [*numbers[:place], numbers[place] + 1]))
            parts.append(f">={caret[1]},<{above}")
        elif re.fullmatch(r"\d\S*", part):
            parts.append(f"=={part}")
        else:
            parts.append(part.replace(" ", ""))
    return ",".join(parts)


def _files(listed: Iterable[Any], version: str) -> Iterator[DistFile]:
    for item in listed:
        told = item if isinstance(item, dict) else {}
        name = told.get("file")
        if name:
            yield DistFile(
                file_name=str(name),
                version=version,
                is_wheel=str(name).endswith(".whl"),
                url="",
                hashes=hashes_of(text_of(told, "hash")),
            )


def _hashed(direct: DirectReference, listed: Iterable[Any]) -> DirectReference:
    """Return an archive with the hash of its one file."""
    import msgspec

    hashes = [hashes_of(text_of(item, "hash")) for item in listed if isinstance(item, dict)]
    return msgspec.structs.replace(direct, hashes=hashes[0]) if len(hashes) == 1 else direct


def _direct(source: Mapping[str, Any]) -> tuple[DirectReference | None, str | None]:
    kind, url = source.get("type"), str(source.get("url", ""))
    below = text_of(source, "subdirectory")
    if kind == "git":
        direct = DirectReference(
            kind=DirectKind.VCS,
            url=f"git+{strip(url)}",
            revision=text_of(source, "reference"),
            subdirectory=below,
        )
        return direct, text_of(source, "resolved_reference")
    if kind == "directory":
        return DirectReference(kind=DirectKind.DIRECTORY, path=url, subdirectory=below), None
    if kind in ("url", "file"):
        is_path = kind == "file"
        return DirectReference(
            kind=DirectKind.ARCHIVE,
            url=None if is_path else strip(url),
            path=url if is_path else None,
            subdirectory=below,
        ), None
    return None, None
