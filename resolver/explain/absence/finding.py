"""What is not there at all: a name, a version or a build that no candidate has, and where it is instead."""

from __future__ import annotations

from resolver.constraints.universe import JointUniverse
from resolver.explain.absence.conda import CondaReasons
from resolver.explain.absence.pypi import PypiReasons
from resolver.explain.absence.values import Absence, AbsenceKind
from resolver.explain.asking import NoAnswer, attempt
from resolver.explain.budget import Meter
from resolver.explain.members import Bench, Requirement
from resolver.model.requirements import CondaRequirement

__all__ = ["Absence", "AbsenceKind", "find_absence"]


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
