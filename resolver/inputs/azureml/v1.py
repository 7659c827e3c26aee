"""The first SDK's JSON: ``azureml_environment.json``, and the conda file that it leaves beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from resolver.errors import InputError
from resolver.inputs.azureml.conda_part import parse_conda_text, read_conda_part
from resolver.inputs.azureml.values import AzureEnvironment, AzureForm, BuildContext, CondaPart, ReadBeside
from resolver.inputs.faults import Faults
from resolver.inputs.yaml_document import YamlDocument

DEFINITION_FILE = "azureml_environment.json"

#: What ``save_to_directory`` calls the files beside the JSON.
CONDA_FILE = "conda_dependencies.yml"
DOCKERFILE = "BaseDockerfile"


def read_v1(document: YamlDocument, faults: Faults, beside: ReadBeside) -> AzureEnvironment:
    """Return what a v1 definition says of names, packages and its image."""
    data: Mapping[str, Any] = document.data
    python = _section(document, "python", faults)
    docker = _section(document, "docker", faults) if "docker" in data else None
    dockerfile = _base_dockerfile(document, docker, beside, faults) if docker is not None else None
    image = _text(document, docker, "baseImage", faults) if docker and dockerfile is None else None
    variables = data.get("environmentVariables") or {}
    if not isinstance(variables, Mapping):
        faults.add("`environmentVariables` must be a mapping", document.origin("environmentVariables"))
    name, version = data.get("name"), data.get("version")
    return AzureEnvironment(
        form=AzureForm.V1,
        document=document,
        name=None if name is None else str(name),
        version=None if version is None else str(version),
        image=image,
        base_dockerfile=dockerfile,
        build=_build(docker.get("buildContext")) if docker else None,
        conda=_conda(document, python, faults, beside),
    )


def _section(document: YamlDocument, key: str, faults: Faults) -> Mapping[str, Any]:
    value = document.data.get(key)
    if isinstance(value, Mapping):
        return value
    faults.add(f"`{key}` must be a mapping", document.origin(key))
    return {}


def _text(document: YamlDocument, docker: Mapping[str, Any], key: str, faults: Faults) -> str | None:
    value = docker.get(key)
    if value is not None and not isinstance(value, str):
        faults.add(f"`docker.{key}` must be text", document.origin("docker", key))
        return None
    return value or None


def _base_dockerfile(
    document: YamlDocument, docker: Mapping[str, Any], beside: ReadBeside, faults: Faults
) -> str | None:
    """Return the text of the base Dockerfile: the definition's own, or that of the file beside it.

    In place of its own text the path of a file may stand, as the SDK takes both.
    """
    own = _text(document, docker, "baseDockerfile", faults)
    if own is not None and len(own.split()) != 1:
        return own
    try:
        return beside(own.strip() if own is not None else DOCKERFILE)[1]
    except OSError:
        return own
    except InputError as error:
        faults.add_error(error)
        return None


def _build(data: object) -> BuildContext | None:
    if not isinstance(data, Mapping) or not data.get("location"):
        return None
    return BuildContext(path=str(data["location"]), dockerfile_path=data.get("dockerfilePath"))


def _conda(
    document: YamlDocument, python: Mapping[str, Any], faults: Faults, beside: ReadBeside
) -> CondaPart | None:
    if python.get("condaDependencies"):
        return read_conda_part(document, ("python", "condaDependencies"), faults, beside)
    if python.get("userManagedDependencies") in (True, "true", "True"):
        return None
    name = python.get("condaDependenciesFile")
    if not name and "docker" not in document.data:  # nothing was saved to a folder
        return None
    path = ("python", "condaDependenciesFile") if name else ("python",)
    try:
        shown, text = beside(str(name or CONDA_FILE))
    except OSError:
        hint = f"`save_to_directory` writes `{CONDA_FILE}` beside `{DEFINITION_FILE}`."
        faults.add(f"the conda definition `{name or CONDA_FILE}` is missing", document.origin("python"), hint)
        return None
    except InputError as error:
        faults.add_error(error)
        return None
    return parse_conda_text(text, shown, document, path, faults)
