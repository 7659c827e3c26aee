"""First index wins: where a later index has a newer version that would do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from resolver.constraints.passed_over import REMEDY, Later, index_words, later_versions
from resolver.constraints.pypi_side import PypiSide
from resolver.metadata.passed_over import PassedOver
from resolver.model.indexes import Index
from resolver.model.names import PypiName
from resolver.model.notices import Notice
from resolver.model.requirements import CondaRequirement, PypiRequirement
from resolver.model.resolution import Resolution
from resolver.model.specifiers import parse_specifier
from resolver.model.unusable import Unusable


def first_index_decided(
    side: PypiSide,
    requirements: Sequence[CondaRequirement | PypiRequirement],
    resolution: Resolution,
    passed_over: Mapping[PypiName, PassedOver],
    python: int,
) -> Iterator[Notice]:
    """Yield a notice for each project of which a later index has a newer version that fits what asks for it.

    Projects that no line names share one notice for each pair of indexes. ``python``: the bit of
    the python candidate that was chosen.
    """
    pins = {pin.name: pin for pin in resolution.pypi if pin.direct is None}
    lines = [line for line in requirements if isinstance(line, PypiRequirement)]
    wanted = _specifiers([line for line in lines if _holds(line, side, python)], resolution)
    named = {line.name for line in lines}
    others: dict[tuple[str, str], list[_Behind]] = {}
    for name, found in passed_over.items():
        chosen, clauses = pins[name].version, wanted.get(name, SpecifierSet())

        def is_better(version: str, chosen: str = chosen, clauses: SpecifierSet = clauses) -> bool:
            return Version(version) > Version(chosen) and clauses.contains(version, prereleases=True)

        better = max(
            later_versions(side, name, found, pythons=python, admits=is_better),
            key=lambda later: Version(later.version),
            default=None,
        )
        if better is None:
            continue
        behind = _Behind(name=name, version=chosen, first=found.first, later=better)
        if name in named:
            yield _notice([behind], resolution)
        else:
            others.setdefault((found.first.name, better.index.name), []).append(behind)
    for group in others.values():
        yield _notice(group, resolution)


class _Behind(msgspec.Struct, frozen=True, kw_only=True):
    """A project of which a later index has a newer version than the one chosen."""

    name: PypiName
    version: str
    first: Index
    later: Later


def _notice(group: Sequence[_Behind], resolution: Resolution) -> Notice:
    """Return what is said of projects that one index decides, and another one has newer."""
    one, first, later = group[0], index_words(group[0].first), index_words(group[0].later.index)
    if len(group) == 1:
        text = f"`{one.name}`: {one.version} is from {first}, the first index that has it; "
        text += f"{one.later.version} is on {later}: {REMEDY}"
    else:
        listed = ", ".join(f"{b.name} {b.version} ({b.later.version})" for b in group)
        text = f"{len(group)} projects that come in are from {first}, the first index that has them, "
        text += f"and newer on {later}: {listed}: {REMEDY}"
    return Notice(
        code="first-index",
        text=text,
        package=one.name if len(group) == 1 else None,
        target=resolution.target.subdir,
        facts={
            "index": one.first.name,
            "newer_index": one.later.index.name,
            "projects": tuple(b.name for b in group),
            "versions": tuple(b.version for b in group),
            "newer": tuple(b.later.version for b in group),
        },
    )


def _holds(line: PypiRequirement, side: PypiSide, python: int) -> bool:
    """Tell whether a line asks for something under the Python that was chosen."""
    condition = line.condition
    return isinstance(condition, Unusable) or bool(side.python.where(condition) & python)


def _specifiers(
    requirements: Sequence[PypiRequirement], resolution: Resolution
) -> dict[PypiName, SpecifierSet]:
    """Return all that lines and pins ask of each project, joined."""
    found: dict[PypiName, SpecifierSet] = {}

    def add(name: PypiName, specifier: SpecifierSet | Unusable) -> None:
        if not isinstance(specifier, Unusable):
            found[name] = found.get(name, SpecifierSet()) & specifier

    for line in requirements:
        if line.name is not None:
            add(line.name, line.specifier_set)
    for pin in resolution.pypi:
        for name, text in pin.dependencies.items():
            add(name, parse_specifier(text))
    return found
