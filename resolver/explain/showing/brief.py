"""The short answer to "no solution", for ``lock`` itself: the lines that clash, and a change that works."""

from __future__ import annotations

from collections.abc import Sequence

from resolver.constraints.universe import JointUniverse
from resolver.errors import LockstackError, NoSolutionError
from resolver.explain.asking import NoAnswer, attempt
from resolver.explain.budget import BRIEF, Limits
from resolver.explain.explanation import Explainer, Explanation
from resolver.explain.fixes.changes import Question
from resolver.explain.members import Bench, is_of_update, line_text
from resolver.explain.showing.text import conflict_lines, conflicts_lines, edit_text, given, tells_why
from resolver.explain.telling.told import ToldConflict
from resolver.model.channels import Channel
from resolver.model.origin import Origin
from resolver.model.target import Target

__all__ = ["line_text", "no_solution"]


def no_solution(
    bench: Bench,
    target: Target,
    channels: tuple[Channel, ...],
    limits: Limits = BRIEF,
    *,
    with_fix: bool = True,
    failed: JointUniverse | None = None,
) -> NoSolutionError:
    """Return an error that names the clashing lines; ``with_fix``: and a change that works.

    ``failed``: in which the question was solved, whose packages' clauses are taken where they are the same.
    The verdict stands, whatever fails on the way to its reasons: that is said in their place.
    """
    question = Question(requirements=bench.requirements, target=target, channels=channels)
    explainer = Explainer(bench, question, limits=limits, failed=failed)
    explanation = attempt(lambda: explainer.run(most_fixes=int(with_fix)))
    if isinstance(explanation, NoAnswer) and explanation.error is not None:
        return NoSolutionError(
            f"no solution for {target.subdir}; which lines clash can't be told: {explanation.error}",
            hint=explanation.error.hint,
        )
    if not isinstance(explanation, Explanation) or not explanation.conflicts:
        return NoSolutionError(
            f"no solution for {target.subdir}; the lines that clash were not found soon enough",
            hint="`lock explain --timeout SECONDS` looks longer.",
        )
    return _error_of(explanation)


def conflict_despite(
    fault: LockstackError, bench: Bench, target: Target, channels: tuple[Channel, ...]
) -> NoSolutionError | None:
    """Return an error with lines that clash whatever the source that failed would say; None: none do."""
    question = Question(requirements=bench.requirements, target=target, channels=channels)
    explanation = attempt(lambda: Explainer(bench, question, limits=BRIEF, fault=fault).run(most_fixes=1))
    if not isinstance(explanation, Explanation) or not explanation.conflicts:
        return None
    return _error_of(explanation)


def _error_of(explanation: Explanation) -> NoSolutionError:
    conflicts = explanation.conflicts
    core = [line for told in conflicts for line in _core(told)]
    parts = [_part(explanation, told) for told in conflicts] if len(conflicts) > 1 else []
    message = _words(explanation, conflicts_lines(explanation))
    return NoSolutionError(message, core, _hint(explanation), parts)


def _core(told: ToldConflict) -> list[tuple[Origin | None, str]]:
    return [(member.origin, member.text) for member in told.conflict.members]


def _part(explanation: Explanation, told: ToldConflict) -> NoSolutionError:
    """Return one conflict of several."""
    lines = conflict_lines(told, explanation.target, why=tells_why(told))
    return NoSolutionError(_words(explanation, lines), _core(told), _hint_of_part(explanation, told))


def _words(explanation: Explanation, lines: Sequence[str]) -> str:
    told = "\n".join(lines)
    return f"{told}\nbeside that a source failed: {explanation.fault}" if explanation.fault else told


def _hint_of_part(explanation: Explanation, told: ToldConflict) -> str | None:
    """Return what of a change that works is about one conflict; None: nothing that can be told apart."""
    edits = [edit for fix in explanation.fixes[:1] for edit in fix.edits]
    own = [edit for edit in edits if edit.line is not None and edit.line in told.conflict.lines]
    beside = [edit for edit in edits if edit.line is None]
    if not own and not beside:
        return None
    change = "; ".join(edit_text(edit) for edit in own or beside)
    return f"this works, with what helps the other conflicts: {change}"


def _hint(explanation: Explanation) -> str:
    more = not any(is_of_update(m) for told in explanation.conflicts for m in told.conflict.members)
    if not explanation.fixes:
        return "`lock explain` gives the reasons." if more else "Without `--update` there may be a solution."
    fix = explanation.fixes[0]
    gives = "".join(f" ({text})" for text in given(fix)[:1])
    change = "; ".join(edit_text(edit) for edit in fix.edits)
    works = f"this works: {change}{gives}"
    return f"{works}\n`lock explain` gives the reasons, and other changes that work." if more else works
