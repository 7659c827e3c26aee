"""Azure ML v1 definitions: ``azureml_environment.json`` and what ``save_to_directory`` writes beside it.

Names, packages and images are read in :mod:`resolver.inputs.azureml`, as `lock` reads them; here stands
the rest, which only an identifier needs.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from lockfiles.identity.credentials import is_secret_variable, redact_variables
from lockfiles.identity.definition import DefinitionKind, EnvironmentDefinition
from lockfiles.identity.read.files import beside_reader, local_build, raise_all
from resolver.inputs.azureml.v1 import CONDA_FILE, DEFINITION_FILE, read_v1
from resolver.inputs.faults import Faults
from resolver.inputs.yaml_document import YamlDocument

__all__ = ["CONDA_FILE", "DEFINITION_FILE", "read_v1_environment"]


def read_v1_environment(
    source: YamlDocument, folder: Path, faults: Faults | None = None
) -> EnvironmentDefinition:
    """Return a v1 definition; the files beside it fill in what the JSON leaves out.

    The password of ``baseImageRegistry`` and the values of secret variables are
    not taken over. Raises InputError or InputErrors.
    """
    faults = faults or Faults()
    data = source.data
    if not isinstance(data, Mapping) or not isinstance(data.get("python"), Mapping) or "docker" not in data:
        faults.add("a v1 definition is a mapping with `python` and `docker`", source.origin())
        raise_all(faults)
    found = read_v1(source, faults, beside_reader(source.file, folder))
    build = local_build(found.build, folder) if found.build else None
    if not found.image and not found.base_dockerfile and build is None:
        faults.add("neither a base image nor a base Dockerfile", source.origin("docker"))
    raise_all(faults)
    variables = data.get("environmentVariables") or {}
    spark = data.get("spark")
    packages = spark.get("packages") if isinstance(spark, Mapping) else None
    part = found.conda
    own_source = part.document if part is not None and part.document is not source else None
    return EnvironmentDefinition(
        kind=DefinitionKind.AZUREML_V1, label=source.file, source=source, name=data.get("name"),
        version=found.version, image=found.image, build=build, conda=part.data if part else None,
        conda_source=own_source, conda_path=part.path if part else (), variables=redact_variables(variables),
        secret_variables=tuple(sorted(str(k) for k, v in variables.items() if is_secret_variable(str(k), v))),
        base_dockerfile=found.base_dockerfile, spark_packages=tuple(packages or ()),
        user_managed=bool(data["python"].get("userManagedDependencies")),
    )  # fmt: skip
