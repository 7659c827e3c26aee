"""``lock explain``: why there is no solution, and which change helps."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lockfiles.cli.terminal import Terminal
    from lockfiles.session import Session
    from resolver.explain.explanation import Explanation
    from resolver.explain.fixes.trying import Fix
    from resolver.model.target import Target

DESCRIPTION = """\
Say which lines of environment files can't hold together, why, and which change leads to a solution.
Every change that is shown was solved."""

EXAMPLES = """\
examples:
  lock explain environment.yml               the lines that clash, the reasons, and what helps
  lock explain environment.yml --apply 1     make the first change (the diff is shown)
  lock explain environment.yml --tree        every reason
  lock explain --log build.log               read the error of conda, mamba, pixi, pip, uv, poetry
  lock explain environment.yml --log build.log
                                             and solve again what failed there
  conda env create -f env.yml 2>&1 | lock explain env.yml --log -

exit codes: 0 there is a solution (or a change was made), 4 no solution; else as for `lock`"""

EXIT_NO_SOLUTION = 4


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    from lockfiles.cli.arguments import Unique, add_output_arguments, add_source_arguments
    from resolver.explain.limits import DEFAULT_TIMEOUT

    parser.add_argument(
        "files", metavar="FILE", nargs="*", help="environment.yml, requirements.txt, pyproject.toml"
    )
    parser.add_argument(
        "--extra",
        metavar="NAME",
        action=Unique,
        dest="extras",
        default=(),
        help="only these optional groups of a pyproject.toml; may be repeated",
    )
    shape = parser.add_argument_group("what to show")
    shape.add_argument("--tree", action="store_true", help="show every reason, as a tree")
    shape.add_argument("--dot", action="store_true", help="print the reasons as a Graphviz graph")
    shape.add_argument("--log", metavar="FILE", help="explain another tool's error (`-`: standard input)")
    change = parser.add_argument_group("what to do")
    change.add_argument(
        "--apply", metavar="N", type=int, help="make change N in the file, after showing the diff"
    )
    change.add_argument("--dry-run", action="store_true", help="with --apply: show the diff alone")
    change.add_argument(
        "--timeout",
        metavar="SECONDS",
        type=_seconds,
        default=DEFAULT_TIMEOUT,
        dest="explain_timeout",
        help=f"how long to look for changes (default: {DEFAULT_TIMEOUT:g})",
    )
    add_source_arguments(parser, "explain")
    add_output_arguments(parser, json_help="print JSON (docs/explain.md has its schema)", verb="explain")


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 < value < 1e6:
        raise argparse.ArgumentTypeError(f"`{text}` is no number of seconds")
    return value


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Explain; return the exit code."""
    from lockfiles.cli.arguments import session_request
    from lockfiles.cli.places import check_files
    from lockfiles.session import open_session

    if arguments.log is not None:
        from lockfiles.cli.explain.log import explain_log

        return explain_log(arguments, terminal)
    check_files(arguments.files)
    session = open_session(session_request(arguments))
    return explain_session(session, arguments, terminal)


def explain_session(session: Session, arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Explain every target that has no solution."""
    from lockfiles.cli.progress import open_progress
    from lockfiles.solving import resolve_options
    from resolver.pipeline import Session as PipelineSession

    found: list[Explanation] = []
    options = resolve_options(session, preferred={})
    with (
        open_progress(terminal, session.settings.progress.value) as progress,
        PipelineSession(session.requirements, options, progress) as bench,
    ):
        for target in session.targets:
            explanation = _explain_target(bench, target, session, arguments, terminal)
            if explanation is not None:
                found.append(explanation)
    return _finish(found, session, arguments, terminal)


def _explain_target(
    bench: Any, target: Target, session: Session, arguments: argparse.Namespace, terminal: Terminal
) -> Explanation | None:
    from resolver.explain.explanation import Explainer
    from resolver.explain.fixes.changes import Question
    from resolver.explain.telling.text import explanation_text

    plain = not (terminal.json or arguments.dot or arguments.tree or arguments.apply is not None)
    said: list[bool] = []

    def first(early: Explanation) -> None:
        """Say what is known before changes are tried."""
        if early.stopped:
            terminal.note(explanation_text(early))
            return
        if said or session.targets[0] is not target:
            terminal.data("")
        terminal.data(explanation_text(early))
        said.append(True)

    question = Question(requirements=bench.requirements, target=target, channels=session.channels)
    explainer = Explainer(bench, question, timeout=arguments.explain_timeout)
    explanation = explainer.run(first=first if plain else None)
    if explanation is None:
        terminal.note(f"{target.subdir}: there is a solution; nothing to explain.")
        return None
    if plain:
        rest = explanation_text(explanation, conflicts=not said)
        if rest:
            terminal.data(f"\n{rest}" if said else rest)
    return explanation


def _finish(
    found: list[Explanation], session: Session, arguments: argparse.Namespace, terminal: Terminal
) -> int:
    from resolver.explain.telling.as_json import SCHEMA_VERSION, explanation_to_json
    from resolver.explain.telling.dot import conflicts_to_dot
    from resolver.explain.telling.text import explanation_text

    if arguments.apply is not None:
        return _apply(found, session, arguments, terminal)
    if terminal.json:
        document = {"schema_version": SCHEMA_VERSION, "targets": [explanation_to_json(e) for e in found]}
        if arguments.log is not None:
            document["logs"] = arguments.logs
        terminal.data(json.dumps(document, indent=2, ensure_ascii=False))
    elif arguments.dot:
        terminal.data(conflicts_to_dot([told for e in found for told in e.conflicts]))
    elif arguments.tree:
        terminal.data("\n\n".join(explanation_text(e, tree=True) for e in found))
    elif any(e.fixes for e in found) and arguments.files:
        files = " ".join(session.files)
        terminal.note(f"\n`lock explain {files} --apply 1` makes the first change.")
    return EXIT_NO_SOLUTION if found else 0


def _apply(
    found: list[Explanation], session: Session, arguments: argparse.Namespace, terminal: Terminal
) -> int:
    """Make a change in the files, after showing it as a diff."""
    from lockfiles.cli.explain.apply_fix import edited_files
    from lockfiles.files import write_text
    from resolver.errors import InputError

    if not found:
        terminal.note("Nothing to change.")
        return 0
    if not arguments.files:
        raise InputError("a log can't be changed", hint="Name the environment file beside `--log`.")
    fix = _fix_of(found[0].fixes, arguments.apply)
    files = edited_files(fix, session.files[0])
    for file in files:
        terminal.data(file.diff)
    if not files:
        flags = " ".join(edit.flag for edit in fix.edits if edit.is_setting)
        raise InputError(
            f"change {arguments.apply} is not one of a file",
            hint=f"Run `lock {' '.join(session.files)} {flags}`.",
        )
    if arguments.dry_run:
        return 0
    for file in files:
        write_text(file.path, file.text)
    terminal.note(f"Changed {', '.join(f'`{file.path}`' for file in files)}.")
    return 0


def _fix_of(fixes: tuple[Fix, ...], number: int) -> Fix:
    from resolver.errors import InputError

    if not 1 <= number <= len(fixes):
        has = f"there are {len(fixes)}" if fixes else "no change that works was found"
        raise InputError(f"there is no change {number}", hint=f"{has[:1].upper()}{has[1:]}.")
    return fixes[number - 1]
