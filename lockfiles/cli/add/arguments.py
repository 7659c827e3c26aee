"""What ``lock add PACKAGE...`` takes."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from lockfiles.cli.amend_arguments import add_amend_arguments

if TYPE_CHECKING:
    from lockfiles.amending import AmendRequest

DESCRIPTION = """\
Put packages into an input file, with its comments and order kept, and lock: both files change, or
neither. A line that asks for the package already gets the new text."""

EXAMPLES = """\
examples:
  lock add scipy                        into the file that conda-lock.yml was made from
  lock add 'numpy>=1.26' -f environment.yml
  lock add --pip 'requests[socks]'      into the pip part
  lock add --group dev pytest ruff      into a group of pyproject.toml, a feature of pixi.toml
  lock add polars --dry-run             what would change"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    add_amend_arguments(parser, "add", "a match spec of conda, or with `--pip` a requirement of pip's")


def read_arguments(arguments: argparse.Namespace) -> AmendRequest:
    """Return what was asked for as one value."""
    from lockfiles.cli.amend_arguments import amend_request

    return amend_request(arguments)
