"""What a definition says, before anyone asks what it is good for."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from resolver.inputs.yaml_document import NodePath, YamlDocument
from resolver.model.choices import StrEnum


class AzureForm(StrEnum):
    """The three spellings of a definition."""

    V2 = "v2"  #: the CLI's YAML: ``image`` or ``build``, ``conda_file``
    SERVICE = "service"  #: the service's JSON: ``properties`` with ``condaFile`` as text
    V1 = "v1"  #: the first SDK's JSON: ``python`` and ``docker``


#: Reads the file that a definition names, as written in it -> (the name to show, its text).
#: Raises OSError where it can't be had, InputError for what is no text.
ReadBeside = Callable[[str], tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildContext:
    """``build``, as written."""

    path: str
    dockerfile_path: str | None = None

    @property
    def is_local(self) -> bool:
        """Whether it is a folder, and not an address or an asset of a workspace."""
        return "://" not in self.path and not self.path.startswith("azureml:")

    @property
    def dockerfile(self) -> str:
        """Where a local context's Dockerfile is, from where ``path`` is."""
        return posixpath.join(self.path, self.dockerfile_path or "Dockerfile")


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaPart:
    """The conda definition of an environment: a mapping at ``path`` of its document."""

    document: YamlDocument
    path: NodePath = ()
    is_file: bool = False  #: it stands in a file of its own

    @property
    def data(self) -> Mapping[str, Any]:
        """The mapping."""
        data: Mapping[str, Any] = self.document.at(self.path)
        return data

    @property
    def node(self) -> yaml.Node:
        """The mapping's node."""
        return self.document.nodes[self.path]


@dataclass(frozen=True, slots=True, kw_only=True)
class AzureEnvironment:
    """One definition; every field as written, None where it isn't given.

    Of a definition of the first SDK the rest of its JSON has no fault of its own, and isn't read.
    """

    form: AzureForm
    document: YamlDocument
    path: NodePath = ()  #: where in the document it stands
    name: str | None = None
    version: str | None = None
    description: str | None = None
    image: str | None = None
    base_dockerfile: str | None = None  #: of the first SDK: a Dockerfile's text, in place of ``image``
    build: BuildContext | None = None
    conda: CondaPart | None = None
    inference: Mapping[str, Any] | None = None
    os_type: str | None = None
    datastore: str | None = None
    tags: Mapping[str, Any] = field(default_factory=dict)
