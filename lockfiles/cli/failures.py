"""Errors in words, without secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lockfiles.cli.missing_files import hint_of
from resolver.errors import InputError, InputErrors, LockstackError, NoSolutionError, UndecidedError

if TYPE_CHECKING:
    from lockfiles.cli.terminal import Terminal

#: Version of the JSON form of an error.
SCHEMA_VERSION = 1


def redact(text: str) -> str:
    """Return ``text`` without passwords and tokens."""
    from resolver.model.redaction import redact as redact_text

    return redact_text(text)


def show_error(error: LockstackError, terminal: Terminal) -> None:
    """Write an error for people, and as JSON on stdout where that was asked for."""
    if isinstance(error, InputErrors):
        was_hinted = False
        for one in error.errors:
            if was_hinted:
                terminal.say("")
            hint = hint_of(one)
            terminal.error(redact(str(one)), hint)
            was_hinted = hint is not None
    elif isinstance(error, InputError):
        terminal.error(redact(str(error)), hint_of(error))
    else:
        terminal.error(redact(_describe(error)), error.hint)
    if terminal.json:
        import json

        terminal.data(json.dumps(error_to_json(error), indent=2, ensure_ascii=False))


def _describe(error: LockstackError) -> str:
    lines = [str(error)]
    if isinstance(error, NoSolutionError):
        told = lines[0]
        missing = [(o, text) for o, text in error.core if text not in told or str(o or "") not in told]
        lines += [f"  {origin}: {text}" if origin else f"  {text}" for origin, text in missing]
    return "\n".join(lines)


def error_to_json(error: LockstackError) -> dict[str, object]:
    """Return an error as JSON values: ``schema_version`` and ``errors``, one or more.

    Each has ``kind``, ``exit_code``, ``message``, ``hint``, ``file``, ``line``,
    ``column``, ``verdict`` (``no-solution``, ``undecided``, or None where it is about something else) and
    ``core`` (the requirements that clash: ``origin``, ``text``).
    """
    members = error.errors if isinstance(error, InputErrors) else (error,)
    return {"schema_version": SCHEMA_VERSION, "errors": [_one_to_json(one) for one in members]}


def _one_to_json(error: LockstackError) -> dict[str, object]:
    origin = error.origin if isinstance(error, InputError) else None
    core = error.core if isinstance(error, NoSolutionError) else ()
    return {
        "kind": type(error).__name__,
        "exit_code": error.exit_code,
        "message": redact(error.message if isinstance(error, InputError) else str(error)),
        "hint": hint_of(error) if isinstance(error, InputError) else error.hint,
        "file": origin.file if origin else None,
        "line": origin.line if origin else None,
        "column": origin.column if origin else None,
        "verdict": _verdict(error),
        "core": [{"origin": str(place) if place else None, "text": text} for place, text in core],
    }


def _verdict(error: LockstackError) -> str | None:
    if isinstance(error, UndecidedError):
        return "undecided"
    return "no-solution" if isinstance(error, NoSolutionError) else None


def show_bug(error: Exception, terminal: Terminal) -> None:
    """Write one line about an error that nobody foresaw; the traceback only with ``-vv``."""
    text = redact(f"{type(error).__name__}: {error}".splitlines()[0])
    if terminal.verbosity >= 2:
        import traceback

        terminal.say(redact("".join(traceback.format_exception(error)).rstrip()))
    hint = "this is a bug; run again with `-vv` and report what it prints"
    terminal.error(
        f"unexpected {text}", "this is a bug; report the lines above" if terminal.verbosity >= 2 else hint
    )
