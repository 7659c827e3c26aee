"""``lock fleet PATH... --merge``: which environments can share an image."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from lockfiles.cli.fleet.outputs import check_page_place, write_page
from lockfiles.cli.notices import tell_notices
from lockfiles.cli.revision_folder import enter_revision
from lockfiles.files import make_folder
from lockfiles.fleet.finding import FindRequest
from lockfiles.fleet.merging.finding import find_environments
from lockfiles.fleet.merging.keep import Keep
from lockfiles.fleet.merging.merging import Merged, MergeRequest, merge, write_merged
from lockfiles.fleet.merging.telling import merged_lines, merged_to_json
from lockfiles.fleet.merging.verdicts import MergeLimits
from lockfiles.fleet.page.making import merged_page
from lockfiles.locking import LockRequest
from resolver.model.visible import make_visible

if TYPE_CHECKING:
    from lockfiles.cli.terminal import Terminal

#: Characters of a line that is drawn anew: a longer one would wrap, and stay.
_WIDEST = 79


class MergeCommand(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be merged; ``seconds``: how long fewer images are sought."""

    find: FindRequest
    lock: LockRequest
    keep: Keep | None = None
    folder: str | None = None
    seconds: float | None = None
    html: str | None = None  #: a file, or ``-``


def run_merge(command: MergeCommand, terminal: Terminal) -> int:
    """Merge, tell, and write where that is asked for; return the exit code."""
    if command.html:
        check_page_place(command.html)
    with contextlib.ExitStack() as held:
        command = _placed(command, held, terminal)
        merged = _merge(command, terminal)
    written: tuple[str, ...] = ()
    if command.folder is not None:
        make_folder(command.folder)
        written = write_merged(merged, command.folder)
    if command.html:
        paths, around = (*command.find.paths, *command.find.files_from), command.lock.surroundings
        write_page(command.html, merged_page(merged, paths, around), terminal)
    if terminal.json:
        terminal.data(json.dumps(merged_to_json(merged, written), indent=2, ensure_ascii=False))
    elif command.html != "-":
        for line in merged_lines(merged, everything=terminal.verbosity >= 1):
            terminal.data(make_visible(line))
    for number, offer in enumerate(merged.offers, start=1):
        notices = tuple(notice for one in offer.resolutions for notice in one.notices)
        if notices:
            terminal.note(f"image {number}:")
        tell_notices(notices, [one.target.subdir for one in offer.resolutions], terminal)
    if written:
        terminal.note(f"Wrote {len(written)} files into `{make_visible(str(command.folder))}`.")
    return min((one.code for one in merged.failed if one.code), default=0)


def _placed(command: MergeCommand, held: contextlib.ExitStack, terminal: Terminal) -> MergeCommand:
    """Return the command; for a git revision over its files in a folder, which is left behind."""
    around = command.lock.surroundings
    entered = enter_revision(command.find.paths, around, held, terminal)
    if entered is None:
        return command
    paths, there = entered
    return replace(
        command,
        find=replace(command.find, paths=paths, heeds_git=False),
        lock=replace(command.lock, surroundings=there),
        folder=str(around.cwd / command.folder) if command.folder is not None else None,
    )


def _merge(command: MergeCommand, terminal: Terminal) -> Merged:
    requests, unread = find_environments(command.find, command.lock, command.folder)
    request = MergeRequest(
        environments=requests,
        keep=command.keep,
        folder=command.folder,
        limits=MergeLimits(is_late=_clock(command.seconds)),
    )
    progress = _Progress(terminal)
    try:
        merged = merge(request, still=progress.tell)
    finally:
        progress.erase()
    return replace(merged, failed=(*merged.failed, *unread))


class _Progress:
    """What goes on, in one line that is drawn anew for people who watch; a line each with `-v`."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal, self._width = terminal, 0

    def tell(self, text: str) -> None:
        """Draw a line, or write it."""
        if self._terminal.is_live:
            self._redraw(text[:_WIDEST])
        else:
            self._terminal.detail(text)

    def erase(self) -> None:
        """Take the line away."""
        if self._width:
            self._redraw("")

    def _redraw(self, text: str) -> None:
        with contextlib.suppress(OSError):  # a terminal that was closed: nobody watches
            self._width = self._terminal.redraw(text, self._width)


def _clock(seconds: float | None) -> Callable[[], bool]:
    """Return what tells that the time for the search is over, which begins when it is first asked.

    Before it environments are read, and locked where they have no lockfile: that isn't the search's time.
    """
    until: list[float] = []

    def is_late() -> bool:
        if seconds is None:
            return False
        if not until:
            until.append(time.monotonic() + seconds)
        return time.monotonic() > until[0]

    return is_late
