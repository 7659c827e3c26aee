"""Pairs that sleep: whatever a domain loses and gets back, those that say something are found, in order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from resolver.constraints.clauses import Incompatibility
from resolver.solving.propagation import LINK, Pair, Sleepers

_SETS = st.integers(0, 255)
_CLAUSE = Incompatibility((0, 1), (1, 1), LINK)


def _pairs(masks: list[int]) -> list[Pair]:
    return [(mask, other, 1, _CLAUSE) for other, mask in enumerate(masks)]


@given(st.lists(st.tuples(_SETS, st.lists(_SETS, max_size=4)), max_size=12))
def test_those_that_say_something_are_found_in_any_turn(steps: list[tuple[int, list[int]]]) -> None:
    masks: list[int] = []
    sleepers = Sleepers()
    for now, more in steps:  # pairs come in between, and domains grow and shrink
        masks += more
        pairs = _pairs(masks)
        assert sleepers.firing(pairs, now) == [pair for pair in pairs if not now & pair[0]]


def test_most_are_not_looked_at_as_the_best_candidates_go() -> None:
    class Mask(int):
        looks = 0

        def __and__(self, other: int) -> int:
            Mask.looks += 1
            return int(self) & other

    everything = (1 << 500) - 1
    pairs: list[Pair] = [(Mask(everything & ~(1 << one)), one, 1, _CLAUSE) for one in range(500)]
    sleepers, now = Sleepers(), everything
    for _ in range(400):
        assert sleepers.firing(pairs, now) == []
        now &= now - 1
    assert Mask.looks <= 1000  # 500 pairs, each looked at once, and few twice
