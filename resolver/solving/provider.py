"""resolvelib's five questions, answered over a universe of finite domains.

An incompatibility becomes requirements: if a candidate satisfies one of its
terms, one of the others must fail. With one other term that is a requirement
on its package; with several it is a requirement on a *choice*, a package whose
candidates are the ways out. A domain that admits absence has *absent* as a
candidate, and it comes first: so ``constrains`` binds without bringing in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from resolvelib import AbstractProvider, BaseReporter, ResolutionImpossible, ResolutionTooDeep
from resolvelib.resolvers import Resolution

from resolver.constraints.bits import ABSENT
from resolver.constraints.clauses import Incompatibility
from resolver.constraints.facts import SameReleaseFact
from resolver.constraints.protocol import Universe
from resolver.constraints.support import refusal

if TYPE_CHECKING:
    from resolvelib.providers import Preference

#: Rounds after which resolvelib gives up; its search does not learn.
MAX_ROUNDS = 20_000


class Requirement(NamedTuple):
    """A package must be among ``allowed`` (bitset; bit 0: it may be absent)."""

    package: int
    allowed: int
    clause: Incompatibility


class Selected(NamedTuple):
    """Candidate ``place`` of a package; -1: absent."""

    package: int
    place: int


class UniverseProvider(AbstractProvider[Requirement, Selected, int]):
    """Answers resolvelib over a universe. Choices have negative numbers."""

    def __init__(self, universe: Universe) -> None:
        self.universe = universe
        self._choices: list[tuple[Incompatibility, list[tuple[int, int]]]] = []
        self._numbers: dict[tuple[Incompatibility, int], int] = {}

    # -- the five questions -----------------------------------------------------------------------

    def identify(self, requirement_or_candidate: Requirement | Selected) -> int:
        """Return the package's number."""
        return requirement_or_candidate.package

    def get_preference(
        self,
        identifier: int,
        resolutions: Mapping[int, Selected],  # noqa: ARG002
        candidates: Mapping[int, Iterator[Selected]],
        information: Mapping[int, Iterator[Any]],  # noqa: ARG002
        backtrack_causes: Sequence[Any],
    ) -> Preference:
        """Rank python first, then choices (most hang on it), then by trouble and the universe's own order."""
        troubled = any(identifier == cause.requirement.package for cause in backtrack_causes)
        if identifier < 0:
            return (0, not troubled, 1, 0, f"{-identifier:09}")
        group, place = self.universe.priority(identifier)
        left = sum(1 for _ in candidates[identifier])
        return (group, not troubled, min(left, 2), place, self.universe.name(identifier))

    def find_matches(
        self,
        identifier: int,
        requirements: Mapping[int, Iterator[Requirement]],
        incompatibilities: Mapping[int, Iterator[Selected]],
    ) -> list[Selected]:
        """Return the candidates that every requirement admits, best first."""
        allowed = -1
        for requirement in requirements[identifier]:
            allowed &= requirement.allowed
        refused = {candidate.place for candidate in incompatibilities[identifier]}
        count = len(self._choices[-1 - identifier][1]) if identifier < 0 else self.universe.size(identifier)
        places = [-1] if allowed & ABSENT else []
        places += [n for n in range(count) if allowed & (2 << n)]
        return [Selected(identifier, place) for place in places if place not in refused]

    def is_satisfied_by(self, requirement: Requirement, candidate: Selected) -> bool:
        """Tell whether the candidate is among those the requirement allows."""
        return bool(requirement.allowed & (1 << (candidate.place + 1)))

    def get_dependencies(self, candidate: Selected) -> list[Requirement]:
        """Return what must hold if the candidate is selected."""
        if candidate.package < 0:
            clause, ways = self._choices[-1 - candidate.package]
            package, allowed = ways[candidate.place]
            return [Requirement(package, allowed, clause)]
        if candidate.place < 0:
            return []
        found = []
        if self.universe.is_extra(candidate.package):
            for base in self.universe.links(candidate.package):
                link = Incompatibility((candidate.package,), (2 << candidate.place,), fact=SameReleaseFact())
                found.append(Requirement(base, 2 << candidate.place, link))
        for clause in self.universe.clauses(candidate.package, candidate.place):
            requirement = self.requirement_of(clause, candidate)
            if requirement is not None:
                found.append(requirement)
        return found

    # -- incompatibilities as requirements --------------------------------------------------------

    def root_requirements(self) -> list[Requirement]:
        """Return what the user asked for."""
        found = (self.requirement_of(clause, None) for clause in self.universe.root())
        return [requirement for requirement in found if requirement is not None]

    def requirement_of(self, clause: Incompatibility, candidate: Selected | None) -> Requirement | None:
        """Return what an incompatibility demands once the candidate is selected; None: nothing."""
        ways: list[tuple[int, int]] = []
        for package, members in zip(clause.packages, clause.sets, strict=True):
            if candidate is not None and package == candidate.package:
                if not members & (2 << candidate.place):
                    return None
                continue
            full = (1 << (self.universe.size(package) + 1)) - 1
            ways.append((package, full & ~members))
        if not ways and candidate is not None:
            return Requirement(candidate.package, ~(2 << candidate.place), clause)
        if len(ways) == 1:
            return Requirement(*ways[0], clause)
        return Requirement(self._choice(clause, ways), ~ABSENT, clause)

    def _choice(self, clause: Incompatibility, ways: list[tuple[int, int]]) -> int:
        key = (clause, len(ways))
        if key not in self._numbers:
            self._choices.append((clause, ways))
            self._numbers[key] = -len(self._choices)
        return self._numbers[key]


