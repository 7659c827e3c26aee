"""Narrowing along the links of a conflict, until nothing is left of some package."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from resolver.constraints.bits import ABSENT
from resolver.constraints.facts import PipOnlyFact, PreReleaseFact, RequirementFact, SupportFact
from resolver.explain.derivation import Link
from resolver.explain.members import Requirement, UserConflict
from resolver.explain.telling.story import OwnerDemand, Step, Story, demand_of
from resolver.explain.wording import Wording

#: A use of a link: its place, and whether it narrows its owner.
_Use = tuple[int, bool]
#: What links say: the link (by identity), its owner's candidates, what is left of third packages.
KnownDemands: TypeAlias = dict[tuple[int, int, tuple[int, ...]], list[OwnerDemand]]
#: Beyond so many steps a story is not shortened: that takes the square of them.
_MOST_TO_SHORTEN = 40


class Follower:
    """Narrows along links until nothing is left of some package."""

    def __init__(
        self,
        conflict: UserConflict,
        links: Sequence[Link],
        given: Mapping[int, int] | None = None,
        *,
        forward: bool = False,
        known: KnownDemands | None = None,
    ) -> None:
        """``given``: packages -> the candidates that are told of; ``forward``: no step goes backwards.

        ``known``: what followers of the same links have worked out.
        """
        self.given = given or {}
        self._ways = (False,) if forward else (False, True)
        self.universe = conflict.universe
        self.links = list(links)
        self.live: dict[int, int] = {}
        self.lines: dict[int, list[Requirement]] = {}
        self._full: dict[int, int] = {}
        self._known: KnownDemands = {} if known is None else known

    def full(self, package: int) -> int:
        """Return all candidates of a package, and its absence."""
        known = self._full.get(package)
        if known is None:
            known = self._full[package] = (1 << (self.universe.size(package) + 1)) - 1
        return known

    def domain(self, package: int) -> int:
        """Return what is left of a package so far."""
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
            about=dict(self.given),
            unheld=frozenset(
                clause.fact.package
                for link in self.links
                if link.owner < 0
                for clause in link.clauses
                if isinstance(clause.fact, SupportFact)
            ),
        )

    def ends(self) -> bool:
        """Tell whether the links lead to a package that nothing is left of."""
        return self._begin() is not None or self._exhaust([]) is not None

    def parts(self, package: int) -> list[int]:
        """Part what is left of a package by what its candidates say of others; absence is a part too."""
        left = self.domain(package)
        groups = [left & ~ABSENT]
        for link in self.links:
            if link.owner == package and link.other != package:
                for demand in self._demands(link, left & ~ABSENT):
                    groups = [p for g in groups for p in (g & demand.owners, g & ~demand.owners) if p]
        groups = sorted((g for g in groups if g), key=lambda bits: bits & -bits)
        return [*groups, *([ABSENT] if left & ABSENT else [])]

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
            key=lambda n: (self._rank(self.links[n]), n),
        )
        pending = True
        while pending:
            pending = False
            for number in order:
                for backward in self._ways:
                    step = self._use((number, backward))
                    if step is None:
                        continue
                    uses.append((number, backward))
                    pending = True
                    if not step.after:
                        return step.narrowed
        return None

    def _rank(self, link: Link) -> int:
        """Return when a link is used: lines come first, and which releases count before what they need."""
        is_asked, counts = link.owner in self.lines, isinstance(link.fact, PreReleaseFact)
        return (0 if counts else 1) if is_asked else (2 if counts else 3)

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
                after |= demand.owners if link.owner == link.other and demand.admitted else demand.admitted
            if link.owner == link.other:
                after |= mine & ABSENT
            after = other & after if not mine & ABSENT or link.owner == link.other else other
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

    def _demands(self, link: Link, owners: int) -> list[OwnerDemand]:
        """Part the owner's candidates by what they say of the other package, for each state once."""
        ends = {link.owner, link.other}
        others = {package for clause in link.clauses for package in clause.packages if package not in ends}
        key = (id(link), owners, tuple(self.domain(package) for package in sorted(others)))
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._work_out(link, owners)
        return found

    def _work_out(self, link: Link, owners: int) -> list[OwnerDemand]:
        parts: list[tuple[int, int, tuple[str, ...]]] = []
        rest = owners  # those of which nothing was said yet: most clauses are about some of them alone
        for clause in link.clauses:
            terms = dict(zip(clause.packages, clause.sets, strict=True))
            mine = terms.pop(link.owner, self.full(link.owner))
            theirs = terms.pop(link.other, 0) if link.other != link.owner else 0
            if any(self.domain(package) & ~members for package, members in terms.items()):
                continue  # a condition (python, another provider) that does not surely hold
            if link.other == link.owner or link.other not in clause.packages:
                theirs = self.full(link.other)
            text = demand_of(clause)
            if mine & owners & ~rest:
                parts = _split(parts, mine, theirs, text)
            if rest & mine:
                parts.append((rest & mine, self.full(link.other) & ~theirs, (text,) if text else ()))
                rest &= ~mine
        parts.append((rest, self.full(link.other), ()))
        merged: dict[int, list[tuple[int, tuple[str, ...]]]] = {}
        for group, admitted, texts in parts:
            if group:
                merged.setdefault(admitted, []).append((group, texts))
        return [
            OwnerDemand(
                owners=sum(group for group, _ in groups),
                admitted=admitted,
                texts=tuple(dict.fromkeys(t for _, texts in groups for t in texts)),
            )
            for admitted, groups in merged.items()
        ]


def _split(
    parts: Sequence[tuple[int, int, tuple[str, ...]]], mine: int, theirs: int, text: str
) -> list[tuple[int, int, tuple[str, ...]]]:
    """Part each (candidates, what they admit, texts) by whether a clause is about the candidates."""
    split: list[tuple[int, int, tuple[str, ...]]] = []
    for group, admitted, texts in parts:
        if group & mine:
            split.append((group & mine, admitted & ~theirs, (*texts, text) if text else texts))
        if group & ~mine:
            split.append((group & ~mine, admitted, texts))
    return split
