"""First index wins: where a later index has a newer version that would do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from resolver.constraints.passed_over import REMEDY, index_words, later_versions
from resolver.constraints.pypi_side import PypiSide
from resolver.metadata.passed_over import PassedOver
from resolver.model.names import PypiName
from resolver.model.notices import Notice
from resolver.model.requirements import CondaRequirement, PypiRequirement
from resolver.model.resolution import Resolution
from resolver.model.specifiers import parse_specifier
from resolver.model.unusable import Unusable

IndexesPassedOver = Callable[[Sequence[PypiName]], Mapping[PypiName, PassedOver]]


def nothing_passed_over(names: Sequence[PypiName]) -> Mapping[PypiName, PassedOver]:
    """Return nothing: for callers without indexes."""
    del names
    return {}


def first_index_decided(
    side: PypiSide,
    requirements: Sequence[CondaRequirement | PypiRequirement],
    resolution: Resolution,
    passed_over: IndexesPassedOver,
    python: int,
) -> Iterator[Notice]:
    """Yield a notice for each project of which a later index has a newer version that fits what asks for it.

    ``python``: the bit of the python candidate that was chosen.
    """
    pins = {pin.name: pin for pin in resolution.pypi if pin.direct is None}
    wanted = _specifiers(requirements, resolution)
    for name, found in passed_over(tuple(pins)).items():
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
        yield Notice(
            code="first-index",
            text=f"`{name}`: {chosen} is from {index_words(found.first)}, the first index that has it; "
            f"{better.version} is on {index_words(better.index)}: {REMEDY}",
            package=name,
            target=resolution.target.subdir,
            facts={
                "version": chosen,
                "index": found.first.name,
                "newer": better.version,
                "newer_index": better.index.name,
            },
        )


def _specifiers(
    requirements: Sequence[CondaRequirement | PypiRequirement], resolution: Resolution
) -> dict[PypiName, SpecifierSet]:
    """Return all that lines and pins ask of each project, joined."""
    found: dict[PypiName, SpecifierSet] = {}

    def add(name: PypiName, specifier: SpecifierSet | Unusable) -> None:
        if not isinstance(specifier, Unusable):
            found[name] = found.get(name, SpecifierSet()) & specifier

    for line in requirements:
        if isinstance(line, PypiRequirement) and line.name is not None and not line.marker:
            add(line.name, line.specifier_set)
    for pin in resolution.pypi:
        for name, text in pin.dependencies.items():
            add(name, parse_specifier(text))
    return found
