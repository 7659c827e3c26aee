"""Azure ML v2 YAML -> definitions: environment files, and environments inside jobs."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lockfiles.identity.anonymous import ROUTES
from lockfiles.identity.credentials import redact
from lockfiles.identity.definition import Build, Definition, DefinitionKind
from lockfiles.identity.read.yaml_source import Source, parse_yaml, read_text
from resolver.errors import InputError, InputErrors

#: Fields of an environment; those after ``datastore`` stand in what the service prints, and are not read.
FIELDS = (
    "$schema", "name", "version", "description", "tags", "properties", "image", "build", "conda_file",
    "os_type", "inference_config", "datastore", "id", "creation_context", "intellectual_property",
    "latest_version", "stage", "type",
)  # fmt: skip

_BUILD_FIELDS = ("path", "dockerfile_path")

#: Fields that only an environment has, so that a mapping with one of them is one.
MARKS = frozenset({"image", "build", "conda_file", "inference_config"})


def is_conda_mapping(data: object) -> bool:
    """Tell whether the mapping is a conda file's (``channels`` or ``dependencies`` at the top)."""
    return isinstance(data, Mapping) and bool({"channels", "dependencies"} & data.keys())


def read_environment(source: Source, base: Path) -> Definition:
    """Return the environment of a v2 environment file; paths in it are relative to ``base``.

    Raises InputErrors with every fault of the file.
    """
    return _Reader(source, base, ()).definition(DefinitionKind.AZUREML_V2, source.file, anonymous=False)


def read_job(source: Source, base: Path) -> tuple[Definition, ...]:
    """Return the environments of a job, pipeline or deployment file, in file order.

    Inline ones are anonymous; ``azureml:name:version`` gives a definition with
    only ``reference``. Raises InputError where there is none at all.
    """
    found = []
    for path, value in _find_environments(source.data, ()):
        label = source.file if path == ("environment",) else f"{source.file}#{'.'.join(map(str, path[:-1]))}"
        if isinstance(value, str):
            found.append(_reference(source, path, label, value))
        else:
            found.append(
                _Reader(source, base, path).definition(DefinitionKind.AZUREML_JOB, label, anonymous=True)
            )
    if not found:
        hint = "Give the environment's own file, or a job with an `environment:`."
        raise InputError("no environment in this job", source.origin(), hint)
    return tuple(found)


