"""What an oracle says of a set of lines, and how much may be asked of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import msgspec

#: A set as bits: bit n is line n (of a group), or item n.
Bits = int


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a set of lines holds together.

    ``holds`` None: nobody knows (a source failed, a budget was spent). With False ``core`` are lines
    of the set of which no superset holds either; no core: that is only known of this very set.
    """

    holds: bool | None
    core: Bits = 0


HOLDS = Answered(holds=True)
UNKNOWN = Answered(holds=None)


class Oracle(Protocol):
    """Who knows whether lines hold together."""

    def ask(self, lines: Bits) -> Answered:
        """Return whether a set of lines holds together."""
        ...


class MergeLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What finding the fewest classes may cost; what ends it leaves a lower bound and what was found."""

    questions: int = 20_000  #: to the oracle
    steps: int = 20_000_000  #: of the oracle's searches: a decision is one, a conflict 50
    nodes: int = 200_000  #: of one search for a partition into a number of classes
    cliques: int = 2_000  #: maximal cliques that are looked at
    is_late: Callable[[], bool] = lambda: False  #: the caller's clock
    steps_taken: Callable[[], int] = lambda: 0  #: by the oracle so far


def bits_of(places: list[int] | tuple[int, ...] | range) -> Bits:
    """Return places as bits."""
    found = 0
    for place in places:
        found |= 1 << place
    return found


def places_of(bits: Bits) -> list[int]:
    """Return the places of bits, lowest first."""
    found = []
    while bits:
        low = bits & -bits
        found.append(low.bit_length() - 1)
        bits ^= low
    return found
