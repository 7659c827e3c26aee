"""Files that are no input although people hand them in: lockfiles, recipes, Dockerfiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resolver.inputs.file_kinds import is_dockerfile, kind_of
from resolver.model.redaction import redact

if TYPE_CHECKING:
    import yaml

#: Keys of jobs, pipelines and deployments of which none stands in an environment.
_JOB_KEYS = frozenset({"environment", "jobs", "command", "trial", "component", "code_configuration"})
#: What a Dockerfile may copy that can be locked.
_LOCKABLE = (".yml", ".yaml", ".txt")


def foreign_text(text: str, path: str) -> tuple[str, str | None] | None:
    """Return message and hint for a text that is another kind of file, None for a possible input."""
    if is_dockerfile(text, path):
        copied = _first_copied(text)
        hint = (
            f"lock the file it copies: `{redact(copied)}`"
            if copied
            else "lock the conda file that the image is built from"
        )
        return "a Dockerfile names an image and no requirements", hint
    kind = kind_of(text, path)
    return kind.refusal if kind is not None else None


def _first_copied(text: str) -> str | None:
    """Return the first file that a Dockerfile copies and that may be an input; None where there is none."""
    from resolver.inputs.dockerfile import iter_instructions

    for found in iter_instructions(text):
        if found.word in {"COPY", "ADD"}:
            sources = [word for word in found.arguments.split() if not word.startswith("--")][:-1]
            named = next((source for source in sources if source.lower().endswith(_LOCKABLE)), None)
            if named is not None:
                return named
    return None


def foreign_yaml(root: yaml.MappingNode) -> tuple[str, str | None] | None:
    """Return message and hint for a YAML mapping that is another kind of file."""
    import yaml

    keys = {key.value for key, _ in root.value if isinstance(key, yaml.ScalarNode)}
    if "requirements" in keys and {"package", "recipe", "build"} & keys and "dependencies" not in keys:
        return (
            "a conda recipe is not an environment",
            "write the requirements as `dependencies:` of an environment.yml",
        )
    return _job(root, keys)


def _job(root: yaml.MappingNode, keys: set[str]) -> tuple[str, str | None] | None:
    """Return message and hint for a job, pipeline or deployment of Azure ML."""
    import yaml

    if not _JOB_KEYS & keys or "dependencies" in keys or not keys & {"type", "$schema", "jobs", "command"}:
        return None
    values = {key.value: value for key, value in root.value if isinstance(key, yaml.ScalarNode)}
    environment = values.get("environment")
    hint = "lock the conda file of its environment"
    if isinstance(environment, yaml.ScalarNode) and environment.value:
        hint = f"lock the conda file of its environment, `{redact(environment.value)}`"
    elif isinstance(environment, yaml.MappingNode):
        files = [
            value.value
            for key, value in environment.value
            if key.value == "conda_file" and isinstance(value, yaml.ScalarNode)
        ]
        hint = f"lock the conda file of its environment: `{redact(files[0])}`" if files else hint
    return "an Azure ML job names its environment and lists no packages", hint
