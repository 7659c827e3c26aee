"""Several environments in, one lockfile and what it changes out. Nothing is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from lockfiles.held_date import with_held_date
from lockfiles.idle_settings import unused
from lockfiles.kept_platforms import settle_others
from lockfiles.listener import Listener
from lockfiles.locking import LockRequest, gather_notices, make_lock, of_numpy, of_the_machine
from lockfiles.over_earlier import solve_over, warn_of_unknown_updates
from lockfiles.session import Session, open_session
from lockfiles.settings.ages import Age
from lockfiles.several.earlier import EarlierEnvironments
from lockfiles.several.freshness import faults_of, parts_of_session
from lockfiles.several.parts import join, session_of, split
from lockfiles.several.planning import EnvironmentPart, EnvironmentPlan, Problem, plan
from lockfiles.update import Update, parse_update, unknown_updates
from resolver.errors import InputError, LockstackError, NoSolutionError, SourceError
from resolver.model.notices import Notice
from resolver.model.origin import Origin

if TYPE_CHECKING:
    from lockfiles.difference import Difference
    from lockfiles.formats.pixi.several import Kept
    from lockfiles.model import LockMetadata
    from resolver.model.resolution import Resolution


class LockedEnvironment(msgspec.Struct, frozen=True, kw_only=True):
    """One environment that was locked."""

    name: str
    session: Session
    resolutions: tuple[Resolution, ...]
    metadata: LockMetadata


class LockedSeveral(msgspec.Struct, frozen=True, kw_only=True):
    """A lockfile of several environments that answers a request.

    ``earlier`` is what stands at ``output`` (empty: nothing). ``difference`` is None without an earlier
    lockfile; its platforms are ``ENVIRONMENT/PLATFORM``.
    """

    environments: tuple[LockedEnvironment, ...]
    text: str
    output: Path | None  #: None: standard output
    earlier: str
    difference: Difference | None
    notices: tuple[Notice, ...] = ()


class _Solved(msgspec.Struct, frozen=True, kw_only=True):
    """A problem with its answer."""

    session: Session
    parts: tuple[EnvironmentPart, ...]
    resolutions: tuple[Resolution, ...]


def lock_several(
    request: LockRequest, listener: Listener | None = None, asked: EnvironmentPlan | None = None
) -> LockedSeveral:
    """Solve the problems of a plan (None: that of the request), and return the lockfile of all environments.

    1. Read the earlier lockfile: the pins of each environment are tried first.
    2. Solve, a solve-group at once; channels and indexes are opened for all together.
    3. Take the answers apart, put in what stays of the earlier lockfile, and compare.

    What is updated, and what limits hold, each problem of the plan says for itself. Raises InputError,
    SourceError and NoSolutionError; the last two name the environment.
    """
    from lockfiles.formats.export import ExportRequest
    from lockfiles.formats.pixi.several import format_environments

    listener = listener or Listener()
    asked = asked or plan(request)
    if asked is None:
        raise InputError("one environment, in a file that holds one: `lock` makes it")
    updates = [parse_update(text) for text in request.update]
    sessions = [open_session(problem.request) for problem in asked.problems]
    earlier = EarlierEnvironments(asked.output, may_forget=request.update_all, listener=listener)
    _check_ownership(asked, earlier)
    solved = _solve_all(asked.problems, sessions, earlier, updates, request, listener)
    environments = tuple(one for answer in solved for one in _environments(answer, asked.output))
    kept, notices = _kept(environments, earlier, asked, request)
    requests = {
        one.name: ExportRequest(resolutions=one.resolutions, metadata=one.metadata) for one in environments
    }
    try:
        text = format_environments(requests, kept)
    except ValueError as error:
        raise InputError(f"can't be written: {error}", Origin(file=str(asked.output))) from error
    return LockedSeveral(
        environments=environments,
        text=text,
        output=asked.output,
        earlier=earlier.text,
        difference=_difference(environments, earlier, kept, is_same=text == earlier.text),
        notices=(*_said(solved, request), *notices),
    )


def _check_ownership(asked: EnvironmentPlan, earlier: EarlierEnvironments) -> None:
    """Raise InputError where pixi's own lockfile stands at a place that nobody wrote down."""
    if not earlier.is_ours and not asked.is_asked_place:
        raise InputError(
            "is pixi's own lockfile",
            Origin(file=str(asked.output)),
            f"`--output {asked.output}` writes over it, and keeps its versions where they fit; "
            "or choose another place.",
        )


