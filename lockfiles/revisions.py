"""Files of git's revisions, as git names them: ``HEAD~1:conda-lock.yml``, ``:conda-lock.yml`` of the index.

git runs as a process with a list of arguments; `cat-file` runs no filter, hook or pager, and asks nobody.
"""

from __future__ import annotations

import posixpath
import subprocess
import threading
from collections.abc import Mapping
from pathlib import PurePosixPath

import msgspec

from lockfiles.files import LARGEST_TEXT, is_file
from resolver.errors import InputError
from resolver.model.origin import Origin
from resolver.model.patterns import pattern

#: A drive, an address, and git's own ``<rev>:<path>``; a revision holds no blank (git-check-ref-format).
_NO_REVISION = pattern(r"[A-Za-z]:[\\/]|[A-Za-z][A-Za-z0-9+.-]*://")
_REVISION = pattern(r"(?P<revision>[^:\s\x00-\x1f]*):(?P<path>[^\x00-\x1f]+)\Z")
#: Seconds: reading one file takes milliseconds; a repository that fetches what it lacks may take longer.
_PATIENCE = 60


class Revision(msgspec.Struct, frozen=True, kw_only=True):
    """A file of a revision; ``path`` counts from the repository's root, or from here with ``./``."""

    revision: str
    path: str
    environ: Mapping[str, str]

    @property
    def name(self) -> str:
        """The file as git names it."""
        return f"{self.revision}:{self.path}"

    @property
    def prefix(self) -> str:
        """What stands before the path of any file of the revision that is counted from the same folder."""
        return f"{self.revision}:{'./' if self.path.startswith('./') else ''}"

    @property
    def folder(self) -> PurePosixPath:
        """The folder of the file, behind :attr:`prefix`."""
        return PurePosixPath(self.path).parent

    def read(self) -> bytes:
        """Return what the file holds in that revision; raises InputError with what git says."""
        found = _cat(self.name, self.environ)
        if isinstance(found, bytes):
            return found
        is_there = "not a git repository" not in found
        hint = "git counts paths from the repository's root; `REV:./NAME` counts from this folder."
        raise InputError(found, Origin(file=self.name), hint if is_there else None)

    def read_beside(self, name: str) -> bytes | None:
        """Return what another file of the revision holds; None where there is none.

        ``name`` has the :attr:`prefix`, or is a path alone, as a file gives it that names another one.
        """
        path = posixpath.normpath(name.removeprefix(self.prefix))
        found = _cat(f"{self.prefix}{path}", self.environ)
        return found if isinstance(found, bytes) else None


def find_revision(name: str, environ: Mapping[str, str]) -> Revision | None:
    """Return the revision's file that a name means; None for a file that is there, and for other names."""
    if ":" not in name or is_file(name) or _NO_REVISION.match(name):
        return None
    found = _REVISION.match(name)
    if found is None or name.startswith("-"):
        return None
    return Revision(revision=found["revision"], path=found["path"], environ=environ)


def _cat(name: str, environ: Mapping[str, str]) -> bytes | str:
    """Return a file's bytes, or why git gives none."""
    variables = {**environ, "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    try:
        process = subprocess.Popen(  # noqa: S603  (no shell; the name is one argument, and begins with no `-`)
            ["git", "--no-pager", "cat-file", "blob", name],  # noqa: S607  (the user's own git)
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=variables,
        )
    except FileNotFoundError:
        return "git isn't installed, or not on the PATH"
    assert process.stdout is not None  # noqa: S101  (a pipe, as asked for)
    assert process.stderr is not None  # noqa: S101
    timer = threading.Timer(_PATIENCE, process.kill)
    timer.start()
    with process:
        try:
            found = process.stdout.read(LARGEST_TEXT + 1)
            if len(found) > LARGEST_TEXT:
                process.kill()
                return f"larger than {LARGEST_TEXT >> 20} MiB: not a text"
            said = process.stderr.read(10_000).decode("utf-8", errors="replace")
        finally:
            timer.cancel()
    return found if process.returncode == 0 else _words(said, process.returncode)


def _words(said: str, code: int) -> str:
    """Return git's first line without its prefix."""
    first = said.strip().partition("\n")[0].removeprefix("fatal: ")
    return f"git: {first}" if first else f"git ended with {code}"
