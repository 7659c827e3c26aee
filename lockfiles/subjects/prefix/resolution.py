"""What is installed, as a resolution: what rules of `lock check` look at."""

from __future__ import annotations

from lockfiles.subjects.prefix.needs import ProjectNeeds
from resolver.model.installed import Installation, InstalledProject
from resolver.model.names import pypi_name
from resolver.model.resolution import PypiPin, Resolution
from resolver.model.target import Target


def resolution_of(installation: Installation) -> Resolution:
    """Return what is installed as a resolution: conda's pins, and projects that pip installed.

    Of a project that is there twice the last folder counts. Projects that conda installed
    are among ``provided``.
    """
    known = ProjectNeeds(installation)
    by_pip = {project.name: project for project in installation.projects if project.owner is None}
    names = {pin.record.name: pin.name for pin in installation.conda}
    return Resolution(
        target=Target(subdir=installation.subdir),
        python=installation.python,
        conda=installation.conda,
        pypi=tuple(_pin(known, by_pip[name]) for name in sorted(by_pip)),
        provided={
            project.name: (names[project.owner], project.version)
            for project in installation.projects
            if project.owner is not None
        },
    )


def _pin(known: ProjectNeeds, project: InstalledProject) -> PypiPin:
    needs = {pypi_name(need.name): str(need.specifier) for _, need in known.requirements(project, "")}
    return PypiPin(
        name=project.name,
        version=project.version,
        file=None,
        direct=project.direct,
        commit=project.commit,
        dependencies=dict(sorted(needs.items())),
        requires_python=project.requires_python,
    )
