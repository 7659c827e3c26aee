"""What tells a definition from a conda environment file, known without its readers."""

from __future__ import annotations

import yaml

#: Keys of the CLI's environment YAML (its published schema) that no conda environment file has.
AZUREML_KEYS = frozenset(
    {"$schema", "conda_file", "image", "build", "inference_config", "os_type", "properties"}
)


def is_azureml(root: yaml.MappingNode) -> bool:
    """Tell whether a mapping is an Azure ML environment in one of its forms, or was meant as one."""
    keys = {key.value: value for key, value in root.value if isinstance(key, yaml.ScalarNode)}
    if {"dependencies", "channels"} & keys.keys():
        return bool({"image", "conda_file", "inference_config"} & keys.keys())
    return bool(AZUREML_KEYS & keys.keys()) or isinstance(keys.get("python"), yaml.MappingNode)
