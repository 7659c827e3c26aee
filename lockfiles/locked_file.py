"""A lockfile by its name: a file, one of a revision, or standard input; and the files beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import PurePath
from typing import TYPE_CHECKING

import msgspec

from lockfiles.files import LARGEST_TEXT, decode_text, is_file, look_for, read_bytes, read_text
from lockfiles.formats.reading import LockContent, LockReadOptions, read_lockfile
from lockfiles.surroundings import STDIN, Surroundings
from resolver.errors import InputError
from resolver.model.origin import Origin
from resolver.model.resolution import Resolution

if TYPE_CHECKING:
    from lockfiles.revisions import Revision


class LockfileRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A lockfile of any format that is read (``-``: standard input; ``HEAD~1:pixi.lock``), and its input.

    Empty ``platforms``: all. ``inputs``: files that say what was asked for; without them the lockfile's
    own sources do, where it names them and they are there. ``environment`` is that of a pixi.lock.
    """

    lockfile: str = "conda-lock.yml"
    inputs: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    environment: str | None = None
    python: str | None = None  #: of a lockfile for several: the one to read it for
    groups: tuple[str, ...] | None = None  #: beside what is always installed; None: all
    surroundings: Surroundings = msgspec.field(default_factory=Surroundings)

    @property
    def reading(self) -> LockReadOptions:
        """What is chosen where the lockfile leaves it open."""
        return LockReadOptions(
            environment=self.environment, platforms=self.platforms, python=self.python, groups=self.groups
        )


class OpenedLock(msgspec.Struct, frozen=True, kw_only=True):
    """A lockfile that was read; ``resolutions`` are those of the platforms asked for."""

    name: str  #: for messages
    content: LockContent
    resolutions: tuple[Resolution, ...]
    folder: PurePath  #: the one that the lockfile lies in
    prefix: str  #: before names of its files: a revision's; empty for files on the disk
    read: Callable[[str], bytes | None]  #: what a file holds, None where it isn't there

    def beside(self, name: str) -> str:
        """Return the name, for people and for ``read``, of a file named from the lockfile's folder."""
        return self.prefix + (self.folder / name).as_posix()


def open_lockfile(
    name: str,
    options: LockReadOptions,
    surroundings: Surroundings,
    *,
    may_lack: bool = False,
    beside: Iterable[str] = (),
) -> OpenedLock:
    """Return a lockfile with its resolutions.

    Raises InputError for a file that can't be read or is no lockfile, and but for ``may_lack`` for
    platforms that it lacks. ``beside``: other files of the same request; those that aren't there are
    told together with it.
    """
    look_for((name, *beside))
    shown, prefix, folder, read = name, "", PurePath(name).parent, _read_if_there
    if name == STDIN:
        shown, folder = "(standard input)", PurePath()
        text = decode_text(surroundings.read_stdin(), shown)
    elif (revision := _revision(name, surroundings)) is not None:
        prefix, folder, read = revision.prefix, revision.folder, revision.read_beside
        text = decode_text(revision.read(), shown)
    else:
        text = read_text(name)
    content = read_lockfile(text, shown, options)
    platforms = options.platforms
    held = [resolution.target.subdir for resolution in content.resolutions]
    for platform in platforms:
        if platform not in held and not may_lack:
            known = ", ".join(f"`{one}`" for one in held)
            raise InputError(f"holds no platform `{platform}`", Origin(file=shown), f"It holds {known}.")
    return OpenedLock(
        name=shown,
        content=content,
        resolutions=tuple(r for r in content.resolutions if not platforms or r.target.subdir in platforms),
        folder=folder,
        prefix=prefix,
        read=read,
    )


def _revision(name: str, surroundings: Surroundings) -> Revision | None:
    """Return the revision's file that a name means, None for other names."""
    if ":" not in name:
        return None
    from lockfiles.revisions import find_revision

    return find_revision(name, surroundings.environ)


def _read_if_there(name: str) -> bytes | None:
    """Return what a text file holds; None where no such file is there, or it is no text."""
    found = read_bytes(name, LARGEST_TEXT + 1) if is_file(name) else None
    return None if found is None or len(found) > LARGEST_TEXT else found
