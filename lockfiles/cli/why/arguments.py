"""What ``lock why PACKAGE`` takes."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from lockfiles.cli.arguments import add_output_arguments
from lockfiles.cli.lockfile_arguments import add_lockfile_arguments, whole_number

if TYPE_CHECKING:
    from lockfiles.tracing import WhyRequest

DESCRIPTION = """\
Show why a package is in a lockfile: the shortest way to it from each line that asks for something, with
the requirement on each step. A line's way through what another line asks for is left to that one; `--all`
has every way."""

EXAMPLES = """\
examples:
  lock why openssl                           in conda-lock.yml
  lock why numpy uv.lock                     a lockfile of any format that is read
  lock why openssl --all --limit 20          every way, the 20 shortest
  lock why torch pixi.lock --input pixi.toml who asked, where the lockfile doesn't say"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument(
        "package", metavar="PACKAGE", help="its name, of conda or of PyPI (`pypi:NAME`: of PyPI alone)"
    )
    add_lockfile_arguments(parser)
    parser.add_argument("--all", action="store_true", help="every way, not only the shortest ones")
    parser.add_argument(
        "--limit", metavar="NUMBER", type=whole_number, default=100, help="so many ways at most (100)"
    )
    add_output_arguments(parser, json_help="print the ways as JSON")


def read_arguments(arguments: argparse.Namespace) -> WhyRequest:
    """Return what was asked for as one value."""
    from lockfiles.cli.lockfile_arguments import lockfile_fields
    from lockfiles.tracing import WhyRequest

    return WhyRequest(
        package=arguments.package,
        every=arguments.all,
        limit=arguments.limit,
        **lockfile_fields(arguments),
    )
