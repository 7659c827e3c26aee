"""The files of each package below `site-packages`: what an import of it looks for."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from lockfiles.subjects.prefix.conda_meta import read_conda_meta
from lockfiles.subjects.prefix.projects import read_site
from lockfiles.subjects.prefix.sites import sites_of
from resolver.errors import InputError, InputErrors

_FOLDERS = ("site-packages/", "dist-packages/")


def importable_files(prefix: Path) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return (manager, name) -> paths relative to the prefix, of ``conda`` and of ``pip``.

    Raises InputErrors for records that can't be read.
    """
    faults: list[InputError] = []
    found = {
        ("conda", one.pin.record.name): tuple(
            file.path for file in one.files if any(folder in file.path for folder in _FOLDERS)
        )
        for one in read_conda_meta(prefix, faults)
    }
    for site in sites_of(prefix):
        for project in read_site(prefix, site, faults).projects:
            found["pip", project.name] = tuple(file.path for file in project.files or ())
    if faults:
        raise InputErrors(faults)
    return found


def not_there(prefix: Path, paths: Iterable[str]) -> list[str]:
    """Return the paths of which nothing stands in the environment."""
    return [path for path in paths if not (prefix / path).exists()]
