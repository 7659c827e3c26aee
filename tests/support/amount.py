"""How much a run of the tests draws: a part in every run, the whole where LOCKSTACK_ALL is set.

The whole: ``LOCKSTACK_ALL=1 ./scripts/test -n 2``. Where LOCKSTACK_FEW is set, as under the other
Pythons (``scripts/other_pythons.py``), a property draws half of that, :data:`FEW` at least.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

Row = TypeVar("Row")

IS_WHOLE = bool(os.environ.get("LOCKSTACK_ALL"))
IS_FEW = bool(os.environ.get("LOCKSTACK_FEW"))
#: What every run draws of the whole: one in so many.
PART = 3
#: That a property runs is what another Python may change, rarely what it finds.
FEW, FEW_PART = 10, 2
#: Of fewer examples than these no part is drawn.
FEWEST = 25


def examples(whole: int, *, part: int = PART) -> int:
    """Return how many examples a property draws; ``part``: 1 where fewer wouldn't find every fault."""
    drawn = whole if IS_WHOLE else min(whole, max(FEWEST, whole // part))
    return min(drawn, max(FEW, drawn // FEW_PART)) if IS_FEW else drawn


def sampled(rows: Sequence[Row], part: int, first: int = 0) -> Sequence[Row]:
    """Return every ``part``-th of the rows from the ``first`` on, or all."""
    return rows if IS_WHOLE else rows[first::part]
