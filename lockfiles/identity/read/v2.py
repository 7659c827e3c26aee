"""Azure ML v2 YAML -> definitions: environment files, and environments inside jobs.

The fields are read in :mod:`resolver.inputs.azureml`, as `lock` reads them; here stands
what only an identifier needs: an image or a build context that is there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lockfiles.identity.credentials import redact
from lockfiles.identity.definition import DefinitionBuild, DefinitionKind, EnvironmentDefinition
from lockfiles.identity.read.files import beside_reader, local_build, raise_all
from resolver.errors import InputError
from resolver.inputs.azureml.reading import read_environment as read_fields
from resolver.inputs.azureml.v2 import read_v2
from resolver.inputs.azureml.values import AzureEnvironment, AzureForm
from resolver.inputs.faults import Faults
from resolver.inputs.yaml_document import YamlDocument


def read_environment(
    source: YamlDocument, base: Path, faults: Faults | None = None, form: AzureForm = AzureForm.V2
) -> EnvironmentDefinition:
    """Return the environment of a v2 environment file; paths in it are relative to ``base``.

    ``faults`` are those of the file's text. Raises InputErrors with every fault of the file.
    """
    faults = faults or Faults()
    found = read_fields(source, form, faults, beside_reader(source.file, base))
    return _definition(found, DefinitionKind.AZUREML_V2, source.file, base, faults)


def read_job(
    source: YamlDocument, base: Path, faults: Faults | None = None
) -> tuple[EnvironmentDefinition, ...]:
    """Return the environments of a job, pipeline or deployment file, in file order.

    Inline ones are anonymous; ``azureml:name:version`` gives a definition with
    only ``reference``. Raises InputError where there is none at all.
    """
    faults = faults or Faults()
    found = []
    for path, value in _find_environments(source.data, ()):
        label = source.file if path == ("environment",) else f"{source.file}#{'.'.join(map(str, path[:-1]))}"
        if isinstance(value, str):
            found.append(_reference(source, path, label, value))
        else:
            environment = read_v2(source, path, faults, beside_reader(source.file, base))
            found.append(_definition(environment, DefinitionKind.AZUREML_JOB, label, base, faults))
    raise_all(faults)
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


def _reference(
    source: YamlDocument, path: tuple[str | int, ...], label: str, text: str
) -> EnvironmentDefinition:
    if not text.startswith("azureml:") and not text.startswith("/subscriptions/"):
        hint = "Write `azureml:NAME:VERSION`, `azureml:NAME@latest`, or the environment itself."
        raise InputError(f"`{redact(text)}` is no reference to an environment", source.origin(*path), hint)
    return EnvironmentDefinition(
        kind=DefinitionKind.AZUREML_JOB, label=label, source=source, path=path, reference=text
    )


def _definition(
    found: AzureEnvironment | None, kind: DefinitionKind, label: str, base: Path, faults: Faults
) -> EnvironmentDefinition:
    """Return the definition, or raise every fault."""
    if found is None:
        raise_all(faults)
        raise InputError("no environment is described here")  # the reader told why
    source, path = found.document, found.path
    if not any(source.at(path).get(key) for key in ("image", "build")) and not found.image:
        faults.add("neither `image` nor `build`: an environment needs one of them", source.origin(*path))
    build = local_build(found.build, base) if found.build else None
    if build is not None:
        _check_build(build, found, faults)
    raise_all(faults)
    part = found.conda
    own_source = part.document if part is not None and part.document is not source else None
    return EnvironmentDefinition(
        kind=kind, label=label, source=source, path=path, name=found.name, version=found.version,
        anonymous=kind is DefinitionKind.AZUREML_JOB, image=found.image, build=build,
        conda=part.data if part else None, conda_source=own_source, conda_path=part.path if part else (),
        inference=found.inference, description=found.description, os_type=found.os_type,
        datastore=found.datastore, tags=_texts(found.tags),
    )  # fmt: skip


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    return {str(name): redact("" if item is None else str(item)) for name, item in values.items()}


def _check_build(build: DefinitionBuild, found: AzureEnvironment, faults: Faults) -> None:
    directory, dockerfile = build.directory, build.dockerfile
    if directory is None or dockerfile is None:
        return
    origin = found.document.origin
    if not directory.is_dir():
        what = "is a file, a folder is needed" if directory.exists() else "doesn't exist"
        faults.add(f"the build context `{build.path}` {what}", origin(*found.path, "build", "path"))
    elif not dockerfile.is_file():
        name = build.dockerfile_path or "Dockerfile"
        hint = "Name it with `dockerfile_path`, relative to the context."
        faults.add(f"no `{name}` in the build context `{build.path}`", origin(*found.path, "build"), hint)
