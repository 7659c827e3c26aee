"""Random version conditions, as text and as a predicate of their own.

The predicates compare tuples of integers; they use neither ``packaging`` nor py-rattler, so a wrong
reading of a spec in the project shows as a disagreement.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from itertools import zip_longest

Release = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A condition on a version, as text (may be empty: any) and as a predicate over its release."""

    text: str
    test: Callable[[Release], bool]


def release(version: str) -> Release:
    """Return ``1.10`` as ``(1, 10)``."""
    return tuple(int(part) for part in version.split("."))


def compare(left: Release, right: Release) -> int:
    """Return -1, 0 or 1; missing parts count as 0."""
    for a, b in zip_longest(left, right, fillvalue=0):
        if a != b:
            return -1 if a < b else 1
    return 0


def starts_with(version: Release, prefix: Release) -> bool:
    """Tell whether ``version`` is ``prefix.*``."""
    return version[: len(prefix)] == prefix


def any_version() -> Condition:
    """Return the condition that every version meets."""
    return Condition(text="", test=lambda _: True)


def bound(operator: str, version: str) -> Condition:
    """Return a condition with one operator, spelled the same by conda and PEP 440."""
    right = release(version)
    tests: dict[str, Callable[[Release], bool]] = {
        ">=": lambda v: compare(v, right) >= 0,
        "<=": lambda v: compare(v, right) <= 0,
        ">": lambda v: compare(v, right) > 0,
        "<": lambda v: compare(v, right) < 0,
        "==": lambda v: compare(v, right) == 0,
        "!=": lambda v: compare(v, right) != 0,
        "~=": lambda v: compare(v, right) >= 0 and starts_with(v, right[:-1]),
    }
    return Condition(text=f"{operator}{version}", test=tests[operator])


def prefix(version: str, *, conda: bool) -> Condition:
    """Return the condition ``version.*``."""
    wanted = release(version)
    return Condition(
        text=f"{version}.*" if conda else f"=={version}.*", test=lambda v: starts_with(v, wanted)
    )


def both(left: Condition, right: Condition) -> Condition:
    """Return the conjunction, with a comma."""
    return Condition(text=f"{left.text},{right.text}", test=lambda v: left.test(v) and right.test(v))


def random_condition(
    rng: random.Random, versions: list[str], *, conda: bool, free: float = 0.3, ceiling: bool = False
) -> Condition:
    """Return a condition over ``versions`` (ascending).

    ``free`` is the chance of none at all; ``ceiling``: one that keeps the newest out where it can.
    """
    if ceiling:
        return bound("<=", versions[max(0, len(versions) - 2)])
    if rng.random() < free:
        return any_version()
    choice = rng.random()
    if choice < 0.55:
        return bound(rng.choice([">=", ">=", "<", "<=", "!=", "==", ">"]), rng.choice(versions))
    if choice < 0.75:
        low, high = sorted(rng.sample(range(len(versions)), 2)) if len(versions) > 1 else (0, 0)
        return both(bound(">=", versions[low]), bound(rng.choice(["<", "<="]), versions[high]))
    if choice < 0.9:
        return prefix(rng.choice(versions).rsplit(".", 1)[0], conda=conda)
    return bound("~=", rng.choice(versions))
