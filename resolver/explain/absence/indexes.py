"""What indexes have to do with a conflict: they lack a project, or the first one decides it alone."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.specifiers import SpecifierSet

from resolver.constraints.passed_over import REMEDY, index_words, later_versions
from resolver.constraints.pypi_side import PypiSide
from resolver.constraints.registry import Kind
from resolver.explain.absence.values import lacking_words
from resolver.explain.derivation import leaves_of
from resolver.explain.members import Bench, UserConflict
from resolver.metadata.passed_over import PassedOver
from resolver.model.names import PypiName
from resolver.model.requirements import PypiRequirement
from resolver.model.unusable import Unusable

#: Projects of a conflict's proof that later indexes are asked for, and how many are told of.
_MOST_ASKED, _MOST_TOLD = 30, 4


def index_notes(bench: Bench, conflict: UserConflict) -> tuple[str, ...]:
    """Return one line each; a source that fails raises."""
    side = conflict.universe.pypi
    if side is None:
        return ()
    return (*_lacked(bench, side, conflict), *_decided(bench, side, conflict))


def _lacked(bench: Bench, side: PypiSide, conflict: UserConflict) -> Iterator[str]:
    """Yield the projects of pip lines that every index lacks though conda packages provide them."""
    for line in _pip_lines(conflict):
        name = line.name
        if name is None or line.direct is not None or side.pages.get(name, True) is not None:
            continue
        if len(side.domain(name)[0]):
            yield lacking_words(name, bench.where_asked(name))


def _decided(bench: Bench, side: PypiSide, conflict: UserConflict) -> Iterator[str]:
    """Yield the projects of which a later index has versions that could do."""
    names = _projects(conflict)
    found = bench.passed_over(names[:_MOST_ASKED])
    told = [text for name, over in found.items() if (text := _told(side, conflict, name, over))]
    yield from told[:_MOST_TOLD]
    if len(told) > _MOST_TOLD:
        yield f"so for {len(told) - _MOST_TOLD} more projects: {REMEDY}"


def _told(side: PypiSide, conflict: UserConflict, name: PypiName, found: PassedOver) -> str | None:
    clauses = SpecifierSet()
    for line in _pip_lines(conflict):
        specifier = line.specifier_set
        if line.name == name and not isinstance(specifier, Unusable):
            clauses &= specifier
    later = next(
        later_versions(
            side, name, found, pythons=side.python.all, admits=lambda v: clauses.contains(v, prereleases=True)
        ),
        None,
    )
    if later is None:
        return None
    own = [release.version for release in side.domain(name)[0].releases if not release.is_provided]
    versions = own[0] if len(own) == 1 else f"{own[-1]} to {own[0]}" if own else ""
    first = index_words(found.first)
    has = f"{versions} is all that {first} has" if versions else f"{first} has no file that fits"
    return f"`{name}`: {has}; {later.version} is on {index_words(later.index)}: {REMEDY}"


def _pip_lines(conflict: UserConflict) -> list[PypiRequirement]:
    return [line for line in conflict.lines if isinstance(line, PypiRequirement)]


def _projects(conflict: UserConflict) -> tuple[PypiName, ...]:
    """Return the projects of a conflict: those of its lines, then those that its proof names."""
    keys = conflict.universe.registry.keys
    named = dict.fromkeys(line.name for line in _pip_lines(conflict) if line.name is not None)
    leaves = leaves_of(conflict.proof) if conflict.proof is not None else []
    numbers = sorted({package for leaf in leaves for package in leaf.packages})
    named |= dict.fromkeys(PypiName(keys[n].name) for n in numbers if keys[n].kind is Kind.PYPI)
    return tuple(named)
