"""What a walk leaves out: what git ignores, what is excluded, and folders that other tools made."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, AnyStr

import msgspec
import pathspec
from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

from lockfiles.files import text_if_there
from resolver.errors import InputError
from resolver.model.glob_regex import LONGEST, without_going_back
from resolver.model.origin import Origin

#: Folders that hold what was installed, built or fetched, and no one's inputs.
_NEVER = frozenset(
    {
        *(".git", ".hg", ".svn", ".bzr", "node_modules", "site-packages", "__pycache__", ".venv", ".tox"),
        *(".nox", ".pixi", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".eggs", ".ipynb_checkpoints"),
    }
)
#: Files that only an environment has: of a virtual environment, and (a folder) of conda's.
_MARKS = ("pyvenv.cfg", "conda-meta")


#: A class of what a character isn't: in git it never fits a slash.
_CLASS_WITHOUT = re.compile(r"((?:^|[^\\])(?:\\\\)*)\[\^(?!/)")


class _LinearPattern(GitIgnoreSpecPattern):
    """A pattern that no name makes take long; raises ValueError for one that is longer than any path."""

    @classmethod
    def pattern_to_regex(cls, pattern: AnyStr) -> tuple[AnyStr | None, bool | None]:
        if len(pattern) > LONGEST:
            raise ValueError(f"it has more than {LONGEST} characters")
        expression, include = super().pattern_to_regex(pattern)
        if isinstance(expression, str):
            made: Any = without_going_back(_CLASS_WITHOUT.sub(r"\1[^/", expression))
            return made, include
        return expression, include


def parse_patterns(lines: Iterable[str], file: str) -> pathspec.GitIgnoreSpec:
    """Return patterns as git reads them; raises InputError for one that is none."""
    try:
        return pathspec.GitIgnoreSpec.from_lines(lines, _LinearPattern)
    except ValueError as error:
        raise InputError(f"a pattern that can't be read: {error}", Origin(file=file)) from error


class Ignored(msgspec.Struct, frozen=True):
    """Patterns in force in one folder; of those that fit, the last one of the innermost folder decides."""

    specs: tuple[tuple[str, pathspec.GitIgnoreSpec], ...]  #: absolute folder -> what counts from it
    excluded: tuple[str, pathspec.GitIgnoreSpec] | None
    heeds_git: bool
    is_foreign: bool = False  #: an installed environment: nothing below it is looked at

    def inside(self, folder: str, names: Sequence[str]) -> Ignored:
        """Return what is in force in a folder with entries of these names."""
        specs = self.specs
        if self.heeds_git and ".gitignore" in names:
            place = os.path.join(folder, ".gitignore")  # noqa: PTH118
            specs = (*specs, *_read(place, os.path.abspath(folder)))  # noqa: PTH100
        is_foreign = any(mark in names for mark in _MARKS)
        return Ignored(specs, self.excluded, self.heeds_git, is_foreign)

    def covers(self, name: str, *, is_folder: bool) -> bool:
        """Tell whether a file or folder is left out."""
        base = os.path.basename(name)  # noqa: PTH119
        if is_folder and base in _NEVER:
            return True
        path = os.path.abspath(name) + ("/" if is_folder else "")  # noqa: PTH100
        if self.excluded is not None and _verdict(path, *self.excluded):
            return True
        for folder, spec in reversed(self.specs):
            found = _verdict(path, folder, spec)
            if found is not None:
                return found
        return False


def ignored_below(root: Path, exclude: Sequence[str], *, heeds_git: bool) -> Ignored:
    """Return what is left out below a folder: also by what stands above it, up to its repository's root."""
    here = os.path.abspath(root)  # noqa: PTH100
    excluded = (here, parse_patterns(exclude, "--exclude")) if exclude else None
    specs: list[tuple[str, pathspec.GitIgnoreSpec]] = []
    home = next((p for p in (Path(here), *Path(here).parents) if (p / ".git").exists()), None)
    if heeds_git and home is not None:
        specs += _read(str(home / ".git" / "info" / "exclude"), str(home))
        above = [p for p in Path(here).parents if p == home or home in p.parents]
        for folder in reversed(above):
            specs += _read(str(folder / ".gitignore"), str(folder))
    return Ignored(tuple(specs), excluded, heeds_git)


def _verdict(path: str, folder: str, spec: pathspec.GitIgnoreSpec) -> bool | None:
    """Return what patterns that count from a folder say of a path; None: nothing."""
    inner = path[len(folder) :].lstrip("/\\").replace(os.sep, "/")
    return spec.check_file(inner).include if inner else None


def _read(place: str, folder: str) -> list[tuple[str, pathspec.GitIgnoreSpec]]:
    """Return the patterns of a file that is there and can be read: git goes on without one that can't."""
    try:
        text = text_if_there(place)
        return [(folder, parse_patterns(text.splitlines(), place))] if text else []
    except InputError:
        return []
