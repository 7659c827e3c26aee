"""Extras that the chosen release doesn't have: pip and conda go on without a word of what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from resolver.constraints.pypi_package import ExtraPackage
from resolver.constraints.universe import JointUniverse
from resolver.model.findings import Severity
from resolver.model.notices import Notice
from resolver.model.requirements import CondaRequirement, PypiRequirement


def unknown_extras(
    universe: JointUniverse, selected: Mapping[int, int], lacking: Iterable[ExtraPackage]
) -> Iterator[Notice]:
    """Yield a warning for each extra that is asked for and that its project's release doesn't have."""
    for package in sorted(lacking, key=lambda package: (package.name, package.extra)):
        version = package.domain.releases[selected[package.number]].version
        places = _places(universe.requirements, package)
        asked = f" (asked for at {', '.join(places)})" if places else ""
        yield Notice(
            code="unknown-extra",
            severity=Severity.WARNING,
            text=f"`{package.name}` {version} has no extra `{package.extra}`{asked}",
            package=package.name,
            target=universe.conda.target.subdir,
            facts={"version": version, "extra": package.extra, "asked_at": tuple(places)},
        )


def _places(lines: Iterable[CondaRequirement | PypiRequirement], package: ExtraPackage) -> list[str]:
    return [
        str(line.origin)
        for line in lines
        if isinstance(line, PypiRequirement) and line.name == package.name and package.extra in line.extras
    ]
