"""What ``lock FILE...`` takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lockfiles.cli.arguments import (
    Unique,
    add_environment_arguments,
    add_group_arguments,
    add_machine_arguments,
    add_output_arguments,
    add_setting,
    add_source_arguments,
    session_fields,
)
from lockfiles.cli.verbs import VERBS

if TYPE_CHECKING:
    import argparse

    from lockfiles.cli.lock.command import LockCommand

DESCRIPTION = """\
Solve the conda and PyPI packages of environment files in one search, and write a lockfile
(conda-lock.yml, version 1) beside the first of them."""

EXAMPLES = (
    """\
examples:
  lock environment.yml                          lock for the platforms that the file names
  lock environment.yml -p linux-64 -p osx-arm64 lock for these platforms
  lock environment.yml --virtual-package __cuda=12.4
                                                for machines with a GPU and CUDA 12.4
  lock environment.yml dev.yml -o all.lock.yml  several files, all of which hold
  lock --each envs/*.yml                        a lockfile for each file, a table, one exit code
  lock pixi.toml --all-environments             all environments of a pixi manifest, in one pixi.lock
  lock environment.yml --python 3.11,3.12       an environment a Python, in one pixi.lock
  lock environment.yml --update numpy           move numpy, keep the rest where it fits
  lock environment.yml --check                  is the lockfile fresh? (exit code 5: no)

other verbs (`lock VERB --help`):
"""
    + "\n".join(f"  lock {name.ljust(8)} {verb.help}" for name, verb in VERBS.items())
    + """

exit codes: 0 done, 1 unexpected, 2 bad input, 3 a source failed, 4 no solution, 5 a check found something"""
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument(
        "files",
        metavar="FILE",
        nargs="*",
        help="environment.yml, requirements.txt, pyproject.toml, pixi.toml",
    )
    add_setting(parser, "output")
    add_group_arguments(parser)
    add_environment_arguments(parser)
    mode = parser.add_argument_group("what to do")
    mode.add_argument(
        "--check", action="store_true", help="only say whether the lockfile is fresh; solve nothing"
    )
    mode.add_argument(
        "--each",
        action="store_true",
        help="every file is an environment of its own, with its nearest settings and the lockfile beside it",
    )
    mode.add_argument("--dry-run", action="store_true", help="solve and say what would change; write nothing")
    mode.add_argument(
        "--update",
        metavar="PACKAGE",
        action=Unique,
        dest="update",
        default=(),
        help="take this package's newest; the others stay where they can; may be repeated. "
        "`NAME=VERSION` moves it to that version, `'torch*'` all that the pattern fits",
    )
    mode.add_argument("--update-all", action="store_true", help="forget the earlier pins")
    mode.add_argument(
        "--drop-platform",
        metavar="NAME",
        action=Unique,
        dest="drop_platforms",
        default=(),
        help="take this platform out of the lockfile; others that aren't locked stay; may be repeated",
    )
    mode.add_argument(
        "--drop-environment",
        metavar="NAME",
        action=Unique,
        dest="drop_environments",
        default=(),
        help="take this environment out of a pixi.lock; others that aren't locked stay; may be repeated",
    )
    mode.add_argument(
        "--record",
        metavar="PATH",
        help="also write down all that the answer rests on, without credentials, for `lock replay`",
    )
    add_setting(mode, "engine")
    which = parser.add_argument_group("which files, with --each")
    which.add_argument(
        "--files-from",
        metavar="LIST",
        action=Unique,
        default=(),
        help="a file with one path a line, or ended by NULs (`-`: standard input); may be repeated",
    )
    which.add_argument(
        "--exclude",
        metavar="PATTERN",
        action=Unique,
        default=(),
        help="leave out of folders what this fits, as a .gitignore would; may be repeated",
    )
    which.add_argument("--no-ignore", action="store_true", help="take what git ignores too")
    add_source_arguments(parser, "lock")
    add_machine_arguments(parser)
    add_output_arguments(parser, json_help="print the result as JSON on standard output", verb="lock")
    parser.add_argument(
        "--show-settings", action="store_true", help="print every setting and where it comes from"
    )
    parser.add_argument(
        "--completion", metavar="SHELL", help="print the completion script for bash, zsh, fish ..."
    )
    parser.add_argument("--version", action="store_true", help="print the version")


def read_arguments(arguments: argparse.Namespace) -> LockCommand:
    """Return what was asked for as one value."""
    from lockfiles.cli.lock.command import LockCommand
    from lockfiles.locking import LockRequest

    return LockCommand(
        request=LockRequest(
            **session_fields(arguments),
            update=arguments.update,
            update_all=arguments.update_all,
            drop_platforms=arguments.drop_platforms,
            drop_environments=arguments.drop_environments,
        ),
        each=arguments.each,
        files_from=arguments.files_from,
        exclude=arguments.exclude,
        no_ignore=arguments.no_ignore,
        check=arguments.check,
        dry_run=arguments.dry_run,
        record=arguments.record,
        show_settings=arguments.show_settings,
        completion=arguments.completion,
        version=arguments.version,
    )
