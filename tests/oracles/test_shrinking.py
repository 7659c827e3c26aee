"""Counterexamples are made small, keep their fault, and are the same when read again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.oracles import brute
from tests.oracles.shrinking import _without_a_piece, read_case, shrink, write_case
from tests.oracles.universe_generator import make_universe
from tests.oracles.universes import Universe


def has_no_answer(universe: Universe) -> bool:
    return not brute.solve(universe).satisfiable


UNSOLVABLE = [seed for seed in range(60) if has_no_answer(make_universe(seed))][:8]


@pytest.mark.parametrize("seed", UNSOLVABLE)
def test_what_stays_has_the_fault_and_nothing_to_spare(seed: int) -> None:
    whole = make_universe(seed)
    small = shrink(whole, has_no_answer)
    assert has_no_answer(small)
    assert len(small.root) <= len(whole.root)
    assert not any(has_no_answer(one) for one in _without_a_piece(small))


@pytest.mark.parametrize("seed", range(40))
def test_a_case_is_the_universe_itself(seed: int, tmp_path: Path) -> None:
    universe = make_universe(seed)
    write_case(universe, tmp_path / "case.json")
    assert read_case(tmp_path / "case.json") == universe
    again = (tmp_path / "case.json").read_bytes()
    write_case(read_case(tmp_path / "case.json"), tmp_path / "case.json")
    assert (tmp_path / "case.json").read_bytes() == again
