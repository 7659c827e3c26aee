"""The environments of both SDKs as a script leaves them, and the mappings that they are written as."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lockfiles.identity.read import v1_sdk
from lockfiles.identity.read.script.conda_dependencies import CondaDependencies
from lockfiles.identity.read.script.values import NotPlainError, Place, Placed, RefusedError, plain

#: Fields of a v2 environment, as its file has them.
V2_FIELDS = (
    "name", "version", "description", "image", "build", "conda_file", "tags", "inference_config", "os_type",
    "datastore", "properties",
)  # fmt: skip
#: Those that no identifier of an image depends on: a value that isn't plain is left out.
_LABELS = frozenset({"name", "version", "description", "tags", "datastore", "properties"})
#: Attributes of a v1 environment that don't say what is installed, nor on what.
_V1_IGNORED = (
    ("docker", "enabled"), ("docker", "shm_size"), ("docker", "arguments"), ("docker", "shared_volumes"),
    ("docker", "gpu_support"), ("docker", "base_image_registry"), ("python", "interpreter_path"),
    ("inferencing_stack_version",), ("version",), ("spark", "precache_packages"),
)  # fmt: skip


class SdkBuildContext:
    """A build context of either SDK."""

    def __init__(self, path: str | None, dockerfile_path: str | None) -> None:
        """Remember its folder or address, and its Dockerfile."""
        self.path, self.dockerfile_path = path, dockerfile_path


class Environment:
    """What both have in common: where it is made, its variable, and what was refused."""

    def __init__(self, place: Place) -> None:
        """Remember where the call stands."""
        self.place = place
        self.variable: str | None = None

    def set(self, path: tuple[str, ...], value: object) -> None:
        """Do as an assignment to an attribute does; raises RefusedError or NotPlainError."""
        raise NotImplementedError

    def document(self) -> dict[str, Any]:
        """Return the definition as a file would say it, its texts with their places."""
        raise NotImplementedError


class V2Environment(Environment):
    """``Environment`` of azure-ai-ml."""

    def __init__(self, place: Place) -> None:
        """Start without any field."""
        super().__init__(place)
        self.fields: dict[str, Any] = {}

    def set(self, path: tuple[str, ...], value: object) -> None:
        """Set a field."""
        if len(path) != 1 or path[0] not in V2_FIELDS:
            if path and path[0] in {"build", "conda_file", "inference_config", *_LABELS}:
                raise RefusedError(f"a change of `{'.'.join(path)}` isn't read")
            return
        name = path[0]
        if name == "build" and isinstance(value, SdkBuildContext):
            fields = {"path": value.path, "dockerfile_path": value.dockerfile_path}
            self.fields[name] = {key: item for key, item in fields.items() if item is not None}
            return
        try:
            known = plain(value)
        except NotPlainError:
            if name in _LABELS:
                self.fields.pop(name, None)
                return
            raise
        self.fields.pop(name, None)
        if known is not None and name != "properties":  # the SDK's objects have those, files don't
            self.fields[name] = known

    def document(self) -> dict[str, Any]:
        """Return the fields in the order of a file."""
        return {name: self.fields[name] for name in V2_FIELDS if name in self.fields}


class V1Environment(Environment):
    """``Environment`` of azureml-core."""

    def __init__(self, place: Place, name: object, version: str, *, is_empty: bool = False) -> None:
        """Start from the defaults of an SDK version; ``is_empty``: as for a build context."""
        super().__init__(place)
        self.name: str | None = str(name) if isinstance(name, str) else None
        self.image: str | None = None if is_empty else v1_sdk.default_image(version)
        self.lacks_default = self.image is None and not is_empty
        self.dockerfile: str | None = None
        self.build: SdkBuildContext | None = None
        self.conda: CondaDependencies | None = None if is_empty else CondaDependencies.default(version)
        self.user_managed = False
        self.variables: Mapping[str, Any] | None = {} if is_empty else None

    def clone(self, place: Place, name: object) -> V1Environment:
        """Return a copy under another name."""
        made = V1Environment(place, name, v1_sdk.CURRENT, is_empty=True)
        made.image, made.dockerfile, made.build = self.image, self.dockerfile, self.build
        made.conda = self.conda.clone() if self.conda else None
        made.user_managed, made.variables = self.user_managed, self.variables
        made.lacks_default = self.lacks_default
        return made

    def set(self, path: tuple[str, ...], value: object) -> None:
        """Do as the setters do: image, Dockerfile and build context exclude each other."""
        if path in _SETTERS:
            getattr(self, _SETTERS[path])(value)
        elif not any(path[: len(ignored)] == ignored for ignored in _V1_IGNORED):
            raise RefusedError(f"a change of `{'.'.join(path)}` isn't read")

    def document(self) -> dict[str, Any]:
        """Return the definition as the SDK serialises it."""
        made = v1_sdk.environment(
            self.name,
            image=self.image,
            dockerfile=self.dockerfile,
            conda=self.conda.data if self.conda else None,
            user_managed=self.user_managed,
            variables=self.variables,
        )
        if self.conda is None:
            made["python"]["condaDependencies"] = None
        if self.build is not None:
            where = {"location": self.build.path, "dockerfilePath": self.build.dockerfile_path}
            made["docker"]["buildContext"] = where
        return made

    def _set_image(self, value: object) -> None:
        self.image = _text(value)
        if self.image:
            self.dockerfile = self.build = None
        self.lacks_default = False

    def _set_dockerfile(self, value: object) -> None:
        self.dockerfile = _text(value)
        if self.dockerfile:
            self.image = self.build = None
            self.lacks_default = False

    def _set_build(self, value: object) -> None:
        if value is not None and not isinstance(value, SdkBuildContext):
            plain(value)
            raise RefusedError("a build context is a `DockerBuildContext`")
        self.build = value
        if value is not None:
            self.image = self.dockerfile = None
            self.lacks_default = False

    def _set_conda(self, value: object) -> None:
        if value is not None and not isinstance(value, CondaDependencies):
            plain(value)
            raise RefusedError("`conda_dependencies` is a `CondaDependencies`")
        self.conda = value

    def _set_user_managed(self, value: object) -> None:
        self.user_managed = bool(plain(value))

    def _set_variables(self, value: object) -> None:
        known = plain(value)
        if not isinstance(known, dict):
            raise RefusedError("`environment_variables` is a mapping")
        self.variables = known

    def set_variable(self, name: str, value: object) -> None:
        """Set one environment variable."""
        before = self.variables if self.variables is not None else v1_sdk.EXAMPLE_VARIABLES
        self.variables = {**before, name: plain(value)}

    def _set_name(self, value: object) -> None:
        self.name = str(value) if isinstance(value, str) else None


class RunConfiguration:
    """``RunConfiguration`` of azureml-core: it makes an environment of its own."""

    def __init__(self, environment: V1Environment) -> None:
        """Remember that environment."""
        self.environment = environment


def _text(value: object) -> str | None:
    known = plain(value)
    if known is not None and not isinstance(known, str):
        raise RefusedError(f"`{known}` is no text")
    return known if isinstance(known, Placed) else known or None


_SETTERS: Mapping[tuple[str, ...], str] = {
    ("docker", "base_image"): "_set_image",
    ("docker", "base_dockerfile"): "_set_dockerfile",
    ("docker", "build_context"): "_set_build",
    ("python", "conda_dependencies"): "_set_conda",
    ("python", "user_managed_dependencies"): "_set_user_managed",
    ("environment_variables",): "_set_variables",
    ("name",): "_set_name",
}
