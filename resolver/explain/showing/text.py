"""An explanation as text, for people: lines that clash, why, what helps."""

from __future__ import annotations

from collections.abc import Sequence

from resolver.constraints.facts import DependencyFact, PipOnlyFact, UnusableFact
from resolver.explain.absence.finding import AbsenceKind
from resolver.explain.derivation import leaves_of
from resolver.explain.explanation import Explanation, Solvability
from resolver.explain.fixes.changes import Action, Edit
from resolver.explain.fixes.trying import Fix
from resolver.explain.members import Member, UserConflict, implied_lines, is_of_update
from resolver.explain.telling.sentences import sentences
from resolver.explain.telling.told import ToldConflict
from resolver.explain.telling.tree import hidden_lines, tree_lines
from resolver.model.requirements import PypiRequirement
from resolver.model.target import Target
from resolver.model.unusable import Cause

#: Kinds of absence that leave no candidate under the name.
_NAMELESS = (
    AbsenceKind.UNKNOWN,
    AbsenceKind.ONLY_PYPI,
    AbsenceKind.ONLY_CONDA,
    AbsenceKind.OTHER_CHANNEL,
    AbsenceKind.OTHER_PLATFORM,
)


def explanation_text(explanation: Explanation, *, conflicts: bool = True, tree: bool = False) -> str:
    """Return the whole text: conflicts (unless they are told already), changes, and what was given up.

    ``tree``: every reason in place of the story.
    """
    if explanation.verdict is Solvability.UNDECIDED:
        return _undecided(explanation)
    parts = ["\n".join(conflicts_lines(explanation, tree=tree, why=True))] if conflicts else []
    if explanation.fixes:
        parts.append("\n".join(fix_lines(explanation.fixes)))
    if explanation.stopped:
        after = f"Stopped after {explanation.seconds:.1f} s" if explanation.is_late else "Not all was tried"
        parts.append(f"{after}: {'; '.join(explanation.stopped)}.")
    return "\n\n".join(parts)


def _undecided(explanation: Explanation) -> str:
    after = f" in {explanation.seconds:.1f} s" if explanation.is_late else ""
    return f"{explanation.target.subdir}: whether there is a solution was not found out{after}.\n" + (
        "A longer `--timeout` may tell; without one the search goes on to `--search-limit`."
        if explanation.is_late
        else "`--search-limit` lets it go on longer (0: to the end); fewer or narrower lines decide sooner."
    )


def conflicts_lines(explanation: Explanation, *, tree: bool = False, why: bool | None = None) -> list[str]:
    """Return all conflicts, an empty line between them; names that are nowhere are told as one.

    ``why``: whether to tell reasons; None: only of what isn't there at all, and of what `lock explain` isn't
    asked about.
    """
    groups = _told_together(explanation.conflicts)
    result: list[str] = []
    for number, group in enumerate(groups, start=1):
        of = (number, len(groups)) if len(groups) > 1 else None
        result += [""] if result and why is not None else []
        if len(group) > 1:
            result += _absent_lines(group, explanation.target, of)
        else:
            reasons = tells_why(group[0]) if why is None else why
            result += conflict_lines(group[0], explanation.target, of=of, why=reasons, tree=tree)
    return result


def tells_why(told: ToldConflict) -> bool:
    """Tell whether a conflict's reasons belong to its short form: of what isn't there, and of updates."""
    return bool(told.absences) or any(map(is_of_update, told.conflict.members))


def _told_together(conflicts: Sequence[ToldConflict]) -> list[list[ToldConflict]]:
    """Return the conflicts in groups: single lines whose name nothing has are one."""
    nameless = [told for told in conflicts if _is_nameless(told)]
    if len(nameless) < 2:
        return [[told] for told in conflicts]
    return [nameless, *([told] for told in conflicts if not _is_nameless(told))]


def _is_nameless(told: ToldConflict) -> bool:
    conflict = told.conflict
    is_single = len(conflict.lines) == 1 and not conflict.settings and conflict.is_minimal
    return is_single and bool(told.absences) and all(a.kind in _NAMELESS for a in told.absences)


def _absent_lines(group: Sequence[ToldConflict], target: Target, of: tuple[int, int] | None) -> list[str]:
    counted = f" (conflict {of[0]} of {of[1]})" if of else ""
    members = [member for told in group for member in told.conflict.members]
    head = f"no solution for {target.subdir}{counted}: none of these {len(members)} lines can be met:"
    reasons = list(dict.fromkeys(note for told in group for note in told.notes))
    reasons += [line for told in group for line in reason_lines(told)]
    return [head, *member_lines(members), "why:", *(f"  {line}" for line in reasons)]


