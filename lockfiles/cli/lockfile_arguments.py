"""Arguments of verbs that look at a lockfile."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePath
from typing import Any

from lockfiles.cli.arguments import Unique

#: Of lockfiles' names.
_SUFFIXES = frozenset({".yml", ".yaml", ".lock", ".toml", ".txt"})


def add_reading_arguments(parser: argparse.ArgumentParser, *, has_settings: bool = False) -> None:
    """Add what chooses one environment of a lockfile that holds several.

    ``has_settings``: for a verb that has ``--python`` and ``--group`` already.
    """
    parser.add_argument("--environment", metavar="NAME", help="environment of a pixi.lock (default)")
    if has_settings:
        return
    parser.add_argument(
        "--python", metavar="VERSION",
        help="of a lockfile for several Pythons: the one to read it for (the lowest that it allows)",
    )  # fmt: skip
    parser.add_argument(
        "--group", metavar="NAME", action=Unique, dest="groups", default=(),
        help="with this group, extra or category beside the main one (all); may be repeated",
    )  # fmt: skip


def add_lockfile_arguments(parser: argparse.ArgumentParser, *, has_settings: bool = False) -> None:
    """Add the lockfile that a verb looks at, and what it was made from.

    ``has_settings``: for a verb that has ``--platform``, ``--python`` and ``--group`` already.
    """
    parser.add_argument(
        "lockfile", nargs="?", metavar="LOCKFILE",
        help="of any format that is read (conda-lock.yml, or the one that is there; `-`: standard input)",
    )  # fmt: skip
    parser.add_argument(
        "--input", metavar="FILE", action=Unique, dest="inputs", default=(),
        help="the file that says what was asked for (the lockfile's own sources); may be repeated",
    )  # fmt: skip
    if not has_settings:
        parser.add_argument(
            "-p", "--platform", metavar="PLATFORM", action=Unique, dest="platforms", default=(),
            help="only this platform; may be repeated",
        )  # fmt: skip
    add_reading_arguments(parser, has_settings=has_settings)


def lockfile_fields(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the fields that every request about a lockfile has (:class:`LockfileRequest`)."""
    from lockfiles.surroundings import surroundings_here

    return {
        "lockfile": arguments.lockfile or take_usual(arguments),
        "inputs": arguments.inputs,
        "platforms": arguments.platforms,
        "environment": arguments.environment,
        "python": arguments.python,
        "groups": arguments.groups or None,
        "surroundings": surroundings_here(),
    }


def take_usual(arguments: argparse.Namespace) -> str:
    """Return the lockfile of a run that names none. Raises InputErrors.

    Under another name than the usual one it stands in ``taken``, which the command tells.
    """
    from lockfiles.surroundings import surroundings_here
    from lockfiles.usual_lockfile import DEFAULT_LOCKFILE, lockfile_here

    name = lockfile_here(surroundings_here())
    if name != DEFAULT_LOCKFILE:
        arguments.taken = name
    return name


def take_usual_if_there(arguments: argparse.Namespace) -> list[str]:
    """Return the lockfile of a run that may do without; nothing where there is none. Raises InputErrors."""
    from lockfiles.files import is_file
    from lockfiles.usual_lockfile import DEFAULT_LOCKFILE

    name = take_usual(arguments)
    return [] if name == DEFAULT_LOCKFILE and not is_file(name) else [name]


@contextmanager
def saying_the_order(verb: str, package: str, lockfile: str) -> Iterator[None]:
    """Say in which order a package and a lockfile are given, where an error comes of their exchange."""
    from lockfiles.files import is_file
    from lockfiles.usual_lockfile import DEFAULT_LOCKFILE
    from resolver.errors import InputError

    try:
        yield
    except InputError as error:
        is_there = is_file(lockfile)
        if not is_file(package) or (is_there and PurePath(package).suffix not in _SUFFIXES):
            raise
        name = "PACKAGE" if is_there or lockfile == DEFAULT_LOCKFILE else lockfile
        hint = f"The package comes first: `{verb} {name} {package}`."
        raise InputError(f"`{package}` is a file, not a package", hint=hint) from error


def whole_number(text: str) -> int:
    """Return a number from 0 on; raises ArgumentTypeError for another text."""
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise argparse.ArgumentTypeError(f"`{text}` is no whole number")
    return int(text)
