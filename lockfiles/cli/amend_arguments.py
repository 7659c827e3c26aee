"""Arguments of the verbs that edit input files."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from lockfiles.cli.arguments import (
    Unique,
    add_group_arguments,
    add_machine_arguments,
    add_output_arguments,
    add_setting,
    add_source_arguments,
    session_fields,
)

if TYPE_CHECKING:
    from lockfiles.amending import AmendRequest


def add_amend_arguments(parser: argparse.ArgumentParser, verb: str, package_help: str) -> None:
    """Add packages, files, parts, and what `lock` takes."""
    parser.add_argument("packages", nargs="+", metavar="PACKAGE", help=package_help)
    parser.add_argument(
        "-f", "--file", metavar="FILE", action=Unique, dest="files", default=(),
        help="an input file (those that the lockfile was made from); may be repeated",
    )  # fmt: skip
    part = parser.add_mutually_exclusive_group()
    part.add_argument("--pip", action="store_true", help="the pip part, PyPI's projects")
    part.add_argument("--conda", action="store_true", help="the conda part")
    parser.add_argument("--dry-run", action="store_true", help="say what would change; write nothing")
    add_setting(parser, "output")
    add_group_arguments(parser)
    add_source_arguments(parser, verb)
    add_machine_arguments(parser)
    add_output_arguments(parser, json_help="print the result as JSON on standard output", verb=verb)


def amend_request(arguments: argparse.Namespace) -> AmendRequest:
    """Return what was asked for as one value; raises InputError for several groups."""
    from lockfiles.amending import AmendRequest
    from lockfiles.locking import LockRequest
    from resolver.errors import InputError

    groups = (*arguments.groups, *arguments.extras)
    if len(groups) > 1:
        raise InputError("packages go into one group at a time", hint="`--all-groups` locks all of them.")
    return AmendRequest(
        lock=LockRequest(**session_fields(arguments)),
        packages=tuple(arguments.packages),
        is_pip=True if arguments.pip else False if arguments.conda else None,
        group=next(iter(groups), None),
        dry_run=arguments.dry_run,
    )
