"""``lock FILE... --record``: lock, and write down what that rests on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from lockfiles.cli.listening import TerminalListener
    from lockfiles.cli.terminal import Terminal
    from lockfiles.locking import Locked, LockRequest
    from lockfiles.several.locking import LockedSeveral

L = TypeVar("L", "Locked", "LockedSeveral")


def lock_recorded(
    request: LockRequest, place: str, listener: TerminalListener, terminal: Terminal, kind: type[L]
) -> L:
    """Lock and write the recording; return what was locked, which is of that kind.

    A solve that fails is written down, too, before its error is raised.
    """
    from lockfiles.recording.record import record

    made = record(request, Path(place), listener)
    terminal.note(f"Recorded in `{place}`.")
    if made.difference is not None:
        terminal.warning(
            f"`lock replay {place}` gives something else: {made.difference}",
            f"`{made.unsteady[0]}` answered in two ways meanwhile: record again."
            if made.unsteady
            else "Folders, repositories and builds are no part of a recording.",
        )
    if made.error is not None:
        raise made.error
    assert isinstance(made.locked, kind)  # noqa: S101  (the request tells which)
    return made.locked
