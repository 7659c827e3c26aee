"""What installed packages ask of each other: what ``pip check`` looks at, extras too, and conda's records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from resolver.model.installed import Installation, InstalledProject, UnmetNeed
from resolver.model.names import PypiName, pypi_name
from resolver.model.resolution import CondaPin
from resolver.model.target import Target
from resolver.model.unusable import Unusable

if TYPE_CHECKING:
    from resolver.model.pep508 import AnyRequirement


def unmet_needs(installation: Installation) -> tuple[UnmetNeed, ...]:
    """Return what isn't met: requirements of conda's records, then those of projects, by name."""
    conda = {pin.record.name: pin for pin in installation.conda}
    return (*_conda_unmet(conda), *ProjectNeeds(installation).iter_unmet())


def _conda_unmet(pins: Mapping[str, CondaPin]) -> Iterator[UnmetNeed]:
    """Yield dependencies and constraints that don't hold; what a record asks of the machine is left out."""
    from resolver.model.match_spec import parse_match_spec

    for pin in pins.values():
        record = pin.record
        for text, must_be_there in (
            *((text, True) for text in record.depends),
            *((text, False) for text in record.constrains),
        ):
            try:
                spec = parse_match_spec(text)
            except ValueError:
                continue
            other = pins.get(spec.name)
            if spec.name.startswith("__") or (other is None and not must_be_there):
                continue
            if other is None or not spec.matches(other.record):
                there = f"{other.record.version} {other.record.build}".rstrip() if other else None
                yield UnmetNeed(
                    manager="conda",
                    name=record.name,
                    version=record.version,
                    requirement=text,
                    needed=spec.name,
                    found=there,
                )


class ProjectNeeds:
    """The projects of an environment, what each asks for, and by which extras."""

    def __init__(self, installation: Installation) -> None:
        self._projects = {project.name: project for project in installation.projects}
        self._conda = {pypi_name(pin.record.name): pin.record.version for pin in installation.conda}
        self._python = installation.python
        self._environment = marker_environment(installation)

    def iter_unmet(self) -> Iterator[UnmetNeed]:
        """Yield what isn't met, project by project; what nothing is known of meets everything."""
        for name, extras in sorted(self._wanted_extras().items()):
            project = self._projects[name]
            if project.requires_python and not _admits(project.requires_python, self._python):
                asked = f"Python {project.requires_python}"
                yield self._unmet(project, asked, "python", self._python, "")
            for extra in sorted(extras):
                for text, requirement in self.requirements(project, extra):
                    found = self._version(pypi_name(requirement.name))
                    if found is None or not _contains(requirement, found):
                        yield self._unmet(project, text, pypi_name(requirement.name), found, extra)

    def _unmet(
        self, project: InstalledProject, text: str, needed: str, found: str | None, extra: str
    ) -> UnmetNeed:
        return UnmetNeed(
            manager="pip",
            name=project.name,
            version=project.version,
            requirement=text,
            needed=needed,
            found=found,
            extra=extra or None,
            by_conda=project.owner is not None,
        )

    def _wanted_extras(self) -> dict[PypiName, set[str]]:
        """Return project -> the extras that others want of it; the empty one is the project itself."""
        wanted: dict[PypiName, set[str]] = {name: {""} for name in self._projects}
        todo = [(name, "") for name in self._projects]
        while todo:
            name, extra = todo.pop()
            for _, requirement in self.requirements(self._projects[name], extra):
                other = pypi_name(requirement.name)
                new = {pypi_name(text) for text in requirement.extras} - wanted.get(other, set())
                if other in self._projects and new:
                    wanted[other] |= new
                    todo += [(other, text) for text in new]
        return wanted

    def requirements(self, project: InstalledProject, extra: str) -> Iterator[tuple[str, AnyRequirement]]:
        """Yield the requirements that hold here with an extra, and not without it."""
        from resolver.model.pep508 import parse_requirement

        for text in project.requires_dist:
            requirement = parse_requirement(text)
            if isinstance(requirement, Unusable):
                continue
            holds = _holds(requirement, self._environment, "")
            if holds if not extra else not holds and _holds(requirement, self._environment, extra):
                yield text, requirement

    def _version(self, name: PypiName) -> str | None:
        """Return a project's version: its own, else that of the conda package of its name."""
        project = self._projects.get(name)
        return project.version if project is not None else self._conda.get(name)


def marker_environment(installation: Installation) -> dict[str, str]:
    """Return the marker variables of an environment, ``extra`` left out."""
    python = installation.python or "3"
    return {
        **Target(subdir=installation.subdir).marker_environment(),
        "python_version": ".".join(python.split(".")[:2]),
        "python_full_version": python,
        "implementation_version": python,
    }


def _holds(requirement: AnyRequirement, environment: Mapping[str, str], extra: str) -> bool:
    if requirement.marker is None:
        return True
    from packaging.markers import UndefinedComparison, UndefinedEnvironmentName

    try:
        return requirement.marker.evaluate({**environment, "extra": extra})
    except (UndefinedComparison, UndefinedEnvironmentName):
        return False


def _contains(requirement: AnyRequirement, version: str) -> bool:
    """Tell whether a version will do; one that isn't PEP 440's does, as does any from a direct reference."""
    from packaging.version import InvalidVersion, Version

    try:
        return requirement.specifier.contains(Version(version), prereleases=True)
    except InvalidVersion:
        return True


def _admits(specifier: str, python: str | None) -> bool:
    """Tell whether a Python will do; where its last number isn't known, any that would do counts."""
    from resolver.model.specifiers import parse_specifier

    found = parse_specifier(specifier)
    if python is None or isinstance(found, Unusable):
        return True
    known = [python] if python.count(".") > 1 else [f"{python}.0", f"{python}.99"]
    return any(found.contains(version, prereleases=True) for version in known)
