"""The files of a fleet: of folders, globs, lists and names.

::

    name of a file         taken as it is: what is wrong with it becomes its record
    folder                 walked: files that are recognised as inputs (or lockfiles)
    glob ('envs/**/*.yml') walked: files that match and aren't lockfiles
    --files-from LIST      each line one of the above

What git ignores, what is excluded, and folders of other tools are left out of what is walked. Links to
folders aren't followed, so that no walk goes round. Every order is that of names.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from lockfiles.fleet.recognising import BEGINNING, is_input, may_be_input
from lockfiles.regular_files import open_regular_file
from lockfiles.surroundings import STDIN
from resolver.errors import InputError
from resolver.model.origin import Origin

if TYPE_CHECKING:
    from lockfiles.fleet.ignoring import Ignored

#: Files of one fleet; more than that is a mistake, or several fleets.
MOST_FILES = 200_000
#: Folders below one another.
DEEPEST = 64
_MAGIC = frozenset("*?[")
#: Marks at the start of a list: of an editor's UTF-8, and of texts of two bytes a letter.
_UTF_8, _UTF_16 = b"\xef\xbb\xbf", (b"\xff\xfe", b"\xfe\xff")


class FindRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Where to look. ``exclude``: patterns as in a .gitignore, counted from each folder that is walked."""

    paths: tuple[str, ...] = ()
    files_from: tuple[str, ...] = ()  #: lists of paths, one a line or ended by NULs; ``-``: standard input
    exclude: tuple[str, ...] = ()
    heeds_git: bool = True  #: leave out what git ignores
    most: int = MOST_FILES


class Unread(msgspec.Struct, frozen=True, kw_only=True):
    """A file or folder that couldn't be looked at."""

    file: str
    reason: str


class FoundFiles(msgspec.Struct, frozen=True, kw_only=True):
    """The files, each once, in order; ``empty`` are the paths that gave none."""

    files: tuple[str, ...]
    unread: tuple[Unread, ...] = ()
    empty: tuple[str, ...] = ()


def find_files(
    request: FindRequest,
    read: Callable[[str], bytes],
    takes: Callable[[str, Callable[[], str]], bool] | None = None,
) -> FoundFiles:
    """Return the files that a request means.

    ``read`` gives a list's bytes. ``takes(name, beginning)`` tells of a walked file whether it is wanted (an
    input, if it is None). Raises InputError for more files than ``most``, for a list that can't be read,
    and for patterns that are none.
    """
    takes = takes or _takes_inputs
    files: dict[str, None] = {}
    unread: list[Unread] = []
    empty: list[str] = []
    for path in (*request.paths, *_listed(request.files_from, read)):
        before = len(files), len(unread)
        for name in _files_of(path, request, takes, unread):
            files[name] = None
            if len(files) > request.most:
                raise InputError(
                    f"more than {request.most:,} files",
                    Origin(file=path),
                    "Name fewer folders, exclude some, or raise `--most-files`.",
                )
        if (len(files), len(unread)) == before:
            empty.append(path)
    return FoundFiles(files=tuple(files), unread=tuple(unread), empty=tuple(empty))


def _takes_inputs(name: str, beginning: Callable[[], str]) -> bool:
    return may_be_input(name) and is_input(name, beginning())


def _listed(lists: Sequence[str], read: Callable[[str], bytes]) -> Iterator[str]:
    """Yield the paths of lists, as their lines (or, where NULs stand in it, what they end) have them."""
    for name in lists:
        try:
            data = read(name)
        except OSError as error:
            raise InputError(error.strerror or str(error), Origin(file=name)) from error
        if data.startswith(_UTF_16):
            raise InputError("not UTF-8 text", Origin(file=name), "Save it as UTF-8.")
        text = data.removeprefix(_UTF_8).decode("utf-8", "surrogateescape")  # as names of files are
        lines = text.split("\0") if "\0" in text else [line.removesuffix("\r") for line in text.split("\n")]
        yield from (line for line in lines if line.strip())