def _solve_all(
    problems: Sequence[Problem],
    sessions: Sequence[Session],
    earlier: EarlierEnvironments,
    updates: Sequence[Update],
    request: LockRequest,
    listener: Listener,
) -> list[_Solved]:
    from lockfiles.solving import solving_together

    parts = [parts_of_session(one, session) for one, session in zip(problems, sessions, strict=True)]
    names = [part.name for one in parts for part in one]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InputError(f"two environments would be called `{twice}`", hint="Give one of them another name.")
    before = [join(earlier.resolutions(part.name) for part in one) for one in parts]
    every = [resolution for one in before for resolution in one]
    if not request.update_all:
        warn_of_unknown_updates(every, [update.name for update in updates if not update.spec], listener)
    _refuse_unknown(updates, every)
    found = []
    with solving_together(sessions, listener) as solve:
        for problem, session, mine, previous in zip(problems, sessions, parts, before, strict=True):
            held, asked = session, problem.request
            if not asked.update and not request.update_all and asked.limits is None:
                held = _hold_date(session, mine, previous, earlier)
            own = [parse_update(text) for text in asked.update]
            own = [one for one in own if not one.spec or not unknown_updates(previous, (one.name,))]
            try:
                resolutions = solve_over(
                    held,
                    previous,
                    own,
                    listener,
                    solve,
                    update_all=request.update_all,
                    limits=asked.limits,
                )
            except LockstackError as error:
                if isinstance(error, (NoSolutionError, SourceError)):
                    for notice in session.requirements.notices:
                        listener.warn(notice.text)
                if len(problems) > 1:
                    listener.warn(
                        f"environment {', '.join(f'`{part.name}`' for part in mine)} can't be locked"
                    )
                raise
            found.append(_Solved(session=held, parts=mine, resolutions=resolutions))
    return found


def _refuse_unknown(updates: Sequence[Update], every: Sequence[Resolution]) -> None:
    """Raise InputError where a version is named for a package that no environment has."""
    from lockfiles.update import lines_of_updates

    for update in updates:
        if update.spec and unknown_updates(every, (update.name,)):
            lines_of_updates([update], every)


def _hold_date(
    session: Session,
    parts: Sequence[EnvironmentPart],
    previous: Sequence[Resolution],
    earlier: EarlierEnvironments,
) -> Session:
    """Return the session with the lockfile's dates if nothing else asks for a new lockfile."""
    if not isinstance(session.settings.exclude_newer.value, Age):
        return session
    held = with_held_date(session, previous)
    return session if held == session or faults_of(session, parts, earlier) else held


def _environments(solved: _Solved, output: Path | None) -> Iterable[LockedEnvironment]:
    for part in solved.parts:
        resolutions, session = split(solved.resolutions, part), session_of(solved.session, part)
        yield LockedEnvironment(
            name=part.name,
            session=session,
            resolutions=resolutions,
            metadata=make_lock(session, resolutions, output).metadata,
        )


