"""What ``lock check`` takes."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from lockfiles.cli.arguments import (
    add_group_arguments,
    add_machine_arguments,
    add_output_arguments,
    add_setting,
    add_source_arguments,
    session_fields,
)

if TYPE_CHECKING:
    from lockfiles.cli.check.command import CheckCommand

DESCRIPTION = """\
Check a lockfile, an environment file or an installed environment against the machine it will
run on: channels that don't fit together, CUDA, drivers, GPUs, base images, VM sizes."""

EXAMPLES = """\
examples:
  lock check conda-lock.yml                                  what the packages themselves say
  lock check --vm-size Standard_NC24ads_A100_v4              the lockfile of this folder, for a VM size
  lock check environment.yml --image Dockerfile --driver 535.161
  lock check --prefix /opt/conda/envs/train --gpu A100       what is installed
  lock check --prefix .venv --against pylock.toml            is it what was locked?
  lock check conda-lock.yml --log std_log.txt                why did the job fail?
  lock check --rules                                         every rule in one line
  lock check --matrix pytorch                                versions that belong together
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument(
        "files",
        nargs="*",
        metavar="FILE",
        help="conda-lock.yml, pixi.lock, requirements with pins, or environment files (the lockfile here)",
    )
    parser.add_argument(
        "--prefix", metavar="DIR", help="check what is installed there; none of its code is run"
    )
    parser.add_argument(
        "--against",
        metavar="LOCK",
        help="lockfile (of any format) that the prefix was made from: what differs",
    )
    parser.add_argument(
        "--every-byte",
        action="store_true",
        help="with --prefix: hash files over 8 MiB too, not their size alone",
    )
    parser.add_argument(
        "--environment", metavar="NAME", help="environment of a pixi.lock or manifest (default)"
    )
    parser.add_argument(
        "--requirements",
        action="append",
        default=[],
        metavar="FILE",
        help="environment file a lockfile was made from: who asked for what; may be repeated",
    )
    parser.add_argument(
        "--log", metavar="FILE", help="log of a failed job: match known failures (- is standard input)"
    )
    add_group_arguments(parser)
    add_machine_arguments(parser)
    _add_result_arguments(parser.add_argument_group("result"))
    add_source_arguments(parser, "check")
    add_output_arguments(parser, json_help="print JSON (docs/check.md has its schema)", verb="check")


def _add_result_arguments(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--fail-on",
        choices=("note", "warning", "error"),
        default="error",
        help="exit with 5 from this severity on (error)",
    )
    add_setting(group, "silenced")
    group.add_argument("--sarif", metavar="FILE", help="write SARIF 2.1.0 to FILE (- is standard output)")
    group.add_argument("--no-fix", action="store_true", help="don't solve for fixes")
    group.add_argument("--rules", action="store_true", help="list every rule and leave")
    group.add_argument(
        "--matrix", metavar="NAME", help="print a version matrix and leave (pytorch, tensorflow, ...)"
    )


def read_arguments(arguments: argparse.Namespace) -> CheckCommand:
    """Return what was asked for as one value."""
    from lockfiles.checking import CheckRequest
    from lockfiles.cli.check.command import CheckCommand

    is_elsewhere = arguments.prefix or arguments.log or arguments.rules or arguments.matrix
    if not (arguments.files or is_elsewhere):
        from lockfiles.cli.lockfile_arguments import take_usual_if_there

        arguments.files = take_usual_if_there(arguments)
    return CheckCommand(
        request=CheckRequest(
            **session_fields(arguments),
            prefix=arguments.prefix,
            against=arguments.against,
            every_byte=arguments.every_byte,
            environment=arguments.environment,
            requirements=tuple(arguments.requirements),
            log=arguments.log,
            try_fixes=not arguments.no_fix,
        ),
        rules=arguments.rules,
        matrix=arguments.matrix,
        fail_on=arguments.fail_on,
        sarif=arguments.sarif,
    )
