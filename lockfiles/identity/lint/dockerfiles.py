"""What a base Dockerfile does beside the conda environment that the service makes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lockfiles.identity.lint.registry import LintSubject, Seen, rule
from lockfiles.identity.lint.sources import SDK_V1
from resolver.model.findings import Fact, Severity

#: A command that puts packages into the image's own Python.
_INSTALLS = re.compile(
    r"\b(?:(?:conda|mamba|micromamba)\s+(?:install|create|update|env\s+(?:create|update))"
    r"|(?:python[\d.]*\s+-m\s+)?pip[\d.]*\s+install)\b"
)


@rule(
    "azureml/conda-in-dockerfile",
    Severity.WARNING,
    "a base Dockerfile installs packages, and the job runs in another environment",
    fact=Fact(
        text="While userManagedDependencies is false the service makes a conda environment of its own on "
        "top of the base image, and the job runs in that one.",
        source=SDK_V1,
        date="2026-11",
    ),
)
def conda_in_dockerfile(subject: LintSubject) -> Iterator[Seen]:
    """Find `conda install` and `pip install` in a base Dockerfile whose Python isn't the job's."""
    definition = subject.definition
    if definition.base_dockerfile is None or definition.user_managed:
        return
    for number, line in enumerate(definition.base_dockerfile.splitlines(), start=1):
        found = None if line.lstrip().startswith("#") else _INSTALLS.search(line)
        if found:
            yield Seen(
                message=f"line {number} of the base Dockerfile calls `{' '.join(found[0].split())}`: what it "
                "installs is not in the environment in which the job runs",
                origin=definition.origin("docker", "baseDockerfile"),
                fix="List the packages in the conda definition, or set `userManagedDependencies: true` to "
                "use the image's own Python.",
                evidence=(line.strip(),),
            )
