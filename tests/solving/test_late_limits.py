"""A limit on a package that nothing has named waits, and holds as soon as something names it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from resolver.constraints.conda_side import CondaSide
from resolver.constraints.registry import Key, Kind
from resolver.constraints.universe import JointUniverse
from resolver.model.origin import Origin
from resolver.model.records import CondaRecord
from resolver.model.requirements import CondaRequirement
from resolver.model.target import Target
from resolver.solving.engines import solve_best
from resolver.solving.search import Assumption, Search
from tests.constraints.test_kept_kinds import Subdir
from tests.support.records import conda_record

CHANNEL: dict[str, list[CondaRecord]] = {
    "a": [conda_record("a", version="1", constrains=("p <2", "far 1"))],
    "b": [conda_record("b", version="1", depends=("p",))],
    "p": [conda_record("p", version="2"), conda_record("p", version="1")],
    "odd": [
        conda_record("odd", version="2", constrains=("far =>1=",)),
        conda_record("odd", version="1"),
    ],
}


def universe(*lines: str) -> JointUniverse:
    asked = [CondaRequirement.parse(line, Origin(file="lines")) for line in lines]
    return JointUniverse(CondaSide((Subdir(CHANNEL),), Target(subdir="linux-64")), asked)


def selected(found: JointUniverse, search: Search) -> dict[str, str]:
    best = solve_best(search)
    assert best is not None
    return {
        found.name(number): found.registry.conda(number).domain.records[place].version
        for number, place in best.selected.items()
    }


@pytest.mark.parametrize("lines", [("a", "b"), ("b", "a")])
def test_a_limit_holds_in_whatever_order_its_package_comes_up(lines: Sequence[str]) -> None:
    found = universe(*lines)
    assert selected(found, Search(found)) == {"a": "1", "b": "1", "p": "1"}


def test_what_only_a_limit_names_is_not_read() -> None:
    found = universe("a")
    assert selected(found, Search(found)) == {"a": "1"}
    assert found.conda.loaded("p") is None


def test_a_limit_that_is_no_match_spec_keeps_its_candidate_out() -> None:
    found = universe("odd")
    assert selected(found, Search(found)) == {"odd": "1"}


def test_searches_over_one_universe_hear_of_what_comes_up_in_another() -> None:
    found = universe("a")
    first, second = Search(found), Search(found)
    assert first.solve().selected is not None
    b = found.registry.number(Key(Kind.CONDA, "b"))
    for search in (second, first):
        outcome = search.solve([Assumption(package=b, allowed=2)]).selected
        assert outcome is not None
        p = found.registry.find(Key(Kind.CONDA, "p"))
        assert p is not None
        assert found.registry.conda(p).domain.records[outcome[p]].version == "1"
