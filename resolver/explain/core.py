"""The minimal conflict: which of the user's own lines can't hold together.

QuickXplain (Junker 2004) with the search as the oracle. Each line has a guard,
so one search answers for every subset and keeps what it learned; it starts
from the lines that the failed search itself ran into.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from resolver.constraints.clauses import Incompatibility
from resolver.constraints.universe import GuardedLine, JointUniverse
from resolver.model.requirements import CondaRequirement, PypiRequirement
from resolver.solving.search import Assumption, Outcome, Search


@dataclass(frozen=True, slots=True, kw_only=True)
class Core:
    """Lines that can't hold together; without any one of them there is a solution (if ``is_minimal``).

    ``members`` stand in the order of the input. ``proof`` leads to the facts
    behind it. No member at all: the target itself admits no solution.
    """

    members: tuple[CondaRequirement | PypiRequirement, ...]
    proof: Incompatibility | None
    is_minimal: bool = True
    solves: int = 0


class CoreFinder:
    """Asks one search about subsets of the user's lines."""

    def __init__(self, universe: JointUniverse, should_stop: Callable[[], bool] | None = None) -> None:
        self.lines, always = universe.guarded()
        facts = [*always, *(clause for line in self.lines for clause in line.clauses)]
        self.search = Search(universe, proofs=True, facts=facts, should_stop=should_stop)
        self.solves = 0

    def ask(self, places: Sequence[int]) -> Outcome:
        """Solve with only these lines (by place among ``lines``)."""
        self.solves += 1
        return self.search.solve([Assumption(package=self.lines[n].guard, allowed=2) for n in places])

    def conflict_of(self, places: Sequence[int]) -> list[int] | None:
        """Return lines among ``places`` that fail together (not minimal); None if they can hold."""
        outcome = self.ask(places)
        if outcome.selected is not None:
            return None
        return [places[n] for n in outcome.core]

    def find(self, places: Sequence[int] | None = None) -> Core | None:
        """Return one minimal conflict; None if all the lines can hold together."""
        everything = list(range(len(self.lines))) if places is None else list(places)
        candidates = self.conflict_of(everything)
        if candidates is None:
            return None
        minimal = self._minimise(sorted(candidates))
        outcome = self.ask(minimal)
        members = tuple(self.lines[n].requirement for n in minimal)
        return Core(members=members, proof=outcome.proof, solves=self.solves)

    def _minimise(self, candidates: list[int]) -> list[int]:
        """Drop each line that the conflict does without; every "no" shrinks what is left to try."""
        needed: list[int] = []
        open_ones = list(candidates)
        while open_ones:
            tried = open_ones.pop()
            rest = self.conflict_of([*needed, *open_ones])
            if rest is None:
                needed.append(tried)
            else:
                open_ones = [n for n in open_ones if n in rest]
                needed = [n for n in needed if n in rest]
        return sorted(needed)


def line_places(lines: Sequence[GuardedLine], requirements: Sequence[object]) -> list[int]:
    """Return the places of requirements among guarded lines."""
    return [n for n, line in enumerate(lines) if any(line.requirement is r for r in requirements)]
