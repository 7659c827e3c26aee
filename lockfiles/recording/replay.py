"""Solve again from a recording: no network, no cache, no file but those in it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from lockfiles.listener import Listener
from lockfiles.locking import Locked, LockRequest, lock
from lockfiles.machine import MachineRequest
from lockfiles.recording.form import Recording
from lockfiles.recording.noting import Playing, settings_of
from lockfiles.surroundings import STDIN, Surroundings
from lockfiles.version import VERSION
from resolver.errors import InputError, LockstackError
from resolver.model.origin import Origin
from resolver.sources.tape import Player

if TYPE_CHECKING:
    from lockfiles.several.locking import LockedSeveral


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it (one of the two), and how that differs from what was recorded."""

    locked: Locked | LockedSeveral | None
    error: LockstackError | None
    difference: str | None  #: in words; None: the same bytes, or a failure of the same kind


def lock_any(request: LockRequest, listener: Listener | None = None) -> Locked | LockedSeveral:
    """Lock one environment, or several where that is what the request is for; raises as they do."""
    from lockfiles.several.locking import lock_several
    from lockfiles.several.planning import plan

    asked = plan(request)
    if asked is not None:
        return lock_several(request, listener, asked)
    return lock(replace(request, all_environments=False), listener)


def replay(place: str, listener: Listener | None = None) -> Replayed:
    """Solve again. Builds are not run: what they would tell is missing. Raises InputError."""
    recording = Recording(place)
    with tempfile.TemporaryDirectory(prefix="lockstack-replay-") as folder:
        home = Path(folder) / "home"
        base = home / "files"
        base.mkdir(parents=True)
        recording.write_files(base)
        try:
            request = _request(recording, base, home, place)
            locked, error = lock_any(request, listener), None
        except LockstackError as found:
            locked, error = None, found
    return Replayed(locked=locked, error=error, difference=_difference(recording, locked, error))


def _request(recording: Recording, base: Path, home: Path, place: str) -> LockRequest:
    record = recording.record
    asked: dict[str, Any] = dict(record.request)
    raw, name_map = asked.pop("settings", {}), asked.pop("name_map", None)
    more: dict[str, object] = {}
    if record.is_output_asked:
        more["output"] = base / record.output if record.output else Path(STDIN)
    if name_map is not None:
        more["name_map"] = base / name_map
    try:
        settings = settings_of(record.settings, **more)
        plain: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in asked.items()
        }
        return LockRequest(
            **plain,
            files=tuple(STDIN if name == STDIN else str(base / name) for name in record.files),
            settings=raw,
            settled=settings,
            machine=MachineRequest(**record.machine),
            surroundings=Surroundings(
                environ=record.environ,
                cwd=base,
                home=home,
                read_stdin=lambda: recording.file("stdin"),
                today=lambda: record.today,
                tape=Playing(Player(list(record.answers), recording.body)),
            ),
        )
    except (ValueError, TypeError) as error:
        raise InputError(f"can't be replayed: {error}", Origin(file=place)) from None


def _difference(
    recording: Recording, locked: Locked | LockedSeveral | None, error: LockstackError | None
) -> str | None:
    outcome, by = recording.record.outcome, recording.record.program
    whose = "" if by == VERSION else f" (recorded with lockstack {by}, this is {VERSION})"
    if locked is not None:
        if outcome.exit_code:
            return (
                f"the recorded solve ended with exit code {outcome.exit_code}, this one has an answer{whose}"
            )
        return (
            None if locked.text == recording.lockfile() else f"another lockfile than the recorded one{whose}"
        )
    code = error.exit_code if error is not None else 1
    if outcome.exit_code == code:
        return None
    ended = f"exit code {code}: {error}"
    return f"the recorded solve ended with exit code {outcome.exit_code}, this one with {ended}{whose}"
