"""Plain command lines, without argparse: loading it and making its parser is a twentieth of a small lock.

A verb defines its flags as ever, and what stands on a plain line means what argparse takes it to mean. All
that is rarer is argparse's: abbreviations, values that begin with a dash, help, and every fault.
"""

from __future__ import annotations

from types import SimpleNamespace

from lockfiles.cli.arguments import Unique

TYPE_CHECKING = False  # type checkers know the name
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType
    from typing import Any


_UNSAID: Any = object()


class RareArgumentError(Exception):
    """argparse has to read the line."""


def parse_plainly(module: ModuleType, line: Sequence[str]) -> SimpleNamespace | None:
    """Return what a line asks for of a verb (``module``: its arguments); None where argparse has to tell."""
    parser = PlainParser()
    try:
        module.add_arguments(parser)
        return parser.parse(line)
    except RareArgumentError:
        return None


class PlainParser:
    """Takes the definitions that a verb gives to a parser; see :meth:`parse`."""

    def __init__(self) -> None:
        self._flags: dict[str, tuple[str, Any, Any]] = {}  # -> (where its value goes, action, choices)
        self._files: str | None = None  #: where all goes that belongs to no flag
        self._defaults: dict[str, Any] = {}

    def add_argument_group(self, title: str) -> PlainParser:
        """Return what takes more definitions."""
        del title
        return self

    def add_argument(
        self,
        *names: str,
        action: Any = "store",
        dest: str | None = None,
        default: Any = _UNSAID,
        nargs: str | None = None,
        choices: Any = None,
        **words: Any,
    ) -> None:
        """Take one definition; raises RareArgumentError for one of a rare kind."""
        if not words.keys() <= {"help", "metavar"} or action not in ("store", "store_true", "count", Unique):
            raise RareArgumentError(names[0])
        if not names[0].startswith("-"):
            if nargs != "*" or self._files is not None or choices is not None:
                raise RareArgumentError(names[0])
            self._files = names[0]
        elif nargs is not None:
            raise RareArgumentError(names[0])
        else:
            place = dest or next(n for n in names if n.startswith("--")).lstrip("-").replace("-", "_")
            self._flags.update(dict.fromkeys(names, (place, action, choices)))
            unsaid = False if action == "store_true" else None
            self._defaults[place] = unsaid if default is _UNSAID else default

    def parse(self, line: Sequence[str]) -> SimpleNamespace:
        """Return what a line asks for; raises RareArgumentError where argparse has to tell."""
        found = dict(self._defaults)
        files: list[str] = []
        words = iter(line)
        for word in words:
            if not word.startswith("-"):
                files.append(word)
                continue
            name, equals, value = word.partition("=") if word.startswith("--") else (word, "", "")
            if name not in self._flags:
                raise RareArgumentError(word)
            place, action, choices = self._flags[name]
            if action in ("store_true", "count"):
                if equals:
                    raise RareArgumentError(word)
                found[place] = True if action == "store_true" else found[place] + 1
                continue
            if not equals:
                value = next(words, "-")
                if value.startswith("-"):
                    raise RareArgumentError(word)
            if value == "--" or (choices is not None and value not in choices):
                raise RareArgumentError(word)
            found[place] = value if action == "store" else tuple(dict.fromkeys((*found[place], value)))
        if self._files is not None:
            found[self._files] = files
        elif files:
            raise RareArgumentError(files[0])
        return SimpleNamespace(**found)
