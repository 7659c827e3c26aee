"""Decisions before all others: one set of members for each package, in a fixed order.

Two orders use it: *versions first* (each package is narrowed to the best version left, before
any build is decided) and *stay first* (each package is narrowed to its earlier candidate).
What a decision passes over is impossible beside the facts and the earlier decisions, so the
first solution is the best in that order, and no second question is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from resolver.constraints.bits import ABSENT
from resolver.constraints.protocol import Universe
from resolver.solving.steps import Steps

#: Given a package and its domain: the members to narrow it to, and the candidate (one bit) whose
#: incompatibilities are read before; None: leave it.
Choice: TypeAlias = Callable[[int, int], tuple[int, int] | None]
#: Stands for a choice that wasn't made yet.
_UNKNOWN = (-1, -1)


class FirstDecisions:
    """Makes its decisions before the search makes any other.

    A decision narrows a package to its choice; where it may still stay absent, it may go on doing so.
    """

    def __init__(self, steps: Steps, order: Sequence[int], choice: Choice) -> None:
        self._steps, self._order, self._choice = steps, order, choice
        steps.state.ensure(max(order, default=-1))
        self._place = 0
        self._decided: list[tuple[int, int]] = []  # level and place of each decision made

    def undo(self, level: int) -> None:
        """Go back to the first decision above a level.

        What was passed over before it, with what stands still, is passed over again, as domains only shrank.
        """
        while self._decided and self._decided[-1][0] > level:
            self._place = self._decided.pop()[1]

    def decide(self) -> bool:
        """Decide the next packages of the order that are to be narrowed; False where none is left.

        1. Take the members that the package is to be narrowed to.
        2. Read what the candidate named with them says; where that changes the domain, choose again.
        3. Decide on a level of its own. Where something follows that hasn't been drawn yet, or the limit is
           reached, the search has to look at it first; else go on with 1.
        """
        steps, state, order, choice = self._steps, self._steps.state, self._order, self._choice
        domains, expanded, queue = state.domain, state.expanded, state.queue
        for place in range(self._place, len(order)):
            package = order[place]
            chosen = choice(package, domains[package])
            while chosen is not None:
                members, candidate = chosen
                if candidate and not expanded[package] & candidate:
                    domain = domains[package]
                    self._place = place
                    steps.expand(package, candidate)
                    if domains[package] != domain:
                        chosen = choice(package, domains[package])
                        continue
                self._place = place + 1
                self._decided.append((len(state.level_starts) + 1, place))
                steps.decide(package, members)
                if queue or steps.is_spent:
                    return True
                break
        self._place = len(order)
        return False


def best_version(universe: Universe) -> Choice:
    """Return the choice of the builds of the best version left, absence beside them where it is open."""
    known: dict[tuple[int, int], tuple[int, int] | None] = {}  # a search comes to the same domains again

    def choose(package: int, domain: int) -> tuple[int, int] | None:
        left = domain & ~ABSENT
        if not left & (left - 1):
            return None
        key = package, domain
        found = known.get(key, _UNKNOWN)
        if found is _UNKNOWN:
            members = universe.best_version(package, left)
            found = known[key] = (
                None if members == left else (members | (domain & ABSENT), universe.prefer(package, members))
            )
        return found

    return choose
