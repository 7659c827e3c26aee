"""An Azure ML definition -> the requirements of the conda file in it, and the image that it is built on."""

from __future__ import annotations

from resolver.inputs.azureml.base_image import base_image
from resolver.inputs.azureml.reading import form_of, read_environment
from resolver.inputs.azureml.values import AzureForm
from resolver.inputs.draft import Draft
from resolver.inputs.environment_yml import EnvironmentScope, add_environment
from resolver.inputs.requirements_txt import beside
from resolver.inputs.text import decode_text
from resolver.inputs.yaml_document import YamlDocument
from resolver.model.redaction import redact


def add_azureml_environment(draft: Draft, document: YamlDocument) -> None:
    """Add the requirements of the conda file that the definition holds or names, and its image."""

    def read_beside(name: str) -> tuple[str, str]:
        path, text = read(name)
        draft.files.append(path)
        return path, text

    def read(name: str) -> tuple[str, str]:
        path = beside(document.file, name)
        return path, decode_text(draft.read(path), redact(path))

    before = len(draft.faults)
    form = form_of(document.data) or AzureForm.V2
    environment = read_environment(document, form, draft.faults, read_beside)
    if environment is None:
        return
    draft.name = environment.name
    draft.image = base_image(environment, read)
    part = environment.conda
    if part is not None:
        own_name, draft.name = draft.name, None
        scope = EnvironmentScope(file=part.document.file, lines=part.document.lines)
        add_environment(draft, part.node, scope)
        draft.name = draft.name or own_name
    elif len(draft.faults) == before:
        has_build = environment.build is not None
        draft.faults.add(
            "an Azure ML environment without `conda_file`: there is nothing to lock",
            document.origin(),
            "lock the conda file that its Dockerfile copies" if has_build else "add `conda_file:`",
        )
