"""What ``lock fleet PATH... --merge`` takes."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lockfiles.cli.fleet.merging import MergeCommand
    from lockfiles.fleet.finding import FindRequest
    from lockfiles.locking import LockRequest


def add_merging(group: argparse._ArgumentGroup) -> None:
    """Add the flags of `--merge`."""
    group.add_argument(
        "--merge", action="store_true",
        help="say which environments can share one image; the solver decides, nothing of the files changes",
    )  # fmt: skip
    group.add_argument(
        "--keep", choices=("patch", "minor", "pins"), default=None,
        help="what files ask for stays as locked: within its minor series, its major series, or exactly",
    )  # fmt: skip
    group.add_argument(
        "--write",
        metavar="DIR",
        default=None,
        help="write there: the merged environments and their lockfiles, or the texts of what must move",
    )
    group.add_argument(
        "--merge-time", metavar="SECONDS", type=_seconds, default=None,
        help="look for fewer images so long, then tell what was found and is proven (no limit)",
    )  # fmt: skip


def _seconds(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if not 0 < found < 1e9:
        raise argparse.ArgumentTypeError(f"`{text}` is no number of seconds above 0")
    return found


def read_merging(arguments: argparse.Namespace, find: FindRequest, lock: LockRequest) -> MergeCommand | None:
    """Return what is to be merged; None: nothing. Raises InputError for flags that don't go together."""
    from resolver.errors import InputError
    from resolver.model.origin import Origin

    names = ("keep", "write", "merge_time")
    given = [name for name in names if getattr(arguments, name) is not None]
    if not arguments.merge:
        if given:
            raise InputError("only with `--merge`", Origin(file=_flag(given[0])))
        return None
    others = (
        "check",
        "more",
        "dry_run",
        "update",
        "update_all",
        "scheduler",
        "journal",
        "resume",
        "csv",
        "sarif",
    )
    wrong = [name for name in others if getattr(arguments, name)]
    if wrong:
        flag = "--with" if wrong[0] == "more" else _flag(wrong[0])
        hint = "Files are merged as they are locked: `lock fleet` locks them before."
        raise InputError("doesn't go with `--merge`", Origin(file=flag), hint)
    from lockfiles.cli.fleet.merging import MergeCommand
    from lockfiles.fleet.merging.keep import Keep

    return MergeCommand(
        find=find,
        lock=lock,
        keep=Keep(arguments.keep) if arguments.keep else None,
        folder=arguments.write,
        seconds=arguments.merge_time,
        html=arguments.html,
    )


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"
