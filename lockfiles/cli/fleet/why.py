"""``lock fleet why SPEC PATH...``: which environments hold a package, and through whom."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from msgspec.structs import replace

from lockfiles.cli.revision_folder import enter_revision
from lockfiles.cli.terminal import format_columns
from lockfiles.fleet.holding import Holder, HoldersRequest, find_holders
from resolver.errors import one_line
from resolver.model.json_text import encode_named

if TYPE_CHECKING:
    from lockfiles.cli.terminal import Terminal

#: Lines that ask, told of one package.
_MOST_LINES = 3


def tell_holders(request: HoldersRequest, terminal: Terminal) -> int:
    """Print who holds the package; return 0, or 2 where a lockfile couldn't be read."""
    with contextlib.ExitStack() as held:
        entered = enter_revision(request.find.paths, request.surroundings, held, terminal)
        if entered is not None:
            paths, around = entered
            find = replace(request.find, paths=paths, heeds_git=False)
            request = replace(request, find=find, surroundings=around)
        found = find_holders(request)
    if terminal.json:
        for holder in found.holders:
            terminal.data(encode_named(holder).decode())
    else:
        rows = [(one_line(h.file), h.platform, _label(h), _through(h)) for h in found.holders]
        for line in format_columns(rows, indent=""):
            terminal.data(line)
    for unread in found.unread:
        terminal.error(f"{unread.file}: {unread.reason.removeprefix(f'{unread.file}: ')}")
    files = len({holder.file for holder in found.holders})
    terminal.note(
        f"{files:,} of {found.files:,} lockfiles {'holds' if files == 1 else 'hold'} `{request.spec}`."
    )
    if files:
        terminal.note("`lock fleet PATH... --avoid SPEC` says what relocking moves, and what can't move.")
    return 2 if found.unread else 0


def _label(holder: Holder) -> str:
    return f"{holder.name} {holder.version}{' (pip)' if holder.ecosystem == 'pypi' else ''}"


def _through(holder: Holder) -> str:
    """Return the way from a line to the package; of a line beside the lockfile its file's own name."""
    if not holder.asked:
        return "nothing that was asked for leads to it"
    beside = f"{holder.file.rpartition('/')[0]}/"
    lines = [line.removeprefix(beside) for line in holder.asked]
    more = len(lines) - _MOST_LINES
    told = "; ".join(lines[:_MOST_LINES]) + (f"; {more} more" if more > 0 else "")
    return (
        f"through {' > '.join(holder.through)}, asked for: {told}" if holder.through else f"asked for: {told}"
    )
