"""What ``lock remove PACKAGE...`` takes."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from lockfiles.cli.amend_arguments import add_amend_arguments

if TYPE_CHECKING:
    from lockfiles.amending import AmendRequest

DESCRIPTION = """\
Take packages out of the input files, with comments and order kept, and lock: all files change, or
none. What another package still needs stays in the lockfile, and is named."""

EXAMPLES = """\
examples:
  lock remove scipy                     from the files that conda-lock.yml was made from
  lock remove requests --pip            from the pip part alone
  lock remove --group dev ruff -f pyproject.toml"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    add_amend_arguments(parser, "remove", "its name")


def read_arguments(arguments: argparse.Namespace) -> AmendRequest:
    """Return what was asked for as one value."""
    from lockfiles.cli.amend_arguments import amend_request

    return amend_request(arguments)
