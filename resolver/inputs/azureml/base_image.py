"""The image that a definition is built on, with its place."""

from __future__ import annotations

from resolver.errors import InputError
from resolver.inputs.azureml.values import AzureEnvironment, AzureForm, ReadBeside
from resolver.inputs.dockerfile import image_of_dockerfile
from resolver.model.images import NamedImage
from resolver.model.redaction import redact

#: Where the image stands in each form.
IMAGE_FIELDS = {
    AzureForm.V2: ("image",),
    AzureForm.SERVICE: ("properties", "image"),
    AzureForm.V1: ("docker", "baseImage"),
}


def base_image(environment: AzureEnvironment, beside: ReadBeside) -> NamedImage | None:
    """Return the image that a definition names itself or in its Dockerfile; None where that can't be told.

    A Dockerfile in a build context that isn't there, or is no text, is for who needs the context.
    """
    document = environment.document
    if environment.image is not None:
        field = IMAGE_FIELDS[environment.form]
        path = (*environment.path, *field)
        return NamedImage(reference=environment.image, origin=document.origin(*path))
    if environment.base_dockerfile is not None:
        return image_of_dockerfile(environment.base_dockerfile, f"{document.file} (baseDockerfile)")
    if environment.build is None or not environment.build.is_local:
        return None
    try:
        shown, text = beside(environment.build.dockerfile)
    except (OSError, InputError):
        return None
    return image_of_dockerfile(text, redact(shown))
