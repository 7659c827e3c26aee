"""The files of a git revision in a folder, for a fleet that looks at them: ``REV:`` or ``REV:path``.

git runs as a process with a list of arguments; `cat-file` runs no filter, hook or pager. Links and submodules
are left out, so that nothing outside of the folder is read or written.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import IO

import msgspec

from lockfiles.files import exists
from lockfiles.fleet.git import git_variables, run_git
from resolver.errors import InputError
from resolver.model.origin import Origin
from resolver.model.patterns import pattern

#: Bytes of one file (a larger one is no input) and of all, and files: what has more is no tree of inputs.
_LARGEST = 64 << 20
_LARGEST_TREE = 4 << 30
_MOST_FILES = 500_000
#: A revision holds no blank (git-check-ref-format); a drive has one letter, an address two slashes.
_REVISION = pattern(r"(?P<revision>[^:\s\x00-\x1f-][^:\s\x00-\x1f]+):(?!//)(?P<path>[^\x00-\x1f]*)\Z")


class RevisionPath(msgspec.Struct, frozen=True):
    """A file or folder of a revision; ``path`` counts from the repository's root, empty: all of it."""

    revision: str
    path: str


class _Blob(msgspec.Struct, frozen=True):
    path: PurePosixPath
    digest: bytes
    size: int


def find_revision_paths(paths: Sequence[str]) -> tuple[RevisionPath, ...]:
    """Return paths as those of one revision; none where they are of the disk.

    Raises InputError where some are and some aren't, where they are of several revisions, or lead out of it.
    """
    found = [_parse(path) for path in paths]
    known = tuple(one for one in found if one is not None)
    if not known:
        return ()
    if len(known) < len(found) or len({one.revision for one in known}) > 1:
        raise InputError(
            "a fleet is of one git revision, or of none",
            Origin(file=next(path for path, one in zip(paths, found, strict=True) if one != known[0])),
            "Run it once for each.",
        )
    return known


def _parse(path: str) -> RevisionPath | None:
    found = None if exists(path) else _REVISION.match(path)
    if found and ".." in PurePosixPath(found["path"]).parts:
        told = "leads out of the repository: paths count from its root"
        raise InputError(told, Origin(file=path), "Name the path without `..`.")
    return RevisionPath(found["revision"], found["path"].strip("/")) if found else None


def write_revision(revision: str, folder: Path, environ: Mapping[str, str]) -> None:
    """Write the files of a revision of this folder's repository into ``folder``; raises InputError.

    An empty file ``.git`` says that the folder stands for a repository's root: no settings above it hold.
    """
    blobs = _blobs(revision, environ)
    if len(blobs) > _MOST_FILES or sum(blob.size for blob in blobs) > _LARGEST_TREE:
        message = f"has more than {_MOST_FILES:,} files, or {_LARGEST_TREE >> 30} GiB"
        raise InputError(message, Origin(file=f"{revision}:"))
    (folder / ".git").touch()
    with subprocess.Popen(
        ["git", "--no-pager", "cat-file", "--batch"],  # noqa: S607  (the user's own git)
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=git_variables(environ),
    ) as process:
        assert process.stdin is not None  # noqa: S101  (pipes, as asked for)
        assert process.stdout is not None  # noqa: S101
        for blob in blobs:
            place = folder / blob.path
            place.parent.mkdir(parents=True, exist_ok=True)
            process.stdin.write(blob.digest + b"\n")
            process.stdin.flush()
            place.write_bytes(_answer(process.stdout, blob, revision))


def _answer(stream: IO[bytes], blob: _Blob, revision: str) -> bytes:
    head = stream.readline().split()
    data = stream.read(blob.size + 1) if head[1:2] == [b"blob"] else b""
    if len(data) != blob.size + 1:
        raise InputError("git doesn't give what it holds", Origin(file=f"{revision}:{blob.path}"))
    return data[:-1]


def _blobs(revision: str, environ: Mapping[str, str]) -> list[_Blob]:
    """Return a revision's files in order of their paths; links, submodules and large ones are left out."""
    arguments = ["ls-tree", "-r", "-z", "-l", "--full-tree", f"{revision}^{{tree}}"]
    return list(_listed(run_git(arguments, environ, f"{revision}:")))


def _listed(listing: bytes) -> Iterator[_Blob]:
    for line in filter(None, listing.split(b"\0")):
        facts, _, name = line.partition(b"\t")
        mode, kind, digest, size = facts.split()
        path = PurePosixPath(name.decode("utf-8", errors="surrogateescape"))
        is_inside = not path.is_absolute() and not {"..", ".git"} & set(path.parts)
        if kind == b"blob" and mode != b"120000" and is_inside and int(size) <= _LARGEST:
            yield _Blob(path, digest, int(size))
