"""What ``lock graph`` takes."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from lockfiles.cli.arguments import (
    Unique,
    add_group_arguments,
    add_machine_arguments,
    add_output_arguments,
    add_source_arguments,
    session_fields,
)
from lockfiles.cli.lockfile_arguments import add_reading_arguments, take_usual
from lockfiles.drawings.names import DRAWING_FORMATS

if TYPE_CHECKING:
    from lockfiles.cli.graph.command import GraphCommand

DESCRIPTION = """\
Draw a lockfile as one HTML page that works offline: search, the ways to each package from what was asked for,
channels and indexes, sizes, what `lock check` finds; or as a graph for other tools. Two lockfiles are drawn
side by side. An environment file is solved first; where it has no solution the conflict is drawn."""

EXAMPLES = """\
examples:
  lock graph conda-lock.yml                      writes conda-lock.html beside it
  lock graph HEAD~1:conda-lock.yml conda-lock.yml -o changes.html
  lock graph environment.yml -o environment.html solved now; or why there is no solution (exit code 4)
  lock graph uv.lock --format dot -o - | dot -Tsvg > graph.svg
  lock graph conda-lock.yml -o graph.graphml     for Gephi, yEd, networkx"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument(
        "files", nargs="*", metavar="FILE",
        help="a lockfile of any format (conda-lock.yml), two of them, the older first, or environment files",
    )  # fmt: skip
    parser.add_argument(
        "--format", choices=tuple(DRAWING_FORMATS),
        help="html, graphml, dot (Graphviz), json (node-link); as the output's name ends, else html",
    )  # fmt: skip
    parser.add_argument(
        "-o", "--output", metavar="FILE", help="where to write (beside the first file; `-`: standard output)"
    )
    parser.add_argument(
        "--input", metavar="FILE", action=Unique, dest="inputs", default=(),
        help="the file that says what was asked for (the lockfile's own sources); may be repeated",
    )  # fmt: skip
    add_reading_arguments(parser, has_settings=True)
    parser.add_argument("--no-check", action="store_true", help="without the findings of `lock check`")
    add_group_arguments(parser)
    add_source_arguments(parser, "graph")
    add_machine_arguments(parser)
    add_output_arguments(parser, json_help="print what was written as JSON", verb="graph")


def read_arguments(arguments: argparse.Namespace) -> GraphCommand:
    """Return what was asked for as one value."""
    from lockfiles.cli.graph.command import GraphCommand
    from lockfiles.drawing import GraphRequest

    arguments.files = arguments.files or [take_usual(arguments)]
    return GraphCommand(
        request=GraphRequest(
            **session_fields(arguments),
            inputs=arguments.inputs,
            environment=arguments.environment,
            with_findings=not arguments.no_check,
        ),
        format=arguments.format,
        output=arguments.output,
    )
