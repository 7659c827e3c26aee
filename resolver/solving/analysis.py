"""Conflict analysis: from an incompatibility that holds to one that would have prevented it.

::

    trail    ..  c  | d=2   b    a   | e=1   g    h          level 2 ends in a conflict
    {g: G, h: H}                                ^            h's satisfier has the cause {b: B, h: not H}
    {g: G, b: B}            ^              ^                 one term of level 2 is left: the first unique
                                                             implication point
    learned; jump back to the level of b, where it narrows g

Every step is a resolution in the words of PubGrub (Weizenbaum 2018): of the term that was
satisfied last, its *satisfier* on the trail is replaced by that one's cause.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from resolver.constraints.clauses import Incompatibility
from resolver.constraints.facts import Assumption
from resolver.solving.activity import Activity
from resolver.solving.state import State

if TYPE_CHECKING:
    from typing import NamedTuple
else:
    from resolver.model.named_tuples import NamedTuple


class Learned(NamedTuple):
    """What a conflict teaches; ``level`` is where it narrows. No term: there is no solution."""

    clause: Incompatibility
    level: int


class _Resolvent:
    """Terms that all hold, with the place on the trail where each came to."""

    def __init__(self, state: State, activity: Activity, *, proofs: bool) -> None:
        self._state, self._activity, self._proofs = state, activity, proofs
        self.terms: dict[int, int] = {}
        self.places: dict[int, int] = {}

    def last(self) -> int:
        """Return the package whose term came to hold last."""
        return max(self.places, key=self.places.__getitem__)

    def level_without(self, pivot: int) -> int:
        """Return the level at which all terms but one hold."""
        last = max((place for package, place in self.places.items() if package != pivot), default=-1)
        return 0 if last < 0 else self._state.level_at(last)

    def merge(self, clause: Incompatibility, pivot: int) -> None:
        """Resolve with a clause on ``pivot`` (-1: just take its terms in).

        A term that holds at level 0 is left out, unless proofs must lead to every fact.
        """
        state, terms, places, met = self._state, self.terms, self.places, self._activity.met
        full, satisfier = state.full, state.satisfier
        facts = state.level_starts[0] if state.level_starts else len(state.trail)
        for package, theirs in zip(clause.packages, clause.sets, strict=True):
            met(package)
            if package in terms:
                joined = terms[package] | theirs if package == pivot else terms[package] & theirs
            else:
                joined = theirs
            outside = full[package] & ~joined
            place = satisfier(package, outside) if outside else -1
            if place is None:
                raise AssertionError("an unsatisfied term took part in conflict analysis")
            if place < 0 or (place < facts and not self._proofs):
                terms.pop(package, None)
                places.pop(package, None)
            else:
                terms[package] = joined
                places[package] = place


def analyse(state: State, activity: Activity, clause: Incompatibility, *, proofs: bool) -> Learned:
    """Learn from a conflict.

    1. Take the term that was satisfied last (its satisfier).
    2. Stop if the satisfier is a decision, or all other terms were satisfied at a
       lower level: the result narrows there.
    3. Else resolve with the satisfier's cause, and go on with 1.

    With ``proofs`` terms that hold at level 0 are kept, so that the empty incompatibility
    can be traced to every fact it rests on.
    """
    found = _Resolvent(state, activity, proofs=proofs)
    parents = [clause]
    found.merge(clause, pivot=-1)
    level = 0
    while found.places:
        pivot = found.last()
        place = found.places[pivot]
        cause, level = state.trail[place][3], found.level_without(pivot)
        if cause is None or level < state.level_at(place):
            break
        parents.append(cause)
        found.merge(cause, pivot)
    activity.decay()
    terms = found.terms
    return Learned(Incompatibility(tuple(terms), tuple(terms.values()), parents=tuple(parents)), level)


def trace(
    state: State,
    activity: Activity,
    assumptions: Sequence[Assumption],
    place: int,
    *,
    proofs: bool,
) -> tuple[tuple[int, ...], Incompatibility]:
    """Return the places of the assumptions that rule out the one at ``place``, itself too, and the proof.

    Every decision on the trail is an assumption: level n + 1 is that of assumption n.
    """
    found = _Resolvent(state, activity, proofs=proofs)
    found.merge(_as_clause(state, assumptions[place]), pivot=-1)
    parents: list[Incompatibility] = []
    core = {place}
    while found.places:
        pivot = found.last()
        at = found.places[pivot]
        cause, level = state.trail[at][3], state.level_at(at)
        if cause is None:
            core.add(level - 1)
            cause = _as_clause(state, assumptions[level - 1])
        else:
            parents.append(cause)
        found.merge(cause, pivot)
    return tuple(sorted(core)), Incompatibility((), (), parents=tuple(parents))


def _as_clause(state: State, assumed: Assumption) -> Incompatibility:
    outside = state.full[assumed.package] & ~assumed.allowed
    return Incompatibility((assumed.package,), (outside,), fact=assumed)
