"""What ``lock diff OLD NEW`` takes."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from lockfiles.cli.arguments import Unique, add_output_arguments
from lockfiles.cli.lockfile_arguments import add_reading_arguments, take_usual

if TYPE_CHECKING:
    from lockfiles.cli.diff.command import DiffCommand

DESCRIPTION = """\
Show which packages two lockfiles differ in: added (+), removed (-), newer (↑), older (↓), of another
build or from another place (~)."""

EXAMPLES = """\
examples:
  lock diff old/conda-lock.yml conda-lock.yml
  lock diff HEAD~1:conda-lock.yml              a git revision's, as git names it, beside the one here
  lock diff origin/main:pixi.lock pixi.lock --format markdown
  lock diff --exit-code a.yml b.yml            exit code 5 where they differ"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument(
        "old", metavar="OLD",
        help="a lockfile of any format that is read (`-`: standard input; `REVISION:PATH`: of git)",
    )  # fmt: skip
    parser.add_argument(
        "new", nargs="?", metavar="NEW", help="another one (conda-lock.yml, or the one that is there)"
    )
    parser.add_argument(
        "-p", "--platform", metavar="PLATFORM", action=Unique, dest="platforms", default=(),
        help="only this platform; may be repeated",
    )  # fmt: skip
    add_reading_arguments(parser)
    parser.add_argument("--exit-code", action="store_true", help="leave with 5 where the lockfiles differ")
    parser.add_argument(
        "--format", choices=("text", "markdown"), default="text",
        help="markdown: for a pull request, what was asked for apart from what comes in",
    )  # fmt: skip
    parser.add_argument(
        "--input", metavar="FILE", action=Unique, dest="inputs", default=(),
        help="the file that says what was asked for (each lockfile's own sources); may be repeated",
    )  # fmt: skip
    add_output_arguments(parser, json_help="print the difference as JSON")


def read_arguments(arguments: argparse.Namespace) -> DiffCommand:
    """Return what was asked for as one value."""
    from lockfiles.cli.diff.command import DiffCommand
    from lockfiles.comparing import DiffRequest
    from lockfiles.surroundings import surroundings_here

    return DiffCommand(
        request=DiffRequest(
            old=arguments.old,
            new=arguments.new or take_usual(arguments),
            platforms=arguments.platforms,
            environment=arguments.environment,
            python=arguments.python,
            groups=arguments.groups or None,
            with_asked=arguments.json or arguments.format == "markdown",
            inputs=arguments.inputs,
            surroundings=surroundings_here(),
        ),
        exit_code=arguments.exit_code,
        markdown=arguments.format == "markdown",
    )
