"""What people see: data on stdout, everything else on stderr; what would act on a screen is made visible."""

from __future__ import annotations

import contextlib
import io
import os
import re
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, TextIO

import msgspec

from resolver.model.visible import ACTING, make_visible

if TYPE_CHECKING:
    from lockfiles.cli.stamps.witness import Witness

_STYLES = {"bold": "1", "red": "31", "green": "32", "yellow": "33", "cyan": "36", "dim": "2"}


class Terminal(msgspec.Struct, frozen=True, kw_only=True):
    """Where to write, and how much.

    ``verbosity`` is -1 with ``-q``, 0 as usual, 1 with ``-v``, 2 with ``-vv``.
    """

    stdout: TextIO
    stderr: TextIO
    color: bool = False  #: of stderr
    verbosity: int = 0
    json: bool = False
    witness: Witness | None = None  #: hears what the run reads and tells, so that it can be told again

    @property
    def is_live(self) -> bool:
        """Whether progress may be drawn: people are watching, and asked for neither silence nor a log."""
        return self.verbosity == 0 and is_terminal(self.stderr)

    def data(self, text: str) -> None:
        """Write data, what would act on a terminal made visible; the line end is added where it lacks.

        Raises OutputError.
        """
        text = make_json_visible(text) if self.json else make_visible(text)
        try:
            self.stdout.write(text if text.endswith("\n") else text + "\n")
            self.stdout.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            from resolver.errors import OutputError

            drop_stdout()  # what is still buffered would fail again at the end
            raise OutputError("standard output", (error.strerror or str(error)).lower()) from error

    def note(self, text: str = "", *, styled: str = "") -> None:
        """Write a line for people, unless they want silence; ``styled`` stands before it as it is."""
        if self.verbosity >= 0:
            self.stderr.write(f"{styled}{make_visible(text)}\n")

    def detail(self, text: str) -> None:
        """Write a line for those who asked for more."""
        if self.verbosity >= 1:
            self.stderr.write(make_visible(text) + "\n")

    def warning(self, text: str, hint: str | None = None) -> None:
        """Write a warning; silence covers it too."""
        self.note(f"{text}{_hint_lines(hint)}", styled=f"{self.style('warning:', 'yellow', 'bold')} ")

    def error(self, text: str, hint: str | None = None) -> None:
        """Write an error and, after a blank line, what to do about it."""
        told = make_visible(f"{text}{_hint_lines(hint)}")
        self.stderr.write(f"{self.style('error:', 'red', 'bold')} {told}\n")

    def say(self, text: str) -> None:
        """Write a line whatever was asked for."""
        self.stderr.write(make_visible(text) + "\n")

    def redraw(self, text: str, covered: int) -> int:
        """Write a line that whatever is written next covers; return its length.

        ``covered`` is the length of the line drawn before it. The cursor waits at the start of the line.
        """
        shown = make_visible(text)
        self.stderr.write(f"\r{shown}{' ' * (covered - len(shown))}\r")
        self.stderr.flush()
        return len(shown)

    def style(self, text: str, *styles: str) -> str:
        """Return ``text`` in the styles, where colours are wanted."""
        if not self.color or not text:
            return text
        return f"\x1b[{';'.join(_STYLES[style] for style in styles)}m{text}\x1b[0m"


def _hint_lines(hint: str | None) -> str:
    return f"\n\nhint: {hint}" if hint else ""


def drop_stdout() -> None:
    """Point standard output at nothing: it can't be written to, and flushing it again must not fail."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def is_terminal(stream: TextIO) -> bool:
    """Tell whether a stream goes to a person's screen; a closed or missing one does not."""
    try:
        return stream.isatty()
    except (AttributeError, ValueError):
        return False


def wants_color(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Tell whether to colour: ``NO_COLOR`` beats ``FORCE_COLOR``, which beats what the stream is."""
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR"):
        return True
    return environ.get("TERM") != "dumb" and is_terminal(stream)


def open_terminal(*, verbosity: int = 0, json: bool = False, witness: Witness | None = None) -> Terminal:
    """Return the process's own terminal.

    Data is UTF-8 with plain line ends whatever the locale, unless a person
    reads it; what a screen can't show is shown as an escape.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        if is_terminal(sys.stdout):
            sys.stdout.reconfigure(errors="backslashreplace")
        else:
            sys.stdout.reconfigure(encoding="utf-8", errors="strict", newline="\n")
    return Terminal(
        stdout=sys.stdout,
        stderr=sys.stderr,
        color=wants_color(sys.stderr, os.environ),
        verbosity=verbosity,
        json=json,
        witness=witness,
    )


def format_columns(rows: Iterable[tuple[str, ...]], *, indent: str = "  ", gap: str = "  ") -> list[str]:
    """Return rows as lines, every column but the last as wide as its longest cell."""
    table = list(rows)
    widths = [max(map(len, column)) for column in zip(*table, strict=True)] if table else []
    return [
        (indent + gap.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))).rstrip()
        for row in table
    ]


def make_json_visible(text: str) -> str:
    r"""Return a JSON text of the same meaning, with each acting character as ``\u202e``.

    Controls below a blank stand outside of strings only, where they are lines and indents.
    """
    return text if text.isascii() and "\x7f" not in text else ACTING.sub(_json_escape, text)


def _json_escape(found: re.Match[str]) -> str:
    units = found.group().encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))
