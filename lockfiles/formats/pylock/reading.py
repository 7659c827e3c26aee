"""``pylock.toml`` (PEP 751) -> a resolution; ``packaging.pylock`` checks the form.

The format may hold a file for every platform. What one platform installs is
chosen by its markers and wheel tags: the platform is the only one that
``environments`` allows, else the one asked for; the Python is the one asked for
where ``requires-python`` allows it, else the lowest that it does.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lockfiles.formats.conda_lock.target_keys import INDEXES
from lockfiles.formats.reading import LockContent, LockReadOptions
from lockfiles.model import LockMetadata
from resolver.errors import InputError
from resolver.metadata.wheel_tags import WheelTags, tags_of_platform, wheel_tag_text
from resolver.model.names import CondaName, PypiName, pypi_name
from resolver.model.origin import Origin
from resolver.model.platforms import KNOWN_SUBDIRS
from resolver.model.records import DistFile
from resolver.model.redaction import strip
from resolver.model.requirements import DirectKind, DirectReference
from resolver.model.resolution import PypiPin, Resolution
from resolver.model.target import Target

if TYPE_CHECKING:
    from packaging.pylock import Package, PackageSdist, PackageWheel, Pylock
    from packaging.specifiers import SpecifierSet

_MINOR = re.compile(r"(?:==|>=|~=)\s*(3\.\d+)")
#: Where nothing is said of Python.
_PYTHON = "3.12"


def read(text: str, file: str, options: LockReadOptions) -> LockContent:
    """Return what a pylock.toml installs on one platform; raises InputError."""
    value, lock = _parse(text, file)
    python, is_exact = _python(lock.requires_python, options.python)
    subdir = _platform(lock, python, options.platform, file)
    environment = _environment(Target(subdir=subdir), python)
    tags = tags_of_platform(subdir)  # it was locked for some machine, and says no more of it
    minor = (3, int(python.split(".")[1]))
    pins: dict[PypiName, PypiPin] = {}
    for package in lock.packages:
        if package.marker is not None and not package.marker.evaluate(
            {**environment, "extras": frozenset(), "dependency_groups": frozenset(lock.default_groups or ())},
            context="lock_file",
        ):
            continue
        pin = _pin(package, tags, minor)
        if pin is None:
            raise InputError(
                f"`{package.name}` has no file for Python {python} on {subdir}", Origin(file=file)
            )
        pins[pin.name] = pin
    indexes = list(dict.fromkeys(pin.index for pin in pins.values() if pin.index))
    return LockContent(
        resolutions=(
            Resolution(
                target=Target(subdir=subdir),
                python=python if is_exact else None,
                conda=(),
                pypi=tuple(pins[name] for name in sorted(pins)),
                provided=_provided(value),
            ),
        ),
        metadata=LockMetadata(platforms=(subdir,), custom={INDEXES: " ".join(indexes)} if indexes else {}),
    )


def _parse(text: str, file: str) -> tuple[dict[str, Any], Pylock]:
    from packaging.pylock import Pylock, PylockValidationError

    from resolver.inputs.toml_places import toml_error_place

    try:
        value = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError(*toml_error_place(error, file)) from None
    try:
        return value, Pylock.from_dict(value)
    except PylockValidationError as error:
        raise InputError(f"not in the form of a pylock.toml: {error}", Origin(file=file)) from None


def _python(specifier: SpecifierSet | None, asked: str | None) -> tuple[str, bool]:
    """Return the Python to choose files for, and whether the file is for no other that was asked for."""
    if asked is not None and (specifier is None or specifier.contains(_full(asked), prereleases=True)):
        return asked, False
    found = _MINOR.search(str(specifier or ""))
    return (found[1], asked is not None or found[0].startswith("==")) if found else (_PYTHON, False)


def _full(python: str) -> str:
    return python if python.count(".") > 1 else f"{python}.0"


def _environment(target: Target, python: str) -> dict[str, str]:
    known = {
        "python_version": ".".join(python.split(".")[:2]),
        "python_full_version": _full(python),
        "implementation_version": _full(python),
    }
    return {**target.marker_environment(), **known}


def _platform(lock: Pylock, python: str, asked: str, file: str) -> str:
    """Return the platform asked for where the file allows it, else the only one that it does."""
    if not lock.environments:
        return asked
    allowed = [
        subdir
        for subdir in KNOWN_SUBDIRS
        if any(
            marker.evaluate({**_environment(Target(subdir=subdir), python), "extra": ""})
            for marker in lock.environments
        )
    ]
    if asked in allowed:
        return asked
    if len(allowed) != 1:
        known = ", ".join(allowed) or "none that is known"
        raise InputError(f"isn't for {asked}", Origin(file=file), f"Its `environments` allow: {known}.")
    return allowed[0]


def _provided(value: Mapping[str, Any]) -> dict[PypiName, tuple[CondaName, str]]:
    """Return what our own writer noted of projects that conda installs."""
    tool = value.get("tool")
    ours = tool.get("lockstack") if isinstance(tool, dict) else None
    told = ours.get("provided-by-conda") if isinstance(ours, dict) else None
    pairs = told.items() if isinstance(told, dict) else ()
    return {pypi_name(name): (CondaName(name), str(version)) for name, version in sorted(pairs)}


def _pin(package: Package, tags: WheelTags, python: tuple[int, int]) -> PypiPin | None:
    """Return the pin of a package; None where none of its files fits."""
    file = direct = commit = None
    if package.is_direct:
        direct, commit = _direct(package)
    else:
        found = _best_wheel(package.wheels or (), tags, python) or package.sdist
        if found is None:
            return None
        file = _file(found, package)
    return PypiPin(
        name=pypi_name(package.name),
        version=str(package.version or "0"),
        file=file,
        direct=direct,
        commit=commit,
        index=strip(package.index) if package.index else None,
        dependencies={pypi_name(item["name"]): "" for item in package.dependencies or () if "name" in item},
        requires_python=str(package.requires_python) if package.requires_python else None,
    )


def _best_wheel(
    wheels: Sequence[PackageWheel], tags: WheelTags, python: tuple[int, int]
) -> PackageWheel | None:
    if len(wheels) == 1:  # chosen already, for whatever machine it was
        return wheels[0]
    ranked = [
        (rank, wheel.filename, wheel)
        for wheel in wheels
        if (rank := tags.rank(wheel_tag_text(wheel.filename), python)) is not None
    ]
    return min(ranked, key=lambda item: item[:2])[2] if ranked else None


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
