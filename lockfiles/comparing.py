"""Diff: two lockfiles in, what they differ in out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from lockfiles.difference import Change, Difference, diff_resolutions
from lockfiles.files import look_for
from lockfiles.formats.conda_lock.restore import resolutions_of_lock
from lockfiles.formats.reading import LockReadOptions
from lockfiles.locked_file import LockfileRequest, OpenedLock, open_lockfile
from lockfiles.model import CondaLock
from lockfiles.surroundings import Surroundings
from resolver.model.resolution import Resolution

if TYPE_CHECKING:
    from resolver.graph import Graph

#: Platform -> manager and name of what lines ask for.
Asked = Mapping[str, frozenset[tuple[str, str]]]


class DiffRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Two lockfiles, as values or as names of files of any format that is read (``-``: standard input).

    Empty ``platforms``: all. ``environment`` is that of a pixi.lock. ``with_asked``: find out which changes
    are to what lines ask for: those of ``inputs``, or for lockfiles that name their sources, of these.
    """

    old: str | CondaLock
    new: str | CondaLock
    platforms: tuple[str, ...] = ()
    environment: str | None = None
    python: str | None = None  #: of a file that is for several
    groups: tuple[str, ...] | None = None  #: beside the main one; None: all
    with_asked: bool = False
    inputs: tuple[str, ...] = ()
    surroundings: Surroundings = msgspec.field(default_factory=Surroundings)


def diff(request: DiffRequest) -> Difference:
    """Return what changed from the old lockfile to the new one. Raises InputError for a file."""
    named = [given for given in (request.old, request.new) if isinstance(given, str)]
    look_for((*named, *request.inputs))
    old, new = (_opened(given, request) for given in (request.old, request.new))
    before, after = _resolutions(old, request), _resolutions(new, request)
    notices = tuple(notice for resolution in (*before, *after) for notice in resolution.notices)
    difference = msgspec.structs.replace(diff_resolutions(before, after), notices=notices)
    if not request.with_asked:
        return difference
    asked = _asked(old, request), _asked(new, request)
    changes = [_with_asked(change, *asked) for change in difference.changes]
    return msgspec.structs.replace(difference, changes=tuple(changes))


def _opened(given: str | CondaLock, request: DiffRequest) -> OpenedLock | CondaLock:
    """Return all that a file holds: a platform that only one of the two has is a difference, and no fault."""
    if isinstance(given, CondaLock):
        return given
    options = LockReadOptions(
        environment=request.environment,
        platforms=request.platforms,
        python=request.python,
        groups=request.groups,
    )
    return open_lockfile(given, options, request.surroundings, may_lack=True)


def _resolutions(opened: OpenedLock | CondaLock, request: DiffRequest) -> list[Resolution]:
    found: Sequence[Resolution]
    if isinstance(opened, CondaLock):
        found = resolutions_of_lock(opened, "(a lockfile)")
    else:
        found = opened.resolutions
    return [one for one in found if not request.platforms or one.target.subdir in request.platforms]


def _asked(opened: OpenedLock | CondaLock, request: DiffRequest) -> Asked | None:
    """Return what lines ask for; None where nothing says."""
    if isinstance(opened, CondaLock):
        return None
    from lockfiles.graphs.lock_graph import graph_of_lock

    graphs = graph_of_lock(
        opened, LockfileRequest(inputs=request.inputs, surroundings=request.surroundings)
    ).graphs
    return {graph.platform: _names(graph) for graph in graphs} if all(g.knows_asked for g in graphs) else None


def _names(graph: Graph) -> frozenset[tuple[str, str]]:
    from resolver.graph import PYPI

    return frozenset(
        ("pip" if node.startswith(PYPI) else "conda", node.removeprefix(PYPI)) for node in graph.asked
    )


def mark_asked(difference: Difference, asked: frozenset[tuple[str, str]]) -> Difference:
    """Return a difference with whether lines ask for what changed: ``asked``, manager and name."""
    everywhere = {change.platform: asked for change in difference.changes}
    changes = tuple(_with_asked(change, everywhere, everywhere) for change in difference.changes)
    return msgspec.structs.replace(difference, changes=changes)


def _with_asked(change: Change, before: Asked | None, after: Asked | None) -> Change:
    """Return a change with whether a line asks for it; what is gone is judged by the older lockfile."""
    known = before if change.new is None else after
    if known is None:
        return change
    is_asked = (change.manager, change.name) in _of(known, change.platform)
    return msgspec.structs.replace(change, asked=is_asked)


def _of(asked: Asked, platform: str) -> Iterable[tuple[str, str]]:
    return asked.get(platform, frozenset())
