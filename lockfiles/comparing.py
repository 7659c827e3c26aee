"""Diff: two lockfiles in, what they differ in out."""

from __future__ import annotations

import msgspec

from lockfiles.difference import Difference, diff_resolutions
from lockfiles.formats.conda_lock.restore import resolutions_of_lock
from lockfiles.formats.reading import LockReadOptions, read_lockfile
from lockfiles.model import CondaLock
from lockfiles.surroundings import STDIN, Surroundings
from resolver.model.resolution import Resolution


class DiffRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Two lockfiles, as values or as names of files of any format that is read (``-``: standard input).

    Empty ``platforms``: all. ``environment`` is that of a pixi.lock.
    """

    old: str | CondaLock
    new: str | CondaLock
    platforms: tuple[str, ...] = ()
    environment: str | None = None
    python: str | None = None  #: of a file that is for several
    groups: tuple[str, ...] | None = None  #: beside the main one; None: all
    surroundings: Surroundings = msgspec.field(default_factory=Surroundings)


def diff(request: DiffRequest) -> Difference:
    """Return what changed from the old lockfile to the new one. Raises InputError for a file."""
    old, new = (_resolutions(given, request) for given in (request.old, request.new))
    notices = tuple(notice for resolution in (*old, *new) for notice in resolution.notices)
    return msgspec.structs.replace(diff_resolutions(old, new), notices=notices)


def _resolutions(given: str | CondaLock, request: DiffRequest) -> list[Resolution]:
    if isinstance(given, CondaLock):
        found = resolutions_of_lock(given, "(a lockfile)")
    else:
        found = _read(given, request)
    wanted = frozenset(request.platforms)
    return [resolution for resolution in found if not wanted or resolution.target.subdir in wanted]


def _read(name: str, request: DiffRequest) -> tuple[Resolution, ...]:
    """Return all that a file holds: a platform that only one of the two has is a difference, and no fault."""
    from lockfiles.files import decode_text, read_text

    shown = "(standard input)" if name == STDIN else name
    text = decode_text(request.surroundings.read_stdin(), shown) if name == STDIN else read_text(name)
    options = LockReadOptions(
        environment=request.environment,
        platforms=request.platforms,
        python=request.python,
        groups=request.groups,
    )
    return read_lockfile(text, shown, options).resolutions
