"""What ``lock verify`` takes."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from lockfiles.cli.arguments import Unique, add_network_arguments, add_output_arguments, session_fields
from lockfiles.cli.lockfile_arguments import take_usual

if TYPE_CHECKING:
    from lockfiles.cli.verify.command import VerifyCommand

DESCRIPTION = """\
Look at every package of a lockfile where it came from: is it listed still, with the hash that is locked; was
it yanked, is its project archived or in quarantine since. With advisories from a file, is it vulnerable."""

EXAMPLES = """\
examples:
  lock verify                            conda-lock.yml beside its channels and indexes
  lock verify pixi.lock --download       fetch every archive, and hash it
  lock verify --advisories osv.json      and match advisories (OSV's form)
  lock verify --advisories osv.json --no-sources
                                         match advisories alone, without a network"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument(
        "files",
        nargs="*",
        metavar="LOCKFILE",
        help="of any format that is read (conda-lock.yml, or the one that is there)",
    )
    parser.add_argument(
        "-p", "--platform", metavar="PLATFORM", action=Unique, dest="only_platforms", default=(),
        help="only this platform; may be repeated",
    )  # fmt: skip
    parser.add_argument("--environment", metavar="NAME", help="environment of a pixi.lock (default)")
    parser.add_argument("--download", action="store_true", help="fetch every archive and hash it")
    parser.add_argument(
        "--advisories", metavar="FILE", action=Unique, default=(),
        help="advisories in OSV's form (JSON, a list or one a line); may be repeated",
    )  # fmt: skip
    parser.add_argument("--no-sources", action="store_true", help="don't ask channels and indexes")
    parser.add_argument(
        "--fail-on", choices=("note", "warning", "error"), default="warning",
        help="exit with 5 from this severity on (warning)",
    )  # fmt: skip
    add_network_arguments(parser, "verify")
    add_output_arguments(parser, json_help="print JSON (docs/json.md)")


def read_arguments(arguments: argparse.Namespace) -> VerifyCommand:
    """Return what was asked for as one value."""
    from lockfiles.cli.verify.command import VerifyCommand
    from lockfiles.verifying_sources import SourcesRequest

    arguments.files = arguments.files or [take_usual(arguments)]
    return VerifyCommand(
        request=SourcesRequest(
            **session_fields(arguments),
            only_platforms=arguments.only_platforms,
            environment=arguments.environment,
            download=arguments.download,
            advisories=arguments.advisories,
            ask_sources=not arguments.no_sources,
        ),
        fail_on=arguments.fail_on,
    )
