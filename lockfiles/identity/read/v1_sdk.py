"""What the v1 SDK (azureml-core) makes of files and calls: its defaults are part of the definition."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from typing import Any

from packaging.version import InvalidVersion, Version

from resolver.errors import InputError

#: The SDK version whose defaults were run.
CURRENT = "1.61.0.post4"

_OLD = ("openmpi4.1.0-ubuntu20.04", "openmpi4.1.0-cuda11.3-cudnn8-ubuntu20.04")
_NEW = ("openmpi4.1.0-ubuntu22.04", "openmpi4.1.0-cuda11.8-cudnn8-ubuntu22.04")
#: Default images (CPU, GPU) of releases and their dated tags, as ``azureml_base_images.json`` of each
#: wheel has them; an image that isn't in it goes without a tag.
_IMAGES = {
    "1.50.0": (_OLD, "20230324.v1", "20230324.v1"), "1.51.0": (_OLD, "20230509.v1", "20230509.v1"),
    "1.52.0": (_OLD, "20230620.v1", "20230620.v1"), "1.53.0": (_OLD, "20230727.v1", "20230727.v1"),
    "1.54.0": (_OLD, "20231030.v1", "20231030.v1"), "1.55.0": (_OLD, "20240123.v1", "20240123.v1"),
    "1.56.0": (_OLD, "20240418.v1", "20240418.v1"), "1.57.0": (_OLD, "20240709.v1", "20240709.v1"),
    "1.57.0.post3": (_OLD, "20240908.v1", "20240908.v1"),
    "1.58.0.post1": (_OLD, "20241111.v1", "20241111.v1"), "1.59.0": (_OLD, "20241202.v1", "20241202.v1"),
    "1.59.0.post2": (_OLD, "", ""), "1.60.0": (_OLD, "", ""),
    "1.60.0.post1": (_NEW, "20250505.v1", "20250505.v1"), "1.61.0": (_NEW, "20251002.v1", ""),
    "1.61.0.post1": (_NEW, "20251130.v1", ""), "1.61.0.post2": (_NEW, "20251130.v1", ""),
    "1.61.0.post3": (_NEW, "20251130.v1", ""), "1.61.0.post4": (_NEW, "20251130.v1", ""),
}  # fmt: skip

#: Default base image of CURRENT.
DEFAULT_IMAGE = "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:20251130.v1"

#: What is released with the SDK: ``CondaDependencies.create`` pins these to its own version.
_WITH_SDK = frozenset(f"azureml-{name}" for name in (
    "core", "train", "sdk", "defaults", "train-core", "automl-core", "automl-runtime",
    "training-tabular", "train-automl", "train-automl-client", "train-automl-runtime",
    "contrib-automl-dnn-forecasting", "automl-dnn-vision", "automl-dnn-nlp",
    "contrib-automl-pipeline-steps", "train-restclients-hyperdrive", "telemetry", "tensorboard",
    "contrib-notebook", "explain-model", "interpret", "contrib-server", "contrib-services",
    "contrib-iot", "contrib-run", "datadrift", "widgets", "pipeline", "pipeline-core", "pipeline-steps",
    "contrib-pipeline-steps", "cli-common", "opendatasets", "accel-models", "mlflow",
    "contrib-functions", "contrib-dataset", "contrib-reinforcementlearning", "contrib-mir",
    "contrib-fairness", "contrib-aisc", "dataset-runtime", "synapse", "responsibleai",
    "automl-common-tools",
))  # fmt: skip
_LETTERS = frozenset("azureml-core")
_WITH_SDK_POST1 = frozenset(f"azureml-{name}" for name in (
    "core", "automl-core", "automl-dnn-nlp", "automl-dnn-vision", "contrib-automl-dnn-forecasting", "mlflow",
    "train-automl", "train-automl-client",
))  # fmt: skip

#: Python that ``from_conda_specification`` adds where the file names none: since which version -> Python.
PYTHON_DEFAULTS = (("1.0.0", "3.6.2"), ("1.44.0", "3.8.13"), ("1.57.0", "3.9.12"), ("1.61.0", "3.10.18"))

#: What a new environment has of variables.
EXAMPLE_VARIABLES = {"EXAMPLE_ENV_VAR": "EXAMPLE_VALUE"}

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


def default_image(version: str = CURRENT, *, gpu: bool = False) -> str | None:
    """Return this SDK's default base image, or the one it calls that for GPUs; None where it is not known."""
    known = _IMAGES.get(str(parse_sdk_version(version)))
    if known is None:
        return None
    names, *tags = known
    tag = tags[gpu]
    return f"mcr.microsoft.com/azureml/{names[gpu]}{f':{tag}' if tag else ''}"


def index_options(index: str | None, version: str = CURRENT) -> tuple[str, ...]:
    """Return what ``CondaDependencies.create`` gives pip for ``pip_indexurl``, or without it."""
    parsed = parse_sdk_version(version)
    if index is None and parsed < Version("1.61.0"):
        return ()
    option = "--find-links" if parsed >= Version("1.60.0") else "--index-url"
    where = index or "https://pypi.python.org/simple/index.html"  # its own index file says so since 1.61
    return f"{option} {where}", "--extra-index-url https://pypi.python.org/simple"


def is_pinned(package: str, version: str = CURRENT) -> bool:
    """Tell whether ``CondaDependencies.create`` of this SDK pins a package to its own version.

    Releases since 1.57 that are ``.post`` have one letter a line in their list of packages, and
    so pin none of them.
    """
    parsed = parse_sdk_version(version)
    if str(parsed) == "1.61.0.post1":
        return package in _WITH_SDK_POST1
    return package in (_WITH_SDK if parsed.post is None else _LETTERS)


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
        "environmentVariables": dict(variables if variables is not None else EXAMPLE_VARIABLES),
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
