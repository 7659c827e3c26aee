"""Any file or folder that says what an environment is -> definitions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import msgspec
import yaml

from lockfiles.identity.definition import DefinitionBuild, DefinitionKind, EnvironmentDefinition
from lockfiles.identity.read import v1_sdk
from lockfiles.identity.read.files import raise_all, read_document, read_text
from lockfiles.identity.read.v1 import DEFINITION_FILE, read_v1_environment
from lockfiles.identity.read.v2 import read_environment, read_job
from resolver.errors import InputError
from resolver.inputs.azureml.conda_part import is_conda_mapping
from resolver.inputs.azureml.reading import form_of
from resolver.inputs.azureml.values import AzureForm
from resolver.inputs.environment_yml import check_sections
from resolver.inputs.faults import Faults
from resolver.inputs.file_kinds import is_dockerfile, is_lockfile, is_script, kind_of
from resolver.inputs.yaml_document import YamlDocument
from resolver.model.origin import Origin

#: Keys of a job, pipeline or deployment file.
_JOB_KEYS = frozenset({"environment", "jobs", "command", "trial", "component", "code_configuration", "task"})


class ReadOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How to read what files leave open.

    ``image`` is the base image of files that name none; ``v1`` reads a conda file
    as ``from_conda_specification`` of that azureml-core would.
    """

    kind: DefinitionKind | None = None  #: read as this kind, whatever the file looks like
    image: str | None = None
    v1: bool = False
    v1_sdk_version: str = v1_sdk.CURRENT
    platform: str = "linux-64"  #: the target taken from a lockfile
    python: str | None = None  #: the one that a lockfile for several is read for
    groups: tuple[str, ...] | None = None  #: those that are taken from a lockfile; None: all
    dockerfile_path: str | None = None  #: of a build context given as a folder


def read_definitions(
    path: Path, file: str | None = None, options: ReadOptions | None = None
) -> tuple[EnvironmentDefinition, ...]:
    """Return the definitions of a file or folder, in file order (1 or more; several only from a job).

    ``file`` is how errors and results call it, by default the path as given.
    Raises InputError or InputErrors with one clear message for each fault.
    """
    options = options or ReadOptions()
    shown = file or str(path)
    if path.is_dir():
        return (_read_folder(path, shown, options),)
    text = read_text(path, shown)
    if options.kind is DefinitionKind.LOCKFILE or (options.kind is None and is_lockfile(text, path.name)):
        from lockfiles.identity.read.lockfile import read_lockfile

        source = YamlDocument(file=shown, data=None)
        found = read_lockfile(
            path,
            source,
            image=options.image,
            platform=options.platform,
            python=options.python,
            groups=options.groups,
        )
        return (found,)
    if options.kind is DefinitionKind.PYTHON or (options.kind is None and is_script(path.name)):
        from lockfiles.identity.read.script.reading import read_script

        version = options.v1_sdk_version
        return read_script(text, path, shown, version=version, image=options.image)
    kind = kind_of(text, path.name)
    if options.kind is None and kind is not None and kind.refusal is not None and not kind.is_read:
        raise InputError(kind.refusal[0], Origin(file=shown), kind.refusal[1])
    if options.kind is DefinitionKind.REQUIREMENTS or (
        options.kind is None and path.suffix in {".txt", ".in"}
    ):
        return (_read_requirements(text, shown, options),)
    if options.kind is None and is_dockerfile(text, path.name):
        hint = f"Give its folder: `{Path(shown).parent}`."
        raise InputError(
            "a Dockerfile alone is no definition: what it copies counts too", Origin(file=shown), hint
        )
    faults = Faults()
    return _read_structured(read_document(text, shown, faults), path, options, faults)


def _read_structured(
    source: YamlDocument, path: Path, options: ReadOptions, faults: Faults
) -> tuple[EnvironmentDefinition, ...]:
    form = form_of(source.data)
    kind = options.kind or _detect(source, form, faults)
    if kind is DefinitionKind.AZUREML_V2:
        service = form if form is AzureForm.SERVICE else AzureForm.V2
        return (read_environment(source, path.parent, faults, service),)
    if kind is DefinitionKind.AZUREML_JOB:
        return read_job(source, path.parent, faults)
    if kind is DefinitionKind.AZUREML_V1:
        return (_with_image(read_v1_environment(source, path.parent, faults), None),)
    if kind is DefinitionKind.CONDA_FILE:
        return (_read_conda(source, options, faults),)
    raise InputError(f"a {kind.value} is not read from this kind of file", source.origin())


