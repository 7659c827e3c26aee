"""A lock written and read again, and what differs: for the property test and the measurement."""

from __future__ import annotations

import msgspec

from lockfiles.formats.export import ExportedFile, ExportRequest, export
from lockfiles.formats.losses import FEATURES
from lockfiles.formats.names import FORMATS
from lockfiles.formats.reading import LockReadOptions, read_lockfile
from resolver.model.requirements import DirectKind
from resolver.model.resolution import Resolution
from tests.lockfiles.make import resolution

#: Formats that hold packages and are read again.
READ_AGAIN = sorted(name for name, row in FORMATS.items() if row.holds is not None and name != "environment")


def compare(name: str, request: ExportRequest) -> list[str]:
    """Return what is lost though the format holds it, and what is lost and not said, in words."""
    [lock] = request.resolutions
    held = frozenset((FORMATS[name].holds or "").split())
    files = export(name, request)
    said = [text for file in files for text in file.remarks if text.startswith("the format has no place")]
    lost = [one for one in FEATURES if one.id not in held and one.view(lock)]
    faults = [f"not said: {one.words}" for one in lost if not said or one.words not in said[0]]
    if len(said) != bool(lost):
        faults.append("more or less than one line")
    lock = _of_the_reader(name, lock)
    if name == "requirements" and not lock.pypi:
        return faults
    again = read_again(name, files[0])
    if name not in ("requirements", "pylock") and conda_part(again) != conda_part(lock):
        faults.append("conda packages")
    # which say no more of a file than its hash, or its address
    if name not in ("requirements", "explicit") and pypi_part(again) != pypi_part(lock):
        faults.append("pip's packages")
    if [pin.name for pin in again.pypi] != [pin.name for pin in lock.pypi]:
        faults.append("names of pip's packages")
    whole = _of_the_format(name, lock)
    return faults + [one.id for one in FEATURES if one.id in held and one.view(again) != one.view(whole)]


def read_again(name: str, file: ExportedFile) -> Resolution:
    """Return what a file holds; the environments of a pixi.lock as groups."""
    [found] = read_lockfile(file.text, file.name, LockReadOptions()).resolutions
    if not name.startswith("pixi"):
        return found
    for group in ("dev", "docs"):
        if f"\n  {group}:\n" in file.text:
            options = LockReadOptions(environment=group)
            [more] = read_lockfile(file.text, file.name, options).resolutions
            found = _merged(found, more, frozenset({group}))
    return found


def _merged(first: Resolution, more: Resolution, group: frozenset[str]) -> Resolution:
    conda, pypi = {pin.name for pin in first.conda}, {pin.name for pin in first.pypi}
    new = [
        *(pin for pin in more.conda if pin.name not in conda),
        *(pin for pin in more.pypi if pin.name not in pypi),
    ]
    grouped = [msgspec.structs.replace(pin, categories=group) for pin in new]
    return resolution(*first.conda, *first.pypi, *grouped, target=first.target)


def conda_part(lock: Resolution) -> list[tuple[object, ...]]:
    return [(p.name, p.record.version, p.record.build, p.url, p.record.md5) for p in lock.conda]


def pypi_part(lock: Resolution) -> list[tuple[object, ...]]:
    """Return name, version, address and hash, of a repository or folder the place."""
    found: list[tuple[object, ...]] = []
    for pin in lock.pypi:
        direct = pin.direct
        if direct is not None and direct.kind is not DirectKind.ARCHIVE:
            place = (direct.path or "").removeprefix("./") or direct.url
            found.append((pin.name, place, pin.commit, direct.subdirectory))
        else:
            assert pin.file is not None or direct is not None
            url = pin.file.url if pin.file else direct.url if direct else None
            hashes = pin.file.hashes if pin.file else direct.hashes if direct else {}
            found.append((pin.name, pin.version, url, dict(hashes)))
    return found


def _of_the_reader(name: str, lock: Resolution) -> Resolution:
    """Return a lock without what can't be told of its file: the name of a folder behind ``-e``."""
    if name != "requirements":
        return lock
    named = tuple(pin for pin in lock.pypi if not (pin.direct and pin.direct.editable))
    return msgspec.structs.replace(lock, pypi=named)


def _of_the_format(name: str, lock: Resolution) -> Resolution:
    """Return the part of a lock that a format is for at all."""
    if name != "pylock":
        return lock
    held = {pin.name for pin in lock.pypi}
    pins = [
        msgspec.structs.replace(
            pin, dependencies={name: spec for name, spec in pin.dependencies.items() if name in held}
        )
        for pin in lock.pypi
    ]
    return msgspec.structs.replace(lock, conda=(), pypi=tuple(pins))
