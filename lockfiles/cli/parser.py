"""The parser of arguments: argparse with the words of this command."""

from __future__ import annotations

import argparse
import os
import re
import sys
from typing import NoReturn

#: No catalogue of argparse's words is installed; looking for one loads `locale`, and tries files each time.
argparse._ = str  # type: ignore[attr-defined]


def _width() -> int:
    """Return the terminal's columns, as ``shutil.get_terminal_size`` does."""
    try:
        columns = int(os.environ.get("COLUMNS", "0"))
    except ValueError:
        columns = 0
    if columns > 0:
        return columns
    try:
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or 80  # type: ignore[union-attr]
    except (AttributeError, ValueError, OSError):
        return 80


class HelpFormatter(argparse.RawDescriptionHelpFormatter):
    """Keeps the examples as written, and puts options and their help side by side."""

    def __init__(self, prog: str) -> None:
        # argparse would import a third of the standard library to learn of the width, for each option
        super().__init__(prog, max_help_position=32, width=_width() - 2)

    def _format_action_invocation(self, action: argparse.Action) -> str:
        """Write ``-o, --output FILE``: the value's name once."""
        if not action.option_strings or action.nargs == 0:
            return super()._format_action_invocation(action)
        value = self._format_args(action, self._get_default_metavar_for_optional(action))
        return f"{', '.join(action.option_strings)} {value}"


class Parser(argparse.ArgumentParser):
    """Reports wrong arguments as every other error: what is wrong, then what to do."""

    def error(self, message: str) -> NoReturn:
        """Write the error to stderr, and leave with 2."""
        hint = f"run `{self.prog} --help`"
        unknown = re.match(r"unrecognized arguments: (--[\w-]+)", message)
        if self.prog == "lock" and re.match(r"unrecognized arguments: (-f|--file)\b", message):
            hint = "files are named without a flag: `lock environment.yml`"
        elif unknown:
            from resolver.inputs.faults import did_you_mean

            options = [option for action in self._actions for option in action.option_strings]
            begun = [option for option in options if option.startswith(unknown.group(1))]
            if begun:  # abbreviations would change their meaning with each new option
                hint = f"options are written in full: {', '.join(f'`{option}`' for option in begun[:3])}"
            else:
                hint = did_you_mean(unknown.group(1), options) or hint
        message = message.replace("unrecognized arguments: ", "unknown arguments: ")
        from resolver.model.visible import make_visible

        self.exit(2, make_visible(f"error: {message}\n\nhint: {hint}\n"))


class UniqueAction(argparse.Action):
    """Collects values into a tuple, in order, each once."""

    def __call__(  # noqa: D102
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option: object = None,
    ) -> None:
        del parser, option
        before = getattr(namespace, self.dest) or ()
        setattr(namespace, self.dest, tuple(dict.fromkeys((*before, values))))
