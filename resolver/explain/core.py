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

import logging
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

import msgspec

from resolver.constraints.clauses import Incompatibility
from resolver.constraints.universe import GuardedLine, JointUniverse
from resolver.errors import SourceError
from resolver.explain.members import Requirement
from resolver.solving.search import Assumption, Interrupted, Outcome, Search

_log = logging.getLogger(__name__)
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
    """Asks one search about subsets of the user's lines."""

    def __init__(self, universe: JointUniverse, should_stop: Callable[[], bool] | None = None) -> None:
        self.universe = universe
        self.lines: list[GuardedLine]
        self.lines, always = universe.guarded()
        facts = [*always, *(clause for line in self.lines for clause in line.clauses)]
        self._stop = should_stop or (lambda: False)
        self.search = Search(universe, proofs=True, facts=facts, should_stop=should_stop)
        self.solves = 0

    def ask(self, places: Sequence[int], extra: Sequence[Assumption] = ()) -> Outcome:
        """Solve with only these lines (by place among ``lines``); raises Interrupted.

        Fewer lines may lead where the failed search has not been, to a source that
        can't be read: that is Unanswered.
        """
        if self._stop():
            raise Interrupted
        self.solves += 1
        guards = [Assumption(package=self.lines[n].guard, allowed=2) for n in places]
        try:
            return self.search.solve([*guards, *extra])
        except SourceError as error:
            _log.info("a question for the minimal conflict has no answer: %s", error)
            raise Unanswered from error

    def conflict_of(self, places: Sequence[int]) -> list[int] | None:
        """Return lines among ``places`` that fail together (not minimal); None if they can hold."""
        outcome = self.ask(places)
        if outcome.selected is not None:
            return None
        return [places[n] for n in outcome.core]

    def find(self, places: Sequence[int] | None = None) -> Core | None:
        """Return one minimal conflict; None if all the lines can hold together.

        Stopped early it returns what is left to minimise, and says so; raises
        Interrupted where nothing was found at all.
        """
        before = self.solves
        everything = list(range(len(self.lines))) if places is None else list(places)
        candidates = self.conflict_of(everything)
        if candidates is None:
            return None
        try:
            minimal, is_minimal = self._minimise(sorted(candidates))
            proof = self.ask(minimal).proof
        except _Unfinished as unfinished:
            minimal, proof, is_minimal = unfinished.places, None, False
        except Interrupted:
            proof = None
        members = tuple(self.lines[n].requirement for n in minimal)
        return Core(
            members=members,
            places=tuple(minimal),
            proof=proof,
            is_minimal=is_minimal,
            solves=self.solves - before,
        )

    def _minimise(self, candidates: list[int]) -> tuple[list[int], bool]:
        """Drop each line that the conflict does without; every "no" shrinks what is left to try.

        Also tell whether all that is left is needed: a line stays where no source tells.
        """
        needed: list[int] = []
        doubtful: set[int] = set()
        open_ones = list(candidates)
        while open_ones:
            tried = open_ones.pop()
            try:
                rest = self.conflict_of([*needed, *open_ones])
            except Unanswered:
                doubtful.add(tried)
                rest = None
            except Interrupted:
                raise _Unfinished(sorted([*needed, *open_ones, tried])) from None
            if rest is None:
                needed.append(tried)
            else:
                open_ones = [n for n in open_ones if n in rest]
                needed = [n for n in needed if n in rest]
        return sorted(needed), doubtful.isdisjoint(needed)

    # -- several conflicts ------------------------------------------------------------------------

    def find_all(self, most: int = MOST_CONFLICTS, first: Core | None = None) -> tuple[list[Core], bool]:
        """Return the conflicts, smallest first, and whether a change of one line in each is enough.

        ``first`` is one that is known already. Raises Interrupted where not even one was found in time.
        """
        first = first or self.find()
        if first is None:
            return [], True
        cores, complete = [first], False
        while len(cores) < most and all(core.places and core.is_minimal for core in cores):
            left_out = next(hitting_sets([core.places for core in cores]))
            try:
                another = self.find([n for n in range(len(self.lines)) if n not in left_out])
            except Interrupted:
                break
            if another is None:
                complete = True
                break
            cores.append(another)
        return sorted(cores, key=lambda core: (len(core.places), core.places)), complete


class Unanswered(Interrupted):
    """A source that a question leads to can't be read."""


class _Unfinished(Exception):  # noqa: N818  (a signal inside this module)
    """Minimising was stopped; the lines left still fail together."""

    def __init__(self, places: list[int]) -> None:
        super().__init__(places)
        self.places = places


def hitting_sets(conflicts: Sequence[Sequence[int]]) -> Iterator[frozenset[int]]:
    """Yield the minimal sets that have a member of every conflict, smallest first, later lines first.

    A line that was written later is the likelier one to give way.
    """
    universe = sorted({place for conflict in conflicts for place in conflict}, reverse=True)
    found: list[frozenset[int]] = []
    for size in range(1, len(conflicts) + 1):
        for group in combinations(universe, size):
            chosen = frozenset(group)
            if all(chosen.intersection(conflict) for conflict in conflicts) and not any(
                earlier <= chosen for earlier in found
            ):
                found.append(chosen)
                yield chosen
