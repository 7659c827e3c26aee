"""What ``lock export`` takes."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from lockfiles.cli.arguments import Unique, add_output_arguments
from lockfiles.cli.lockfile_arguments import add_reading_arguments, take_usual
from lockfiles.formats.names import FORMATS

if TYPE_CHECKING:
    from lockfiles.cli.export.asked import ExportCommand

DESCRIPTION = """\
Write what a lockfile holds in the format of another tool. Files get their usual names beside the
lockfile; nothing is solved."""

EXAMPLES = """\
examples:
  lock export --format explicit                      conda-PLATFORM.lock for `conda create --file`
  lock export --format requirements -p linux-64 -o - pip's part, on standard output
  lock export --format pylock conda-lock.yml         pylock.toml (PEP 751)
  lock export py311.yml --with py312=py312.yml -f pixi  two environments in one pixi.lock
  lock export --formats                              list the formats
  lock export pixi.lock --all-environments -f pylock    a matrix of Pythons as one pylock.toml
  lock export --azureml DIR --image REF              an Azure ML environment"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument(
        "lockfile",
        nargs="?",
        metavar="LOCKFILE",
        help="of any format that is read (conda-lock.yml, or the one that is there)",
    )
    add_reading_arguments(parser)
    parser.add_argument(
        "--all-environments", action="store_true", help="all of a pixi.lock: as `pixi`, `pixi-6` or `pylock`"
    )
    parser.add_argument(
        "--input", metavar="FILE", action=Unique, dest="inputs", default=(),
        help="what the lockfile was made from, for who asked for what (its own sources); may be repeated",
    )  # fmt: skip
    parser.add_argument(
        "--with", metavar="NAME=LOCKFILE", action=Unique, dest="beside", default=(), type=_named,
        help="another lockfile, as an environment of this name beside `default` (pixi); may be repeated",
    )  # fmt: skip
    parser.add_argument("-f", "--format", choices=tuple(FORMATS), help="the format to write")
    parser.add_argument("--formats", action="store_true", help="list the formats, and leave")
    parser.add_argument(
        "-o",
        "--output",
        metavar="PATH",
        help="a file, a folder for several files, or `-` for standard output",
    )
    parser.add_argument(
        "-p", "--platform", metavar="PLATFORM", action=Unique, dest="platforms", default=(),
        help="only this platform; may be repeated",
    )  # fmt: skip
    parser.add_argument(
        "--category", metavar="NAME", action=Unique, dest="groups", help="the same as `--group`",
    )  # fmt: skip
    _add_azureml_arguments(parser)
    add_output_arguments(parser, json_help="print the names of the written files as JSON")


def _named(text: str) -> tuple[str, str]:
    """Return name and lockfile; raises ArgumentTypeError for another form."""
    name, equals, lockfile = text.partition("=")
    if not (name and equals and lockfile):
        raise argparse.ArgumentTypeError(f"`{text}` is not NAME=LOCKFILE")
    return name, lockfile


def _add_azureml_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options that only this export has."""
    group = parser.add_argument_group("Azure ML")
    form = group.add_mutually_exclusive_group()
    form.add_argument(
        "--azureml", metavar="DIR", help="write a v2 environment, its pinned conda file, the lockfile"
    )
    form.add_argument(
        "--azureml-v1", metavar="DIR", help="write the files of v1's Environment.load_from_directory"
    )
    group.add_argument("--image", metavar="REF", help="base image, best with its digest")
    group.add_argument("--name", metavar="NAME", help="the environment's name (that of DIR)")
    group.add_argument("--environment-version", metavar="VERSION", help="its version (the service counts)")
    group.add_argument("--description", metavar="TEXT")
    group.add_argument(
        "--tag", action="append", default=[], metavar="NAME=VALUE", help="a further tag; may be repeated"
    )
    group.add_argument(
        "--pip-index",
        action="append",
        default=[],
        metavar="URL",
        help="an index for the pip section (the lockfile's extra ones); may be repeated",
    )
    group.add_argument(
        "--pip-hashes", action="store_true", help="write `--hash` behind every pip requirement"
    )


def read_arguments(arguments: argparse.Namespace) -> ExportCommand:
    """Return what was asked for as one value."""
    from lockfiles.cli.export.asked import ExportCommand
    from lockfiles.surroundings import surroundings_here

    return ExportCommand(
        lockfile=arguments.lockfile or ("" if arguments.formats else take_usual(arguments)),
        format=arguments.format,
        list_formats=arguments.formats,
        output=arguments.output,
        platforms=arguments.platforms,
        groups=arguments.groups,
        inputs=arguments.inputs,
        beside=arguments.beside,
        surroundings=surroundings_here(),
        python=arguments.python,
        environment=arguments.environment,
        all_environments=arguments.all_environments,
        azureml=arguments.azureml,
        azureml_v1=arguments.azureml_v1,
        image=arguments.image,
        name=arguments.name,
        environment_version=arguments.environment_version,
        description=arguments.description,
        tags=tuple(arguments.tag),
        pip_indexes=tuple(arguments.pip_index),
        pip_hashes=arguments.pip_hashes,
    )
