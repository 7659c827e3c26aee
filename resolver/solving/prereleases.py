"""Checks during a search that a pre-release counts before it is selected.

::

    decided     transformers 3.3.1   needs tokenizers==0.8.1rc2       its final releases are ruled out: go on
    decided     b 1.0                needs a>=1                       a 1.0 stands; c, still open, may
    open        c                                                     rule it out: c comes first

A package of which only late candidates are left (:mod:`resolver.constraints.prereleases`) is decided

1. at once, where the requirements decided so far leave no final release;
2. else after all that may yet rule one out, and if nothing did, the incompatibility that
   says so, which is in conflict, goes to the search: nothing of a pre-release was read for it.

Several of them may wait for each other; then one is decided as if it counted. Once all is decided
the same is asked of every package, so that no solution is left with one that doesn't.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from resolver.constraints.protocol import PreReleaseRule
from resolver.solving.ordinary import Ordinary
from resolver.solving.propagation import Propagation
from resolver.solving.state import State


class PreReleaseCheck:
    """The packages of which only pre-releases are left."""

    def __init__(
        self,
        rule: PreReleaseRule,
        state: State,
        propagation: Propagation,
        ordinary: Ordinary,
    ) -> None:
        """``ordinary``: the order of decisions."""
        self._rule, self._state, self._propagation, self._ordinary = rule, state, propagation, ordinary
        #: jumps and moves in the order at that time; for what, in that order
        self._waiting: dict[int, tuple[int, int, Sequence[int]]] = {}
        #: the packages that have late candidates (see the rule's), in their order: these
        self.doubtful: dict[int, int] = {}
        state.grown.append(_looking(rule, self.doubtful))
        #: what must be decided before a package can be refused: the one of all these that comes first
        self.first: Sequence[int] = ()

    def holds(self, package: int | None) -> bool:
        """Tell whether a package may be decided; None, once all are decided: whether each could be.

        If not, some of ``first`` must be decided before; where there is none, the
        incompatibility that says why has been added, which raises Conflict wherever all lines are assumed.
        """
        if package is not None:
            return not self._is_late(package) or self._counts(package)
        return all(self._counts(p) for p in list(self.doubtful) if self._is_late(p))

    def _is_late(self, package: int) -> bool:
        """Tell whether only late candidates are left of a package."""
        late = self.doubtful.get(package)
        return late is not None and not self._state.domain[package] & ~late

    def _counts(self, package: int) -> bool:
        state = self._state
        order = self._ordinary
        jumps, moves, waited = self._waiting.get(package, (-1, -1, ()))
        if jumps == state.jumps:  # only what it waited for can have made a difference
            if moves != order.moves:
                waited = order.in_order(waited)
            domain, expanded = state.domain, state.expanded
            for done, open_one in enumerate(waited):
                left = domain[open_one]
                if left & (left - 1) or left & ~expanded[open_one]:
                    self._waiting[package] = jumps, order.moves, waited[done:]  # what is read stays so
                    self.first = (open_one,)
                    return False
        verdict = self._rule.judge(package, state.domain, state.expanded)
        if verdict.clause is not None:
            self.first = ()
            self._propagation.add(verdict.clause)
            return False
        waiting = order.in_order(p for p in verdict.open if not self._is_late(p))
        self._waiting[package] = state.jumps, order.moves, waiting
        self.first = waiting[:1]
        return not waiting


def _looking(rule: PreReleaseRule, found: dict[int, int]) -> Callable[[int], None]:
    """Return what notes the late candidates of the next package; it keeps no check."""

    def look(package: int) -> None:
        late = rule.late(package)
        if late:
            found[package] = late

    return look
