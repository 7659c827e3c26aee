"""``lock diff OLD NEW``: what changed between two lockfiles."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lockfiles.cli.terminal import Terminal
    from lockfiles.formats.reading import LockContent, ReadOptions

DESCRIPTION = """\
Show which packages two lockfiles differ in: added (+), removed (-), newer (↑), older (↓), of another
build or from another place (~)."""

EXAMPLES = """\
examples:
  lock diff old/conda-lock.yml conda-lock.yml
  git show HEAD:conda-lock.yml | lock diff - conda-lock.yml
  lock diff --exit-code a.yml b.yml            exit code 5 where they differ"""

#: Exit code with ``--exit-code`` where the files differ: a check found something.
EXIT_DIFFERENT = 5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    from lockfiles.cli.arguments import Unique, add_output_arguments

    parser.add_argument(
        "old", metavar="OLD", help="a lockfile of any format that is read (`-`: standard input)"
    )
    parser.add_argument("new", metavar="NEW", help="another one")
    parser.add_argument(
        "-p", "--platform", metavar="PLATFORM", action=Unique, dest="platforms", default=(),
        help="only this platform; may be repeated",
    )  # fmt: skip
    parser.add_argument("--environment", metavar="NAME", help="environment of a pixi.lock (default)")
    parser.add_argument("--exit-code", action="store_true", help="leave with 5 where the lockfiles differ")
    add_output_arguments(parser, json_help="print the difference as JSON")


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Print the difference; return 0, or 5 with ``--exit-code`` where there is one."""
    from lockfiles.diff import diff_resolutions, format_difference
    from lockfiles.formats.reading import ReadOptions

    wanted = frozenset(arguments.platforms)
    options = ReadOptions(
        environment=arguments.environment, platform=next(iter(arguments.platforms), "linux-64")
    )
    old, new = (
        [r for r in read_lock(name, options).resolutions if not wanted or r.target.subdir in wanted]
        for name in (arguments.old, arguments.new)
    )
    difference = diff_resolutions(old, new)
    if terminal.json:
        terminal.data(json.dumps(difference.to_json(), indent=2, ensure_ascii=False))
    elif terminal.verbosity >= 0:
        terminal.data("\n".join(format_difference(difference)))
    return EXIT_DIFFERENT if arguments.exit_code and difference else 0


def read_lock(name: str, options: ReadOptions) -> LockContent:
    """Return what the lockfile of that name holds, whatever its format; ``-`` is standard input."""
    import sys

    from lockfiles.files import read_text
    from lockfiles.formats.reading import read_lockfile

    text = sys.stdin.read() if name == "-" else read_text(name)
    return read_lockfile(text, "(standard input)" if name == "-" else name, options)
