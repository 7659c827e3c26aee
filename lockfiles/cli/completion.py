"""Completion scripts for shells, made from the argument parsers."""

from __future__ import annotations

import argparse
from importlib import import_module
from importlib.util import find_spec

from lockfiles.cli.verbs import DEFAULT, VERBS
from resolver.errors import InputError

#: The first word may be a verb or a file; shtab's own way would be one or the other.
_PREAMBLES = {"bash": '_lock_first() {{\n  compgen -W \'{verbs}\' -- "$1"\n  compgen -f -- "$1"\n}}\n'}
#: The same in zsh's script, which asks for files and for verbs in two functions: text -> text in its place.
_ZSH = {
    "  _describe 'lock commands' _commands\n": "  _describe 'lock commands' _commands\n  _files\n",
    "      esac\n  esac\n": (
        "        *) _arguments -C -s \"${(@)_shtab_lock_options[1,-3]}\" '*:file:_files' ;;\n"
        "      esac\n  esac\n"
    ),
}


def completion_script(shell: str) -> str:
    """Return the script to source in ``shell`` (bash, zsh, fish, tcsh). Raises InputError for another one."""
    import shtab

    if shell not in shtab.SUPPORTED_SHELLS:
        known = ", ".join(f"`{name}`" for name in shtab.SUPPORTED_SHELLS)
        raise InputError(f"no completion for `{shell}`", None, f"Use one of {known}.")
    preamble = _PREAMBLES.get(shell, "").format(verbs=" ".join(VERBS))
    script: str = shtab.complete(full_parser(has_files=shell != "zsh"), shell=shell, preamble=preamble)
    if shell == "zsh":
        for text, other in _ZSH.items():
            script = script.replace(text, other)
    return script


def full_parser(*, has_files: bool = True) -> argparse.ArgumentParser:
    """Return one parser that knows the default verb's options and every other verb.

    ``has_files`` False: without the files of the default verb, beside which zsh's
    script offers no verbs.
    """
    import shtab

    parser = argparse.ArgumentParser(prog="lock", add_help=True)
    _add_arguments(parser, DEFAULT.arguments)
    for action in _positionals(parser):
        if has_files:
            action.complete = {**shtab.FILE, "bash": "_lock_first"}  # type: ignore[attr-defined]
        else:
            parser._remove_action(action)  # noqa: SLF001  # argparse has no other way
    verbs = parser.add_subparsers(dest="verb")
    for name, verb in VERBS.items():
        if find_spec(verb.package) is None:
            continue
        child = verbs.add_parser(name, help=verb.help)
        _add_arguments(child, verb.arguments)
        for action in _positionals(child):
            if not action.choices:
                action.complete = shtab.FILE  # type: ignore[attr-defined]
    return parser


def _add_arguments(parser: argparse.ArgumentParser, module: str) -> None:
    """Add a verb's arguments, with words where the command itself takes any text."""
    from lockfiles.settings.table import BY_NAME

    import_module(module).add_arguments(parser)
    for action in parser._actions:  # noqa: SLF001  # argparse has no other way
        row = BY_NAME.get(action.dest)
        if row is not None and row.kind.completions:
            action.choices = row.kind.completions


def _positionals(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    return [a for a in parser._actions if not a.option_strings and a.nargs != 0]  # noqa: SLF001
