"""The base image of a definition, with its place."""

from __future__ import annotations

from lockfiles.files import read_text
from lockfiles.identity.definition import DefinitionKind, EnvironmentDefinition
from resolver.inputs.azureml.base_image import IMAGE_FIELDS
from resolver.inputs.azureml.reading import form_of
from resolver.inputs.azureml.values import AzureForm
from resolver.inputs.dockerfile import image_of_dockerfile
from resolver.model.images import NamedImage
from resolver.model.origin import Origin

#: Kinds of files that name their image themselves.
_NAMING = frozenset({
    DefinitionKind.AZUREML_V2, DefinitionKind.AZUREML_JOB, DefinitionKind.AZUREML_V1, DefinitionKind.PYTHON,
})  # fmt: skip


def image_of_definition(definition: EnvironmentDefinition) -> NamedImage | None:
    """Return the image that a definition is built on, or the environment that it refers to; None: neither.

    Raises InputError for a Dockerfile of a build context that can't be read.
    """
    if definition.image is not None:
        return NamedImage(reference=definition.image, origin=image_origin(definition))
    if definition.reference is not None:
        return NamedImage(reference=definition.reference, origin=definition.origin())
    if definition.base_dockerfile is not None:
        return image_of_dockerfile(definition.base_dockerfile, f"{definition.label} (baseDockerfile)")
    build = definition.build
    path = build.dockerfile if build is not None else None
    if build is None or path is None:
        return None
    return image_of_dockerfile(read_text(path), build.shown)


def image_origin(definition: EnvironmentDefinition) -> Origin:
    """Return the place of the image; a file that can't name its image got it from a flag."""
    if definition.kind not in _NAMING:
        return Origin(file=definition.label)
    is_whole = definition.kind is not DefinitionKind.AZUREML_JOB  # a job has environments within it
    form = form_of(definition.source.data) if is_whole else None
    return definition.origin(*IMAGE_FIELDS[form or AzureForm.V2])
