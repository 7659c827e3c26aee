"""Completion scripts for shells, made from the argument parsers."""

from __future__ import annotations

import argparse
from importlib import import_module
from importlib.util import find_spec

from lockfiles.cli.verbs import DEFAULT, VERBS
from resolver.errors import InputError


def completion_script(shell: str) -> str:
    """Return the script to source in ``shell`` (bash, zsh, fish, tcsh). Raises InputError for another one."""
    import shtab

    if shell not in shtab.SUPPORTED_SHELLS:
        known = ", ".join(f"`{name}`" for name in shtab.SUPPORTED_SHELLS)
        raise InputError(f"no completion for `{shell}`", None, f"Use one of {known}.")
    script: str = shtab.complete(full_parser(), shell=shell)
    return script


def full_parser() -> argparse.ArgumentParser:
    """Return one parser that knows the default verb's options and every other verb."""
    import shtab

    parser = argparse.ArgumentParser(prog="lock", add_help=True)
    import_module(DEFAULT.module).add_arguments(parser)
    files = next(action for action in parser._actions if action.dest == "files")  # noqa: SLF001  # no other way
    files.complete = shtab.FILE  # type: ignore[attr-defined]
    verbs = parser.add_subparsers(dest="verb")
    for name, verb in VERBS.items():
        if find_spec(verb.module) is None:
            continue
        module = import_module(verb.module)
        child = verbs.add_parser(name, help=verb.help)
        module.add_arguments(child)
        for action in child._actions:  # noqa: SLF001
            if not action.option_strings and action.nargs != 0 and not action.choices:
                action.complete = shtab.FILE  # type: ignore[attr-defined]
    return parser
