"""What ``lock tree`` takes."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from lockfiles.cli.arguments import add_output_arguments
from lockfiles.cli.lockfile_arguments import add_lockfile_arguments, whole_number

if TYPE_CHECKING:
    from lockfiles.cli.tree.command import TreeCommand

DESCRIPTION = """\
Show a lockfile's packages as a tree below what was asked for. What a package needs is shown once; (*)
marks it where it comes again, and (...) what is deeper than `--depth`."""

EXAMPLES = """\
examples:
  lock tree                        the whole tree of conda-lock.yml
  lock tree uv.lock --depth 1      what was asked for, and what that needs
  lock tree --invert openssl       what needs openssl, up to what was asked for
  lock tree -p linux-64 --requirements"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    add_lockfile_arguments(parser)
    parser.add_argument("--invert", metavar="PACKAGE", help="what needs this package, not what it needs")
    parser.add_argument(
        "--depth", metavar="NUMBER", type=whole_number, help="no deeper than this (0: what was asked for)"
    )
    parser.add_argument(
        "--requirements", action="store_true", help="beside each package the requirement that leads to it"
    )
    add_output_arguments(parser, json_help="print the rows of the tree as JSON")


def read_arguments(arguments: argparse.Namespace) -> TreeCommand:
    """Return what was asked for as one value."""
    from lockfiles.cli.lockfile_arguments import lockfile_fields
    from lockfiles.cli.tree.command import TreeCommand
    from lockfiles.tracing import TreeRequest

    return TreeCommand(
        request=TreeRequest(inverted=arguments.invert, depth=arguments.depth, **lockfile_fields(arguments)),
        requirements=arguments.requirements,
    )
