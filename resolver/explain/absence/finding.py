"""What is not there at all: a name, a version or a build that no candidate has, and where it is instead."""

from __future__ import annotations

from collections.abc import Sequence

from resolver.constraints.bits import ABSENT
from resolver.constraints.facts import RequirementFact
from resolver.constraints.universe import JointUniverse
from resolver.explain.absence.conda import CondaReasons
from resolver.explain.absence.pypi import PypiReasons
from resolver.explain.absence.values import Absence, AbsenceKind
from resolver.explain.asking import NoAnswer, attempt
from resolver.explain.budget import Meter
from resolver.explain.members import Bench, Requirement
from resolver.model.requirements import CondaRequirement

__all__ = ["Absence", "AbsenceKind", "find_absence", "unmet_constraint"]


def unmet_constraint(universe: JointUniverse, lines: Sequence[Requirement]) -> Requirement | None:
    """Return the constraint among the lines of a conflict that no candidate meets; None: each is met by some.

    What it is about may stay away, so it takes a line that brings it in to make the conflict.
    """

    def is_unmet(line: Requirement) -> bool:
        clauses = [c for c in universe.clauses_of(line) if isinstance(c.fact, RequirementFact)]
        own = [c for c in clauses if c.fact == RequirementFact(requirement=line) and len(c.packages) == 1]
        return any(not ((2 << universe.size(c.packages[0])) - 1) & ~c.sets[0] & ~ABSENT for c in own)

    found = attempt(lambda: next((n for n in lines if n.is_constraint and is_unmet(n)), None))
    return None if isinstance(found, NoAnswer) else found


def find_absence(
    bench: Bench, universe: JointUniverse, line: Requirement, meter: Meter
) -> tuple[tuple[Absence, ...], NoAnswer | None]:
    """Return why a line that no candidate satisfies has none, the most telling reason first.

    Also why sources were not asked that could have told more; None if all were.
    """
    if isinstance(line, CondaRequirement):
        found = CondaReasons(bench, universe, line, meter).all()
    else:
        found = PypiReasons(bench, universe, line, meter).all()
    kept: list[Absence] = []
    while (absence := attempt(lambda: next(found, None))) is not None:
        if isinstance(absence, NoAnswer):
            return tuple(kept), absence
        kept.append(absence)
        if absence.kind not in (AbsenceKind.ONLY_PYPI, AbsenceKind.ONLY_CONDA, AbsenceKind.OTHER_CHANNEL):
            break
    if meter.failures:
        return tuple(kept), NoAnswer(error=meter.failures[0])
    return tuple(kept), NoAnswer() if meter.is_over() else None
