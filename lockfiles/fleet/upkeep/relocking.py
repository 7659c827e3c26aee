"""One file's lockfile relocked for what must move: of one environment, or of several."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from lockfiles.fleet.records import FleetRecord, UpkeepRow
from lockfiles.fleet.upkeep.moving import Moving, told, with_asked
from lockfiles.fleet.upkeep.rules import ReadRules
from resolver.errors import InputError
from resolver.model.origin import Origin

if TYPE_CHECKING:
    from lockfiles.fleet.stages import JobListener
    from lockfiles.locking import Locked, LockRequest
    from lockfiles.several.locking import LockedSeveral
    from resolver.model.requirements import Requirements


def move(
    request: LockRequest, rules: ReadRules, made: FleetRecord, listener: JobListener
) -> tuple[FleetRecord, Locked | LockedSeveral | None]:
    """Relock what must move; return the record, and the new lockfile where there is one.

    Raises as :func:`lockfiles.locking.lock` does.
    """
    from lockfiles.as_before import as_before
    from lockfiles.earlier import EarlierFile
    from lockfiles.files import is_file, read_text
    from lockfiles.places import find_output, holds_several
    from lockfiles.session import open_session

    request = as_before(request)
    session = open_session(request)
    output = find_output(session)
    if output is None or not is_file(output):
        _refuse_others(output)
        return replace(made, outcome="no lockfile"), None
    made = replace(made, output=output.as_posix())
    if holds_several(output):
        from lockfiles.fleet.upkeep.several import move_several

        return move_several(request, output, rules, made, listener)
    earlier = EarlierFile(read_text(output), output, may_forget=False, listener=listener)
    listener.done("read")

    def answer(limits: Requirements, updates: tuple[str, ...]) -> Locked:
        from lockfiles.locking import lock

        return lock(replace(request, limits=limits, update=updates), listener)

    moving = Moving(session, rules, earlier.resolutions, listener, answer)
    locked = moving.relock()
    if locked is None or not locked.difference:
        return told(made, moving.held), None if locked is None else locked
    from lockfiles.held_date import find_faults

    row = UpkeepRow(
        moved=moving.moved(locked.resolutions),
        held=tuple(moving.held),
        difference=with_asked(locked.difference, [locked.session.requirements]),
        was_fresh=not find_faults(session, output),
    )
    return told(made, moving.held, row), locked


def _refuse_others(output: Path | None) -> None:
    """Raise InputError where pixi's own lockfile stands in place of ours."""
    from lockfiles.files import is_file
    from lockfiles.places import SEVERAL

    place = output.with_name(SEVERAL) if output is not None else None
    if place is not None and is_file(place):
        hint = f"`lock FILE --output {SEVERAL}` takes it over, and keeps its versions where they fit."
        raise InputError(
            "is pixi's own lockfile, which nothing here was locked with", Origin(file=str(place)), hint
        )
