"""A lockfile of several environments relocked for what must move, problem by problem.

Environments that are solved together are one problem, with limits of its own: what one environment can't do
without holds back no other one. Platforms are called ``ENVIRONMENT/PLATFORM``, as in differences.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import msgspec
from msgspec.structs import replace

from lockfiles.fleet.records import FleetRecord, HeldRow, MovedRow, UpkeepRow
from lockfiles.fleet.upkeep.moving import Moving, told, with_asked
from lockfiles.fleet.upkeep.rules import ReadRules
from resolver.errors import InputError
from resolver.model.origin import Origin
from resolver.model.requirements import Requirements
from resolver.model.resolution import Resolution

if TYPE_CHECKING:
    from lockfiles.fleet.stages import JobListener
    from lockfiles.locking import LockRequest
    from lockfiles.several.earlier import EarlierEnvironments
    from lockfiles.several.locking import LockedSeveral
    from lockfiles.several.planning import EnvironmentPart, Problem

Row = TypeVar("Row", HeldRow, MovedRow)


class _RelockedTogether(msgspec.Struct, frozen=True, kw_only=True):
    """What a problem comes to, and what was asked for that."""

    resolutions: tuple[Resolution, ...]
    limits: Requirements
    updates: tuple[str, ...]


class _Moved(msgspec.Struct, frozen=True, kw_only=True):
    """One problem with what moves in it."""

    problem: Problem
    parts: tuple[EnvironmentPart, ...]
    moving: Moving[_RelockedTogether]
    answer: _RelockedTogether | None


def move_several(
    request: LockRequest, output: Path, rules: ReadRules, made: FleetRecord, listener: JobListener
) -> tuple[FleetRecord, LockedSeveral | None]:
    """Relock what must move of each environment; return the record, and the new lockfile where there is one.

    Raises as :func:`lockfiles.several.locking.lock_several` does.
    """
    from lockfiles.several.earlier import EarlierEnvironments
    from lockfiles.several.freshness import find_faults
    from lockfiles.several.locking import lock_several
    from lockfiles.several.planning import plan

    asked = plan(request)
    if asked is None:
        raise InputError("holds several environments, and its input has one", Origin(file=str(output)))
    earlier = EarlierEnvironments(output, may_forget=False, listener=listener)
    listener.done("read")
    moved = [_move(problem, rules, earlier, listener) for problem in asked.problems]
    held = _together([row for one in moved for row in _labelled(one.moving.held, one, earlier)])
    if all(one.answer is None for one in moved):
        return told(made, held), None
    locked = lock_several(request, listener, replace(asked, problems=tuple(_asking(one) for one in moved)))
    if not locked.difference:
        return told(made, held), locked
    rows = [
        row
        for one in moved
        if one.answer is not None
        for row in _labelled(one.moving.moved(one.answer.resolutions), one, earlier)
    ]
    upkeep = UpkeepRow(
        moved=tuple(_together(rows)),
        held=tuple(held),
        difference=with_asked(locked.difference, [one.session.requirements for one in locked.environments]),
        was_fresh=not find_faults(asked),
    )
    return told(made, held, upkeep), locked


def _move(problem: Problem, rules: ReadRules, earlier: EarlierEnvironments, listener: JobListener) -> _Moved:
    from lockfiles.over_earlier import solve_over
    from lockfiles.session import open_session
    from lockfiles.several.freshness import parts_of_session
    from lockfiles.several.parts import join
    from lockfiles.solving import solving_together
    from lockfiles.update import parse_update

    session = open_session(problem.request)
    parts = parts_of_session(problem, session)
    previous = join(earlier.resolutions(part.name) for part in parts)

    def answer(limits: Requirements, updates: tuple[str, ...]) -> _RelockedTogether:
        own = [parse_update(text) for text in updates]
        with solving_together([session], listener) as solve:
            found = solve_over(session, previous, own, listener, solve, update_all=False, limits=limits)
        return _RelockedTogether(resolutions=found, limits=limits, updates=updates)

    moving = Moving(session, rules, previous, listener, answer)
    return _Moved(problem=problem, parts=parts, moving=moving, answer=moving.relock())


def _asking(one: _Moved) -> Problem:
    """Return a problem that asks for what its answer took."""
    if one.answer is None:
        return one.problem
    request = replace(one.problem.request, limits=one.answer.limits, update=one.answer.updates)
    return replace(one.problem, request=request)


def _labelled(rows: Sequence[Row], one: _Moved, earlier: EarlierEnvironments) -> list[Row]:
    """Return rows whose platforms name the environments that held the package."""
    return [
        replace(row, platforms=tuple(
            f"{part.name}/{platform}" for platform in row.platforms for part in one.parts
            if _holds(earlier.resolutions(part.name), platform, row)
        ))
        for row in rows
    ]  # fmt: skip


def _holds(resolutions: Sequence[Resolution], platform: str, row: HeldRow | MovedRow) -> bool:
    for one in resolutions:
        if one.target.subdir == platform:
            if row.ecosystem == "conda":
                return any(pin.record.name == row.name for pin in one.conda)
            return any(pin.name == row.name for pin in one.pypi)
    return False


def _together(rows: Sequence[Row]) -> list[Row]:
    """Return rows that differ in nothing but platforms as one."""
    first: dict[bytes, Row] = {}
    platforms: dict[bytes, list[str]] = {}
    for row in rows:
        key = msgspec.msgpack.encode(replace(row, platforms=()))
        first.setdefault(key, row)
        platforms.setdefault(key, []).extend(row.platforms)
    return [replace(row, platforms=tuple(platforms[key])) for key, row in first.items()]
