"""``lock replay``: a recorded solve again, without a network."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec

from lockfiles.recording.replay import Replayed, replay

if TYPE_CHECKING:
    from lockfiles.cli.terminal import Terminal

#: Version of the JSON form; grows when a key changes its meaning or goes away.
SCHEMA_VERSION = 1


class ReplayCommand(msgspec.Struct, frozen=True, kw_only=True):
    """What the verb is to do; ``output`` None: the lockfile goes to standard output."""

    file: str
    output: str | None = None


def run(command: ReplayCommand, terminal: Terminal) -> int:
    """Solve again and tell; return the exit code of that solve."""
    from lockfiles.cli.listening import TerminalListener
    from lockfiles.files import write_text

    done = replay(command.file, TerminalListener(terminal))
    if done.difference is not None:
        terminal.warning(f"not as recorded: {done.difference}")
    if done.error is not None:
        raise done.error
    if done.locked is not None and command.output is not None:
        write_text(command.output, done.locked.text)
    if terminal.json:
        terminal.data(json.dumps(_to_json(done), indent=2, ensure_ascii=False))
    elif done.locked is not None and command.output is None:
        terminal.data(done.locked.text.removesuffix("\n"))
    if done.difference is None:
        terminal.note("the same lockfile as recorded")
    return 0


def _to_json(done: Replayed) -> dict[str, object]:
    text = done.locked.text if done.locked is not None else None
    return {
        "schema_version": SCHEMA_VERSION,
        "is_same": done.difference is None,
        "difference": done.difference,
        "lockfile": text,
    }
