"""What ``lock explain`` takes."""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING

from lockfiles.cli.arguments import (
    add_group_arguments,
    add_machine_arguments,
    add_output_arguments,
    add_source_arguments,
    session_fields,
)

if TYPE_CHECKING:
    from lockfiles.cli.explain.command import ExplainCommand

DESCRIPTION = """\
Say which lines of environment files can't hold together, why, and which change leads to a solution.
Every change that is shown was solved."""

EXAMPLES = """\
examples:
  lock explain environment.yml               the lines that clash, the reasons, and what helps
  lock explain environment.yml --apply 1     make the first change (the diff is shown)
  lock explain environment.yml --tree        every reason
  lock explain environment.yml --gpu A100    for a machine that is described, as for `lock`
  lock explain --log build.log               read the error of conda, mamba, pixi, pip, uv, poetry
  lock explain environment.yml --log build.log
                                             and solve again what failed there
  conda env create -f env.yml 2>&1 | lock explain env.yml --log -

exit codes: 0 there is a solution (or a change was made), 4 no solution; else as for `lock`"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument(
        "files",
        metavar="FILE",
        nargs="*",
        help="environment.yml, requirements.txt, pyproject.toml, pixi.toml",
    )
    add_group_arguments(parser)
    parser.add_argument(
        "--environment",
        metavar="NAME",
        help="an environment of a pixi manifest (default), with its solve-group",
    )
    shape = parser.add_argument_group("what to show")
    shape.add_argument("--tree", action="store_true", help="show every reason, as a tree")
    shape.add_argument("--dot", action="store_true", help="print the reasons as a Graphviz graph")
    shape.add_argument("--log", metavar="FILE", help="explain another tool's error (`-`: standard input)")
    change = parser.add_argument_group("what to do")
    change.add_argument(
        "--apply", metavar="N", type=int, help="make change N in the file, after showing the diff"
    )
    change.add_argument("--dry-run", action="store_true", help="with --apply: show the diff alone")
    change.add_argument(
        "--timeout",
        metavar="SECONDS",
        type=_seconds,
        dest="explain_timeout",
        help="look so long, for conflicts and for changes (default: as many steps as are usually enough)",
    )
    add_source_arguments(parser, "explain")
    add_machine_arguments(parser)
    add_output_arguments(parser, json_help="print JSON (docs/explain.md has its schema)", verb="explain")


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 < value < 1e6:
        raise argparse.ArgumentTypeError(f"`{text}` is no number of seconds")
    return value


def read_arguments(arguments: argparse.Namespace) -> ExplainCommand:
    """Return what was asked for as one value."""
    from lockfiles.cli.explain.command import ExplainCommand
    from lockfiles.explaining import ExplainRequest
    from resolver.explain.clock import Clock

    return ExplainCommand(
        request=ExplainRequest(
            **session_fields(arguments),
            log=arguments.log,
            environment=arguments.environment,
            clock=Clock(now=time.monotonic, timeout=arguments.explain_timeout),
        ),
        tree=arguments.tree,
        dot=arguments.dot,
        apply=arguments.apply,
        dry_run=arguments.dry_run,
    )
