"""The answer to a small universe, found without any of the engine's ideas.

Two methods, both pure Python:

* :func:`enumerate_all` tries every assignment (a product): for tiny universes, and to judge the other;
* :func:`solve` fixes the requested packages to each vector of indexes, lowest sum first, and asks a plain
  depth-first search whether the rest can be completed. Vectors that a found one dominates are passed over,
  so what remains is exactly the set of Pareto-optimal vectors.

A *vector* has one candidate index for each of ``universe.requested``, in that order; 0 is the best. Where
some of these are asked for under some Pythons only, ``python`` stands before them, and what is not asked
for under a vector's Python has None. One vector dominates another when it is nowhere higher and
somewhere lower, over what is asked for in both. (That isn't transitive, so nothing is passed over then.)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from tests.oracles.universes import Kind, Need, Universe, find_violations, is_active

Vector = tuple[int | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is true of a universe."""

    requested: tuple[str, ...]
    best: frozenset[Vector]  #: all Pareto-optimal vectors; empty: no solution
    examples: dict[Vector, dict[str, int]]  #: an assignment for each, without packages that nothing needs

    @property
    def satisfiable(self) -> bool:
        """Whether there is a solution."""
        return bool(self.best)


def dominates(left: Vector, right: Vector) -> bool:
    """Tell whether ``left`` is nowhere higher and somewhere lower."""
    both = [(a, b) for a, b in zip(left, right, strict=True) if a is not None and b is not None]
    return any(a < b for a, b in both) and all(a <= b for a, b in both)


def compared(universe: Universe) -> tuple[str, ...]:
    """Return the keys that a vector is over."""
    requested = universe.requested
    return ("python", *requested) if universe.asked_under and "python" not in requested else requested


def vector_of(universe: Universe, assignment: Mapping[str, int]) -> Vector:
    """Return the vector of a valid assignment."""
    under = universe.asked_under
    return tuple(
        assignment[key] if key not in under or assignment["python"] in under[key] else None
        for key in compared(universe)
    )


def pareto(vectors: Iterable[Vector]) -> frozenset[Vector]:
    """Return those vectors that no other dominates."""
    unique = set(vectors)
    return frozenset(v for v in unique if not any(dominates(other, v) for other in unique))


def solve(universe: Universe) -> Answer:
    """Return every Pareto-optimal vector and an example of each."""
    requested, is_transitive = compared(universe), not universe.asked_under
    examples: dict[Vector, dict[str, int]] = {}
    for vector in iter_vectors(universe):
        if is_transitive and any(dominates(found, vector) for found in examples):
            continue
        fixed = {key: n for key, n in zip(requested, vector, strict=True) if n is not None}
        found = complete(universe, fixed)
        if found is not None:
            examples[vector] = found
    best = pareto(examples)
    return Answer(
        requested=requested, best=best, examples={v: one for v, one in examples.items() if v in best}
    )


def iter_vectors(universe: Universe) -> Iterator[Vector]:
    """Yield the vectors that the root's own needs admit, lowest sum first, then in lexical order."""
    under, keys = universe.asked_under, compared(universe)
    if not under:
        yield from _ordered(product(*(_admitted(universe, key, {}) for key in keys)))
        return
    for python in _admitted(universe, "python", {}):
        at: dict[str, int] = {"python": python}
        domains: list[Sequence[int | None]] = []
        for key in keys:
            asked = key not in under or python in under[key]
            domains.append([python] if key == "python" else _admitted(universe, key, at) if asked else [None])
        yield from _ordered(product(*domains))


def _admitted(universe: Universe, key: str, at: Mapping[str, int]) -> list[int]:
    package = universe.packages.get(key)
    allowed = set(range(len(package.candidates) if package else 0))
    for need in universe.root:
        if need.package == key and is_active(need, at):
            allowed &= need.allowed
    return sorted(allowed)


def _ordered(vectors: Iterable[Vector]) -> list[Vector]:
    def key(vector: Vector) -> tuple[int, tuple[int, ...]]:
        numbers = tuple(-1 if n is None else n for n in vector)
        return sum(numbers), numbers

    return sorted(vectors, key=key)


def complete(universe: Universe, fixed: dict[str, int]) -> dict[str, int] | None:
    """Return a valid assignment that agrees with ``fixed`` and has only what is needed, or None."""
    return _extend(universe, {}, fixed)


