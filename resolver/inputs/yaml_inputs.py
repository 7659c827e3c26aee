"""Input files that are YAML: environments of conda, Azure ML and MLflow."""

from __future__ import annotations

import yaml

from resolver.inputs.azureml.keys import is_azureml
from resolver.inputs.draft import Draft
from resolver.inputs.environment_yml import EnvironmentScope, add_environment
from resolver.inputs.foreign import foreign_yaml
from resolver.inputs.mlflow import add_mlflow_environment, is_mlflow
from resolver.inputs.yaml_nodes import compose
from resolver.model.origin import Origin


def add_yaml(draft: Draft, text: str, path: str) -> None:
    """Add what a YAML (or JSON) file asks for, whatever kind of file it is; faults go to the draft."""
    before = len(draft.faults)
    root = compose(text, path, draft.faults)
    is_sound = len(draft.faults) == before
    if root is None and len(draft.faults):
        return
    scope = EnvironmentScope(file=path, lines=text.split("\n"))
    if isinstance(root, yaml.MappingNode):
        foreign = foreign_yaml(root)
        if foreign:
            draft.faults.add(foreign[0], Origin(file=path), foreign[1])
            return
        if is_azureml(root):
            from resolver.inputs.azureml.adding import add_azureml_environment
            from resolver.inputs.yaml_document import document_of

            document = document_of(root, text, path, draft.faults, is_sound=is_sound)
            if document is not None:
                add_azureml_environment(draft, document)
            return
        if is_mlflow(root):
            add_mlflow_environment(draft, root, scope)
            return
    add_environment(draft, root, scope)