def _detect(source: YamlDocument, form: AzureForm | None, faults: Faults) -> DefinitionKind:
    data = source.data
    if not isinstance(data, Mapping):
        raise_all(faults)
        what = "is empty" if data is None else "is no mapping"
        raise InputError(
            f"the file {what}: an environment file has `image`, `build` or `dependencies`", source.origin()
        )
    if form is AzureForm.V1:
        return DefinitionKind.AZUREML_V1
    if form is not None:
        return DefinitionKind.AZUREML_V2
    if is_conda_mapping(data):
        return DefinitionKind.CONDA_FILE
    if _JOB_KEYS & data.keys():
        return DefinitionKind.AZUREML_JOB
    raise_all(faults)
    raise InputError(
        "not recognised as an environment",
        source.origin(),
        "A conda file has `dependencies`, an Azure ML file `image` or `build`, a job `environment`.",
    )


def _read_folder(path: Path, shown: str, options: ReadOptions) -> EnvironmentDefinition:
    if (path / DEFINITION_FILE).is_file():
        file = str(Path(shown) / DEFINITION_FILE)
        faults = Faults()
        source = read_document(read_text(path / DEFINITION_FILE, file), file, faults)
        return replace(read_v1_environment(source, path, faults), label=shown)
    name = options.dockerfile_path or "Dockerfile"
    if not (path / name).is_file():
        candidates = sorted(p.name for p in path.iterdir() if p.suffix in {".yml", ".yaml"})
        hint = f"Did you mean `{Path(shown) / candidates[0]}`?" if candidates else None
        raise InputError(
            f"the folder holds neither `{name}` nor `{DEFINITION_FILE}`", Origin(file=shown), hint
        )
    return EnvironmentDefinition(
        kind=DefinitionKind.BUILD_CONTEXT,
        label=shown,
        source=YamlDocument(file=shown, data=None),
        build=DefinitionBuild(path=shown, directory=path.resolve(), dockerfile_path=options.dockerfile_path),
    )


def _read_requirements(text: str, shown: str, options: ReadOptions) -> EnvironmentDefinition:
    conda = v1_sdk.conda_from_requirements(text.splitlines(), options.v1_sdk_version)
    source = YamlDocument(
        file=shown,
        data=conda,
        places={("dependencies", 1, "pip", n): (n + 1, 1) for n in range(len(text.splitlines()))},
    )
    definition = EnvironmentDefinition(
        kind=DefinitionKind.REQUIREMENTS, label=shown, source=source, image=options.image, conda=conda
    )
    return _with_image(definition, v1_sdk.default_image(options.v1_sdk_version))


def _read_conda(source: YamlDocument, options: ReadOptions, faults: Faults) -> EnvironmentDefinition:
    raise_all(faults)
    data = source.data
    if not isinstance(data, Mapping) or not is_conda_mapping(data):
        raise InputError("a conda file has `dependencies` at the top", source.origin())
    root = source.nodes.get(())
    if isinstance(root, yaml.MappingNode):
        check_sections(root, source.file, faults)
    raise_all(faults)
    conda = v1_sdk.conda_from_specification(data, options.v1_sdk_version) if options.v1 else data
    definition = EnvironmentDefinition(
        kind=DefinitionKind.CONDA_FILE, label=source.file, source=source, image=options.image, conda=conda
    )
    return _with_image(definition, v1_sdk.default_image(options.v1_sdk_version) if options.v1 else None)


def _with_image(definition: EnvironmentDefinition, image: str | None) -> EnvironmentDefinition:
    """Fill in the base image where neither the file nor the user names one."""
    missing = definition.image is None and definition.build is None and definition.base_dockerfile is None
    return replace(definition, image=image) if missing and image else definition
