"""``lock fleet PATH... --merge``: which environments can share an image."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from lockfiles.cli.fleet.outputs import check_page_place, write_page
from lockfiles.cli.notices import tell_notices
from lockfiles.files import make_folder
from lockfiles.fleet.finding import FindRequest
from lockfiles.fleet.merging.finding import find_environments
from lockfiles.fleet.merging.keep import Keep
from lockfiles.fleet.merging.merging import MergeRequest, merge, write_merged
from lockfiles.fleet.merging.telling import merged_lines, merged_to_json
from lockfiles.fleet.merging.verdicts import MergeLimits
from lockfiles.fleet.page.making import merged_page
from lockfiles.locking import LockRequest
from resolver.model.visible import make_visible

if TYPE_CHECKING:
    from lockfiles.cli.terminal import Terminal


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
    requests, unread = find_environments(command.find, command.lock, command.folder)
    request = MergeRequest(
        environments=requests,
        keep=command.keep,
        folder=command.folder,
        limits=MergeLimits(is_late=_clock(command.seconds)),
    )
    merged = merge(request, still=terminal.detail)
    merged = replace(merged, failed=(*merged.failed, *unread))
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
    for offer in merged.offers:
        notices = tuple(notice for one in offer.resolutions for notice in one.notices)
        tell_notices(notices, [one.target.subdir for one in offer.resolutions], terminal)
    if written:
        terminal.note(f"Wrote {len(written)} files into `{make_visible(str(command.folder))}`.")
    return min((one.code for one in merged.failed if one.code), default=0)


def _clock(seconds: float | None) -> Callable[[], bool]:
    """Return what tells that the time for the search is over; never without a limit."""
    if seconds is None:
        return lambda: False
    until = time.monotonic() + seconds
    return lambda: time.monotonic() > until
