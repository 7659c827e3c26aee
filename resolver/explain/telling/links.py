"""Links in full: all that the owners say, and the ABI's marker package as the Python it stands for."""

from __future__ import annotations

from collections.abc import Sequence

from resolver.constraints.bits import ABSENT
from resolver.constraints.clauses import Incompatibility
from resolver.constraints.conda_package import CondaPackage
from resolver.constraints.facts import DependencyFact, PreReleaseFact
from resolver.constraints.registry import Key, Kind
from resolver.constraints.universe import JointUniverse
from resolver.explain.derivation import Link
from resolver.explain.wording import Wording


def whole_links(universe: JointUniverse, links: Sequence[Link]) -> list[Link]:
    """Return the links with all that their owners say, and with the ABI's marker told as its Python.

    A proof has only the builds that the search tried; people want to hear of all.
    """
    registry = universe.registry
    python = registry.find(Key(Kind.CONDA, "python"))
    abi = registry.find(Key(Kind.CONDA, "python_abi"))
    merged: dict[tuple[int, int, bool], list[Incompatibility]] = {}
    for link in links:
        owner = registry.package(link.owner) if link.owner >= 0 else None
        clauses: Sequence[Incompatibility] = link.clauses
        if {link.owner, link.other} == {python, abi}:
            continue  # the marker stands for its python everywhere
        if isinstance(owner, CondaPackage) and isinstance(link.fact, DependencyFact):
            clauses = owner.clauses_about(registry.keys[link.other].name) or link.clauses
            if python is not None and link.other in (abi, python):
                both = [c for name in ("python", "python_abi") for c in owner.clauses_about(name)]
                clauses = both or link.clauses
        other = python if python is not None and link.other == abi else link.other
        if python is not None and abi is not None:
            clauses = [_as_python(universe, c, python, abi) for c in clauses]
        known = merged.setdefault((link.owner, other, isinstance(link.fact, PreReleaseFact)), [])
        there = {_terms(clause) for clause in known}
        known.extend(clause for clause in clauses if _terms(clause) not in there)
    return [Link(owner=owner, other=other, clauses=tuple(c)) for (owner, other, _), c in merged.items()]


def _terms(clause: Incompatibility) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return tuple(clause.packages), tuple(clause.sets)


def _as_python(universe: JointUniverse, clause: Incompatibility, python: int, abi: int) -> Incompatibility:
    """Return a clause about the ABI's marker package as one about the Pythons that have such an ABI."""
    if abi not in clause.packages:
        return clause
    wording = Wording(universe)
    excluded = dict(zip(clause.packages, clause.sets, strict=True))[abi]
    everything = (1 << (universe.size(abi) + 1)) - 1
    minors = {_minor(text) for text in wording.chosen(abi, everything & ~excluded & ~ABSENT)}
    outside = excluded & ABSENT
    for place in range(universe.size(python)):
        if _minor(wording.version_of(python, place)) not in minors:
            outside |= 2 << place
    sets = tuple(
        outside if package == abi else members
        for package, members in zip(clause.packages, clause.sets, strict=True)
    )
    packages = tuple(python if package == abi else package for package in clause.packages)
    return Incompatibility(packages, sets, clause.fact)


def _minor(version: str) -> str:
    return ".".join(version.split(".")[:2])
