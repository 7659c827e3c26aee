"""The fewest classes, with oracles that tests make, against every partition there is."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lockfiles.fleet.merging.partition import Partition, find_partition
from lockfiles.fleet.merging.verdicts import HOLDS, UNKNOWN, Answered, Bits, MergeLimits
from tests.support.amount import examples

LINES = 7


class Table:
    """An oracle that knows which minimal sets clash, which sets it won't tell of, and which fail alone."""

    def __init__(self, cores: Sequence[Bits], unknown: Sequence[Bits] = (), odd: Sequence[Bits] = ()) -> None:
        self.cores, self.unknown, self.odd = cores, set(unknown), set(odd)
        self.asked: list[Bits] = []

    def ask(self, lines: Bits) -> Answered:
        self.asked.append(lines)
        core = next((core for core in self.cores if not core & ~lines), 0)
        if core:
            return Answered(holds=False, core=core)
        if lines in self.unknown:
            return UNKNOWN
        return Answered(holds=False) if lines in self.odd else HOLDS


def every_partition(places: Sequence[int]) -> Iterator[list[list[int]]]:
    if not places:
        yield []
        return
    first, rest = places[0], places[1:]
    for smaller in every_partition(rest):
        yield [[first], *smaller]
        for n, one in enumerate(smaller):
            yield [*smaller[:n], [first, *one], *smaller[n + 1 :]]


def union(items: Sequence[Bits], members: Sequence[int]) -> Bits:
    lines = 0
    for place in members:
        lines |= items[place]
    return lines


def fewest(items: Sequence[Bits], table: Table, places: Sequence[int]) -> int:
    """Return the least number of classes in which each holds, by brute force."""
    return min(
        len(classes)
        for classes in every_partition(places)
        if all(table.ask(union(items, one)).holds for one in classes)
    )


def check(items: Sequence[Bits], table: Table, found: Partition) -> None:
    """Hold a partition to what it says of itself."""
    failing = [n for n, lines in enumerate(items) if table.ask(lines).holds is not True]
    assert list(found.failing) == failing
    kept = [n for n in range(len(items)) if n not in failing]
    assert sorted(n for one in found.classes for n in one) == kept
    assert all(table.ask(union(items, one)).holds for one in found.classes)
    for n, item in enumerate(found.clique):
        for other in found.clique[n + 1 :]:
            assert table.ask(items[item] | items[other]).holds is False
    assert len(found.clique) <= found.lower <= len(found.classes)


line_sets = st.integers(1, 2**LINES - 1)
fleets = st.lists(line_sets, max_size=6)
conflicts = st.lists(
    st.sets(st.integers(0, LINES - 1), min_size=1, max_size=4).map(lambda s: sum(1 << n for n in s)),
    max_size=7,
)


@given(fleets, conflicts)
@settings(max_examples=examples(150), deadline=None)
def test_fewest_of_all_partitions(items: list[Bits], cores: list[Bits]) -> None:
    table = Table(cores)
    found = find_partition(items, table)
    check(items, table, found)
    kept = [n for n in range(len(items)) if n not in found.failing]
    assert found.is_optimal
    assert len(found.classes) == fewest(items, table, kept)


@given(fleets, conflicts, st.lists(line_sets, max_size=6))
@settings(max_examples=examples(80), deadline=None)
def test_sets_that_nobody_can_tell_of_are_not_offered_and_prove_nothing(
    items: list[Bits], cores: list[Bits], unknown: list[Bits]
) -> None:
    table = Table(cores, [lines for lines in unknown if lines not in items])
    found = find_partition(items, table)
    kept = [n for n in range(len(items)) if n not in found.failing]
    assert sorted(n for one in found.classes for n in one) == kept
    best = fewest(items, Table(cores), kept)
    assert found.lower <= best  # as if all of them held
    if found.is_optimal:
        assert len(found.classes) == best


@given(fleets, conflicts, st.lists(line_sets, max_size=4))
@settings(max_examples=examples(80), deadline=None)
def test_what_is_barred_is_not_offered(items: list[Bits], cores: list[Bits], barred: list[Bits]) -> None:
    barred = [lines for lines in barred if lines not in items]
    found = find_partition(items, Table(cores), barred=barred)
    table = Table(cores, odd=barred)
    maximal = all(a & ~b for n, a in enumerate(items) for m, b in enumerate(items) if n != m)
    kept = [n for n in range(len(items)) if n not in found.failing]
    assert all(table.ask(union(items, one)).holds for one in found.classes)
    if maximal:
        assert len(found.classes) == fewest(items, table, kept)


@given(fleets, conflicts, st.integers(0, 12), st.integers(0, 6))
@settings(max_examples=examples(80), deadline=None)
def test_a_budget_leaves_a_bound_that_is_true(
    items: list[Bits], cores: list[Bits], questions: int, nodes: int
) -> None:
    table = Table(cores)
    found = find_partition(items, table, limits=MergeLimits(questions=questions, nodes=nodes))
    assert len(table.asked) <= questions
    holding = [n for n, lines in enumerate(items) if Table(cores).ask(lines).holds]
    everything = sorted([*found.failing, *(n for one in found.classes for n in one)])
    assert everything == list(range(len(items)))
    if set(holding) == set(range(len(items))):
        assert found.lower <= fewest(items, Table(cores), holding) <= len(found.classes)


