"""``pylock.toml`` (PEP 751) -> a resolution; ``packaging.pylock`` checks the form.

The format may hold a file for every platform, extras and groups: what one environment
installs is chosen as :mod:`lockfiles.formats.universal` has it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from lockfiles.formats.reading import MAIN, LockContent, LockReadOptions
from lockfiles.formats.universal.model import LockedNeed, LockedProject, Membership, UniversalLock
from lockfiles.formats.universal.reading import resolutions_of
from lockfiles.formats.universal.toml_text import load_toml
from resolver.errors import InputError
from resolver.model.names import CondaName, PypiName, pypi_name
from resolver.model.origin import Origin
from resolver.model.records import DistFile
from resolver.model.redaction import strip
from resolver.model.requirements import DirectKind, DirectReference

if TYPE_CHECKING:
    from packaging.pylock import Package, PackageSdist, PackageWheel, Pylock


def read(text: str, file: str, options: LockReadOptions) -> LockContent:
    """Return what a pylock.toml installs on each platform; raises InputError.

    What stands in every installation is ``main``; each extra and each group that isn't
    taken by default is a category of its name.
    """
    value, lock = _parse(text, file)
    universal = UniversalLock(
        file=file,
        entries=tuple(_entry(package, _selections(lock)) for package in lock.packages),
        requires_python=str(lock.requires_python) if lock.requires_python else None,
        environments=tuple(map(str, lock.environments or ())),
        roots={MAIN: ()},
        provided=_provided(value),
    )
    return resolutions_of(universal, options)


def _selections(lock: Pylock) -> list[Membership]:
    """Return what can be asked for: the default alone, and each extra and group beside it."""
    default = frozenset(map(str, lock.default_groups or ()))
    groups = [str(group) for group in lock.dependency_groups or () if group not in default]
    extras = [str(extra) for extra in lock.extras or ()]
    return [
        Membership(category=MAIN, groups=default),
        *(Membership(category=name, groups=default | {name}) for name in groups),
        *(Membership(category=name, groups=default, extras=frozenset({name})) for name in extras),
    ]


def _parse(text: str, file: str) -> tuple[dict[str, Any], Pylock]:
    from packaging.pylock import Pylock, PylockValidationError

    value = load_toml(text, file)
    try:
        return value, Pylock.from_dict(value)
    except PylockValidationError as error:
        raise InputError(f"not in the form of a pylock.toml: {error}", Origin(file=file)) from None


def _provided(value: Mapping[str, Any]) -> dict[PypiName, tuple[CondaName, str]]:
    """Return what our own writer noted of projects that conda installs."""
    tool = value.get("tool")
    ours = tool.get("lockstack") if isinstance(tool, dict) else None
    told = ours.get("provided-by-conda") if isinstance(ours, dict) else None
    pairs = told.items() if isinstance(told, dict) else ()
    return {pypi_name(name): (CondaName(name), str(version)) for name, version in sorted(pairs)}


def _entry(package: Package, selections: Sequence[Membership]) -> LockedProject:
    direct = commit = None
    if package.is_direct:
        direct, commit = _direct(package)
    marker = str(package.marker) if package.marker is not None else None
    files = (*(package.wheels or ()), *([package.sdist] if package.sdist else ()))
    return LockedProject(
        name=pypi_name(package.name),
        version=str(package.version or "0"),
        files=tuple(_file(file, package) for file in files),
        direct=direct,
        commit=commit,
        index=strip(package.index) if package.index else None,
        requires_python=str(package.requires_python) if package.requires_python else None,
        edges=tuple(
            LockedNeed(name=pypi_name(item["name"])) for item in package.dependencies or () if "name" in item
        ),
        memberships=tuple(msgspec.structs.replace(one, marker=marker) for one in selections),
    )


def _file(found: PackageWheel | PackageSdist, package: Package) -> DistFile:
    return DistFile(
        file_name=found.filename,
        version=str(package.version or "0"),
        is_wheel=found.filename.endswith(".whl"),
        url=strip(found.url or f"file:{found.path}"),
        hashes=dict(found.hashes),
        size=found.size,
        requires_python=str(package.requires_python) if package.requires_python else None,
    )


def _direct(package: Package) -> tuple[DirectReference, str | None]:
    if package.vcs is not None:
        vcs = package.vcs
        url = f"{vcs.type}+{strip(vcs.url)}" if vcs.url else None
        direct = DirectReference(
            kind=DirectKind.VCS,
            url=url,
            path=vcs.path,
            revision=vcs.requested_revision,
            subdirectory=vcs.subdirectory,
        )
        return direct, vcs.commit_id
    if package.archive is not None:
        archive = package.archive
        url = strip(archive.url) if archive.url else None
        return DirectReference(
            kind=DirectKind.ARCHIVE,
            url=url,
            path=archive.path,
            subdirectory=archive.subdirectory,
            hashes=dict(archive.hashes),
        ), None
    folder = package.directory
    return DirectReference(
        kind=DirectKind.DIRECTORY,
        path=folder.path if folder else None,
        subdirectory=folder.subdirectory if folder else None,
        editable=bool(folder and folder.editable),
    ), None
