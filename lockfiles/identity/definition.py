"""What an environment definition says, whatever file it stands in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from resolver.inputs.yaml_document import YamlDocument
from resolver.model.choices import StrEnum
from resolver.model.origin import Origin

#: The name that the v2 SDK gives to every inline environment.
ANONYMOUS_NAME = "CliV2AnonymousEnvironment"


class DefinitionKind(StrEnum):
    """Which file format a definition was read from."""

    CONDA_FILE = "conda-file"
    AZUREML_V2 = "azureml-v2"
    AZUREML_JOB = "azureml-job"
    AZUREML_V1 = "azureml-v1"
    REQUIREMENTS = "requirements"
    BUILD_CONTEXT = "build-context"
    LOCKFILE = "lockfile"
    PYTHON = "python"  #: a script that makes it by calls of an SDK


class DefinitionBuild(msgspec.Struct, frozen=True, kw_only=True):
    """A Docker build context: exactly one of a local folder (``directory``) and a remote one (``url``)."""

    path: str  #: as written, credentials blanked
    directory: Path | None = None
    url: str | None = None
    dockerfile_path: str | None = None  #: as written; None and ``Dockerfile`` hash differently

    @property
    def dockerfile(self) -> Path | None:
        """The Dockerfile's path in a local context."""
        return self.directory / (self.dockerfile_path or "Dockerfile") if self.directory else None

    @property
    def shown(self) -> str:
        """What places in the Dockerfile call it: its path, as far as it is written."""
        return str(Path(self.path) / (self.dockerfile_path or "Dockerfile"))


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentDefinition:
    """One environment definition.

    ``conda`` is the mapping exactly as YAML gives it: its order, its types and
    its shared objects are part of the service's and the SDK's formulas. Registry
    passwords and secret values of ``variables`` are dropped while reading.
    """

    kind: DefinitionKind
    label: (
        str  #: how people call it: the file as typed, for a job's environment with ``#jobs.train`` behind it
    )
    source: YamlDocument = field(repr=False)
    path: tuple[str | int, ...] = ()  #: where in ``source`` the environment stands
    name: str | None = None
    version: str | None = None
    anonymous: bool = False  #: inline in a job: the SDK names it by its hash
    image: str | None = None
    build: DefinitionBuild | None = None
    conda: Mapping[str, Any] | None = field(default=None, repr=False)
    conda_source: YamlDocument | None = field(
        default=None, repr=False
    )  #: the conda file, None when it stands inline
    conda_path: tuple[str | int, ...] = ()  #: where in its source the conda mapping stands
    inference: Mapping[str, Any] | None = None
    description: str | None = None
    os_type: str | None = None
    datastore: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)  #: v1 environment variables, secrets blanked
    secret_variables: tuple[str, ...] = ()  #: names of those that were blanked
    base_dockerfile: str | None = field(default=None, repr=False)  #: v1: text in place of ``image``
    spark_packages: tuple[Any, ...] = ()  #: v1
    user_managed: bool = False  #: v1: the image is used as it is, no conda environment is made
    reference: str | None = None  #: ``azureml:name:version``: registered elsewhere, nothing to hash
    lockfile: Path | None = None  #: the lockfile it was pinned from

    def origin(self, *path: str | int) -> Origin:
        """Return the place of a field of the environment."""
        return self.source.origin(*self.path, *path)

    def conda_origin(self, *path: str | int) -> Origin:
        """Return the place of a node of the conda definition."""
        source = self.conda_source or self.source
        return source.origin(*self.conda_path, *path)
