"""What ``lock fleet PATH...`` takes of what must move."""

from __future__ import annotations

import argparse
import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

from lockfiles.cli.arguments import Unique

if TYPE_CHECKING:
    from lockfiles.cli.fleet.upkeep import UpkeepCommand
    from lockfiles.fleet.running import FleetRequest
    from lockfiles.fleet.upkeep.rules import MoveRules

#: Flags that have no meaning beside what must move.
_OTHERS = (
    "merge", "check", "more", "update_all", "resume", "csv", "sarif", "html", "keep", "merge_time",
)  # fmt: skip


def add_upkeep(group: argparse._ArgumentGroup) -> None:
    """Add the flags that say what must move, and where that goes."""
    group.add_argument(
        "--avoid", metavar="SPEC", action=Unique, default=(),
        help="versions that may not stay, such as 'openssl<3.0.15'; may be repeated",
    )  # fmt: skip
    group.add_argument(
        "--advisories", metavar="FILE", action=Unique, default=(),
        help="what these advisories (OSV's form) are about may not stay; may be repeated",
    )  # fmt: skip
    group.add_argument(
        "--older-than", metavar="DATE", type=_moment, default=None,
        help="what files ask for, and was published before a date or an age (`180d`), takes its newest",
    )  # fmt: skip
    group.add_argument(
        "--branches", metavar="PREFIX", default=None,
        help="make a branch for each group of files that move alike; nothing is pushed",
    )  # fmt: skip


def _moment(text: str) -> int:
    """Return the moment (seconds since 1970, UTC) at which a day begins, or so long before today."""
    from lockfiles.settings.ages import parse_age
    from lockfiles.surroundings import surroundings_here

    age = parse_age(text)
    if age is not None:
        return age.before(surroundings_here().today() or "")
    try:
        day = dt.date.fromisoformat(text.strip())
    except ValueError:
        raise argparse.ArgumentTypeError(f"`{text}` is no date (`2026-01-31`) and no age (`180d`)") from None
    return int(dt.datetime.combine(day, dt.time(), dt.UTC).timestamp())


def read_upkeep(arguments: argparse.Namespace, request: FleetRequest) -> UpkeepCommand | None:
    """Return what is to be relocked and where it goes; None: nothing of that is asked for.

    Raises InputError for flags that don't go together.
    """
    from msgspec.structs import replace

    from resolver.errors import InputError
    from resolver.model.origin import Origin

    named = [name for name in ("avoid", "advisories", "older_than", "branches") if getattr(arguments, name)]
    if not named:
        return None
    wrong = [name for name in _OTHERS if getattr(arguments, name)]
    if wrong:
        flag = "--with" if wrong[0] == "more" else _flag(wrong[0])
        raise InputError(f"doesn't go with `{_flag(named[0])}`", Origin(file=flag))
    if arguments.branches and request.find.files_from:
        hint = "Branches hold files of a commit: name folders, or `REV:PATH`."
        raise InputError("doesn't go with `--branches`", Origin(file="--files-from"), hint)
    rules = _rules(arguments)
    if not rules:
        hint = "Say what must move: `--avoid`, `--advisories`, `--older-than` or `--update`."
        raise InputError("has nothing to hold", Origin(file="--branches"), hint)
    from lockfiles.cli.fleet.upkeep import UpkeepCommand

    return UpkeepCommand(
        request=replace(
            request,
            work=("update",),
            rules=rules,
            dry_run=True,
            lock=replace(request.lock, update=(), update_all=False),
        ),
        branches=None if arguments.dry_run else arguments.branches,
        folder=None if arguments.dry_run else arguments.write,
        is_of_commit=bool(arguments.branches),
    )


def _rules(arguments: argparse.Namespace) -> MoveRules:
    from lockfiles.fleet.upkeep.rules import MoveRules, parse_versions
    from lockfiles.surroundings import surroundings_here
    from lockfiles.update import parse_update

    for text in arguments.avoid:
        parse_versions(text)
    for text in arguments.update:
        parse_update(text)
    here = surroundings_here().cwd
    return MoveRules(
        versions=tuple(arguments.avoid),
        advisories=tuple(str(here / Path(name)) for name in arguments.advisories),
        packages=tuple(arguments.update),
        before=arguments.older_than,
    )


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"
