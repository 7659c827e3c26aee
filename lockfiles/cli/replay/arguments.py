"""What ``lock replay`` takes."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from lockfiles.cli.arguments import add_output_arguments

if TYPE_CHECKING:
    from lockfiles.cli.replay.command import ReplayCommand

DESCRIPTION = """\
Solve again from a file that `lock FILE... --record` wrote: without a network, a cache or the settings of this
machine. The lockfile goes to standard output, and it is said whether it is the recorded one."""

EXAMPLES = """\
examples:
  lock environment.yml --record solve.zip    lock, and write down all that the answer rests on
  lock replay solve.zip                      the same again, anywhere
  lock replay solve.zip -o conda-lock.yml"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument("file", metavar="RECORDING", help="what `--record` wrote")
    parser.add_argument("-o", "--output", metavar="PATH", help="write the lockfile there (standard output)")
    add_output_arguments(parser, json_help="print the result as JSON on standard output")


def read_arguments(arguments: argparse.Namespace) -> ReplayCommand:
    """Return what was asked for as one value."""
    from lockfiles.cli.replay.command import ReplayCommand

    return ReplayCommand(file=arguments.file, output=arguments.output)
