"""Why files of a fleet fail, each cause told once.

A failure's *cause* is what it would be in any file: its kind and its words without the places where they
stand. Forty files that can't be locked for the same lines have one cause; a file with several conflicts has
several.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from resolver.errors import LockstackError


class ClashingLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a conflict."""

    text: str
    file: str | None = None
    line: int | None = None


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """One reason why a file's work didn't end well; no text holds a secret."""

    kind: str  #: of the error: ``NoSolutionError``; or ``died``, ``timeout``
    message: str  #: without the place
    hint: str | None = None
    file: str | None = None
    line: int | None = None
    lines: tuple[ClashingLine, ...] = ()  #: that can't hold together
    may_pass: bool = False  #: a server that fails may do better in a while
    cause: str = ""  #: what it has in common with failures of other files, in one line


def failures_of(error: LockstackError) -> tuple[Failure, ...]:
    """Return an error as values: one failure, or one for each fault of the input or conflict of its lines."""
    from resolver.errors import InputErrors, NoSolutionError

    members: Sequence[LockstackError] = (error,)
    if isinstance(error, InputErrors):
        members = error.errors
    elif isinstance(error, NoSolutionError) and error.parts:
        members = error.parts
    return tuple(_failure(one) for one in members)


def _failure(error: LockstackError) -> Failure:
    from resolver.errors import InputError, NoSolutionError
    from resolver.model.redaction import redact

    origin = error.origin if isinstance(error, InputError) else None
    message = redact(error.message if isinstance(error, InputError) else str(error))
    core = error.core if isinstance(error, NoSolutionError) else ()
    lines = tuple(
        ClashingLine(
            text=redact(text), file=place.file if place else None, line=place.line if place else None
        )
        for place, text in core
    )
    return Failure(
        kind=type(error).__name__,
        message=message,
        hint=redact(_hint_of(error.hint)) if error.hint else None,
        file=origin.file if origin else None,
        line=origin.line if origin else None,
        lines=lines,
        may_pass=_may_pass(error),
        cause=cause_of(message, lines) if lines else redact(_shared(error, message)),
    )


def _hint_of(hint: str) -> str:
    """Return a hint for one of many files, each of which has a place for its lockfile."""
    return hint.replace("with `--output`", "with the setting `output`")


def _shared(error: LockstackError, message: str) -> str:
    """Return what a failure has in common with others: of a server, a folder, a file's own folder."""
    from resolver.errors import AuthenticationError, InputError, OutputError, SourceError, UnknownHostError

    if isinstance(error, OutputError):
        return f"a file can't be written: {error.reason}"
    if isinstance(error, SourceError) and (
        _may_pass(error) or isinstance(error, AuthenticationError | UnknownHostError)
    ):
        return f"{server_of(error.where) or error.where}: {error.message}"
    folder = error.origin.file.rpartition("/")[0] if isinstance(error, InputError) and error.origin else ""
    return cause_of(message.replace(f"`{folder}/", "`") if folder else message)


def server_of(text: str) -> str | None:
    """Return scheme, host and port of the first address of a server in a text; None: there is none."""
    found = re.search(r"https?://[^/\s:]+(:\d+)?", text)
    return found[0] if found else None


def _may_pass(error: LockstackError) -> bool:
    """Tell whether asking again later may help: not where nobody was asked, or the answer was a clear no."""
    from resolver.errors import AuthenticationError, OfflineError, SourceError
    from resolver.model.redaction import is_remote

    if not isinstance(error, SourceError) or isinstance(error, OfflineError | AuthenticationError):
        return False
    is_refusal = error.status is not None and 400 <= error.status < 500 and error.status != 429
    return is_remote(error.where) and not is_refusal


def short_hint(failure: Failure, file: str) -> str:
    """Return what helps in a file that is named beside it, in one line; empty: only an explanation would."""
    first = (failure.hint or "").partition("\n")[0]
    if first.startswith("`lock explain`"):
        return ""
    return re.sub(rf"{re.escape(file)}:(\d+):\d+: ", r"line \1: ", first)


def cause_of(message: str, lines: Iterable[ClashingLine] = ()) -> str:
    """Return a failure's cause in one line: the lines that clash in order of their text, else the message."""
    texts = sorted({" ".join(line.text.split()) for line in lines})
    if texts:
        return " | ".join(texts)
    return message.strip().partition("\n")[0]
