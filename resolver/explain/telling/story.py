"""A conflict as a chain of reasons, told from the user's lines onwards.

The links that clash (:mod:`resolver.explain.derivation`) are followed as a
person would: what a line leaves of a package, what those candidates need of
the next one, until nothing is left. What a link says is the union over all
candidates still possible, so builds and versions are told together.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import assert_never

import msgspec

from resolver.constraints.clauses import Incompatibility
from resolver.constraints.facts import (
    Assumption,
    DependencyFact,
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
from resolver.explain.derivation import Link
from resolver.explain.members import Requirement
from resolver.explain.wording import Wording


class OwnerDemand(msgspec.Struct, frozen=True, kw_only=True):
    """Candidates of a link's owner that say the same, and what they leave of the other package."""

    owners: int
    admitted: int
    texts: tuple[str, ...]  #: the dependency strings behind it


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One use of a link: what it took from the other package, or (``backward``) from its owner.

    ``before`` and ``after`` are of the package that it narrowed.
    """

    link: Link
    demands: tuple[OwnerDemand, ...]
    backward: bool
    before: int
    after: int
    owners: int  #: candidates of the owner that were possible
    others: int  #: and of the other package

    @property
    def narrowed(self) -> int:
        """The package that lost candidates."""
        return self.link.owner if self.backward else self.link.other


@dataclass(slots=True, kw_only=True)
class Story:
    """A conflict's steps in the order of telling.

    ``dead`` is the package that nothing is left of; None where only a
    distinction of cases shows the conflict.
    """

    wording: Wording
    steps: list[Step]
    live: dict[int, int]
    dead: int | None
    lines: dict[int, list[Requirement]]
    unused: list[Link] = field(default_factory=list)  #: links that the telling did without
    beside: Story | None = None  #: the same with conda's build in place of the index's
    unheld: frozenset[int] = frozenset()  #: conda packages that nothing in conda could bring in
    about: dict[int, int] = field(default_factory=dict)  #: of a case: package -> the candidates it is about
    cases: list[Story] = field(default_factory=list)  #: what each comes to, where no chain alone ends

    @property
    def is_told(self) -> bool:
        """Whether there are reasons to tell."""
        return bool(self.steps or self.cases)


def story_links(story: Story) -> list[Link]:
    """Return every link of the derivation, those that are told first."""
    told = dict.fromkeys(id(step.link) for step in story.steps)
    links = {id(step.link): step.link for step in story.steps}
    return [*(links[key] for key in told), *story.unused]


def demand_of(clause: Incompatibility) -> str:
    """Return the dependency behind an incompatibility, as its package has it; empty for another fact."""
    return clause.fact.text if isinstance(clause.fact, DependencyFact) else ""


def kinds(step: Step) -> str:
    """Return what kind of fact a step rests on: needs, limits, files, ships, held, unusable, extra."""
    fact = step.link.fact
    match fact:
        case DependencyFact():
            return "limits" if fact.constrains else "needs"
        case PythonFact():
            return "files"
        case ProvidesFact():
            return "ships"
        case SupportFact():
            return "held"
        case PreReleaseFact():
            return "pre-release"
        case UnusableFact():
            return "unusable"
        case SameReleaseFact() | KeptLevelFact() | MovesFact() | Assumption() | None:
            return "extra"
        case RequirementFact() | ImplicitFact() | PipOnlyFact():
            raise AssertionError("a step is never about a line: those are where a story begins")
        case _:
            assert_never(fact)
