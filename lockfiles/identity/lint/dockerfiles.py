"""What a base Dockerfile does beside the conda environment that the service makes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lockfiles.identity.lint.registry import LintSubject, Seen, rule
from lockfiles.identity.lint.sources import SDK_V1
from resolver.inputs.dockerfile import iter_instructions
from resolver.model.findings import Fact, Severity

#: A command that puts packages into the image's own Python.
_INSTALLS = re.compile(
    r"(?<![\w.-])(?:(?:conda|mamba|micromamba)(?:\s+-\S+)*\s+(?:install|create|update|env\s+(?:create|update))"
    r"|(?:python[\d.]*\s+(?:-\S+\s+)*-m\s+)?pip[\d.]*(?:\s+-\S+)*\s+install)(?![\w-])"
)
_CONTINUED = re.compile(r"\\[ \t]*\n")
_LIST_MARKS = re.compile(r"[\[\]\",]+")  # of a command that is written as a list


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
    for number, found, command in _installing(definition.base_dockerfile):
        yield Seen(
            message=f"line {number} of the base Dockerfile calls `{found}`: what it "
            "installs is not in the environment in which the job runs",
            origin=definition.origin("docker", "baseDockerfile"),
            fix="List the packages in the conda definition, or set `userManagedDependencies: true` to "
            "use the image's own Python.",
            evidence=(command,),
        )


def _installing(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield (line, call, command) of the instructions that install packages, here-documents among them."""
    lines = text.splitlines()
    instructions = list(iter_instructions(text))
    ends = [one.line - 1 for one in instructions[1:]] + [len(lines)]
    for one, end in zip(instructions, ends, strict=True):
        if one.word != "RUN":
            continue
        own = [
            line for line in lines[one.line - 1 : end] if line.strip() and not line.lstrip().startswith("#")
        ]
        command = _CONTINUED.sub(" ", "\n".join(own)).strip()
        spoken = _LIST_MARKS.sub(" ", command) if one.arguments.startswith("[") else command
        found = _INSTALLS.search(spoken)
        if found:
            yield one.line, " ".join(found[0].split()), " ".join(command.split())
