"""The minimal conflict: which of the user's own lines can't hold together.

Each line has a guard, so one search answers for every subset of the lines and
keeps what it learned. A failed search names the lines that it ran into, which
is where minimising starts (as QuickXplain, Junker 2004, with the search as the
oracle); every further "no" shrinks the set again.

Several conflicts: a conflict is only answered by a change of one of its lines.
So the search is asked without a smallest set of lines that hits every conflict
known; its "no" is another conflict, its "yes" says that these lines are enough
to change (implicit hitting sets).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations

import msgspec

from resolver.constraints.clauses import Incompatibility
from resolver.constraints.universe import GuardedLine, JointUniverse
from resolver.explain.asking import NoAnswer, attempt
from resolver.explain.budget import Meter
from resolver.explain.members import Requirement
from resolver.solving.search import Assumption, Outcome, Search

#: More conflicts than this in one file are not looked for.
MOST_CONFLICTS = 6


class Core(msgspec.Struct, frozen=True, kw_only=True):
    """Lines that can't hold together; without any one of them there is a solution (if ``is_minimal``).

    ``members`` stand in the order of the input. ``proof`` leads to the facts
    behind it. No member at all: the target itself admits no solution.
    """

    members: tuple[Requirement, ...]
    places: tuple[int, ...]
    proof: Incompatibility | None
    is_minimal: bool = True
    solves: int = 0


class CoreFinder:
    """Asks one search about subsets of the user's lines.

    Making one reads the lines' own packages: a source that fails raises here.
    """

    def __init__(
        self, universe: JointUniverse, meter: Meter | None = None, *, implicit_by_lines: bool = False
    ) -> None:
        """Take a universe that was made ``apart``; ``implicit_by_lines`` as in its ``guarded``."""
        self.universe = universe
        self.lines: list[GuardedLine]
        self.lines, always = universe.guarded(implicit_by_lines=implicit_by_lines)
        self._facts = [*always, *(clause for line in self.lines for clause in line.clauses)]
        self.meter = meter or Meter()
        self._search: Search | None = None
        self._last: tuple[tuple[Sequence[int], Sequence[Assumption]], Outcome] | None = None
        self.solves = 0

    def ask(self, places: Sequence[int], extra: Sequence[Assumption] = ()) -> Outcome | NoAnswer:
        """Solve with only these lines (by place among ``lines``).

        Fewer lines may lead where the failed search has not been, to a source that
        can't be read: that has no answer, as has what the budget is too small for.
        """
        if self.meter.is_over():
            return NoAnswer()
        self.solves += 1
        question = tuple(places), tuple(extra)
        if self._last is not None and self._last[0] == question:
            return self._last[1]  # that no conflict is left is often asked where the last one was looked for
        if self._search is None:
            self._search = Search(
                self.universe,
                proofs=True,
                facts=self._facts,
                reporter=self.meter,
                should_stop=self.meter.is_over,
            )
        search = self._search
        guards = [Assumption(package=self.lines[n].guard, allowed=2) for n in places]
        answer = attempt(lambda: search.solve([*guards, *extra]))
        if isinstance(answer, NoAnswer):
            self._last = None
            if answer.error is None:
                self._search = None  # it was stopped over a conflict that it has not learned from
        else:
            self._last = question, answer
        return answer

    @property
    def all_hold(self) -> Mapping[int, int] | None:
        """What the last answer selects where all lines hold in it; else None."""
        if self._last is None or self._last[0] != (tuple(range(len(self.lines))), ()):
            return None
        return self._last[1].selected

    def conflict_of(self, places: Sequence[int]) -> list[int] | NoAnswer | None:
        """Return lines among ``places`` that fail together (not minimal); None if they can hold."""
        outcome = self.ask(places)
        if isinstance(outcome, NoAnswer):
            return outcome
        if outcome.selected is not None:
            return None
        return [places[n] for n in outcome.core]

    def verdict(self) -> list[int] | NoAnswer | None:
        """Return lines that fail together (not minimal); None if all of them can hold."""
        return self.conflict_of(range(len(self.lines)))

    def find(
        self, places: Sequence[int] | None = None, still: Callable[[Sequence[int]], None] | None = None
    ) -> Core | NoAnswer | None:
        """Return one minimal conflict among lines (all of them if not given); None if they can hold together.

        Stopped early it returns what is left to minimise, and says so. ``still``
        hears before each further question which lines are left.
        """
        before = self.solves
        found = self.verdict() if places is None else self.conflict_of(places)
        if not isinstance(found, list):
            return found
        return self.minimise(found, still, before=before)

    def minimise(
        self,
        candidates: Sequence[int],
        still: Callable[[Sequence[int]], None] | None = None,
        *,
        before: int | None = None,
    ) -> Core:
        """Return the minimal conflict among lines that fail together, as far as the budget lets."""
        before = self.solves if before is None else before
        minimal, is_minimal = self._needed(sorted(candidates), still)
        outcome = self.ask(minimal) if is_minimal is not None else None
        proof = outcome.proof if isinstance(outcome, Outcome) else None
        return Core(
            members=tuple(self.lines[n].requirement for n in minimal),
            places=tuple(minimal),
            proof=proof,
            is_minimal=bool(is_minimal),
            solves=self.solves - before,
        )

    def _needed(
        self, candidates: list[int], still: Callable[[Sequence[int]], None] | None
    ) -> tuple[list[int], bool | None]:
        """Drop each line that the conflict does without; every "no" shrinks what is left to try.

        Also tell whether all that is left is needed: a line stays where no source
        tells. None: stopped before that was known.
        """
        needed: list[int] = []
        doubtful: set[int] = set()
        open_ones = list(candidates)
        while open_ones:
            if still is not None:
                still(sorted([*needed, *open_ones]))
            tried = open_ones.pop()
            rest = self.conflict_of([*needed, *open_ones])
            if isinstance(rest, NoAnswer):
                if rest.error is None:
                    return sorted([*needed, *open_ones, tried]), None
                doubtful.add(tried)
                rest = None
            if rest is None:
                needed.append(tried)
            else:
                open_ones = [n for n in open_ones if n in rest]
                needed = [n for n in needed if n in rest]
        return sorted(needed), doubtful.isdisjoint(needed)

    # -- several conflicts ------------------------------------------------------------------------

    def find_all(
        self, first: Core | None = None, most: int = MOST_CONFLICTS
    ) -> tuple[list[Core], bool | NoAnswer]:
        """Return the conflicts, smallest first, and whether a change of one line in each is enough.

        ``first`` is one that is known already. No answer: the budget was spent, or
        a source failed, before that was known. False: more than ``most``; a line that fails by
        itself isn't counted, as finding the next costs next to nothing.
        """
        found = first or self.find()
        if not isinstance(found, Core):
            return [], True if found is None else found
        cores = [found]
        complete: bool | NoAnswer = False
        while _counted(cores) < most and all(core.places and core.is_minimal for core in cores):
            left_out = next(hitting_sets([core.places for core in cores]))
            another = self.find([n for n in range(len(self.lines)) if n not in left_out])
            if not isinstance(another, Core):
                complete = True if another is None else another
                break
            cores.append(another)
        return sorted(cores, key=lambda core: (len(core.places), core.places)), complete


def _counted(cores: Sequence[Core]) -> int:
    return sum(len(core.places) != 1 for core in cores)


def hitting_sets(conflicts: Sequence[Sequence[int]]) -> Iterator[frozenset[int]]:
    """Yield the minimal sets that have a member of every conflict, smallest first, later lines first.

    A line that was written later is the likelier one to give way.
    """
    forced = frozenset(conflict[0] for conflict in conflicts if len(conflict) == 1)
    rest = [conflict for conflict in conflicts if not forced.intersection(conflict)]
    universe = sorted({place for conflict in rest for place in conflict}, reverse=True)
    found: list[frozenset[int]] = []
    for size in range(1 if rest else 0, len(rest) + 1):
        for group in combinations(universe, size):
            chosen = forced.union(group)
            if all(chosen.intersection(conflict) for conflict in rest) and not any(
                earlier <= chosen for earlier in found
            ):
                found.append(chosen)
                yield chosen
