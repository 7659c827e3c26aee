"""``lock --each FILE...``: one lockfile a file, then a table and one exit code."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec
from msgspec.structs import replace

from resolver.errors import one_line
from resolver.model.visible import make_visible

if TYPE_CHECKING:
    from lockfiles.cli.terminal import Terminal
    from lockfiles.locking import LockRequest
    from resolver.errors import InputError, LockstackError

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
    6: "not written",
}


class FileOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one file; ``result`` is the JSON document that it would give alone."""

    file: str
    code: int
    result: Any = None


class EachRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Which files are environments of their own: those of the request, and of the lists."""

    request: LockRequest
    files_from: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    no_ignore: bool = False


#: Does a verb's work for one file; the flag says that nothing may be written.
Run: TypeAlias = "Callable[[LockRequest, bool, Terminal], int]"


def run_each(asked: EachRequest, run: Run, terminal: Terminal) -> int:
    """Run a verb's work for each file; return 0, or the lowest of the other exit codes.

    Every file is worked on, whatever became of those before it; of a git revision nothing is written. Raises
    InputError where the files can't each have a lockfile.
    """
    with contextlib.ExitStack() as held:
        placed = _placed(asked, held, terminal)
        is_of_commit = placed is not asked
        return _run_each(placed, lambda one, own: run(one, is_of_commit, own), terminal)


def _placed(asked: EachRequest, held: contextlib.ExitStack, terminal: Terminal) -> EachRequest:
    from lockfiles.cli.revision_folder import enter_revision

    entered = enter_revision(asked.request.files, asked.request.surroundings, held, terminal)
    if entered is None:
        return asked
    paths, around = entered
    request = replace(asked.request, files=paths, surroundings=around)
    return replace(asked, request=request, no_ignore=True)


def _run_each(asked: EachRequest, run: Callable[[LockRequest, Terminal], int], terminal: Terminal) -> int:
    from lockfiles.each import split_request

    request, unread = _found(asked)
    outcomes = []
    for number, one in enumerate(split_request(request)):
        _head(one.files[0], number, terminal)
        outcomes.append(_run_one(one, run, terminal))
    for number, error in enumerate(unread, len(outcomes)):
        name = error.origin.file if error.origin is not None else ""
        _head(name, number, terminal)
        outcomes.append(_told(name, error, terminal))
    _tell(outcomes, terminal)
    if terminal.json:
        value = {
            "schema_version": SCHEMA_VERSION,
            "files": [{"file": o.file, "exit_code": o.code, "result": o.result} for o in outcomes],
        }
        terminal.data(json.dumps(value, indent=2, ensure_ascii=False))
    return min((outcome.code for outcome in outcomes if outcome.code), default=0)


def _found(asked: EachRequest) -> tuple[LockRequest, list[InputError]]:
    """Return the request with its files, and what couldn't be looked at.

    Raises InputError for a folder or a pattern that has none.
    """
    from lockfiles.fleet.finding import FindRequest, find_files, is_name
    from resolver.errors import InputError
    from resolver.model.origin import Origin

    request = asked.request
    if not asked.files_from and all(map(is_name, request.files)):  # standard input may be among them
        return request, []
    find = FindRequest(
        paths=request.files,
        files_from=asked.files_from,
        exclude=asked.exclude,
        heeds_git=not asked.no_ignore,
    )
    found = find_files(find, request.surroundings.read)
    if found.empty or not (found.files or found.unread):
        place = (*found.empty, *asked.files_from)[0]
        raise InputError("no environment file in it", Origin(file=place))
    unread = [InputError(one.reason, Origin(file=one.file)) for one in found.unread]
    return replace(request, files=found.files), unread


def _head(name: str, number: int, terminal: Terminal) -> None:
    shown = terminal.style(f"{make_visible(one_line(name))}:", "bold")
    terminal.note(styled=("\n" if number else "") + shown)


def _told(file: str, error: LockstackError, terminal: Terminal) -> FileOutcome:
    """Tell an error; return what becomes of its file."""
    from lockfiles.cli import failures
    from resolver.errors import OutputError

    if isinstance(error, OutputError) and error.hint:  # `--output` has room for one lockfile
        hint = error.hint.replace("with `--output`", "with the setting `output`")
        error = OutputError(error.path, error.reason, hint)
    page = io.StringIO()
    failures.show_error(error, replace(terminal, stdout=page, witness=None))
    text = page.getvalue()
    return FileOutcome(file=file, code=error.exit_code, result=json.loads(text) if text.strip() else None)


def _run_one(
    request: LockRequest, run: Callable[[LockRequest, Terminal], int], terminal: Terminal
) -> FileOutcome:
    from lockfiles.cli import failures
    from resolver.errors import LockstackError

    (file,) = request.files
    page = io.StringIO()
    own = replace(terminal, stdout=page, witness=None)  # which answers for the whole run
    try:
        code = run(request, own)
    except LockstackError as error:
        return _told(file, error, terminal)
    except Exception as error:
        failures.show_bug(error, own)
        code = 1
    text = page.getvalue()
    return FileOutcome(file=file, code=code, result=json.loads(text) if text.strip() else None)


def _tell(outcomes: Sequence[FileOutcome], terminal: Terminal) -> None:
    from lockfiles.cli.terminal import format_columns

    failed = sum(outcome.code != 0 for outcome in outcomes)
    files = f"{len(outcomes)} file{'' if len(outcomes) == 1 else 's'}"
    terminal.note(f"\n{files}, {failed} failed:" if failed else f"\n{files}:")
    for line in format_columns((one_line(o.file), _WORDS.get(o.code, str(o.code))) for o in outcomes):
        terminal.note(line)
