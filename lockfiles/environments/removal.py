"""A project taken out of an environment: the files that its RECORD lists, and nothing beside them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from lockfiles.environments.installed import PresentProject
from lockfiles.environments.record_rows import read_rows
from lockfiles.environments.swapping import remove_tree


def take_out(prefix: Path, projects: Iterable[PresentProject], owned: frozenset[str]) -> list[str]:
    """Remove projects; return the names of those that list no files, which stay.

    ``owned``: files that conda's records list, relative to ``prefix``, which stay too. Raises OSError, and
    InputError for a RECORD that can't be read.
    """
    unlisted: list[str] = []
    for project in projects:
        record = prefix / project.folder / "RECORD"
        if not record.is_file():
            unlisted.append(project.name)
            continue
        listed = list(_listed(record, prefix / project.site))
        for path in listed:
            if record.parent in path.parents and path.is_dir() and not path.is_symlink():
                remove_tree(path)  # what stands in a file's place among the metadata
        _remove_files(prefix, listed, owned)
        _remove_file(record)
        _remove_empty(record.parent, prefix)
    return unlisted


def _listed(record: Path, site: Path) -> Iterator[Path]:
    """Yield the files of a RECORD; paths in it start from the folder of modules."""
    for row in read_rows(record):
        yield Path(os.path.normpath(site / row[0]))


def _remove_files(prefix: Path, paths: list[Path], owned: frozenset[str]) -> None:
    for path in paths:
        if not path.is_relative_to(prefix) or path.relative_to(prefix).as_posix() in owned:
            continue  # a RECORD may name anything
        _remove_file(path)
        if path.suffix == ".py":
            for compiled in path.parent.glob(f"__pycache__/{path.stem}.*.pyc"):
                _remove_file(compiled)
            _remove_empty(path.parent / "__pycache__", prefix)
        _remove_empty(path.parent, prefix)


def _remove_file(path: Path) -> None:
    with contextlib.suppress(FileNotFoundError, IsADirectoryError, NotADirectoryError):
        path.unlink()


def _remove_empty(folder: Path, prefix: Path) -> None:
    """Remove a folder and those above it that are empty then, but never the environment's own ones."""
    while folder != prefix and folder.is_relative_to(prefix) and folder.name not in ("site-packages", "bin"):
        try:
            folder.rmdir()
        except OSError:
            return
        folder = folder.parent
