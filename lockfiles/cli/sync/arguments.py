"""What ``lock sync`` takes."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from lockfiles.cli.arguments import (
    add_group_arguments,
    add_installer_arguments,
    add_machine_arguments,
    add_output_arguments,
    add_setting,
    add_source_arguments,
    session_fields,
)

if TYPE_CHECKING:
    from lockfiles.cli.sync.command import SyncCommand

DESCRIPTION = """\
Lock if the lockfile doesn't answer the files any more, then make an environment what it says
(`lock install`). Without files those that the lockfile was made from are taken."""

EXAMPLES = """\
examples:
  lock sync environment.yml -p ./env            after each edit of environment.yml
  lock sync -p ./env                            the files that conda-lock.yml was made from
  lock sync -p ./env --locked                   fail where the lockfile is not fresh (exit code 5)
  lock sync -p ./env --dry-run                  what would change, in the lockfile and there"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument("files", nargs="*", metavar="FILE", help="as for `lock`")
    parser.add_argument(
        "-p",
        "--prefix",
        metavar="DIR",
        required=True,
        help="the environment's folder; made where it isn't there",
    )
    parser.add_argument(
        "--environment", metavar="NAME", help="the one to install, of a pixi.lock (default); all are locked"
    )
    add_setting(parser, "output")
    add_group_arguments(parser)
    parser.add_argument(
        "--locked", action="store_true", help="don't lock: leave with 5 where the lockfile is not fresh"
    )
    add_installer_arguments(parser)
    add_source_arguments(parser, "sync")
    add_machine_arguments(parser)
    add_output_arguments(parser, json_help="print what was done as JSON", verb="sync")


def read_arguments(arguments: argparse.Namespace) -> SyncCommand:
    """Return what was asked for as one value."""
    from lockfiles.cli.arguments import installer_fields
    from lockfiles.cli.sync.command import SyncCommand
    from lockfiles.locking import LockRequest
    from lockfiles.syncing import SyncRequest

    return SyncCommand(
        request=SyncRequest(
            lock=LockRequest(**session_fields(arguments)),
            environment=arguments.environment,
            is_locked=arguments.locked,
            **installer_fields(arguments),
        )
    )
