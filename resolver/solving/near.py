"""Going back no farther than makes a difference, where decisions have a fixed order.

::

    level     0  ..  j  ..  n | n+1  ..  c
              facts                      conflict: what was learned narrows from level j on
    far       0  ..  j          learned, and all of j+1 .. n decided again as it was
    near      0  ..  j  ..  n   learned

What was learned holds at every level from j on, and the decisions up to c don't hang on what was
met before (:mod:`versions`, :mod:`breadth`). So from j on the same ones would be made again until the
first that comes out otherwise, and the level below that one, n, can be gone back to at once
(chronological backtracking, Nadel and Ryvchin 2018).

1. Try the level below the conflict.
2. Draw what follows there. Where that is a conflict, no level will do from the last one on that it
   rests on: go on with the one below that.
3. A package that may be absent is narrowed to its best version *or* absence: where it loses candidates
   behind its decision, that one might have been another, so go on below it.
4. A package that comes to be required may stand before others in the order outwards, which comes
   behind all that is fixed as a list: go on at the end of that list.
5. None above j is left: go back to j.

Every level made is one that the far way makes too, with the same domains, so the solution is the same.
"""

from __future__ import annotations

from collections.abc import Callable

from resolver.constraints.bits import ABSENT
from resolver.solving.analysis import Learned, blamed
from resolver.solving.state import Conflict
from resolver.solving.steps import Steps
from resolver.solving.versions import FirstDecisions


def learn_near(steps: Steps, first: FirstDecisions, back: Callable[[int], None], learned: Learned) -> None:
    """Go back as far as makes a difference, by ``back``, and add what was learned."""
    near, trail, propagation = learned.top - 1, steps.state.trail, steps.propagation
    draw = propagation.add  # once; then it is there
    while near > learned.level:
        back(near)
        start = len(trail)
        try:
            draw(learned.clause)
            steps.settle()
        except Conflict as conflict:
            near = blamed(steps.state, conflict.clause, start) - 1
        else:
            highest = _same_up_to(steps, first, start, near)
            if highest >= near:
                return
            near = highest
        draw = propagation.examine
    back(learned.level)
    draw(learned.clause)


def _same_up_to(steps: Steps, first: FirstDecisions, start: int, near: int) -> int:
    """Return the level up to which decisions surely stay, after all that followed from a place on."""
    highest = near
    for package, before, after, _ in steps.state.trail[start:]:
        if before & ABSENT:
            level = first.level_of(package) if after & ABSENT else first.levels + 1
            if level is not None and level <= highest:
                highest = level - 1
    return highest
