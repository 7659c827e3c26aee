"""A lockfile by its name: a file of any format, or standard input; with the files that stand beside it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath

import msgspec

from lockfiles.files import LARGEST_TEXT, decode_text, is_file, read_bytes, read_text
from lockfiles.formats.reading import LockContent, LockReadOptions, read_lockfile
from lockfiles.surroundings import STDIN, Surroundings
from resolver.errors import InputError
from resolver.model.origin import Origin
from resolver.model.resolution import Resolution


class LockfileRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A lockfile of any format that is read (``-``: standard input), and the input that it was made from.

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
    read: Callable[[str], bytes | None]  #: what a file holds, None where it isn't there

    def beside(self, name: str) -> str:
        """Return the name, for people and for ``read``, of a file named from the lockfile's folder."""
        return (self.folder / name).as_posix()


def open_lockfile(name: str, options: LockReadOptions, surroundings: Surroundings) -> OpenedLock:
    """Return a lockfile with its resolutions.

    Raises InputError for a file that can't be read or is no lockfile, and for platforms that it lacks.
    """
    if name == STDIN:
        shown, folder = "(standard input)", PurePath()
        text = decode_text(surroundings.read_stdin(), shown)
    else:
        shown, folder, text = name, PurePath(name).parent, read_text(name)
    content = read_lockfile(text, shown, options)
    platforms = options.platforms
    held = [resolution.target.subdir for resolution in content.resolutions]
    for platform in platforms:
        if platform not in held:
            known = ", ".join(f"`{one}`" for one in held)
            raise InputError(f"holds no platform `{platform}`", Origin(file=shown), f"It holds {known}.")
    return OpenedLock(
        name=shown,
        content=content,
        resolutions=tuple(r for r in content.resolutions if not platforms or r.target.subdir in platforms),
        folder=folder,
        read=_read_if_there,
    )


def _read_if_there(name: str) -> bytes | None:
    """Return what a text file holds; None where no such file is there, or it is no text."""
    found = read_bytes(name, LARGEST_TEXT + 1) if is_file(name) else None
    return None if found is None or len(found) > LARGEST_TEXT else found
