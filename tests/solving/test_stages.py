"""The stages of finding the best solution: what is reported, where a budget ends one, what stays between."""

from __future__ import annotations

import pytest

from resolver.constraints.bits import all_bits
from resolver.constraints.clauses import Incompatibility
from resolver.solving.best import Standing, find_best, standings
from resolver.solving.engines import solve_best
from resolver.solving.hard import THRESHOLD, luby
from resolver.solving.propagation import Propagation
from resolver.solving.reporter import Effort, SearchReporter, Stage
from resolver.solving.rest import best_all_the_way
from resolver.solving.search import Assumption, Budget, Interrupted, Search
from tests.solving.test_search import Versions


class Heard(SearchReporter):
    def __init__(self) -> None:
        self.stages: list[tuple[Stage, Effort]] = []
        self.left: list[Stage] = []

    def searched(self, stage: Stage, effort: Effort) -> None:
        self.stages.append((stage, effort))

    def left_as_it_is(self, stage: Stage) -> None:
        self.left.append(stage)


def pigeonholes(holes: int) -> Versions:
    """Return one pigeon more than there are holes, each hole a package whose version is its pigeon."""
    packages = {f"pigeon{p}": {h + 1: [f"hole{h}:{p + 1}"] for h in range(holes)} for p in range(holes + 1)}
    wanted = list(packages)
    packages |= {f"hole{h}": {p + 1: [] for p in range(holes + 1)} for h in range(holes)}
    return Versions(wanted, packages)


def late_choice() -> Versions:
    """Return a problem whose first solution is not the best: the build order of ``b`` comes after ``a``."""
    return Versions(
        ["a"],
        {
            "a": {1: ["b", "c"]},
            "b": {1: [], 2: ["d:1"], 3: ["d:1"]},
            "c": {1: ["d:2"], 2: ["d:2"]},
            "d": {1: [], 2: []},
        },
    )


def test_each_stage_says_what_it_took() -> None:
    heard = Heard()
    universe = Versions(
        ["a", "b"], {"a": {1: [], 2: ["c:1"]}, "b": {1: ["c:1"], 2: ["c:2"]}, "c": {1: [], 2: []}}
    )
    search = Search(universe, reporter=heard)
    best = solve_best(search)
    assert best is not None
    assert best.is_proven
    assert universe.pins(best.selected) == {"a": 2, "b": 1, "c": 1}
    assert [stage for stage, _ in heard.stages] == [Stage.FIRST, Stage.PROOF, Stage.REST]
    assert sum(effort.decisions for _, effort in heard.stages) == search.effort.decisions > 0
    assert sum(effort.conflicts for _, effort in heard.stages) == search.effort.conflicts
    assert sum(effort.narrowings for _, effort in heard.stages) == search.effort.narrowings
    assert heard.left == []


def test_without_a_solution_there_is_one_stage() -> None:
    heard = Heard()
    universe = Versions(["a", "b"], {"a": {1: ["c:1"]}, "b": {1: ["c:2"]}, "c": {1: [], 2: []}})
    assert solve_best(Search(universe, reporter=heard)) is None
    assert [stage for stage, _ in heard.stages] == [Stage.FIRST]


def test_counts_are_those_of_any_machine() -> None:
    taken = []
    for _ in range(2):
        search = Search(late_choice())
        solve_best(search)
        taken.append(search.effort)
    assert taken[0] == taken[1]


def test_where_the_budget_ends_the_last_complete_solution_stays_and_that_is_said() -> None:
    heard = Heard()
    search = Search(late_choice(), reporter=heard)
    first = search.solve().selected
    assert first is not None
    ranked = standings(search)
    ended = best_all_the_way(search, first, ranked, budget=Budget(decisions=0, conflicts=0))
    assert (ended.selected, ended.is_proven) == (first, False)
    assert heard.left == [Stage.REST]
    on = best_all_the_way(search, first, ranked)
    assert on.is_proven
    unlimited = solve_best(Search(late_choice()))
    assert unlimited is not None
    assert on.selected == unlimited.selected


