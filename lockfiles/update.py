"""Previous pins as preferences, so that a new lock changes as little as it must."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from resolver.model.names import conda_name, pypi_name
from resolver.model.resolution import Resolution

#: Ecosystem and name, as in ``conda:numpy`` and ``pypi:requests``.
PackageKey = str


def preferred_pins(
    previous: Iterable[Resolution], *, update: Collection[str] = (), update_all: bool = False
) -> dict[str, Mapping[PackageKey, str]]:
    """Return subdir -> package -> identity of what to try first.

    The identity is a conda package's file name (so that a `.conda` never turns
    into the `.tar.bz2` of the same build), a PyPI project's version. Packages named
    in ``update`` (in either ecosystem's spelling) are left out, so they move
    to the best that fits; ``update_all`` leaves out all.
    """
    if update_all:
        return {}
    released = {conda_name(name) for name in update} | {pypi_name(name) for name in update}
    return {resolution.target.subdir: _pins(resolution, released) for resolution in previous}


def _pins(resolution: Resolution, released: Collection[str]) -> dict[PackageKey, str]:
    found: dict[PackageKey, str] = {}
    for conda in resolution.conda:
        if not {conda.record.name, pypi_name(conda.record.name)} & set(released):
            found[f"conda:{conda.record.name}"] = conda.record.file_name
    for pypi in resolution.pypi:
        if pypi.name not in released and pypi.direct is None:
            found[f"pypi:{pypi.name}"] = pypi.version
    return dict(sorted(found.items()))


def unknown_updates(previous: Iterable[Resolution], update: Iterable[str]) -> tuple[str, ...]:
    """Return the names of ``update`` that no previous resolution holds, in order."""
    known: set[str] = set()
    for resolution in previous:
        known |= {pin.record.name for pin in resolution.conda}
        known |= {pypi_name(pin.record.name) for pin in resolution.conda}
        known |= {pin.name for pin in resolution.pypi}
        known |= set(resolution.provided)
    return tuple(name for name in update if conda_name(name) not in known and pypi_name(name) not in known)
