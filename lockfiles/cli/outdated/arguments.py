"""What ``lock outdated`` takes."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from lockfiles.cli.arguments import (
    add_group_arguments,
    add_output_arguments,
    add_source_arguments,
    session_fields,
)
from lockfiles.cli.lockfile_arguments import add_lockfile_arguments, take_usual

if TYPE_CHECKING:
    from lockfiles.cli.outdated.command import OutdatedCommand

DESCRIPTION = """\
Show of what was asked for which versions are locked, which a lock from scratch would take (fits), which
the sources have (newest), and who is against the newest. Nothing is written."""

EXAMPLES = """\
examples:
  lock outdated                        what was asked for, in conda-lock.yml
  lock outdated --all -p linux-64      what comes in, too
  lock outdated pixi.lock --input pixi.toml
  lock outdated --exit-code            exit code 5 where something is newer"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    add_lockfile_arguments(parser, has_settings=True)
    parser.add_argument("--all", action="store_true", help="what comes in, too")
    parser.add_argument("--exit-code", action="store_true", help="leave with 5 where something is newer")
    add_group_arguments(parser)
    add_source_arguments(parser, "outdated")
    add_output_arguments(parser, json_help="print the packages as JSON", verb="outdated")


def read_arguments(arguments: argparse.Namespace) -> OutdatedCommand:
    """Return what was asked for as one value."""
    from lockfiles.cli.outdated.command import OutdatedCommand
    from lockfiles.outdating import OutdatedRequest

    arguments.files = arguments.inputs
    return OutdatedCommand(
        request=OutdatedRequest(
            **session_fields(arguments),
            lockfile=arguments.lockfile or take_usual(arguments),
            environment=arguments.environment,
            transitive=arguments.all,
        ),
        exit_code=arguments.exit_code,
    )
