"""A check during a search that what a question alone holds in is needed by something.

::

    question    q at a better level            q 3.0
    decided     b 2.0, which needs no q        q is there because it was asked whether it can be: no solution

A package comes in because an incompatibility forces it. An assumption (or a level that an earlier
step found) that leaves no *absent* forces one in by itself, so once all is decided

1. walk from what the user's lines bring in through what the selected candidates need;
2. a *watched* package that the walk misses is in for the question's sake. With C what the walk
   met and s their candidates, ``{q: in, c: s of c, for each c in C}`` says so: the same candidates
   make the same walk. Candidates that are known to need nothing outside C stand beside s.
3. It is in conflict, so the search goes on elsewhere; there are finitely many sets C.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from resolver.constraints.bits import ABSENT, iter_candidates
from resolver.constraints.clauses import Incompatibility
from resolver.constraints.facts import SupportFact
from resolver.solving.steps import Interrupted, Steps

#: So many solutions with something that nothing needs end a question without an answer.
MOST_REFUSALS = 200


class Needed:
    """Watches packages that may be in for a question's sake alone."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps
        self._watched: tuple[int, ...] = ()
        self._refusals = 0
        #: those that may be wrong before all is decided: none
        self.doubtful: tuple[int, ...] = ()
        #: what must be decided before a package can be refused: nothing, all is
        self.first: Sequence[int] = ()

    def watch(self, packages: Iterable[int]) -> None:
        """Watch these packages, and no others, from now on."""
        self._watched = tuple(packages)

    def question_begins(self) -> None:
        """Count refusals from here."""
        self._refusals = 0

    def holds(self, package: int | None) -> bool:
        """Tell, once all is decided (None), whether something needs each watched package.

        If not, the incompatibility that says so has been added, which raises Conflict. Raises
        Interrupted after too many of them in one question.
        """
        if package is not None or not self._watched:
            return True
        domains = self._steps.state.domain
        selected = {p: bits.bit_length() - 2 for p, bits in enumerate(domains) if not bits & ABSENT}
        met = self._walk(selected)
        loose = next((p for p in self._watched if p in selected and p not in met), None)
        if loose is None:
            return True
        self._refusals += 1
        if self._refusals > MOST_REFUSALS:
            raise Interrupted
        self._steps.propagation.add(self._refusal(loose, met, selected))
        return False

    def _walk(self, selected: Mapping[int, int]) -> set[int]:
        """Return what the lines bring in, and what that needs, in a solution."""
        universe = self._steps.universe
        met: set[int] = set()
        todo = [p for clause in universe.root() for p in _brought_in(clause, selected)]
        while todo:
            package = todo.pop()
            if package not in met and package in selected:
                met.add(package)
                if universe.is_extra(package):
                    todo.extend(universe.links(package))
                for part in universe.parts(package, selected[package]):
                    for clause in part:
                        todo.extend(_brought_in(clause, selected))
        return met

    def _refusal(self, loose: int, met: set[int], selected: Mapping[int, int]) -> Incompatibility:
        """Return why nothing needs a package while what was met stays as it is."""
        steps = self._steps
        # Else another Python, or another way out of a choice, may bring in more.
        is_plain = steps.universe.conditions() is None and all(
            met.issuperset(steps.needs(p, selected[p])) for p in met
        )
        packages, sets = [loose], [steps.state.full[loose] & ~ABSENT]
        for package in sorted(met):
            same = 2 << selected[package]
            if is_plain:
                for other in iter_candidates(steps.state.expanded[package] & ~ABSENT):
                    if met.issuperset(steps.needs(package, other)):
                        same |= 2 << other
            packages.append(package)
            sets.append(same)
        return Incompatibility(tuple(packages), tuple(sets), SupportFact(package=loose))


def _brought_in(clause: Incompatibility, selected: Mapping[int, int]) -> Iterator[int]:
    """Yield the packages that an incompatibility forces to be there, if its conditions hold in a solution.

    Terms without *absent* are its conditions, the others its ways out.
    """
    ways = []
    for package, members in zip(clause.packages, clause.sets, strict=True):
        if members & ABSENT:
            ways.append(package)
        elif package not in selected or not members & (2 << selected[package]):
            return
    yield from ways