def is_name(path: str) -> bool:
    """Tell whether a path is that of one file: neither a folder nor a pattern."""
    return "\0" in path or not (_MAGIC & set(path) or Path(path).is_dir())


def _files_of(
    path: str, request: FindRequest, takes: Callable[[str, Callable[[], str]], bool], unread: list[Unread]
) -> Iterator[str]:
    if path == STDIN:
        raise InputError("a fleet has no standard input", Origin(file=STDIN), "Name files or folders.")
    try:
        is_folder, is_there = Path(path).is_dir(), Path(path).exists()
    except ValueError:  # a NUL
        is_folder = is_there = False
    if is_folder:
        yield from _walk(path, request, takes, unread)
    elif is_there or not _MAGIC & set(path):
        yield path
    else:
        yield from _glob(path, request, unread)


def _glob(text: str, request: FindRequest, unread: list[Unread]) -> Iterator[str]:
    """Yield the files that a pattern matches and that are no lockfiles; ``**`` goes through folders."""
    from lockfiles.fleet.ignoring import parse_patterns
    from resolver.inputs.file_kinds import is_lockfile

    parts = text.replace("\\", "/").split("/")
    fixed = next(number for number, part in enumerate(parts) if _MAGIC & set(part))
    root = "/".join(parts[:fixed]) or ("/" if text.startswith("/") else "")
    wanted = parse_patterns(["/" + "/".join(parts[fixed:])], text)

    def takes(name: str, beginning: Callable[[], str]) -> bool:
        inner = name[len(root) :].lstrip("/") if root else name
        return wanted.match_file(inner) and not is_lockfile(beginning(), name)

    if Path(root or ".").is_dir():
        yield from _walk(root or ".", request, takes, unread)


def _walk(
    root: str, request: FindRequest, takes: Callable[[str, Callable[[], str]], bool], unread: list[Unread]
) -> Iterator[str]:
    """Yield the wanted files below a folder, folder by folder, in order of their names."""
    from lockfiles.fleet.ignoring import ignored_below

    start = ignored_below(Path(root), request.exclude, heeds_git=request.heeds_git)
    pending: list[tuple[str, Ignored, int]] = [("" if root == "." else root, start, 0)]
    while pending:
        folder, ignored, depth = pending.pop()
        try:
            entries = sorted(os.scandir(folder or "."), key=lambda entry: entry.name)
        except OSError as error:
            unread.append(Unread(file=folder, reason=(error.strerror or str(error)).lower()))
            continue
        if depth > DEEPEST:
            unread.append(Unread(file=folder, reason=f"more than {DEEPEST} folders below one another"))
            continue
        ignored = ignored.inside(folder or ".", [entry.name for entry in entries])
        folders: list[str] = []
        for entry in entries:
            name = os.path.join(folder, entry.name)  # noqa: PTH118  (as typed: `./envs` stays)
            is_folder = entry.is_dir(follow_symlinks=False)
            if ignored.covers(name, is_folder=is_folder):
                continue
            if is_folder:
                folders.append(name)
            elif _is_wanted(name, entry, takes, unread):
                yield name
        if not ignored.is_foreign:
            pending += [(name, ignored, depth + 1) for name in reversed(folders)]


def _is_wanted(
    name: str,
    entry: os.DirEntry[str],
    takes: Callable[[str, Callable[[], str]], bool],
    unread: list[Unread],
) -> bool:
    """Tell whether a file is wanted; one that can't be read is noted."""

    def beginning() -> str:
        with open_regular_file(name) as file:
            return file.read(BEGINNING).decode("utf-8", errors="replace")

    try:
        return entry.is_file() and takes(name, beginning)
    except OSError as error:
        unread.append(Unread(file=name, reason=(error.strerror or str(error)).lower()))
        return False
