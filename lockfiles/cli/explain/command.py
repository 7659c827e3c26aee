"""``lock explain``: why there is no solution, and which change helps."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec

from lockfiles.cli.explain.listening import Teller
from lockfiles.explaining import Explained, ExplainRequest, explain
from lockfiles.surroundings import STDIN
from resolver.errors import InputError
from resolver.model.origin import Origin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lockfiles.cli.terminal import Terminal
    from resolver.explain.explanation import Explanation
    from resolver.explain.fixes.trying import Fix

EXIT_NO_SOLUTION = 4


class ExplainCommand(msgspec.Struct, frozen=True, kw_only=True):
    """What the verb is to do with an explanation: print it (as text, a tree, a graph), or make a change."""

    request: ExplainRequest
    tree: bool = False
    dot: bool = False
    apply: int | None = None  #: number of the change to make
    dry_run: bool = False


def run(command: ExplainCommand, terminal: Terminal) -> int:
    """Explain; return the exit code."""
    request = command.request
    if request.log is None:
        from lockfiles.cli.places import check_files

        check_files(request.files, "lock explain")
    plain = not (terminal.json or command.dot or command.tree or command.apply is not None)
    teller = Teller(terminal, tells=plain, tells_logs=not (terminal.json or command.dot))
    explained = explain(request, teller)
    if explained.failure is not None:
        terminal.warning(
            f"what the log names was not solved again: {explained.failure}", explained.failure.hint
        )
    if explained.asks_for_nothing and not explained.log_holds_conflict:
        if terminal.json:
            terminal.data(json.dumps(_to_json(explained), indent=2))
        raise InputError(
            "the log names nothing that was asked for",
            Origin(file="standard input" if request.log == STDIN else str(request.log)),
            "Give the environment file beside it: `lock explain FILE --log LOG`.",
        )
    code = _finish(explained, command, terminal)
    if code == 0 and explained.logs and command.apply is None:
        if explained.failure is None and not explained.asks_for_nothing:
            terminal.note(_solvable(explained, request))
        if explained.log_holds_conflict and not request.files:
            return EXIT_NO_SOLUTION  # the log's own conflict stands
    return code


def _finish(explained: Explained, command: ExplainCommand, terminal: Terminal) -> int:
    from resolver.explain.showing.dot import conflicts_to_dot
    from resolver.explain.showing.text import explanation_text

    found = explained.explanations
    if command.apply is not None:
        return _apply(explained, command.apply, command, terminal)
    if terminal.json:
        terminal.data(json.dumps(_to_json(explained), indent=2, ensure_ascii=False))
    elif command.dot:
        terminal.data(conflicts_to_dot([told for e in found for told in e.conflicts]))
    elif command.tree:
        terminal.data("\n\n".join(explanation_text(e, tree=True) for e in found))
    elif command.request.files and (number := _first_of_a_file(found)):
        from lockfiles.cli.again import command_of

        asked = command_of(command.request, "lock explain", command.request.environment)
        which = "the first change" if number == 1 else f"change {number}"
        terminal.note(f"\n`{asked} --apply {number}` makes {which}.")
    return EXIT_NO_SOLUTION if found else 0


def _first_of_a_file(found: Sequence[Explanation]) -> int:
    """Return the number of the first change that is one of a file; 0: none is."""
    fixes = found[0].fixes if found else ()
    edits = (any(not edit.is_setting for edit in fix.edits) for fix in fixes)
    return next((number for number, is_edit in enumerate(edits, start=1) if is_edit), 0)


def _to_json(explained: Explained) -> dict[str, object]:
    """Return the answer as JSON values (docs/explain.md); ``logs`` only where a log was read."""
    from lockfiles.cli.explain.log import logs_to_json
    from resolver.explain.showing.as_json import SCHEMA_VERSION, explanation_to_json

    targets = [explanation_to_json(explanation) for explanation in explained.explanations]
    document: dict[str, object] = {"schema_version": SCHEMA_VERSION, "targets": targets}
    if explained.logs:
        document["logs"] = logs_to_json(explained.logs)
    return document


def _solvable(explained: Explained, request: ExplainRequest) -> str:
    """Return what to make of an error that doesn't come up here."""
    if request.files:
        return "What failed there has a solution here: `lock` writes it down."
    what = "The requirements that the log names" if explained.logs[0].specs else "What the log names"
    return f"{what} have a solution here; with the environment file beside the log, all its lines are tried."


def _apply(explained: Explained, number: int, command: ExplainCommand, terminal: Terminal) -> int:
    """Make a change in the files, after showing it as a diff."""
    from lockfiles.explaining_edits import edited_files
    from lockfiles.files import write_text

    files = explained.session.files
    if not explained.explanations:
        terminal.note("Nothing to change.")
        return 0
    if not command.request.files:
        raise InputError("a log can't be changed", hint="Name the environment file beside `--log`.")
    fix = _fix_of(explained.explanations[0].fixes, number)
    edited = edited_files(fix, files[0])
    for file in edited:
        terminal.data(file.diff)
    if not edited:
        flags = " ".join(edit.flag for edit in fix.edits if edit.is_setting)
        raise InputError(
            f"change {number} is not one of a file", hint=f"Run `lock {' '.join(files)} {flags}`."
        )
    if command.dry_run:
        return 0
    for file in edited:
        write_text(file.path, file.text)
    terminal.note(f"Changed {', '.join(f'`{file.path}`' for file in edited)}.")
    flags = " ".join(edit.flag for edit in fix.edits if edit.is_setting)
    if flags:
        terminal.note(f"The change works with `{flags}`.")
    return 0


def _fix_of(fixes: tuple[Fix, ...], number: int) -> Fix:

    if not 1 <= number <= len(fixes):
        has = f"there are {len(fixes)}" if fixes else "no change that works was found"
        raise InputError(f"there is no change {number}", hint=f"{has[:1].upper()}{has[1:]}.")
    return fixes[number - 1]