def conflict_lines(
    told: ToldConflict,
    target: Target,
    *,
    of: tuple[int, int] | None = None,
    why: bool = True,
    tree: bool = False,
) -> list[str]:
    """Return one conflict: heading, members with their places, reasons."""
    conflict = told.conflict
    count = len(conflict.lines)
    counted = f" (conflict {of[0]} of {of[1]})" if of else ""
    if not conflict.members:
        head = f"no solution for {target.subdir}{counted}, whatever the lines say:"
    elif count == 1 and not conflict.settings:
        head = f"no solution for {target.subdir}{counted}: this line can't be met:"
    elif count == 1:
        head = f"no solution for {target.subdir}{counted}: this line can't be met on this target:"
    elif not conflict.is_minimal:
        head = f"no solution for {target.subdir}{counted}: the conflict is among these {count} lines:"
    else:
        there = " on this target" if conflict.settings else ""
        head = f"no solution for {target.subdir}{counted}: these {count} lines can't hold together{there}:"
    result = [
        head, *member_lines(conflict.members), *_only_pip_lines(conflict), *_override_lines(conflict)
    ]  # fmt: skip
    reasons = [*told.notes]
    if why:
        reasons += tree_lines(told) if tree else reason_lines(told)
    else:
        reasons += _failed_builds(conflict)
    if reasons:
        result += ["why:", *(f"  {line}" for line in reasons)]
    return result


def member_lines(members: Sequence[Member]) -> list[str]:
    """Return the members in columns: place, text."""
    rows = [(str(m.origin) if m.origin else "target", m.text + (_pip_mark(m))) for m in members]
    width = max((len(place) for place, _ in rows), default=0)
    return [f"  {place.ljust(width)}  {text}" for place, text in rows]


def _only_pip_lines(conflict: UserConflict) -> list[str]:
    """Return a line for each pip line that the setting ``pip-from-conda`` keeps conda's package from."""
    leaves = leaves_of(conflict.proof) if conflict.proof is not None else []
    texts = dict.fromkeys(leaf.fact.requirement.text for leaf in leaves if isinstance(leaf.fact, PipOnlyFact))
    return [f"  pip-from-conda never: no conda package may stand for `{text}`" for text in texts]


def _override_lines(conflict: UserConflict) -> list[str]:
    """Return a line for each override that stands in place of what releases require."""
    leaves = leaves_of(conflict.proof) if conflict.proof is not None else []
    found = (leaf.fact.override for leaf in leaves if isinstance(leaf.fact, DependencyFact))
    overrides = {override.name: override for override in found if override is not None}
    return [
        f"  {override.origin}  {override}  (overrides what releases ask of {name})"
        for name, override in sorted(overrides.items())
    ]


def _failed_builds(conflict: UserConflict) -> list[str]:
    """Return why releases can't be built, where that is part of a conflict; one of each project."""
    leaves = leaves_of(conflict.proof) if conflict.proof is not None else []
    found: dict[int, str] = {}
    for leaf in leaves:
        if isinstance(leaf.fact, UnusableFact) and leaf.fact.cause is Cause.BUILD_FAILED:
            found.setdefault(leaf.fact.package, leaf.fact.reason)
    return list(found.values())


def _pip_mark(member: Member) -> str:
    return "  (pip)" if isinstance(member.line, PypiRequirement) else ""


def reason_lines(told: ToldConflict) -> list[str]:
    """Return the reasons as lines: what is not there, or the chain of needs."""
    if told.absences:
        lines = [f"the pip lines need `{line.name}`" for line in implied_lines(told.conflict)]
        lines += [absence.message for absence in told.absences]
        if any(absence.kind is AbsenceKind.VIRTUAL for absence in told.absences):
            lines.append("a fact about the machine is given with `--virtual-package NAME=VERSION`")
        return lines
    return [*sentences(told.story), *hidden_lines(told)] if told.story is not None else []


def fix_lines(fixes: Sequence[Fix]) -> list[str]:
    """Return the fixes, numbered."""
    head = (
        "a change that works (it was solved):" if len(fixes) == 1 else "changes that work (each was solved):"
    )
    result = [head]
    for number, fix in enumerate(fixes, start=1):
        for place, edit in enumerate(fix.edits):
            mark = f"{number}." if place == 0 else "  "
            result.append(f"  {mark} {edit_text(edit)}{_gives(fix) if place == len(fix.edits) - 1 else ''}")
    return result


def edit_text(edit: Edit) -> str:
    """Return one edit in words."""
    if edit.action is Action.PRIORITY:
        return f"run with `{edit.flag}`"
    if edit.action is Action.VIRTUAL:
        gpu = " (or name the GPU: `--gpu MODEL`)" if edit.name == "__cuda" else ""
        return f"if the machine has it: lock with `{edit.flag}`{gpu}"
    if edit.is_setting:
        return f"lock with `{edit.flag}`"
    return str(edit)


def given(fix: Fix) -> list[str]:
    """Return what a fix gives, one text a package; one that uses no GPU where another might have says so."""
    cpu = " (a CPU build: no GPU is used)"
    return [f"{name} {version}{cpu if name in fix.cpu_builds else ''}" for name, version in fix.gives]


def _gives(fix: Fix) -> str:
    if not fix.gives:
        return f"   (locks {fix.packages} package{'s' if fix.packages != 1 else ''})"
    return "   gives " + ", ".join(given(fix))
