"""A conflict as a chain of reasons, told from the user's lines onwards.

The links that clash (:mod:`resolver.explain.derivation`) are followed as a
person would: what a line leaves of a package, what those candidates need of
the next one, until nothing is left. What a link says is the union over all
candidates still possible, so builds and versions are told together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import assert_never

import msgspec

from resolver.constraints.bits import ABSENT
from resolver.constraints.clauses import Incompatibility
from resolver.constraints.facts import (
    Assumption,
    DependencyFact,
    ImplicitFact,
    KeptLevelFact,
    MovesFact,
    PipOnlyFact,
    ProvidesFact,
    PythonFact,
    RequirementFact,
    SameReleaseFact,
    SupportFact,
    UnusableFact,
)
from resolver.constraints.pypi_package import PypiPackage
from resolver.explain.budget import Meter
from resolver.explain.derivation import Link, leaves_of, links_of, needed_links
from resolver.explain.members import Conflict, Requirement
from resolver.explain.telling.links import whole_links
from resolver.explain.telling.words import Wording


class Demand(msgspec.Struct, frozen=True, kw_only=True):
    """Candidates of a link's owner that say the same, and what they leave of the other package."""

    owners: int
    admitted: int
    texts: tuple[str, ...]  #: the dependency strings behind it


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One use of a link: what it took from the other package, or (``backward``) from its owner.

    ``before`` and ``after`` are of the package that it narrowed.
    """

    link: Link
    demands: tuple[Demand, ...]
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


def story_links(story: Story) -> list[Link]:
    """Return every link of the derivation, those that are told first."""
    told = dict.fromkeys(id(step.link) for step in story.steps)
    links = {id(step.link): step.link for step in story.steps}
    return [*(links[key] for key in told), *story.unused]


def tell(conflict: Conflict, meter: Meter) -> Story | None:
    """Return the story of a conflict; None where its proof is not known.

    The versions that it names may have to be read: a source that fails raises.
    """
    if conflict.proof is None:
        return None
    universe = conflict.universe
    links = links_of(leaves_of(conflict.proof))
    guards = [
        number
        for link in links
        for c in link.clauses
        if isinstance(c.fact, RequirementFact | PipOnlyFact)
        for number in c.packages[1:]
    ]
    links = needed_links(universe, links, dict.fromkeys(guards), meter)
    whole = whole_links(universe, links)
    story = _Follower(conflict, whole).follow()
    return _in_two_cases(conflict, whole, story) or story


def _in_two_cases(conflict: Conflict, links: Sequence[Link], story: Story) -> Story | None:
    """Tell a pip line by its index releases, then by conda's build of it, where it has both.

    Told together, the two cases only blur each other. None where a case alone
    doesn't come to a clear end.
    """
    for package in story.lines:
        made = conflict.universe.registry.package(package)
        if not isinstance(made, PypiPackage):
            continue
        provided = sum(2 << n for n, release in enumerate(made.domain.releases) if release.is_provided)
        asked = _Follower(conflict, links).lines_leave(package)
        if not asked & provided or not asked & ~provided & ~ABSENT:
            continue
        index = _Follower(conflict, links, {package: ~provided}).follow()
        conda = _Follower(conflict, links, {package: provided}).follow()
        if index.dead is not None and conda.dead is not None:
            index.beside = conda
            return index
    return None


#: A use of a link: its place, and whether it narrows its owner.
_Use = tuple[int, bool]
#: Beyond so many steps a story is not shortened: that takes the square of them.
_MOST_TO_SHORTEN = 40


class _Follower:
    """Narrows along links until nothing is left of some package."""

    def __init__(
        self, conflict: Conflict, links: Sequence[Link], given: Mapping[int, int] | None = None
    ) -> None:
        """``given``: packages -> the candidates that this telling is about."""
        self.given = given or {}
        self.universe = conflict.universe
        self.links = list(links)
        self.live: dict[int, int] = {}
        self.lines: dict[int, list[Requirement]] = {}
        self._full: dict[int, int] = {}

    def full(self, package: int) -> int:
        known = self._full.get(package)
        if known is None:
            known = self._full[package] = (1 << (self.universe.size(package) + 1)) - 1
        return known

    def domain(self, package: int) -> int:
        return self.live.get(package, self.full(package))

    def follow(self) -> Story:
        """Return the story with as few steps as still end in the contradiction."""
        dead = self._begin()
        uses: list[_Use] = []
        if dead is None:
            dead = self._exhaust(uses)
        if dead is not None and len(uses) <= _MOST_TO_SHORTEN:
            uses = self._shortened(uses)
        steps, dead = self._replay(uses)
        told = {number for number, _ in uses}
        unused = [link for n, link in enumerate(self.links) if n not in told and link.owner >= 0]
        return Story(
            wording=Wording(self.universe),
            steps=steps,
            live=self.live,
            dead=dead,
            lines=self.lines,
            unused=unused,
            unheld=frozenset(
                clause.fact.package
                for link in self.links
                if link.owner < 0
                for clause in link.clauses
                if isinstance(clause.fact, SupportFact)
            ),
        )

    def _begin(self) -> int | None:
        """Start from the lines; a package that they leave nothing of, if any."""
        self.live, self.lines = {}, {}
        dead = None
        for link in self.links:
            if link.owner >= 0:
                continue
            for clause in link.clauses:
                package, members = clause.packages[0], clause.sets[0]
                if isinstance(clause.fact, RequirementFact):
                    known = self.lines.setdefault(package, [])
                    if clause.fact.requirement not in known:
                        known.append(clause.fact.requirement)
                is_line = isinstance(clause.fact, RequirementFact | PipOnlyFact)
                if len(clause.packages) == 1 or (is_line and len(clause.packages) == 2):
                    self.live[package] = self.domain(package) & ~members
                if not self.domain(package):
                    dead = package
        for package, bits in self.given.items():
            self.live[package] = self.domain(package) & bits
        return dead

    def lines_leave(self, package: int) -> int:
        """Return what the lines leave of a package."""
        self._begin()
        return self.domain(package)

    def _exhaust(self, uses: list[_Use]) -> int | None:
        """Use links, breadth first, until a package is dead or nothing follows; note every use that told."""
        order = sorted(
            (n for n, link in enumerate(self.links) if link.owner >= 0),
            key=lambda n: (self.links[n].owner not in self.lines, n),
        )
        pending = True
        while pending:
            pending = False
            for number in order:
                for backward in (False, True):
                    step = self._use((number, backward))
                    if step is None:
                        continue
                    uses.append((number, backward))
                    pending = True
                    if not step.after:
                        return step.narrowed
        return None

    def _shortened(self, uses: list[_Use]) -> list[_Use]:
        place = 0
        while place < len(uses):
            fewer = uses[:place] + uses[place + 1 :]
            if self._replay(fewer)[1] is not None:
                uses = fewer
            else:
                place += 1
        return uses

    def _replay(self, uses: Sequence[_Use]) -> tuple[list[Step], int | None]:
        dead = self._begin()
        steps: list[Step] = []
        for use in uses:
            step = self._use(use)
            if step is not None:
                steps.append(step)
                if not step.after:
                    return steps, step.narrowed
        return steps, dead

    def _use(self, use: _Use) -> Step | None:
        number, backward = use
        link = self.links[number]
        mine, other = self.domain(link.owner), self.domain(link.other)
        if backward and link.other == link.owner:
            return None
        demands = self._demands(link, mine & ~ABSENT)
        if backward:
            before, package = mine, link.owner
            after = 0 if self._must_be_there(link) else mine & ABSENT
            for demand in demands:
                if demand.admitted & other:
                    after |= demand.owners
        else:
            before, package = other, link.other
            after = 0
            for demand in demands:
                after |= demand.admitted
            after = other & after if not mine & ABSENT else other
        if after == before:
            return None
        self.live[package] = after
        return Step(
            link=link, demands=tuple(demands), backward=backward, before=before, after=after,
            owners=mine, others=other,
        )  # fmt: skip

    def _must_be_there(self, link: Link) -> bool:
        """Tell whether what is left of the other package needs the owner (what conda provides does)."""
        together: dict[int, int] = {}
        for clause in link.clauses:
            terms = dict(zip(clause.packages, clause.sets, strict=True))
            if terms.pop(link.owner, 0) & ABSENT:
                if len(terms) == 1:  # one version after another: all that is left may need the owner
                    ((package, members),) = terms.items()
                    together[package] = together.get(package, 0) | members
                elif not any(self.domain(package) & ~members for package, members in terms.items()):
                    return True
        return any(not self.domain(package) & ~members for package, members in together.items())

    def _demands(self, link: Link, owners: int) -> list[Demand]:
        """Part the owner's candidates by what they say of the other package."""
        parts: list[tuple[int, int, tuple[str, ...]]] = [(owners, self.full(link.other), ())]
        for clause in link.clauses:
            terms = dict(zip(clause.packages, clause.sets, strict=True))
            mine = terms.pop(link.owner, self.full(link.owner))
            theirs = terms.pop(link.other, 0) if link.other != link.owner else 0
            if any(self.domain(package) & ~members for package, members in terms.items()):
                continue  # a condition (python, another provider) that does not surely hold
            if link.other == link.owner or link.other not in clause.packages:
                theirs = self.full(link.other)
            text = demand_of(clause)
            split: list[tuple[int, int, tuple[str, ...]]] = []
            for group, admitted, texts in parts:
                if group & mine:
                    split.append((group & mine, admitted & ~theirs, (*texts, text) if text else texts))
                if group & ~mine:
                    split.append((group & ~mine, admitted, texts))
            parts = split
        merged: dict[int, list[tuple[int, tuple[str, ...]]]] = {}
        for group, admitted, texts in parts:
            if group:
                merged.setdefault(admitted, []).append((group, texts))
        return [
            Demand(
                owners=sum(group for group, _ in groups),
                admitted=admitted,
                texts=tuple(dict.fromkeys(t for _, texts in groups for t in texts)),
            )
            for admitted, groups in merged.items()
        ]


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
        case UnusableFact():
            return "unusable"
        case SameReleaseFact() | KeptLevelFact() | MovesFact() | Assumption() | None:
            return "extra"
        case RequirementFact() | ImplicitFact() | PipOnlyFact():
            raise AssertionError("a step is never about a line: those are where a story begins")
        case _:
            assert_never(fact)