def _extend(universe: Universe, chosen: dict[str, int], fixed: dict[str, int]) -> dict[str, int] | None:
    """Decide one package that is required and open in every possible way, depth first."""
    key = next((need.package for need in _required(universe, chosen) if need.package not in chosen), None)
    if key is None:
        return _provide(universe, chosen, fixed)
    package = universe.packages.get(key)
    indexes = range(len(package.candidates)) if package else range(0)
    for index in indexes:
        result = _select(universe, chosen, fixed, key, index)
        if result is not None:
            return result
    return None


def _select(
    universe: Universe, chosen: dict[str, int], fixed: dict[str, int], key: str, index: int
) -> dict[str, int] | None:
    """Select one candidate and go on, unless it excludes something chosen or is excluded by it."""
    if fixed.get(key, index) != index:
        return None
    extended = chosen | {key: index}
    return _extend(universe, extended, fixed) if _consistent(universe, extended) else None


def _required(universe: Universe, chosen: dict[str, int]) -> Iterator[Need]:
    """Yield the needs that bring a package in; more choices never take one back."""
    if universe.has_projects:
        pythons = range(len(universe.packages["python"].candidates)) if "python" in universe.packages else ()
        yield Need(package="python", allowed=frozenset(pythons), text="8")
    yield from (need for need in universe.root if not need.optional and is_active(need, chosen))
    for key, index in chosen.items():
        for need in universe.packages[key].candidates[index].needs:
            if not need.optional and is_active(need, chosen):
                yield need


def _consistent(universe: Universe, chosen: dict[str, int]) -> bool:
    """Tell whether nothing chosen excludes anything else chosen (what is open is not judged)."""
    chosen = dict.fromkeys((k for k, p in universe.packages.items() if p.kind is Kind.VIRTUAL), 0) | chosen
    for need in universe.root:
        if need.package in chosen and is_active(need, chosen) and chosen[need.package] not in need.allowed:
            return False
    for key, index in chosen.items():
        candidate = universe.packages[key].candidates[index]
        for need in candidate.needs:
            if (
                need.package in chosen
                and is_active(need, chosen)
                and chosen[need.package] not in need.allowed
            ):
                return False
        for project, version in candidate.provides:
            taken = chosen.get(f"pypi:{project}")
            if taken is not None:
                other = universe.packages[f"pypi:{project}"].candidates[taken]
                if not other.is_provided or other.version != version:
                    return False
    return True


def _provide(universe: Universe, chosen: dict[str, int], fixed: dict[str, int]) -> dict[str, int] | None:
    """Return the choice if conda ships each provided project; ``prefer`` may bring that in for a line."""
    shipped = {
        pair for key, index in chosen.items() for pair in universe.packages[key].candidates[index].provides
    }
    for key, index in chosen.items():
        candidate = universe.packages[key].candidates[index]
        wanted = (key.removeprefix("pypi:"), candidate.version)
        if not candidate.is_provided:
            continue
        asked = wanted[0] in universe.asked_of_pip
        if universe.pip_from_conda == "never" and universe.is_asked_of_pip(wanted[0], chosen):
            return None
        if wanted in shipped:
            continue
        if not asked or universe.pip_from_conda != "prefer":
            return None
        for other, package in universe.packages.items():
            if other in chosen:
                continue
            for choice, record in enumerate(package.candidates):
                if wanted in record.provides:
                    result = _select(universe, chosen, fixed, other, choice)
                    if result is not None:
                        return result
        return None
    return chosen


def enumerate_all(universe: Universe, *, limit: int = 200_000) -> frozenset[Vector] | None:
    """Return the Pareto-optimal vectors by trying every assignment; None: more than ``limit`` of them."""
    keys = sorted(universe.packages)
    sizes = [len(universe.packages[key].candidates) + 1 for key in keys]
    count = 1
    for size in sizes:
        count *= size
    if count > limit:
        return None
    found = []
    for choice in product(*(range(-1, size - 1) for size in sizes)):
        assignment = {key: index for key, index in zip(keys, choice, strict=True) if index >= 0}
        if not find_violations(universe, assignment):
            found.append(vector_of(universe, assignment))
    return pareto(found)
