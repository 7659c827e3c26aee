"""What the v1 SDK (azureml-core) makes of files and calls: its defaults are part of the definition."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from typing import Any

from packaging.version import InvalidVersion, Version

from resolver.errors import InputError

#: The SDK version whose defaults were run.
CURRENT = "1.61.0"

#: Default base image of CURRENT; other versions name another dated tag.
DEFAULT_IMAGE = "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:20251130.v1"

#: Python that ``from_conda_specification`` adds where the file names none: since which version -> Python.
PYTHON_DEFAULTS = (("1.0.0", "3.6.2"), ("1.44.0", "3.8.13"), ("1.57.0", "3.9.12"), ("1.61.0", "3.10.18"))

#: Python of the SDK's own default conda definition (run at 1.61.0).
BASE_PYTHON = "3.8.13"

_PYTHON = re.compile(r"^\s*python\s*(?:[=<>!~ ]|$)")


def parse_sdk_version(version: str) -> Version:
    """Return the version of azureml-core; raises InputError for other text."""
    try:
        return Version(version)
    except InvalidVersion:
        hint = f"Give one such as `{CURRENT}`."
        raise InputError(f"`{version}` is no version of azureml-core", hint=hint) from None


def python_default(version: str = CURRENT) -> str:
    """Return the Python version that this SDK adds to a conda file without one."""
    parsed = parse_sdk_version(version)
    found = [python for since, python in PYTHON_DEFAULTS if parsed >= Version(since)]
    return found[-1] if found else PYTHON_DEFAULTS[0][1]


def default_channels(version: str = CURRENT) -> list[str]:
    """Return the channels of this SDK's default conda definition, in order."""
    return ["conda-forge"] if parse_sdk_version(version) < Version("1.1.5") else ["anaconda", "conda-forge"]


def default_image(version: str = CURRENT) -> str | None:
    """Return this SDK's default base image, None where it is not known."""
    return DEFAULT_IMAGE if parse_sdk_version(version) == Version(CURRENT) else None


def default_conda(version: str = CURRENT) -> dict[str, Any]:
    """Return the conda definition of an environment that says nothing."""
    return {
        "channels": default_channels(version),
        "dependencies": [f"python={BASE_PYTHON}", {"pip": ["azureml-defaults"]}],
        "name": "project_environment",
    }


def conda_from_specification(conda: Mapping[str, Any], version: str = CURRENT) -> dict[str, Any]:
    """Return what ``from_conda_specification`` makes of a conda file: Python is added if missing."""
    result = copy.deepcopy(dict(conda))
    items = result.get("dependencies") or []
    if not any(isinstance(item, str) and _PYTHON.match(item) for item in items):
        result["dependencies"] = [*items, f"python={python_default(version)}"]
    return result


def conda_from_requirements(
    lines: Sequence[str], version: str = CURRENT, pip_version: str | None = None
) -> dict[str, Any]:
    """Return what ``from_pip_requirements`` makes of a requirements file: every line, comments too."""
    conda = default_conda(version)
    conda["dependencies"] = [
        conda["dependencies"][0],
        {"pip": list(lines)},
        f"pip={pip_version}" if pip_version else "pip",
    ]
    return conda


def environment(
    name: str | None,
    *,
    image: str | None = DEFAULT_IMAGE,
    dockerfile: str | None = None,
    conda: Mapping[str, Any] | None = None,
    user_managed: bool = False,
    variables: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return a v1 definition as the SDK serialises it, keys in its order (JSON values)."""
    return {
        "name": name,
        "version": None,
        "environmentVariables": dict(
            variables if variables is not None else {"EXAMPLE_ENV_VAR": "EXAMPLE_VALUE"}
        ),
        "python": {
            "userManagedDependencies": user_managed,
            "interpreterPath": "python",
            "condaDependenciesFile": None,
            "baseCondaEnvironment": None,
            "condaDependencies": dict(conda) if conda is not None else default_conda(),
        },
        "docker": {
            "enabled": False,
            "baseImage": None if dockerfile is not None else image,
            "baseDockerfile": dockerfile,
            "buildContext": None,
            "sharedVolumes": True,
            "shmSize": "2g",
            "arguments": [],
            "baseImageRegistry": {
                "address": None,
                "username": None,
                "password": None,
                "registryIdentity": None,
            },
            "platform": {"os": "Linux", "architecture": "amd64"},
        },
        "spark": {"repositories": [], "packages": [], "precachePackages": True},
        "databricks": {
            "mavenLibraries": [],
            "pypiLibraries": [],
            "rcranLibraries": [],
            "jarLibraries": [],
            "eggLibraries": [],
        },
        "r": None,
        "inferencingStackVersion": None,
        "assetId": None,
    }
