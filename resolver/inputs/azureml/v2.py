"""The CLI's environment YAML (v2), and the service's JSON: every field of it, with every fault."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from resolver.inputs.azureml.conda_part import is_conda_mapping, read_conda_part
from resolver.inputs.azureml.values import AzureEnvironment, AzureForm, BuildContext, ReadBeside
from resolver.inputs.faults import Faults, nearest
from resolver.inputs.yaml_document import NodePath, YamlDocument
from resolver.inputs.yaml_nodes import iter_mapping

#: Fields of an environment; those after ``datastore`` are not read: what the service prints, and
#: ``properties``, which the SDK's objects have and its schema of files doesn't (a rule of `lock hash`).
FIELDS = (
    "$schema", "name", "version", "description", "tags", "image", "build", "conda_file", "os_type",
    "inference_config", "datastore", "id", "creation_context", "intellectual_property", "latest_version",
    "auto_delete_setting", "properties",
)  # fmt: skip

_BUILD_FIELDS = ("path", "dockerfile_path")

#: Routes of an inference configuration.
ROUTES = ("liveness_route", "readiness_route", "scoring_route")


def read_v2(
    document: YamlDocument, path: NodePath, faults: Faults, beside: ReadBeside
) -> AzureEnvironment | None:
    """Return the environment at ``path`` of a document; None where it isn't in the form of one."""
    return _FieldReader(document, path, faults).environment(beside)


def read_service(document: YamlDocument, faults: Faults, beside: ReadBeside) -> AzureEnvironment | None:
    """Return the environment that the service's JSON describes under ``properties``."""
    reader = _FieldReader(document, ("properties",), faults)
    name = document.data.get("name")
    part = read_conda_part(document, ("properties", "condaFile"), faults, beside)
    return AzureEnvironment(
        form=AzureForm.SERVICE,
        document=document,
        name=None if name is None else str(name),
        image=reader.text("image"),
        description=reader.text("description"),
        os_type=reader.text("osType"),
        conda=part,
        tags=reader.mapping("tags"),
    )


class _FieldReader:
    """Reads the fields of one mapping."""

    def __init__(self, document: YamlDocument, path: NodePath, faults: Faults) -> None:
        self.document, self.path, self.faults = document, path, faults
        self.data: Any = document.at(path)

    def environment(self, beside: ReadBeside) -> AzureEnvironment | None:
        if not self._has_shape():
            return None
        conda = None
        if "conda_file" in self.data:
            conda = read_conda_part(self.document, (*self.path, "conda_file"), self.faults, beside)
        return AzureEnvironment(
            form=AzureForm.V2, document=self.document, path=self.path, name=self.text("name"),
            version=self.text("version"), description=self.text("description"), image=self.text("image"),
            build=self._build(), conda=conda, inference=self._inference(), os_type=self._os_type(),
            datastore=self.text("datastore"), tags=self.mapping("tags"),
        )  # fmt: skip

    def fault(self, message: str, *path: str | int, hint: str | None = None) -> None:
        self.faults.add(message, self.document.origin(*self.path, *path), hint)

    def _has_shape(self) -> bool:
        before = len(self.faults)
        if not isinstance(self.data, Mapping):
            self.fault("an environment is a mapping with `image` or `build`")
            return False
        if is_conda_mapping(self.data):
            self.fault(
                "a conda file stands where an environment file belongs (it has `channels` or `dependencies`)",
                hint="Write a file with `image: ...` and `conda_file: this_file.yml`, and give that one.",
            )
            return False
        node = self.document.nodes.get(self.path)
        if isinstance(node, yaml.MappingNode):
            for _ in iter_mapping(node, self.document.file, self.faults):
                pass  # keys that stand twice
        for key in self.data:
            if key not in FIELDS:
                near = nearest(str(key), FIELDS)
                hint = f"Did you mean `{near}`?" if near else f"Known fields: {', '.join(FIELDS[1:11])}."
                self.fault(f"unknown field `{key}`", str(key), hint=hint)
        if self.data.get("image") and self.data.get("build"):
            self.fault(
                "both `image` and `build`: an environment has exactly one of them",
                "build",
                hint="Name the base image in the Dockerfile's `FROM`, or drop `build`.",
            )
        return len(self.faults) == before

    def text(self, key: str) -> str | None:
        value = self.data.get(key)
        if value is None or value == "":
            return None
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            self.fault(f"`{key}` must be text", key)
            return None
        if isinstance(value, float) or (isinstance(value, int) and not self._may_be_number(key)):
            self.fault(f"`{key}` is the number {value}, not text", key, hint="Put it in quotes.")
            return None
        return str(value)

    def _may_be_number(self, key: str) -> bool:
        """Tell whether the SDK takes a whole number: as a version, and as the name it drops inside a job."""
        return key == "version" or (key == "name" and bool(self.path))

    def mapping(self, key: str) -> Mapping[str, Any]:
        value = self.data.get(key)
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            self.fault(f"`{key}` must be a mapping", key)
            return {}
        return value

    def _os_type(self) -> str | None:
        text = self.text("os_type")
        if text is not None and text.lower() not in {"linux", "windows"}:
            self.fault(f"`os_type` is `{text}`, it must be `linux` or `windows`", "os_type")
        return text

    def _build(self) -> BuildContext | None:
        data = self.data.get("build")
        if not data:
            return None
        if not isinstance(data, Mapping) or not isinstance(data.get("path"), str) or not data["path"]:
            self.fault("`build` needs a `path`: the folder with the Dockerfile", "build")
            return None
        for key in data:
            if key not in _BUILD_FIELDS:
                self.fault(
                    f"unknown field `build.{key}`", "build", str(key), hint="Known: path, dockerfile_path."
                )
        dockerfile = data.get("dockerfile_path")
        if dockerfile is not None and not isinstance(dockerfile, str):
            self.fault("`dockerfile_path` must be text", "build", "dockerfile_path")
            dockerfile = None
        return BuildContext(path=data["path"], dockerfile_path=dockerfile)

    def _inference(self) -> Mapping[str, Any] | None:
        value = self.data.get("inference_config")
        if not value:
            return None
        if not isinstance(value, Mapping):
            self.fault("`inference_config` must be a mapping of three routes", "inference_config")
            return None
        for name in ROUTES:
            route = value.get(name)
            if not isinstance(route, Mapping) or not _is_route(route):
                self.fault(
                    f"`inference_config` needs `{name}: {{path: /..., port: NUMBER}}`", "inference_config"
                )
        for name in value:
            if name not in ROUTES:
                self.fault(f"unknown field `inference_config.{name}`", "inference_config", str(name))
        return {str(name): value[name] for name in value}


def _is_route(route: Mapping[str, Any]) -> bool:
    port = str(route.get("port", ""))
    return isinstance(route.get("path"), str) and port.isascii() and port.isdigit()
