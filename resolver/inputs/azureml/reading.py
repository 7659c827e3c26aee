"""Which form a definition has, and its one reader."""

from __future__ import annotations

from collections.abc import Mapping

from resolver.inputs.azureml.conda_part import MARKS, is_conda_mapping
from resolver.inputs.azureml.v1 import read_v1
from resolver.inputs.azureml.v2 import read_service, read_v2
from resolver.inputs.azureml.values import AzureEnvironment, AzureForm, ReadBeside
from resolver.inputs.faults import Faults
from resolver.inputs.yaml_document import YamlDocument


def form_of(data: object) -> AzureForm | None:
    """Return the form of a definition; None for what is none: a conda file, a job, anything else."""
    if not isinstance(data, Mapping):
        return None
    if isinstance(data.get("python"), Mapping) and not is_conda_mapping(data):
        return AzureForm.V1
    properties = data.get("properties")
    if isinstance(properties, Mapping) and "condaFile" in properties:
        return AzureForm.SERVICE
    if MARKS & data.keys() or "environment.schema" in str(data.get("$schema", "")):
        return AzureForm.V2
    return None


def read_environment(
    document: YamlDocument, form: AzureForm, faults: Faults, beside: ReadBeside
) -> AzureEnvironment | None:
    """Return what the definition that is the whole document says, None where it isn't in its form.

    Every fault of the definition and of the conda file's form is added; whether the
    requirements in it can be read is for those who need them.
    """
    if form is AzureForm.V1:
        return read_v1(document, faults, beside)
    if form is AzureForm.SERVICE:
        return read_service(document, faults, beside)
    return read_v2(document, (), faults, beside)
