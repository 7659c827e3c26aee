"""Which program this is: what it works out may be kept for itself alone.

::

    version of the distribution
    versions of the libraries that own a meaning: PEP 440 and 508, conda's versions and specs, rows
    place, size and time of every file of the package

The files' state tells an edited checkout from the release whose version it carries. It costs less
than a millisecond; reading the files, or asking ``importlib.metadata``, twenty.
"""

from __future__ import annotations

import functools
import importlib.util
import os

import resolver
from resolver.version import VERSION

#: distribution -> its module
_JUDGES = {
    "msgspec": "msgspec",
    "packaging": "packaging",
    "py-rattler": "rattler",
    "resolvelib": "resolvelib",
}


@functools.cache
def program_state() -> tuple[str, ...]:
    """Return what tells the running program from every other.

    Raises ImportError (PackageNotFoundError) where the version of a library can't be told.
    """
    listed: dict[str, list[str]] = {}
    judges = (f"{name} {_library_version(name, module, listed)}" for name, module in _JUDGES.items())
    folder = os.path.dirname(resolver.__file__ or "")  # noqa: PTH120 - as the walk below has it
    return (VERSION, *judges, *sorted(_file_states(folder)))


def _library_version(name: str, module: str, listed: dict[str, list[str]]) -> str:
    """Return the version of an installed library: what stands beside it says, without an import.

    ``listed``: what stands in folders that have been looked at.
    """
    spec = importlib.util.find_spec(module)
    folder = os.path.dirname(os.path.dirname(spec.origin)) if spec and spec.origin else None  # noqa: PTH120
    if folder is not None:
        if folder not in listed:
            listed[folder] = _distributions(folder)
        start, end = f"{name.replace('-', '_')}-", ".dist-info"
        versions = [entry[len(start) : -len(end)] for entry in listed[folder] if entry.startswith(start)]
        if len(versions) == 1:
            return versions[0]
    from importlib.metadata import version

    return version(name)


def _distributions(folder: str) -> list[str]:
    try:
        return [entry for entry in os.listdir(folder) if entry.endswith(".dist-info")]  # noqa: PTH208 - names alone
    except OSError:  # an archive
        return []


def _file_states(folder: str) -> list[str]:
    """Return place, size and time of each file below ``folder``; none where it is no folder (an archive)."""
    found: list[str] = []
    folders = [folder] if os.path.isdir(folder) else []  # noqa: PTH112 - as below
    for place in folders:  # which grows
        with os.scandir(place) as entries:
            for entry in entries:
                name = entry.name
                if name.endswith(".py") or not entry.is_dir():
                    if not name.endswith(".pyc"):
                        facts = entry.stat()
                        found.append(f"{entry.path} {facts.st_size} {facts.st_mtime_ns}")
                elif name != "__pycache__":
                    folders.append(entry.path)
    return found
