"""What ``lock install`` takes."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from lockfiles.cli.arguments import (
    add_installer_arguments,
    add_network_arguments,
    add_output_arguments,
    session_fields,
)
from lockfiles.cli.lockfile_arguments import add_reading_arguments, take_usual

if TYPE_CHECKING:
    from lockfiles.cli.install.command import InstallCommand

DESCRIPTION = """\
Make an environment what a lockfile says: archives are fetched and hashed, conda's packages linked,
and the pip part put in by uv or pip without dependencies and with hashes. The environment is made
beside the old one and takes its place in one step; what no lock put there stays."""

EXAMPLES = """\
examples:
  lock install -p ./env                         what conda-lock.yml holds for this machine
  lock install pixi.lock -p ./env --environment cuda
  lock install -p ./env --group dev             `main` and this group alone
  lock install -p ./env --dry-run               what would come and go
  eval "$(lock install -p ./env)"               install, and activate"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument(
        "files",
        nargs="*",
        metavar="LOCKFILE",
        help="of any format that is read (conda-lock.yml, or the one that is there)",
    )
    parser.add_argument(
        "-p",
        "--prefix",
        metavar="DIR",
        required=True,
        help="the environment's folder; made where it isn't there",
    )
    add_reading_arguments(parser)
    add_installer_arguments(parser)
    add_network_arguments(parser, "install")
    add_output_arguments(parser, json_help="print what was done as JSON")


def read_arguments(arguments: argparse.Namespace) -> InstallCommand:
    """Return what was asked for as one value."""
    from lockfiles.cli.arguments import installer_fields
    from lockfiles.cli.install.command import InstallCommand
    from lockfiles.installing import InstallRequest

    arguments.files = arguments.files or [take_usual(arguments)]
    return InstallCommand(
        request=InstallRequest(
            **session_fields(arguments),
            **installer_fields(arguments),
            environment=arguments.environment,
            python=arguments.python,
        )
    )
