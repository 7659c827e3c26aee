"""The search on universes small enough to read: each case says what a person would expect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from resolver.constraints.bits import ABSENT
from resolver.constraints.clauses import Incompatibility
from resolver.solving.best import find_best, standings
from resolver.solving.search import Assumption, Interrupted, Search

Needs = Mapping[str, Sequence[str]]


class Versions:
    """Packages whose candidates are version numbers, newest first; needs read ``b:1,2`` (``b`` in 1 or 2).

    ``b?:1`` only limits b.
    """

    def __init__(self, root: Sequence[str], packages: Mapping[str, Mapping[int, Sequence[str]]]) -> None:
        self.names = list(packages)
        self.versions = {name: sorted(candidates, reverse=True) for name, candidates in packages.items()}
        self._root = [self._clause(need) for need in root]
        self._requested = list(dict.fromkeys(need.split(":")[0] for need in root))
        self._clauses = {
            (name, version): [self._clause(need, name, version) for need in needs]
            for name, candidates in packages.items()
            for version, needs in candidates.items()
        }

    def bits(self, name: str, versions: Sequence[int]) -> int:
        return sum(2 << n for n, v in enumerate(self.versions[name]) if v in versions)

    def _clause(self, need: str, name: str | None = None, version: int = 0) -> Incompatibility:
        other, _, allowed = need.partition(":")
        only_limits = other.endswith("?")
        other = other.rstrip("?")
        everything = self.bits(other, self.versions[other])
        wanted = self.bits(other, [int(v) for v in allowed.split(",")]) if allowed else everything
        outside = (everything & ~wanted) | (0 if only_limits else ABSENT)
        number = self.names.index(other)
        if name is None:
            return Incompatibility((number,), (outside,), fact=need)
        own = self.bits(name, [version])
        return Incompatibility(
            (self.names.index(name), number), (own, outside), fact=f"{name} {version}: {need}"
        )

    def root(self) -> Sequence[Incompatibility]:
        return self._root

    def size(self, package: int) -> int:
        return len(self.versions[self.names[package]])

    def clauses(self, package: int, candidate: int) -> Sequence[Incompatibility]:
        name = self.names[package]
        return self._clauses[name, self.versions[name][candidate]]

    def parts(self, package: int, candidate: int) -> Sequence[Sequence[Incompatibility]]:
        return (self.clauses(package, candidate),)

    @property
    def late_count(self) -> int:
        return 0

    def late(self, place: int) -> Incompatibility:
        raise IndexError(place)

    def links(self, package: int) -> Sequence[int]:
        return ()

    def support(self) -> None:
        return None

    def conditions(self) -> None:
        return None

    def pre_releases(self) -> None:
        return None

    def is_extra(self, package: int) -> bool:
        return False

    def priority(self, package: int) -> tuple[int, int]:
        name = self.names[package]
        return 1, self._requested.index(name) if name in self._requested else 1 << 30

    def levels(self, package: int) -> Sequence[int]:
        return range(self.size(package))

    def version_ranks(self, package: int) -> Sequence[int]:
        return range(self.size(package))

    def best_version(self, package: int, domain: int) -> int:
        return domain & -domain

    def prefer(self, package: int, domain: int) -> int:
        return domain & -domain

    def requested(self) -> Sequence[int]:
        return [self.names.index(name) for name in self._requested]

    def name(self, package: int) -> str:
        return self.names[package]

    def pins(self, selected: Mapping[int, int] | None) -> dict[str, int] | None:
        if selected is None:
            return None
        return {self.names[p]: self.versions[self.names[p]][c] for p, c in sorted(selected.items())}


CASES = [
    ("the newest of everything that nothing forbids", ["a"], {"a": {1: [], 2: ["b"]}, "b": {1: [], 2: []}},
     {"a": 2, "b": 2}),
    ("what nothing needs stays absent", ["a"], {"a": {1: []}, "b": {1: []}}, {"a": 1}),
    ("a limit binds without bringing in", ["a"], {"a": {1: ["b?:1"]}, "b": {1: [], 2: []}}, {"a": 1}),
    ("a limit binds what something else brings in", ["a", "c"],
     {"a": {1: ["b?:1"]}, "b": {1: [], 2: []}, "c": {1: ["b"]}}, {"a": 1, "b": 1, "c": 1}),
    ("an old version is taken where the new one can't be met", ["a"],
     {"a": {1: [], 2: ["b:2"]}, "b": {1: []}}, {"a": 1}),
    ("two that need different versions of a third", ["a", "b"],
     {"a": {1: ["c:1"]}, "b": {1: ["c:2"]}, "c": {1: [], 2: []}}, None),
    ("the search goes back over a decision that has no part in the clash", ["a", "x", "b"],
     {"a": {1: ["c:1"], 2: ["c:2"]}, "x": {1: [], 2: []}, "b": {1: ["c:1"]}, "c": {1: [], 2: []}},
     {"a": 1, "b": 1, "c": 1, "x": 2}),
    ("packages that need each other", ["a"], {"a": {1: ["b"]}, "b": {1: ["a"]}}, {"a": 1, "b": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("root", "packages", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_solution(root: list[str], packages: dict[str, dict[int, list[str]]], expected: object) -> None:
    universe = Versions(root, packages)
    assert universe.pins(Search(universe).solve().selected) == expected


@pytest.mark.parametrize("releases", [30, 300], ids=["a turn at the end", "restarted on the way"])
def test_one_step_of_the_first_is_not_paid_with_many_of_the_second(releases: int) -> None:
    framework: dict[int, list[str]] = {v: ["base:9"] for v in range(2, releases)}
    framework[1] = []
    universe = Versions(["base", "framework"], {"base": {9: [], 10: []}, "framework": framework})
    search = Search(universe)
    outcome = search.solve()
    assert outcome.selected is not None
    assert universe.pins(find_best(search, outcome.selected)) == {"base": 9, "framework": releases - 1}


def test_what_the_facts_leave_is_where_lags_are_counted_from() -> None:
    universe = Versions(["a:1,2", "b:1"], {"a": {1: ["b:1"], 2: ["b:2"], 3: []}, "b": {1: [], 2: []}})
    search = Search(universe)
    outcome = search.solve()
    assert outcome.selected is not None
    assert [standing.lag(outcome.selected[standing.package]) for standing in standings(search)] == [0, 0]


def test_assumptions_are_taken_back_and_a_core_names_those_that_clash() -> None:
    universe = Versions([], {"a": {1: ["c:1"]}, "b": {1: ["c:2"]}, "c": {1: [], 2: []}, "d": {1: []}})
    search = Search(universe, proofs=True)
    assume = [Assumption(package=universe.names.index(name), allowed=2) for name in ("d", "a", "b")]
    failed = search.solve(assume)
    assert failed.selected is None
    assert failed.core == (1, 2)
    assert failed.proof is not None
    assert universe.pins(search.solve(assume[:2]).selected) == {"a": 1, "c": 1, "d": 1}
    assert universe.pins(search.solve([assume[2]]).selected) == {"b": 1, "c": 2}
    assert universe.pins(search.solve().selected) == {}


def test_a_proof_leads_to_the_facts_that_clash_and_to_no_others() -> None:
    universe = Versions(
        ["a", "x", "b"],
        {"a": {1: ["c:1"]}, "x": {1: ["y"]}, "b": {1: ["c:2"]}, "c": {1: [], 2: []}, "y": {1: []}},
    )
    proof = Search(universe, proofs=True).solve().proof
    assert proof is not None
    facts, stack = set(), [proof]
    while stack:
        clause = stack.pop()
        stack.extend(clause.parents)
        if not clause.parents:
            facts.add(clause.fact)
    assert facts == {"a", "b", "a 1: c:1", "b 1: c:2"}


def test_a_limit_of_the_caller_s_stops_the_search() -> None:
    universe = Versions(["a", "b"], {"a": {1: ["c:1"]}, "b": {1: ["c:2"]}, "c": {1: [], 2: []}})
    with pytest.raises(Interrupted):
        Search(universe, should_stop=lambda: True).solve()
