"""uv's workspaces: `[tool.uv.workspace]` of a root, and the folders of its members.

A pattern is uv's: a path from the root with ``*`` and ``?`` in its parts, ``**`` for any number of folders.
Folders are given by the caller, so nothing here touches the disk; hidden ones and those of packages that are
installed are passed over, and how deep and how many are looked at is bounded.
"""

from __future__ import annotations

import fnmatch
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

import msgspec

from resolver.errors import InputError
from resolver.inputs.text import decode_text
from resolver.model.names import PypiName, pypi_name

#: Gives the names of the folders in a folder ("" is the current one), sorted; none where there is none.
Folders = Callable[[str], Sequence[str]]

#: Gives what a file holds; None, or OSError, where it isn't there.
ReadIfThere = Callable[[str], str | bytes | None]

NAME = "pyproject.toml"
#: So many folders below the root, or above a member, are looked at; so many members are taken.
DEEPEST, MOST_MEMBERS, MOST_FOLDERS = 8, 500, 20_000
_PASSED_OVER = frozenset({"node_modules", "__pycache__", "site-packages", "venv"})


class Workspace(msgspec.Struct, frozen=True, kw_only=True):
    """A root, as its file says."""

    file: str  #: the root's pyproject.toml, as it is named from where the run is
    members: tuple[str, ...] = ()  #: patterns
    exclude: tuple[str, ...] = ()
    sources: Mapping[str, Any] = msgspec.field(default_factory=dict)  #: hold for members without their own
    indexes: tuple[Mapping[str, Any], ...] = ()

    @property
    def folder(self) -> PurePosixPath:
        """The root's folder."""
        return PurePosixPath(self.file.replace("\\", "/")).parent


def workspace_of(document: Mapping[str, Any], file: str) -> Workspace | None:
    """Return the workspace that a pyproject.toml is the root of; None where it is none."""
    tool = document.get("tool")
    uv = tool.get("uv") if isinstance(tool, Mapping) else None
    table = uv.get("workspace") if isinstance(uv, Mapping) else None
    if not isinstance(table, Mapping) or not isinstance(uv, Mapping):
        return None
    sources, indexes = uv.get("sources"), uv.get("index")
    return Workspace(
        file=file,
        members=_texts(table.get("members")),
        exclude=_texts(table.get("exclude")),
        sources=sources if isinstance(sources, Mapping) else {},
        indexes=tuple(one for one in indexes if isinstance(one, Mapping))
        if isinstance(indexes, list)
        else (),
    )


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()


def member_files(workspace: Workspace, folders: Folders) -> tuple[str, ...]:
    """Return the files of the members that may be there, sorted, without the root's own.

    Raises InputError where there are more than :data:`MOST_MEMBERS`.
    """
    budget = iter(range(MOST_FOLDERS))
    found: dict[str, None] = {}
    for pattern in workspace.members:
        parts = tuple(part for part in PurePosixPath(pattern).parts if part not in (".", "/"))
        for folder in _expand(workspace.folder, parts, folders, budget, 0):
            if not _is_excluded(workspace, folder):
                found[(folder / NAME).as_posix()] = None
    if len(found) > MOST_MEMBERS:
        raise InputError(f"the workspace has {len(found)} members: at most {MOST_MEMBERS} are taken")
    return tuple(sorted(name for name in found if name != PurePosixPath(workspace.file).as_posix()))


def _expand(
    base: PurePosixPath, parts: Sequence[str], folders: Folders, budget: Iterator[int], depth: int
) -> Iterator[PurePosixPath]:
    """Yield the folders below one that a pattern fits; ``..`` goes up, as in uv."""
    if not parts:
        yield base
        return
    if depth > DEEPEST or next(budget, None) is None:
        return
    first, *rest = parts
    if first == "..":
        yield from _expand(base.parent if base.name else base / "..", rest, folders, budget, depth)
        return
    if first == "**":
        yield from _expand(base, rest, folders, budget, depth)
    for name in folders(base.as_posix()):
        if name.startswith(".") or name in _PASSED_OVER:
            continue
        if first == "**":
            yield from _expand(base / name, parts, folders, budget, depth + 1)
        elif fnmatch.fnmatchcase(name, first):
            yield from _expand(base / name, rest, folders, budget, depth + 1)


def _is_excluded(workspace: Workspace, folder: PurePosixPath) -> bool:
    return any(_fits(folder, workspace.folder, pattern) for pattern in workspace.exclude)


def _fits(folder: PurePosixPath, root: PurePosixPath, pattern: str) -> bool:
    """Tell whether a pattern fits a folder below the root."""
    try:
        names = folder.relative_to(root).parts
    except ValueError:
        return False
    wanted = tuple(part for part in PurePosixPath(pattern).parts if part not in (".", "/"))
    return _fit(names, wanted)


def _fit(names: Sequence[str], wanted: Sequence[str]) -> bool:
    """Tell whether names fit a pattern's parts: all ways are followed at once, so that none takes long."""
    reached = _with_none(wanted, {0})
    for name in names:
        further = {
            place if wanted[place] == "**" else place + 1
            for place in reached
            if place < len(wanted) and (wanted[place] == "**" or fnmatch.fnmatchcase(name, wanted[place]))
        }
        reached = _with_none(wanted, further)
    return len(wanted) in reached


def _with_none(wanted: Sequence[str], places: set[int]) -> set[int]:
    """Return places in a pattern with those behind each ``**``, which may stand for no name."""
    found = set(places)
    for place in range(len(wanted)):
        if place in found and wanted[place] == "**":
            found.add(place + 1)
    return found


def root_above(file: str, read: ReadIfThere, folders: Folders) -> Workspace | None:
    """Return the workspace that a pyproject.toml is a member of; None where it is of none.

    The nearest root above counts, as in uv, and only where one of its members is this project.
    """
    project = project_of(read_document(file, read))
    above = PurePosixPath(file.replace("\\", "/")).parent
    for _ in range(DEEPEST if project is not None else 0):
        above = above / ".." if above.name in ("", "..") else above.parent
        name = (above / NAME).as_posix()
        document = read_document(name, read)
        found = None if document is None else workspace_of(document, name)
        if found is not None:
            return found if project in members_of(found, read, folders) else None
    return None


def members_of(workspace: Workspace, read: ReadIfThere, folders: Folders) -> dict[PypiName, str]:
    """Return project -> file of the members that are there, the root first; the first of a name counts.

    Raises InputError where there are too many.
    """
    found: dict[PypiName, str] = {}
    for file in (workspace.file, *member_files(workspace, folders)):
        project = project_of(read_document(file, read))
        if project is not None:
            found.setdefault(project, file)
    return found


def read_document(file: str, read: ReadIfThere) -> Mapping[str, Any] | None:
    """Return a TOML file; None where it isn't there, or is none (which is told where it is an input)."""
    try:
        data = read(file)
        return None if data is None else tomllib.loads(decode_text(data, file))
    except (OSError, InputError, ValueError, RecursionError):
        return None


def project_of(document: Mapping[str, Any] | None) -> PypiName | None:
    """Return the project of a pyproject.toml."""
    project = document.get("project") if document is not None else None
    name = project.get("name") if isinstance(project, Mapping) else None
    return pypi_name(name) if isinstance(name, str) else None
