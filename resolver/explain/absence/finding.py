"""What is not there at all: a name, a version or a build that no candidate has, and where it is instead."""

from __future__ import annotations

from collections.abc import Callable

from resolver.constraints.universe import JointUniverse
from resolver.explain.absence.conda import CondaReasons
from resolver.explain.absence.pypi import PypiReasons
from resolver.explain.absence.values import Absence, AbsentKind
from resolver.explain.members import Bench, Requirement
from resolver.model.requirements import CondaRequirement

__all__ = ["Absence", "AbsentKind", "why_absent"]


def why_absent(
    bench: Bench, universe: JointUniverse, line: Requirement, stop: Callable[[], bool]
) -> tuple[Absence, ...]:
    """Return why a line that no candidate satisfies has none, the most telling reason first.

    ``stop`` says that no more sources may be asked.
    """
    if isinstance(line, CondaRequirement):
        found = CondaReasons(bench, universe, line, stop).all()
    else:
        found = PypiReasons(bench, universe, line, stop).all()
    kept: list[Absence] = []
    for absence in found:
        kept.append(absence)
        if absence.kind not in (AbsentKind.ONLY_PYPI, AbsentKind.ONLY_CONDA, AbsentKind.OTHER_CHANNEL):
            break
    return tuple(kept)
