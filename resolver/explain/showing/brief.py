"""The short answer to "no solution", for ``lock`` itself: the lines that clash, and a change that works."""

from __future__ import annotations

from resolver.errors import LockstackError, NoSolutionError
from resolver.explain.asking import NoAnswer, attempt
from resolver.explain.budget import BRIEF, Limits
from resolver.explain.explanation import Explainer, Explanation
from resolver.explain.fixes.changes import Question
from resolver.explain.members import Bench, is_of_update, line_text
from resolver.explain.showing.text import conflicts_lines, edit_text, given
from resolver.model.channels import Channel
from resolver.model.target import Target

__all__ = ["line_text", "no_solution"]


def no_solution(
    bench: Bench, target: Target, channels: tuple[Channel, ...], limits: Limits = BRIEF
) -> NoSolutionError:
    """Return an error that names the clashing lines.

    The verdict stands, whatever fails on the way to its reasons: that is said in their place.
    """
    question = Question(requirements=bench.requirements, target=target, channels=channels)
    explanation = attempt(lambda: Explainer(bench, question, limits=limits).run(most_fixes=1))
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
    core = [(m.origin, m.text) for told in explanation.conflicts for m in told.conflict.members]
    return NoSolutionError(_words(explanation), core, hint=_hint(explanation))


def _words(explanation: Explanation) -> str:
    told = "\n".join(conflicts_lines(explanation))
    return f"{told}\nbeside that a source failed: {explanation.fault}" if explanation.fault else told


def _hint(explanation: Explanation) -> str:
    more = not any(is_of_update(m) for told in explanation.conflicts for m in told.conflict.members)
    if not explanation.fixes:
        return "`lock explain` gives the reasons." if more else "Without `--update` there may be a solution."
    fix = explanation.fixes[0]
    gives = "".join(f" ({text})" for text in given(fix)[:1])
    change = "; ".join(edit_text(edit) for edit in fix.edits)
    works = f"this works: {change}{gives}"
    return f"{works}\n`lock explain` gives the reasons, and other changes that work." if more else works
