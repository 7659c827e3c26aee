"""Places of packages: in the order of their keys, whatever comes and goes, and each with its mark."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from resolver.solving.order import Order


def check(order: Order, keys: list[int], marked: set[int]) -> None:
    wanted = sorted(range(len(keys)), key=lambda package: (keys[package], package))
    assert sorted(range(len(keys)), key=order.places.__getitem__) == wanted
    assert len(set(order.places)) == len(keys)
    assert [order.packages[place] for place in order.places] == list(range(len(keys)))
    assert {package for package, place in enumerate(order.places) if order.marks[place]} == marked
    assert sum(order.marks) == len(marked)


@given(st.lists(st.integers(0, 50), max_size=120), st.randoms(use_true_random=False))
def test_any_keys_in_any_order(given_keys: list[int], chance: random.Random) -> None:
    keys: list[int] = []
    order = Order(lambda package: (keys[package],))
    marked: set[int] = set()
    for key in given_keys:
        keys.append(key)
        order.add(len(keys) - 1)
        if chance.random() < 0.5:
            marked.add(len(keys) - 1)
            order.marks[order.places[-1]] = 1
        if chance.random() < 0.1:
            package = chance.randrange(len(keys))
            keys[package] = chance.randrange(50)
            order.moved(package)
            marked.add(package)
    check(order, keys, marked)


def test_many_packages_at_one_place_take_few_moves() -> None:
    """Each comes right before the last: the worst that names in a channel can do."""
    keys: list[int] = []
    order = Order(lambda package: (keys[package],))
    moves = 0

    class Counting(list[int]):
        def __setitem__(self, place: object, value: object) -> None:
            nonlocal moves
            moves += 1
            super().__setitem__(place, value)  # type: ignore[index, assignment]

    order.places = Counting()
    count = 5000
    for number in range(count):
        keys.append(number if number % 2 else 10**9 - number)
        order.add(number)
    check(order, keys, set())
    assert moves < 60 * count