def _find_environments(data: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    if isinstance(data, Mapping):
        for key, value in data.items():
            here = (*path, key if isinstance(key, (str, int)) else str(key))
            if key == "environment" and (isinstance(value, (str, Mapping))):
                yield here, value
            elif isinstance(value, (Mapping, list)):
                yield from _find_environments(value, here)
    elif isinstance(data, list):
        for index, item in enumerate(data):
            yield from _find_environments(item, (*path, index))


def _reference(source: Source, path: tuple[str | int, ...], label: str, text: str) -> Definition:
    if not text.startswith("azureml:") and not text.startswith("/subscriptions/"):
        hint = "Write `azureml:NAME:VERSION`, `azureml:NAME@latest`, or the environment itself."
        raise InputError(f"`{redact(text)}` is no reference to an environment", source.origin(*path), hint)
    return Definition(kind=DefinitionKind.AZUREML_JOB, label=label, source=source, path=path, reference=text)


class _Reader:
    """Reads one environment mapping, gathering every fault."""

    def __init__(self, source: Source, base: Path, path: tuple[str | int, ...]) -> None:
        self.source, self.base, self.path = source, base, path
        self.errors: list[InputError] = []
        data = source.data
        for step in path:
            data = data[step]
        self.data: Any = data

    def definition(self, kind: DefinitionKind, label: str, *, anonymous: bool) -> Definition:
        """Return the definition, or raise every fault found."""
        self._check_shape()
        if self.errors:
            self._raise()
        build, image = self._build(), self._text("image")
        conda, conda_source, conda_path = self._conda()
        inference = self._inference()
        name, version = self._text("name"), self._text("version")
        os_type = self._os_type()
        tags, properties = self._mapping("tags"), self._mapping("properties")
        if self.errors:
            self._raise()
        return Definition(
            kind=kind, label=label, source=self.source, path=self.path, name=name, version=version,
            anonymous=anonymous, image=image, build=build, conda=conda, conda_source=conda_source,
            conda_path=conda_path, inference=inference, description=self._text("description"),
            os_type=os_type, datastore=self._text("datastore"), tags=tags, properties=properties,
        )  # fmt: skip

    def _fault(self, message: str, *path: str | int, hint: str | None = None) -> None:
        self.errors.append(InputError(message, self.source.origin(*self.path, *path), hint))

    def _raise(self) -> None:
        if len(self.errors) == 1:
            raise self.errors[0]
        raise InputErrors(self.errors)

    def _check_shape(self) -> None:
        if not isinstance(self.data, Mapping):
            self._fault("an environment is a mapping with `image` or `build`")
            return
        if is_conda_mapping(self.data):
            self._fault(
                "a conda file stands where an environment file belongs (it has `channels` or `dependencies`)",
                hint="Write a file with `image: ...` and `conda_file: this_file.yml`, and give that one.",
            )
            return
        for key in self.data:
            if key not in FIELDS:
                near = difflib.get_close_matches(str(key), FIELDS, n=1)
                hint = f"Did you mean `{near[0]}`?" if near else f"Known fields: {', '.join(FIELDS[1:12])}."
                self._fault(f"unknown field `{key}`", str(key), hint=hint)
        image, build = self.data.get("image"), self.data.get("build")
        if image and build:
            self._fault(
                "both `image` and `build`: an environment has exactly one of them",
                "build",
                hint="Name the base image in the Dockerfile's `FROM`, or drop `build`.",
            )
        elif not image and not build:
            self._fault("neither `image` nor `build`: an environment needs one of them")

    def _text(self, key: str) -> str | None:
        value = self.data.get(key)
        if value is None or value == "":
            return None
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            self._fault(f"`{key}` must be text", key)
            return None
        if isinstance(value, float) and key != "description":
            self._fault(f"`{key}` is the number {value}, not text", key, hint="Put it in quotes.")
            return None
        return str(value)

    def _mapping(self, key: str) -> dict[str, str]:
        value = self.data.get(key)
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            self._fault(f"`{key}` must be a mapping", key)
            return {}
        return {str(name): redact("" if item is None else str(item)) for name, item in value.items()}

    def _os_type(self) -> str | None:
        text = self._text("os_type")
        if text is not None and text.lower() not in {"linux", "windows"}:
            self._fault(f"`os_type` is `{text}`, it must be `linux` or `windows`", "os_type")
        return text

    def _build(self) -> Build | None:
        data = self.data.get("build")
        if not data:
            return None
        if not isinstance(data, Mapping) or not isinstance(data.get("path"), str) or not data["path"]:
            self._fault("`build` needs a `path`: the folder with the Dockerfile", "build")
            return None
        for key in data:
            if key not in _BUILD_FIELDS:
                self._fault(
                    f"unknown field `build.{key}`", "build", str(key), hint="Known: path, dockerfile_path."
                )
        path, dockerfile = data["path"], data.get("dockerfile_path")
        if dockerfile is not None and not isinstance(dockerfile, str):
            self._fault("`dockerfile_path` must be text", "build", "dockerfile_path")
            dockerfile = None
        if "://" in path or path.startswith("azureml:"):
            return Build(path=redact(path), url=redact(path), dockerfile_path=dockerfile)
        build = Build(path=path, directory=_within(self.base, path), dockerfile_path=dockerfile)
        self._check_build(build)
        return build

    def _check_build(self, build: Build) -> None:
        directory, dockerfile = build.directory, build.dockerfile
        if directory is None or dockerfile is None:
            return
        if not directory.is_dir():
            what = "is a file, a folder is needed" if directory.exists() else "doesn't exist"
            self._fault(f"the build context `{build.path}` {what}", "build", "path")
        elif not dockerfile.is_file():
            name = build.dockerfile_path or "Dockerfile"
            hint = "Name it with `dockerfile_path`, relative to the context."
            self._fault(f"no `{name}` in the build context `{build.path}`", "build", hint=hint)

    def _conda(self) -> tuple[Mapping[str, Any] | None, Source | None, tuple[str | int, ...]]:
        value = self.data.get("conda_file")
        if isinstance(value, Mapping):
            if value:
                self._check_conda(value, "conda_file")
            return value or None, None, (*self.path, "conda_file")
        if value is None or value == "":
            return None, None, ()
        if not isinstance(value, str):
            self._fault("`conda_file` must be a path or a mapping", "conda_file")
            return None, None, ()
        path = _within(self.base, value)
        shown = str(Path(self.source.file).parent / value)
        try:
            source = parse_yaml(read_text(path, shown), shown)
        except InputErrors as errors:
            self.errors.extend(errors.errors)
            return None, None, ()
        except InputError as error:
            if error.message == "no such file":
                self._fault(
                    f"`conda_file` names `{value}`, which doesn't exist",
                    "conda_file",
                    hint="The path is relative to the environment file.",
                )
            else:
                self.errors.append(error)
            return None, None, ()
        if not isinstance(source.data, Mapping):
            self.errors.append(InputError("a conda file is a mapping with `dependencies`", source.origin()))
            return None, None, ()
        self._check_conda(source.data, "conda_file")
        return source.data, source, ()

    def _check_conda(self, conda: Mapping[str, Any], *path: str) -> None:
        if MARKS & conda.keys() and not is_conda_mapping(conda):
            self._fault("`conda_file` leads to an environment file, a conda file is needed", *path)

    def _inference(self) -> Mapping[str, Any] | None:
        value = self.data.get("inference_config")
        if not value:
            return None
        if not isinstance(value, Mapping):
            self._fault("`inference_config` must be a mapping of three routes", "inference_config")
            return None
        for name in ROUTES:
            route = value.get(name)
            if not isinstance(route, Mapping) or not _is_route(route):
                self._fault(
                    f"`inference_config` needs `{name}: {{path: /..., port: NUMBER}}`", "inference_config"
                )
        for name in value:
            if name not in ROUTES:
                self._fault(f"unknown field `inference_config.{name}`", "inference_config", str(name))
        return {str(name): value[name] for name in value}


def _is_route(route: Mapping[str, Any]) -> bool:
    port = str(route.get("port", ""))
    return isinstance(route.get("path"), str) and port.isascii() and port.isdigit()


def _within(base: Path, text: str) -> Path:
    path = Path(text)
    return path if path.is_absolute() else (base / path).resolve()