def _kept(
    environments: Sequence[LockedEnvironment],
    earlier: EarlierEnvironments,
    asked: EnvironmentPlan,
    request: LockRequest,
) -> tuple[Kept | None, tuple[Notice, ...]]:
    """Return what stays of the earlier lockfile, and what is said of that."""
    from lockfiles.formats.pixi.several import WRITTEN, Kept, kept_platforms

    locked = {one.name for one in environments}
    others = [name for name in earlier.contents if name not in locked]
    _check_dropped(request.drop_environments, others, locked)
    leave = [
        name
        for name in others
        if name in request.drop_environments or (asked.listed is not None and name not in asked.listed)
    ]
    stay = tuple(name for name in others if name not in leave)
    notices = [_notice("environment-dropped", f"`{name}` leaves the lockfile", name) for name in leave]
    if stay:
        names = ", ".join(f"`{name}`" for name in stay)
        verb = "stays" if len(stay) == 1 else "stay"
        notices.append(_notice("environment-kept", f"{names} {verb} in the lockfile as before", *stay))
    platforms: dict[str, tuple[str, ...]] = {}
    for one in environments:
        content = earlier.contents.get(one.name)
        if content is None:
            continue
        there = [resolution.target.subdir for resolution in content.resolutions]
        settled = settle_others(one.session, there, _dropped(request, there))
        notices += settled.notices
        if settled.kept:
            rows = earlier.document["environments"][one.name].get("packages") or {}
            platforms[one.name] = tuple(kept_platforms(rows, earlier.document, settled.kept))
    if earlier.document and earlier.document["version"] not in WRITTEN and (stay or platforms):
        raise InputError(
            f"is of version {earlier.document['version']}: what isn't locked anew can't stay in it",
            Origin(file=str(asked.output)),
            "`--all-environments` locks all of them.",
        )
    if not (stay or platforms or (earlier.document and earlier.document["version"] == WRITTEN[0])):
        return None, tuple(notices)
    return Kept(document=earlier.document, environments=stay, platforms=platforms), tuple(notices)


def _dropped(request: LockRequest, there: Sequence[str]) -> tuple[str, ...]:
    """Return the platforms to drop that an environment has; others may have the rest."""
    return tuple(name for name in request.drop_platforms if name in there)


def _check_dropped(dropped: Sequence[str], others: Sequence[str], locked: set[str]) -> None:
    for name in dropped:
        if name in locked:
            raise InputError(f"`--drop-environment {name}`: this run locks it")
        if name not in others:
            known = ", ".join(f"`{one}`" for one in (*others, *sorted(locked)))
            raise InputError(f"`--drop-environment {name}`: the lockfile has no such environment", hint=known)


def _notice(code: str, text: str, *environments: str) -> Notice:
    return Notice(code=code, text=text, facts={"environments": environments})


def _difference(
    environments: Sequence[LockedEnvironment],
    earlier: EarlierEnvironments,
    kept: Kept | None,
    *,
    is_same: bool,
) -> Difference | None:
    """Return what changed; None without an earlier lockfile."""
    from lockfiles.difference import Difference, diff_resolutions

    if not earlier.contents:
        return None
    if is_same:
        return Difference(changes=())
    new = {one.name: [*one.resolutions, *_stayed(one, earlier, kept)] for one in environments}
    new |= {name: list(earlier.resolutions(name)) for name in (kept.environments if kept else ())}
    return diff_resolutions(
        _labelled({name: earlier.resolutions(name) for name in earlier.contents}), _labelled(new)
    )


def _stayed(
    environment: LockedEnvironment, earlier: EarlierEnvironments, kept: Kept | None
) -> list[Resolution]:
    """Return the platforms of an environment that weren't locked anew and stay."""
    if kept is None or environment.name not in kept.platforms:
        return []
    own = {one.target.subdir for one in environment.resolutions}
    return [one for one in earlier.resolutions(environment.name) if one.target.subdir not in own]


def _labelled(environments: Mapping[str, Sequence[Resolution]]) -> list[Resolution]:
    """Return all resolutions, each under the name of its environment and platform."""
    return [
        replace(one, target=replace(one.target, subdir=f"{name}/{one.target.subdir}"))
        for name, resolutions in environments.items()
        for one in resolutions
    ]


def _said(solved: Sequence[_Solved], request: LockRequest) -> list[Notice]:
    """Return what is said of each problem, once; what not all share names its environments."""
    places: dict[tuple[str, str, str | None], list[str]] = {}
    told: dict[tuple[str, str, str | None], Notice] = {}
    for one in solved:
        notices = [*gather_notices(one.session.requirements, one.resolutions)]
        notices += of_the_machine(one.session, request)
        notices += of_numpy(one.resolutions)
        notices += unused(one.session.settings, one.session.requirements, one.resolutions)
        for notice in notices:
            key = (notice.code, notice.text, notice.target)
            told.setdefault(key, notice)
            places.setdefault(key, []).append(", ".join(part.name for part in one.parts))
    return [
        told[key] if len(names) == len(solved) else replace(told[key], text=f"{', '.join(names)}: {key[1]}")
        for key, names in places.items()
    ]
