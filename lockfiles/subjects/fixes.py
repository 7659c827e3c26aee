"""Changes that rules propose, tried: locked again, and judged by the rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from lockfiles.solving import solve
from resolver.checks.context import CheckContext
from resolver.errors import InputError, NoSolutionError
from resolver.model.origin import Origin
from resolver.model.resolution import Resolution

if TYPE_CHECKING:
    from lockfiles.session import Session
    from resolver.checks.registry import Proposal
    from resolver.machine.description import Machine
    from resolver.model.requirements import Requirements
    from resolver.model.rules import Rule

#: More solves than this for the fixes of one file take longer than people wait.
MOST_TRIED_FIXES = 8


class FixSolver:
    """Locks the inputs, and tries the changes that rules propose."""

    def __init__(self, session: Session, machine: Machine) -> None:
        self._session, self._machine = session, machine
        self._tried = 0

    def solve(self, requirements: Requirements) -> tuple[Resolution, ...]:
        """Return the resolutions of the requirements, one for each target."""
        return solve(self._session, requirements=requirements)

    def try_fix(self, proposal: Proposal, rule: Rule) -> str | None:
        """Return the change in words when it solves and silences the rule, else None."""
        if self._tried >= MOST_TRIED_FIXES:
            return None
        self._tried += 1
        changed = change_requirements(self._session.requirements, proposal)
        try:
            resolutions = self.solve(changed)
        except (NoSolutionError, InputError):
            return None
        for resolution in resolutions:
            context = CheckContext(resolution=resolution, machine=self._machine, requirements=changed)
            if any(True for _ in rule.check(context)):
                return None
        changes = [*proposal.conda, *proposal.pypi]
        return f"{proposal.text}: {', '.join(f'`{text}`' for text in changes)} (solved)"


def change_requirements(base: Requirements, proposal: Proposal) -> Requirements:
    """Return the requirements with those of a proposal in the place of others of the same name."""
    from resolver.model.requirements import CondaRequirement, PypiRequirement

    origin = Origin(file="proposed fix")
    conda = {line.name: line for line in (CondaRequirement.parse(spec, origin) for spec in proposal.conda)}
    pypi = {line.name: line for line in (PypiRequirement.parse(text, origin) for text in proposal.pypi)}
    return replace(
        base,
        conda=(
            *(item for item in base.conda if item.name not in conda),
            *conda.values(),
        ),
        pypi=(
            *(item for item in base.pypi if item.name not in pypi),
            *pypi.values(),
        ),
    )
