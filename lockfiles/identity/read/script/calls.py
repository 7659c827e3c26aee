"""What calls of both SDKs give, and the methods of their objects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from lockfiles.identity.read import v1_sdk
from lockfiles.identity.read.script.conda_dependencies import CondaDependencies
from lockfiles.identity.read.script.environments import (
    V2_FIELDS,
    Environment,
    RunConfiguration,
    SdkBuildContext,
    V1Environment,
    V2Environment,
)
from lockfiles.identity.read.script.values import Beside, Place, Placed, RefusedError, UnknownValue, plain
from resolver.errors import InputError
from resolver.inputs.faults import Faults
from resolver.inputs.yaml_document import parse_document

#: Name of what stands for ``*names`` and ``**options``.
STARRED = "*"
#: Constants of azureml-core that name an image.
_IMAGES = frozenset({"DEFAULT_CPU_IMAGE", "DEFAULT_GPU_IMAGE", "MPI_CPU_IMAGE", "MPI_GPU_IMAGE"})
#: Methods of ``CondaDependencies`` that leave it as it is.
READING = frozenset({
    "conda_channels", "conda_packages", "pip_packages", "pip_options", "get_python_version", "save",
    "save_to_file", "serialize_to_string", "as_dict", "get_default_number_of_packages",
})  # fmt: skip
#: Methods that change it, and what they call their argument.
_CHANGING = {
    "add_channel": "channel", "remove_channel": "channel", "add_conda_package": "conda_package",
    "remove_conda_package": "conda_package", "add_pip_package": "pip_package",
    "remove_pip_package": "pip_package", "set_pip_option": "pip_option", "remove_pip_option": "pip_option",
    "set_pip_requirements": "pip_requirements", "set_python_version": "version",
    "set_pip_index_url": "index_url",
}  # fmt: skip


class Arguments(msgspec.Struct, frozen=True, kw_only=True):
    """What a call is given."""

    place: Place
    by_place: tuple[object, ...] = ()
    by_name: Mapping[str, object] = {}

    def bind(self, *names: str) -> dict[str, Any]:
        """Return the arguments by name; raises RefusedError for one too many, NotPlainError for ``**``."""
        plain(self.by_name.get(STARRED))
        if len(self.by_place) > len(names):
            raise RefusedError(f"{len(self.by_place)} arguments, {len(names)} are read")
        bound = dict(zip(names, self.by_place, strict=False))
        for name, value in self.by_name.items():
            if name == STARRED:
                continue
            if name not in names:
                raise RefusedError(f"the argument `{name}` isn't read")
            bound[name] = value
        return bound


class Calls:
    """The calls of one script; ``made`` are its environments in their order."""

    def __init__(self, version: str, beside: Beside) -> None:
        """Remember the SDK version whose defaults count, and how files are found."""
        self.version, self.beside = version, beside
        self.made: list[Environment] = []
        self.conda: list[tuple[Place, CondaDependencies]] = []
        self.elsewhere: list[tuple[Place, str]] = []  #: files and registered names that it takes over

    def sdk(self, name: str, given: Arguments) -> object:
        """Return what a function or class gives, None for one that isn't followed."""
        short = name.rpartition("azure.ai.ml")[2] if name.startswith("azure.ai.ml") else ""
        if short:
            made = self._v2(name.rpartition(".")[2], given)
        elif name.startswith("azureml."):
            made = self._v1(name, given)
        else:
            return None
        if isinstance(made, Environment):
            self.made.append(made)
        return made

    def image(self, name: str) -> str | None:
        """Return the image that a constant of azureml-core names, None for anything else."""
        last = name.rpartition(".")[2]
        is_one = name.startswith("azureml.") and last in _IMAGES
        return v1_sdk.default_image(self.version, gpu="GPU" in last) if is_one else None

    def method(self, conda: CondaDependencies, name: str, given: Arguments) -> None:
        """Call a method that changes conda dependencies."""
        if name not in _CHANGING:
            raise RefusedError(f"`{name}` of CondaDependencies isn't read")
        value = plain(given.bind(_CHANGING[name]).get(_CHANGING[name]))
        kind = list if name == "set_pip_requirements" else str
        if not isinstance(value, kind):
            raise RefusedError(f"`{name}` takes {'a list of texts' if kind is list else 'a text'}")
        conda.document = None
        getattr(conda, name)(value)

    def _v2(self, name: str, given: Arguments) -> object:
        if name == "BuildContext":
            found = given.bind("path", "dockerfile_path")
            path = plain(found.get("path"))
            return SdkBuildContext(path and self._found(path), plain(found.get("dockerfile_path")))
        if name == "load_environment":
            self.elsewhere.append((given.place, _shown(given.by_name.get("source", _first(given)))))
            return None
        if name != "Environment":
            return None
        if given.by_place:
            raise RefusedError("the SDK takes the fields by name")
        made = V2Environment(given.place)
        for field, value in given.bind(*V2_FIELDS).items():
            self.set(made, (field,), value)
        return made

    def set(self, environment: Environment, path: tuple[str, ...], value: object) -> None:
        """Assign to an attribute of an environment."""
        if isinstance(environment, V2Environment) and path == ("conda_file",):
            value = plain(value)
            value = self._found(value) if isinstance(value, str) else value
        elif path == ("docker", "base_dockerfile") and isinstance(value, str) and len(value.split()) == 1:
            value = self._found(value)
        environment.set(path, value)

    def _v1(self, name: str, given: Arguments) -> object:
        short = next((tail for tail in _V1_CALLS if name.endswith(f".{tail}")), None)
        return getattr(self, _V1_CALLS[short])(given) if short else None

    def _environment(self, given: Arguments) -> object:
        return V1Environment(given.place, given.bind("name").get("name"), self.version)

    def _run(self, given: Arguments) -> object:
        conda = given.by_name.get("conda_dependencies")
        made = V1Environment(given.place, Placed("default-environment"), self.version)
        if conda is not None:
            made.set(("python", "conda_dependencies"), conda)
            self.made.append(made)
        return RunConfiguration(made)

    def _from_conda(self, given: Arguments) -> object:
        found = given.bind("name", "file_path")
        return self._with_conda(given, found.get("name"), found.get("file_path"))

    def _with_conda(self, given: Arguments, name: object, path: object) -> V1Environment:
        made = V1Environment(given.place, name, self.version)
        conda = self._conda_file(plain(path), given.place)
        document = conda.document
        if not conda.python_version():
            conda.set_python_version(Placed(v1_sdk.python_default(self.version), given.place))
        conda.document = document  # the line that is added has no place, and needs none
        made.conda = conda
        return made

    def _from_pip(self, given: Arguments) -> object:
        found = given.bind("name", "file_path", "pip_version")
        version = plain(found.get("pip_version"))
        return self._with_pip(given, found.get("name"), found.get("file_path"), version)

    def _with_pip(
        self, given: Arguments, name: object, path: object, version: str | None = None
    ) -> V1Environment:
        made = V1Environment(given.place, name, self.version)
        conda = CondaDependencies.default(self.version)
        lines = self._read(plain(path), given.place)[1].splitlines()
        conda.set_pip_requirements([Placed(line, given.place) for line in lines])
        conda.add_conda_package(f"pip={version}" if version else "pip")
        made.conda = conda
        return made

    def _on(self, given: Arguments, what: str) -> V1Environment:
        """Return what ``from_docker_image`` and ``from_dockerfile`` share."""
        registry = ("container_registry",) if what == "image" else ()
        found = given.bind("name", what, *registry, "conda_specification", "pip_requirements")
        conda, pip = plain(found.get("conda_specification")), plain(found.get("pip_requirements"))
        if conda and pip:
            raise RefusedError("the SDK takes a conda specification or requirements, not both")
        if conda:
            made = self._with_conda(given, found.get("name"), conda)
        elif pip:
            made = self._with_pip(given, found.get("name"), pip)
        else:
            made = V1Environment(given.place, found.get("name"), self.version)
            made.user_managed = True
        made.image = made.dockerfile = made.build = None
        self.set(made, ("docker", "base_image" if what == "image" else "base_dockerfile"), found.get(what))
        return made

    def _from_image(self, given: Arguments) -> object:
        return self._on(given, "image")

    def _from_dockerfile(self, given: Arguments) -> object:
        return self._on(given, "dockerfile")

    def _from_context(self, given: Arguments) -> object:
        found = given.bind("name", "docker_build_context")
        made = V1Environment(given.place, found.get("name"), self.version, is_empty=True)
        made.set(("docker", "build_context"), found.get("docker_build_context"))
        return made

    def _context(self, given: Arguments) -> object:
        found = given.bind("location_type", "location", "dockerfile_path")
        return SdkBuildContext(
            plain(found.get("location")), plain(found.get("dockerfile_path")) or "Dockerfile"
        )

    def _local_context(self, given: Arguments) -> object:
        found = given.bind("workspace", "path", "dockerfile_path")
        path, dockerfile = plain(found.get("path")), plain(found.get("dockerfile_path"))
        return SdkBuildContext(path and self._found(path), dockerfile or "Dockerfile")

    def _dependencies(self, given: Arguments) -> object:
        path = plain(given.bind("conda_dependencies_file_path").get("conda_dependencies_file_path"))
        made = self._conda_file(path, given.place) if path else CondaDependencies.default(self.version)
        self.conda.append((given.place, made))
        return made

    def _create(self, given: Arguments) -> object:
        names = ("pip_indexurl", "pip_packages", "conda_packages", "python_version", "pin_sdk_version")
        found = {name: plain(value) for name, value in given.bind(*names).items()}
        for name in ("pip_packages", "conda_packages"):
            if found.get(name) is not None and not isinstance(found[name], list):
                raise RefusedError(f"`{name}` is a list of texts")
        made = CondaDependencies.create(self.version, **found)
        self.conda.append((given.place, made))
        return made

    def _registered(self, given: Arguments) -> object:
        self.elsewhere.append((given.place, _shown(given.by_name.get("name", _second(given)))))
        return None

    def _saved(self, given: Arguments) -> object:
        self.elsewhere.append((given.place, _shown(given.by_name.get("path", _first(given)))))
        return None

    def _conda_file(self, path: object, place: Place) -> CondaDependencies:
        if not isinstance(path, str):
            raise RefusedError("the path of a conda file is a text")
        shown, text = self._read(path, place)
        faults = Faults()
        document = parse_document(text, shown, faults)
        faults.raise_if_any()
        if document is None or not isinstance(document.data, dict):
            raise RefusedError(f"`{shown}` is no conda file: it is no mapping")
        data: dict[str, Any] = _placed(document.data, place)
        return CondaDependencies(data, document)

    def _found(self, path: str) -> str:
        found = self.beside.find(path)
        return Placed(found, path.place) if isinstance(path, Placed) else found

    def _read(self, path: object, place: Place) -> tuple[str, str]:
        if not isinstance(path, str):
            raise RefusedError("the path of a file is a text")
        try:
            return self.beside.read(self._found(path))
        except OSError:
            raise InputError(f"`{path}` doesn't exist", self.beside.origin(place)) from None