@pytest.mark.parametrize(
    "budget",
    [Budget(decisions=3, conflicts=1000), Budget(decisions=10_000, conflicts=3)],
    ids=["decisions", "conflicts"],
)
def test_a_budget_is_for_one_question(budget: Budget) -> None:
    search = Search(pigeonholes(5))
    with pytest.raises(Interrupted):
        search.solve(budget=budget)
    assert search.solve().selected is None


def test_a_hard_question_is_decided_and_leaves_the_front_as_it_was() -> None:
    universe = pigeonholes(6)
    guard = universe.names.index("pigeon6")
    puzzle = Versions(
        [f"pigeon{p}" for p in range(6)],
        {
            name: {v: list(_needs(universe, name, v)) for v in universe.versions[name]}
            for name in universe.names
        },
    )
    search = Search(puzzle)
    search.promote([3])
    assert search.solve().selected is not None
    before = search.effort.conflicts
    failed = search.solve([Assumption(package=guard, allowed=~1 & search.state.full[guard])])
    assert failed.selected is None
    assert search.effort.conflicts - before > THRESHOLD
    assert search.front == (3,)
    assert search.solve().selected is not None


def _needs(universe: Versions, name: str, version: int) -> list[str]:
    place = universe.versions[name].index(version)
    return [
        str(clause.fact).partition(": ")[2] for clause in universe.clauses(universe.names.index(name), place)
    ]


def test_luby() -> None:
    assert [luby(n) for n in range(1, 16)] == [1, 1, 2, 1, 1, 2, 4, 1, 1, 2, 1, 1, 2, 4, 8]


LAGS = [
    ("the best level has none", [(0, 0), (1, 1), (2, 2)], 0, 0),
    ("versions ahead of it", [(0, 0), (1, 1), (2, 2)], 2, 2),
    ("builds of one version count once", [(0, 0), (0, 0), (1, 1)], 2, 1),
    ("an older version in a better channel is no lag", [(0, 1), (0, 2), (1, 0)], 2, 0),
    ("only what is newer counts among better levels", [(0, 1), (0, 3), (1, 2)], 2, 1),
    ("one version with and without track_features counts once", [(0, 0), (1, 0), (2, 1)], 2, 1),
    ("a pin to keep is the best level", [(-1, 3), (0, 0), (1, 1)], 0, 0),
]


@pytest.mark.parametrize(("candidates", "chosen", "lag"), [c[1:] for c in LAGS], ids=[c[0] for c in LAGS])
def test_lag_is_counted_in_versions(candidates: list[tuple[int, int]], chosen: int, lag: int) -> None:
    """``candidates``: level and rank of the version, one after another."""
    ranks, versions = [rank for rank, _ in candidates], [version for _, version in candidates]
    standing = Standing(package=0, left=all_bits(len(ranks)), ranks=ranks, versions=versions)
    assert standing.lag(chosen) == lag


def test_who_ends_far_behind_decides_first_where_that_brings_all_nearer() -> None:
    """Either is at its best beside the other's oldest; the smaller sum of lags stays, whoever comes first."""
    few, many = {n: ["y:1"] if n > 1 else [] for n in range(1, 9)}, {n: [] for n in range(1, 12)}
    for lines in (["x", "y"], ["y", "x"]):
        universe = Versions(lines, {"x": few, "y": many})
        search = Search(universe)
        first = search.solve().selected
        assert first is not None
        assert universe.pins(find_best(search, first)) == {"x": 1, "y": 11}


def test_what_came_in_is_kept_in_the_order_of_its_levels(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is found by bisection, and looked at again only where the search goes back behind it."""
    undo, levels = Propagation.undo, list[int]()

    def heard(self: Propagation, level: int) -> list[Incompatibility]:
        again = undo(self, level)
        late = self._late_levels
        assert late == sorted(late)
        assert not late or late[-1] <= level
        assert len(late) == len(self._late)
        levels.append(level)
        return again

    monkeypatch.setattr(Propagation, "undo", heard)
    assert Search(pigeonholes(4)).solve().selected is None
    assert len(set(levels)) > 2
