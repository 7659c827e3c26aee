"""The short answer to "no solution": the lines that clash, with their places."""

from __future__ import annotations

import time

from resolver.constraints.universe import JointUniverse
from resolver.errors import NoSolutionError
from resolver.explain.core import Core, CoreFinder
from resolver.model.requirements import CondaRequirement
from resolver.solving.search import Interrupted


def no_solution(universe: JointUniverse, *, patience: float) -> NoSolutionError:
    """Return an error that names the clashing lines; ``patience`` in seconds bounds the work."""
    stop = time.monotonic() + patience
    finder = CoreFinder(universe, should_stop=lambda: time.monotonic() > stop)
    try:
        core = finder.find()
    except Interrupted:
        core = None
    subdir = universe.conda.target.subdir
    if core is None:
        return NoSolutionError(
            f"no solution for {subdir}; the lines that clash were not found in {patience:g} s",
            hint="`lock explain --timeout SECONDS` looks longer.",
        )
    return NoSolutionError(
        _words(core, subdir),
        [(r.origin, line_text(r)) for r in core.members],
        hint="`lock explain` gives the reasons, and changes that work.",
    )


def _words(core: Core, subdir: str) -> str:
    if not core.members:
        return f"no solution for {subdir}, whatever the requirements say"
    if len(core.members) == 1:
        head = f"no solution for {subdir}: this line can't be met:"
    else:
        head = f"no solution for {subdir}: these {len(core.members)} lines can't hold together:"
    return "\n".join([head, *(f"  {r.origin}: {line_text(r)}" for r in core.members)])


def line_text(requirement: object) -> str:
    """Return a requirement as its line shows it."""
    if isinstance(requirement, CondaRequirement):
        return requirement.spec
    return str(getattr(requirement, "text", requirement))