def _placed(data: Any, place: Place) -> Any:
    """Return data of a file, every text at the place that names the file."""
    if isinstance(data, dict):
        return {key: _placed(item, place) for key, item in data.items()}
    if isinstance(data, list):
        return [_placed(item, place) for item in data]
    return Placed(data, place) if isinstance(data, str) else data


def _first(given: Arguments) -> object:
    return given.by_place[0] if given.by_place else None


def _second(given: Arguments) -> object:
    return given.by_place[1] if len(given.by_place) > 1 else None


def _shown(value: object) -> str:
    if isinstance(value, str):
        return f"`{value}`"
    return f"`{value.text}`" if isinstance(value, UnknownValue) else "a file"


_V1_CALLS: Mapping[str, str] = {
    "Environment": "_environment",
    "Environment.from_conda_specification": "_from_conda",
    "Environment.from_pip_requirements": "_from_pip",
    "Environment.from_docker_image": "_from_image",
    "Environment.from_dockerfile": "_from_dockerfile",
    "Environment.from_docker_build_context": "_from_context",
    "Environment.get": "_registered",
    "Environment.load_from_directory": "_saved",
    "RunConfiguration": "_run",
    "DockerBuildContext": "_context",
    "DockerBuildContext.from_local_directory": "_local_context",
    "CondaDependencies": "_dependencies",
    "CondaDependencies.create": "_create",
}
