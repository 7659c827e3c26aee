"""An explanation as JSON values; docs/explain.md documents the schema."""

from __future__ import annotations

from typing import Any, assert_never

from resolver.constraints.bits import ABSENT
from resolver.constraints.clauses import Incompatibility
from resolver.constraints.facts import (
    Assumption,
    DependencyFact,
    Fact,
    ImplicitFact,
    KeptLevelFact,
    MovesFact,
    PipOnlyFact,
    PreReleaseFact,
    ProvidesFact,
    PythonFact,
    RequirementFact,
    SameReleaseFact,
    SupportFact,
    UnusableFact,
)
from resolver.constraints.registry import Kind
from resolver.explain.explanation import Explanation
from resolver.explain.fixes.changes import Edit
from resolver.explain.fixes.trying import Fix
from resolver.explain.members import Member, Requirement, UserConflict, line_text
from resolver.explain.showing.text import edit_text, reason_lines
from resolver.explain.telling.told import ToldConflict
from resolver.explain.wording import Wording
from resolver.model.origin import Origin
from resolver.model.requirements import CondaRequirement

#: Grows when a key changes its meaning or goes; new keys don't count.
SCHEMA_VERSION = 1


def explanation_to_json(explanation: Explanation) -> dict[str, Any]:
    """Return one target's explanation."""
    return {
        "platform": explanation.target.subdir,
        "verdict": explanation.verdict.value,
        "conflicts": [_conflict(told) for told in explanation.conflicts],
        "fixes": [_fix(number, fix) for number, fix in enumerate(explanation.fixes, start=1)],
        "complete": not explanation.stopped,
        "stopped": list(explanation.stopped),
        "seconds": round(explanation.seconds, 3),
        "solves": explanation.solves,
    }


def _conflict(told: ToldConflict) -> dict[str, Any]:
    conflict = told.conflict
    return {
        "members": [_member(member) for member in conflict.members],
        "minimal": conflict.is_minimal,
        "notes": list(told.notes),
        "reasons": reason_lines(told),
        "absent": [
            {"kind": a.kind.value, "message": a.message, "values": list(a.values)} for a in told.absences
        ],
        "derivation": derivation_to_json(conflict),
    }


def _member(member: Member) -> dict[str, Any]:
    if member.setting is not None:
        setting = member.setting
        return {
            "kind": "setting",
            "setting": setting.kind.value,
            "name": setting.name,
            "value": setting.value,
        }
    assert member.line is not None  # noqa: S101  (a member is one or the other)
    return {"kind": "line", **_line(member.line)}


def _line(line: Requirement) -> dict[str, Any]:
    return {
        "ecosystem": "conda" if isinstance(line, CondaRequirement) else "pypi",
        "name": str(line.name),
        "text": line_text(line),
        **_place(line.origin),
    }


def _place(origin: Origin) -> dict[str, Any]:
    return {"file": origin.file, "line": origin.line, "column": origin.column}


def _fix(number: int, fix: Fix) -> dict[str, Any]:
    return {
        "number": number,
        "cost": round(fix.cost, 2),
        "edits": [_edit(edit) for edit in fix.edits],
        "gives": [
            {"name": name, "version": version, "cpu_build": name in fix.cpu_builds}
            for name, version in fix.gives
        ],
        "packages": fix.packages,
    }


def _edit(edit: Edit) -> dict[str, Any]:
    return {
        "action": edit.action.value,
        "line": None if edit.line is None else _line(edit.line),
        "text": edit.text or None,
        "flag": edit.flag if edit.is_setting else None,
        "words": edit_text(edit),
    }


def derivation_to_json(conflict: UserConflict) -> list[dict[str, Any]]:
    """Return the proof's nodes, what they rest on before them; the last one is the contradiction.

    Each has ``id``, ``terms`` (memberships that can't all hold), and either
    ``fact`` (where it comes from) or ``parents`` (ids it was derived from).
    """
    if conflict.proof is None:
        return []
    wording = Wording(conflict.universe)
    ids: dict[int, int] = {}
    nodes: list[dict[str, Any]] = []
    stack: list[tuple[Incompatibility, bool]] = [(conflict.proof, False)]
    while stack:
        clause, is_ready = stack.pop()
        if id(clause) in ids:
            continue
        if not is_ready and clause.parents:
            stack.append((clause, True))
            stack.extend((parent, False) for parent in reversed(clause.parents) if id(parent) not in ids)
            continue
        ids[id(clause)] = len(nodes)
        node: dict[str, Any] = {"id": len(nodes), "terms": _terms(clause, wording)}
        if clause.parents:
            node["parents"] = sorted({ids[id(parent)] for parent in clause.parents})
        else:
            node["fact"] = _fact(clause.fact, wording)
        nodes.append(node)
    return nodes


def _terms(clause: Incompatibility, wording: Wording) -> list[dict[str, Any]]:
    keys = wording.universe.registry.keys
    terms = []
    for package, members in zip(clause.packages, clause.sets, strict=True):
        if keys[package].kind is Kind.GUARD:
            continue
        terms.append(
            {
                "package": str(keys[package]),
                "ecosystem": "conda" if keys[package].kind is Kind.CONDA else "pypi",
                "versions": wording.chosen(package, members & ~ABSENT),
                "absent": bool(members & ABSENT),
                "from": [s for s in wording.source(package, members & ~ABSENT).split(", ") if s],
            }
        )
    return terms


def _fact(fact: Fact | None, wording: Wording) -> dict[str, Any]:
    match fact:
        case RequirementFact():
            return {"kind": "requirement", **_line(fact.requirement)}
        case PipOnlyFact():
            return {"kind": "pip-only", **_line(fact.requirement)}
        case ImplicitFact():
            return {"kind": "implicit", "name": fact.name}
        case DependencyFact():
            kind = "constrains" if fact.constrains else "depends"
            return {"kind": kind, "package": wording.name(fact.package), "text": fact.text}
        case PythonFact():
            return {"kind": "files", "package": wording.name(fact.package)}
        case ProvidesFact():
            return {"kind": "provides", "conda": wording.name(fact.conda), "pypi": wording.name(fact.pypi)}
        case UnusableFact():
            return {"kind": "unusable", "package": wording.name(fact.package), "reason": fact.reason}
        case SupportFact():
            return {"kind": "support", "package": wording.name(fact.package)}
        case PreReleaseFact():
            return {"kind": "pre-release", "package": wording.name(fact.package)}
        case SameReleaseFact():
            return {"kind": "same-release"}
        case Assumption() | KeptLevelFact() | MovesFact() | None:
            return {"kind": "assumption"}
        case _:
            assert_never(fact)
