"""Azure ML v1 definitions: ``azureml_environment.json`` and what ``save_to_directory`` writes beside it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lockfiles.identity.credentials import is_secret_variable, redact, redact_variables
from lockfiles.identity.definition import Build, Definition, DefinitionKind
from lockfiles.identity.read.yaml_source import Source, parse_yaml, read_text
from resolver.errors import InputError

DEFINITION_FILE = "azureml_environment.json"
CONDA_FILE = "conda_dependencies.yml"
DOCKERFILE = "BaseDockerfile"


def is_v1_mapping(data: object) -> bool:
    """Tell whether the mapping is a v1 definition."""
    return isinstance(data, Mapping) and "docker" in data and "python" in data


def read_v1_environment(source: Source, folder: Path) -> Definition:
    """Return a v1 definition; the files beside it fill in what the JSON leaves out.

    The password of ``baseImageRegistry`` and the values of secret variables are
    not taken over. Raises InputError.
    """
    data = source.data
    if not is_v1_mapping(data):
        raise InputError("a v1 definition is a mapping with `python` and `docker`", source.origin())
    python, docker = _section(source, "python"), _section(source, "docker")
    conda, conda_source, conda_path = _conda(source, python, folder)
    dockerfile = docker.get("baseDockerfile") or _beside(source, folder, DOCKERFILE)
    image = None if dockerfile else docker.get("baseImage")
    build = _build(docker.get("buildContext"), folder)
    if not image and not dockerfile and build is None:
        raise InputError("neither a base image nor a base Dockerfile", source.origin("docker"))
    variables = data.get("environmentVariables") or {}
    if not isinstance(variables, Mapping):
        raise InputError("`environmentVariables` must be a mapping", source.origin("environmentVariables"))
    spark = data.get("spark")
    packages = spark.get("packages") if isinstance(spark, Mapping) else None
    version = data.get("version")
    return Definition(
        kind=DefinitionKind.AZUREML_V1, label=source.file, source=source, name=data.get("name"),
        version=None if version is None else str(version), image=image, build=build, conda=conda,
        conda_source=conda_source, conda_path=conda_path, variables=redact_variables(variables),
        secret_variables=tuple(sorted(str(k) for k, v in variables.items() if is_secret_variable(str(k), v))),
        base_dockerfile=dockerfile, spark_packages=tuple(packages or ()),
        user_managed=bool(python.get("userManagedDependencies")),
    )  # fmt: skip


def _section(source: Source, key: str) -> Mapping[str, Any]:
    value = source.data.get(key)
    if not isinstance(value, Mapping):
        raise InputError(f"`{key}` must be a mapping", source.origin(key))
    return value


def _conda(
    source: Source, python: Mapping[str, Any], folder: Path
) -> tuple[Mapping[str, Any] | None, Source | None, tuple[str | int, ...]]:
    inline = python.get("condaDependencies")
    if isinstance(inline, Mapping):
        return inline, None, ("python", "condaDependencies")
    if python.get("userManagedDependencies"):
        return None, None, ()
    name = python.get("condaDependenciesFile") or CONDA_FILE
    path = folder / name
    if not path.is_file():
        hint = f"`save_to_directory` writes `{CONDA_FILE}` beside `{DEFINITION_FILE}`."
        raise InputError(f"the conda definition `{name}` is missing", source.origin("python"), hint)
    shown = str(Path(source.file).parent / name)
    conda = parse_yaml(read_text(path, shown), shown)
    if not isinstance(conda.data, Mapping):
        raise InputError("a conda file is a mapping with `dependencies`", conda.origin())
    return conda.data, conda, ()


def _beside(source: Source, folder: Path, name: str) -> str | None:
    path = folder / name
    return read_text(path, str(Path(source.file).parent / name)) if path.is_file() else None


def _build(data: Any, folder: Path) -> Build | None:
    if not isinstance(data, Mapping) or not data.get("location"):
        return None
    location, dockerfile = str(data["location"]), data.get("dockerfilePath")
    if "://" in location:
        return Build(path=redact(location), url=redact(location), dockerfile_path=dockerfile)
    return Build(path=location, directory=(folder / location).resolve(), dockerfile_path=dockerfile)
