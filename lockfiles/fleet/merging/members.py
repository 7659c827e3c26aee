"""Environments of a fleet as what is merged: their lines, their targets, and what they hold today."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cached_property

import msgspec
from msgspec.structs import replace

from lockfiles.fleet.causes import failures_of
from lockfiles.listener import Listener
from lockfiles.locking import LockRequest, lock
from lockfiles.places import find_output
from lockfiles.session import Session, open_session
from resolver.errors import InputError, LockstackError, NoSolutionError, SourceError
from resolver.model.origin import Origin
from resolver.model.requirements import CondaRequirement, PypiRequirement, Requirements
from resolver.model.resolution import Resolution

Requirement = CondaRequirement | PypiRequirement
#: What stands in for a line's place: the same text in two files is one line.
_NOWHERE = Origin(file="")
#: Characters of an error that are told of an environment that takes no part.
_LONGEST = 240
#: Conflicts of an environment, and lines of one, that are told.
_MOST_CLASHES, _MOST_CLASHING = 3, 4


class FleetMember(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """One environment of a fleet.

    ``resolutions`` are those of its lockfile, for its targets; where it has none they are what it
    locks to now (``has_lockfile`` False).
    """

    name: str  #: its file, as the user named it
    request: LockRequest
    session: Session
    resolutions: tuple[Resolution, ...]
    has_lockfile: bool

    @cached_property
    def lines(self) -> tuple[Requirement, ...]:
        """What it asks for on its targets, each line once, conda first; places and categories left out."""
        return lines_of(self.session.requirements, [target.subdir for target in self.session.targets])


class NotMerged(msgspec.Struct, frozen=True, kw_only=True):
    """An environment that takes no part, and why; ``code`` is the exit code that it would give alone."""

    name: str
    reason: str
    code: int = 0


def lines_of(requirements: Requirements, subdirs: Sequence[str]) -> tuple[Requirement, ...]:
    """Return lines that apply to some platforms, each once, without their places."""
    found: dict[Requirement, None] = {}
    lines: tuple[Requirement, ...] = (*requirements.conda, *requirements.pypi)
    for line in lines:
        here = frozenset(subdirs if line.platforms is None else line.platforms & set(subdirs))
        if here:
            kept = None if len(here) == len(set(subdirs)) else here
            found.setdefault(replace(line, origin=_NOWHERE, category="main", platforms=kept))
    return tuple(found)


def read_member(request: LockRequest, listener: Listener | None = None) -> FleetMember:
    """Return the environment of one request: with its lockfile, else with what it locks to.

    Raises InputError, SourceError and NoSolutionError.
    """
    session = open_session(request)
    locked = _locked(session)
    if locked:
        return _member(request, session, locked, has_lockfile=True)
    made = lock(replace(request, update_all=True, seeks_fixes=False), listener)
    return _member(request, made.session, made.resolutions, has_lockfile=False)


def read_members(
    requests: Sequence[LockRequest],
    listener: Listener | None = None,
    still: Callable[[str], None] | None = None,
) -> tuple[tuple[FleetMember, ...], tuple[NotMerged, ...]]:
    """Return the environments of requests by name, and those that can't be read or locked.

    ``still`` hears before each which one it is, in words: one without a lockfile is locked, and takes time.
    """
    found: list[FleetMember] = []
    left: list[NotMerged] = []
    for number, request in enumerate(sorted(requests, key=lambda one: one.files), start=1):
        name = ", ".join(request.files)
        if still is not None:
            still(f"environment {number:,} of {len(requests):,}: {name}")
        try:
            found.append(read_member(request, listener))
        except LockstackError as error:
            left.append(NotMerged(name=name, reason=one_line_of(error, name), code=error.exit_code))
    return tuple(found), tuple(left)


def one_line_of(error: LockstackError, name: str = "") -> str:
    """Return what an error says, in one line: its first paragraph, cut where it is long.

    ``name``: the file that it is told of anyway; of places in it the line is said.
    """
    if isinstance(error, NoSolutionError) and error.core:
        return _clashes(error)
    told = failures_of(error)[0].cause if isinstance(error, SourceError) else str(error)
    found = " ".join(told.strip().split("\n\n")[0].split())
    if name:
        found = re.sub(rf"(?<!\S){re.escape(name)}:(?=\d)", "line ", found).removeprefix(f"{name}: ")
    return found if len(found) <= _LONGEST else f"{found[:_LONGEST]} ..."


def _clashes(error: NoSolutionError) -> str:
    """Return which lines clash, conflict by conflict, in one line."""
    head = re.match(r"[^:(]+", str(error))
    parts = error.parts or (error,)
    told = [_clash([text for _, text in part.core]) for part in parts[:_MOST_CLASHES]]
    if len(parts) > len(told):
        told.append(f"{len(parts) - len(told):,} more conflicts")
    return f"{head[0].strip() if head else 'no solution'}: {'; '.join(told)}"


def _clash(lines: Sequence[str]) -> str:
    if len(lines) == 1:
        return f"nothing meets `{lines[0]}`"
    some = [f"`{text}`" for text in lines[:_MOST_CLASHING]]
    if len(lines) > len(some):
        some.append(f"{len(lines) - len(some):,} more lines")
    return f"{', '.join(some[:-1])} and {some[-1]} can't hold together"


def _member(
    request: LockRequest, session: Session, resolutions: Sequence[Resolution], *, has_lockfile: bool
) -> FleetMember:
    return FleetMember(
        name=", ".join(session.files),
        request=request,
        session=session,
        resolutions=tuple(resolutions),
        has_lockfile=has_lockfile,
    )


def _locked(session: Session) -> tuple[Resolution, ...]:
    """Return the resolutions of a session's lockfile, in order of its targets; empty where it lacks one."""
    from lockfiles.files import is_file, read_text
    from lockfiles.formats.reading import read_lockfile

    output = find_output(session)
    if output is None or not is_file(output):
        return ()
    try:
        content = read_lockfile(read_text(output), str(output))
    except InputError as error:
        raise InputError(f"its lockfile can't be read: {error}", hint=error.hint) from error
    by_platform = {one.target.subdir: one for one in content.resolutions}
    found = [by_platform.get(target.subdir) for target in session.targets]
    return tuple(one for one in found if one is not None) if all(found) else ()
