"""What ``lock validate`` takes."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from lockfiles.cli.arguments import add_output_arguments
from lockfiles.cli.lockfile_arguments import add_lockfile_arguments

if TYPE_CHECKING:
    from lockfiles.cli.validate.command import ValidateCommand

DESCRIPTION = """\
Is an environment what its lockfile says, and does it work? `--init` writes tests for pytest that run in the
environment: its Python, versions, `pip check`, imports of what was asked for, the GPU where the lockfile is
for one, and a test of your own to fill in. `--prefix` asks what files alone tell, and imports nothing."""

EXAMPLES = """\
examples:
  lock validate --init                       tests of what conda-lock.yml holds, in environment_tests
  ./env/bin/python -m pytest environment_tests
  lock validate --prefix ./env               without pytest, and without running anything
  lock validate uv.lock --init -o tests/environment"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    add_lockfile_arguments(parser)
    kind = parser.add_mutually_exclusive_group(required=True)
    kind.add_argument("--init", action="store_true", help="write the tests (test_smoke.py only once)")
    kind.add_argument("--prefix", metavar="DIR", help="look at an environment's files; nothing of it is run")
    parser.add_argument(
        "-o", "--output", metavar="DIR", help="with `--init`: the folder to write into (environment_tests)"
    )
    add_output_arguments(parser, json_help="print the answers, or the files written, as JSON")


def read_arguments(arguments: argparse.Namespace) -> ValidateCommand:
    """Return what was asked for as one value."""
    from lockfiles.cli.lockfile_arguments import lockfile_fields
    from lockfiles.cli.validate.command import ValidateCommand
    from lockfiles.locked_file import LockfileRequest
    from lockfiles.validating import DEFAULT_FOLDER, ValidateRequest
    from resolver.errors import InputError

    fields = lockfile_fields(arguments)
    if arguments.prefix is not None:
        if arguments.output is not None:
            raise InputError("`--output` is where `--init` writes: `--prefix` writes nothing")
        return ValidateCommand(request=ValidateRequest(**fields, prefix=arguments.prefix))
    return ValidateCommand(request=LockfileRequest(**fields), folder=arguments.output or DEFAULT_FOLDER)