@given(fleets, conflicts)
@settings(max_examples=examples(100), deadline=None)
def test_the_same_twice_and_no_set_asked_twice(items: list[Bits], cores: list[Bits]) -> None:
    first, second = Table(cores), Table(cores)
    assert find_partition(items, first) == find_partition(items, second)
    assert len(set(first.asked)) == len(first.asked)


@given(
    fleets, conflicts, st.lists(st.lists(st.integers(-3, 3), min_size=6, max_size=6), min_size=6, max_size=6)
)
@settings(max_examples=examples(60), deadline=None)
def test_refining_keeps_the_number_and_all_that_holds(
    items: list[Bits], cores: list[Bits], agreement: list[list[int]]
) -> None:
    table = Table(cores)
    found = find_partition(items, table, affinity=lambda a, b: agreement[min(a, b)][max(a, b)])
    check(items, table, found)
    assert len(found.classes) == len(find_partition(items, table).classes)


def fewest_by_subsets(items: Sequence[Bits], cores: Sequence[Bits]) -> int:
    """Return the fewest classes, set by set: each set of items is one class that holds and a smaller set."""
    needs = [
        union(items, [n for n in range(len(items)) if chosen >> n & 1]) for chosen in range(1 << len(items))
    ]
    holds = [all(core & ~lines for core in cores) for lines in needs]
    best = [0]
    for chosen in range(1, 1 << len(items)):
        low = chosen & -chosen
        rest, part, found = chosen ^ low, chosen ^ low, len(items)
        while True:
            if holds[part | low]:
                found = min(found, 1 + best[rest & ~part])
            if not part:
                break
            part = (part - 1) & rest
        best.append(found)
    return best[-1]


@pytest.mark.parametrize("seed", range(12))
def test_fewest_of_larger_fleets(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - wanted: a seed
    lines, count = 14, 10
    items = [sum(1 << n for n in rng.sample(range(lines), rng.randint(1, 3))) for _ in range(count)]
    made = [sum(1 << n for n in rng.sample(range(lines), rng.choice((2, 2, 2, 3)))) for _ in range(30)]
    cores = [core for core in made if all(core & ~item for item in items)]
    found = find_partition(items, Table(cores))
    assert (found.lower, len(found.classes)) == (fewest_by_subsets(items, cores),) * 2
    check(items, Table(cores), found)


CASES = [
    ("nothing at all", [], [], [], 0),
    ("one item", [0b1], [], [(0,)], 1),
    ("equal items stand together", [0b11, 0b11], [], [(0, 1)], 1),
    ("an item whose lines another has stands with it", [0b1, 0b11, 0b100], [0b101], [(0, 1), (2,)], 2),
    ("three that clash only all together", [0b1, 0b10, 0b100], [0b111], None, 2),
    ("a ring of five needs three, though no three clash pairwise",
     [0b1, 0b10, 0b100, 0b1000, 0b10000], [0b11, 0b110, 0b1100, 0b11000, 0b10001], None, 3),
]  # fmt: skip


@pytest.mark.parametrize(
    ("items", "cores", "classes", "count"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_cases(
    items: list[Bits], cores: list[Bits], classes: list[tuple[int, ...]] | None, count: int
) -> None:
    found = find_partition(items, Table(cores))
    assert found.is_optimal
    assert len(found.classes) == count
    if classes is not None:
        assert list(found.classes) == classes


def test_an_item_that_nobody_can_tell_of_stays_alone() -> None:
    found = find_partition([0b1, 0b10], Table([], unknown=[0b1, 0b11]))
    assert (found.classes, found.failing, found.unanswered) == (((0,), (1,)), (), 1)
    assert found.lower == 1


def test_a_clock_that_has_run_out_leaves_everyone_alone() -> None:
    found = find_partition([0b1, 0b10], Table([]), limits=MergeLimits(is_late=lambda: True))
    assert (found.classes, found.lower, found.ended) == (((0,), (1,)), 1, "time")


@settings(max_examples=examples(150), deadline=None)
@given(fleets, conflicts, st.integers(0, 12))
def test_a_lower_bound_holds_whatever_ends_the_search(
    items: list[Bits], cores: list[Bits], nodes: int
) -> None:
    table = Table(cores)
    found = find_partition(items, table, limits=MergeLimits(nodes=nodes, cliques=0))
    kept = [n for n in range(len(items)) if n not in found.failing]
    assert found.lower <= fewest(items, table, kept) <= len(found.classes)


def clashing(pairs: Sequence[tuple[int, int]], more: int = 0) -> tuple[list[Bits], Table]:
    """Return items of one line each, of which these clash."""
    count = max(max(pair) for pair in pairs) + 1 + more
    return [1 << n for n in range(count)], Table([1 << a | 1 << b for a, b in pairs])


def test_a_knot_proves_what_no_clique_does() -> None:
    """Mycielski's graph of 11 has no triangle and needs four classes; a triangle and stars are beside it."""
    ring = [(n, (n + 1) % 5) for n in range(5)]
    shadows = [(5 + n, other) for n in range(5) for other in ((n + 1) % 5, (n - 1) % 5)]
    knot = [*ring, *shadows, *((5 + n, 10) for n in range(5))]
    triangle = [(11, 12), (12, 13), (11, 13)]
    stars = [(20 + 10 * s, 21 + 10 * s + n) for s in range(9) for n in range(9)]
    items, table = clashing([*knot, *triangle, *stars])
    found = find_partition(items, table, limits=MergeLimits(nodes=400))
    assert found.ended == "nodes"
    assert (len(found.clique), found.lower, len(found.classes)) == (3, 4, 4)
