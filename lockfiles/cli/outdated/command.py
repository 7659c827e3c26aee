"""``lock outdated``: what is newer, and who holds it back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from lockfiles.cli.listening import TerminalListener
from lockfiles.cli.terminal import format_columns
from lockfiles.outdating import Outdated, OutdatedRequest, VersionStanding, outdated

if TYPE_CHECKING:
    from lockfiles.cli.terminal import Terminal

#: Exit code with ``--exit-code`` where something is newer: a check found something.
EXIT_OUTDATED = 5
#: So many of those that are against a version are named.
_MOST = 3
_UNKNOWN = "?"


class OutdatedCommand(msgspec.Struct, frozen=True, kw_only=True):
    """What the verb is to do."""

    request: OutdatedRequest
    exit_code: bool = False


def run(command: OutdatedCommand, terminal: Terminal) -> int:
    """Print what is outdated; return 0, or 5 with ``--exit-code`` where something is."""
    found = outdated(command.request, TerminalListener(terminal))
    if terminal.json:
        terminal.data(json.dumps(found.to_json(), indent=2, ensure_ascii=False))
    else:
        terminal.data("\n".join(_lines(found)))
        for remark in found.remarks:
            terminal.note(f"note: {remark}")
    return EXIT_OUTDATED if command.exit_code and found.outdated else 0


def _lines(found: Outdated) -> Iterator[str]:
    by_platform: dict[str, list[VersionStanding]] = {}
    for one in found.outdated:
        by_platform.setdefault(one.platform, []).append(one)
    if not by_platform:
        yield f"nothing is outdated: {len(found.packages)} packages were looked at"
    for platform, packages in by_platform.items():
        yield f"{platform}:"
        yield from format_columns(_table(packages))


def _table(packages: Sequence[VersionStanding]) -> list[tuple[str, ...]]:
    return [
        ("package", "locked", "fits", "newest", "held back by"),
        *(
            (
                f"{one.name} (pip)" if one.manager == "pip" else one.name,
                one.locked,
                one.fits or _UNKNOWN,
                one.newest or _UNKNOWN,
                _against(one.held_by),
            )
            for one in packages
        ),
    ]


def _against(held_by: Sequence[str]) -> str:
    more = len(held_by) - _MOST
    return "; ".join((*held_by[:_MOST], *([f"{more} more"] if more > 0 else ())))