def solve_with_resolvelib(
    universe: Universe, requirements: Iterable[Requirement] | None = None
) -> dict[int, int] | None:
    """Return package -> candidate as resolvelib's own resolver finds it; None: no solution.

    Raises resolvelib's ResolutionTooDeep where it gives up.
    """
    provider = UniverseProvider(universe)
    asked = provider.root_requirements() if requirements is None else list(requirements)
    support = universe.support()
    while True:
        # Resolver.resolve would build its result by a recursion that cycles of packages overflow.
        resolution: Resolution[Requirement, Selected, int] = Resolution(provider, BaseReporter())
        try:
            state = resolution.resolve(asked, max_rounds=MAX_ROUNDS)
        except ResolutionTooDeep:
            raise
        except ResolutionImpossible:
            return None
        selected = _reached(provider, asked, state.mapping)
        clause = None if support is None else refusal(support, selected)
        clause = clause or _early_pre_release(universe, selected)
        requirement = None if clause is None else provider.requirement_of(clause, None)
        if requirement is None:
            return selected
        asked.append(requirement)


def _early_pre_release(universe: Universe, selected: Mapping[int, int]) -> Incompatibility | None:
    """Return what forbids a pre-release in a whole solution (package -> candidate); None: each counts."""
    rule = universe.pre_releases()
    if rule is None or not selected:
        return None
    domain = [2 << selected[p] if p in selected else ABSENT for p in range(max(selected) + 1)]
    late = (p for p, bits in enumerate(domain) if rule.late(p) & bits)
    clauses = (rule.judge(p, domain, domain).clause for p in late)
    return next((clause for clause in clauses if clause is not None), None)


def _reached(
    provider: UniverseProvider, asked: Sequence[Requirement], mapping: Mapping[int, Selected]
) -> dict[int, int]:
    """Return what the requirements bring in; pins left behind by backtracking are not part of it."""
    found: dict[int, int] = {}
    stack = [requirement.package for requirement in asked]
    seen: set[int] = set()
    while stack:
        key = stack.pop()
        if key in seen or key not in mapping:
            continue
        seen.add(key)
        candidate = mapping[key]
        if key >= 0 and candidate.place >= 0:
            found[key] = candidate.place
        stack.extend(requirement.package for requirement in provider.get_dependencies(candidate))
    return found
