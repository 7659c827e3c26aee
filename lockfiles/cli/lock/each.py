"""``lock --each FILE...``: one lockfile a file, then a table and one exit code."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from resolver.model.visible import make_visible

if TYPE_CHECKING:
    from lockfiles.cli.terminal import Terminal
    from lockfiles.locking import LockRequest

#: Version of the JSON form; grows when a key changes its meaning or goes away.
SCHEMA_VERSION = 1
#: What an exit code says of one file.
_WORDS = {
    0: "done",
    1: "unexpected error",
    2: "bad input",
    3: "a source failed",
    4: "no solution",
    5: "not fresh",
}


class FileOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one file; ``result`` is the JSON document that it would give alone."""

    file: str
    code: int
    result: Any = None


def run_each(request: LockRequest, run: Callable[[LockRequest, Terminal], int], terminal: Terminal) -> int:
    """Run a verb's work for each file; return 0, or the lowest of the other exit codes.

    Every file is worked on, whatever became of those before it. Raises InputError
    where the files can't each have a lockfile.
    """
    from lockfiles.each import split_request

    outcomes = []
    for number, one in enumerate(split_request(request)):
        name = terminal.style(f"{make_visible(str(one.files[0]))}:", "bold")
        terminal.note(styled=("\n" if number else "") + name)
        outcomes.append(_run_one(one, run, terminal))
    _tell(outcomes, terminal)
    if terminal.json:
        value = {
            "schema_version": SCHEMA_VERSION,
            "files": [{"file": o.file, "exit_code": o.code, "result": o.result} for o in outcomes],
        }
        terminal.data(json.dumps(value, indent=2, ensure_ascii=False))
    return min((outcome.code for outcome in outcomes if outcome.code), default=0)


def _run_one(
    request: LockRequest, run: Callable[[LockRequest, Terminal], int], terminal: Terminal
) -> FileOutcome:
    from lockfiles.cli import failures
    from resolver.errors import LockstackError

    page = io.StringIO()
    own = replace(terminal, stdout=page, witness=None)  # which answers for the whole run
    try:
        code = run(request, own)
    except LockstackError as error:
        failures.show_error(error, own)
        code = error.exit_code
    except Exception as error:
        failures.show_bug(error, own)
        code = 1
    text = page.getvalue()
    return FileOutcome(file=request.files[0], code=code, result=json.loads(text) if text.strip() else None)


def _tell(outcomes: Sequence[FileOutcome], terminal: Terminal) -> None:
    from lockfiles.cli.terminal import format_columns

    failed = sum(outcome.code != 0 for outcome in outcomes)
    terminal.note(f"\n{len(outcomes)} files, {failed} failed:" if failed else f"\n{len(outcomes)} files:")
    for line in format_columns((o.file, _WORDS.get(o.code, str(o.code))) for o in outcomes):
        terminal.note(line)
