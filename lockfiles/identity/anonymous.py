"""The version that the v2 SDK gives to an inline (anonymous) environment.

With S(x) the hex digest of x in UTF-8 and a >> b Python's ``a.join(b)`` (the hash
goes between the characters of the next one: the SDK's quirk)::

    image             h = S(image)
    inference_config  h = h >> S(yaml dump, keys sorted)
    conda             h = h >> S(yaml dump, keys sorted)     version = S(h)

    build context     h = S(directory digest)
    dockerfile_path   h = h >> S(dockerfile_path)            version = S(h)
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import yaml

from lockfiles.identity.definition import EnvironmentDefinition
from lockfiles.identity.docker.context import hash_directory
from lockfiles.identity.sdk_versions import MODEL_MODULES, InferenceForm, SdkFormula

#: Routes of an inference configuration, and how the REST service spells them.
ROUTES = {
    "liveness_route": "livenessRoute",
    "readiness_route": "readinessRoute",
    "scoring_route": "scoringRoute",
}


def anonymous_version(
    definition: EnvironmentDefinition, formula: SdkFormula, *, from_python: bool = False
) -> str | None:
    """Return the anonymous version, None where the SDK makes none (a remote build context, no image at all).

    ``from_python``: the definition was built by Python calls, so that
    ``inference_config`` is hashed as the mapping it is, not as a REST model.
    """
    digest = _digester(formula)
    if definition.build is not None and definition.build.directory is not None:
        text = digest(hash_directory(definition.build.directory, formula))
        if definition.build.dockerfile_path:
            text = text.join(digest(definition.build.dockerfile_path))
        return digest(text)
    if definition.build is not None or not definition.image:
        return None
    text = digest(definition.image)
    if definition.inference and formula.inference is not InferenceForm.NONE:
        text = text.join(digest(dump_inference(definition.inference, formula, from_python=from_python)))
    if definition.conda:
        text = text.join(digest(dump_conda(definition.conda)))
    return digest(text)


def dump_conda(conda: Mapping[str, Any]) -> str:
    """Return the conda definition as the SDK sends it: PyYAML's default dump with sorted keys."""
    return str(yaml.dump(conda, sort_keys=True))


def dump_inference(inference: Mapping[str, Any], formula: SdkFormula, *, from_python: bool) -> str:
    """Return the dump of an inference configuration: of the mapping, or of the REST model made from YAML."""
    if from_python:
        return str(yaml.dump(inference, sort_keys=True))
    module = MODEL_MODULES[formula.inference]
    routes = {
        name: {"path": str(route["path"]), "port": int(route["port"])} for name, route in inference.items()
    }
    if formula.inference is InferenceForm.DATA:
        data = {
            ROUTES[name]: _Model(f"{module}.Route", {"_data": dict(route)}) for name, route in routes.items()
        }
        model = _Model(f"{module}.InferenceContainerProperties", {"_data": data})
    else:
        attributes: dict[str, Any] = {
            name: _Model(f"{module}.Route", {"additional_properties": {}, **route})
            for name, route in routes.items()
        }
        model = _Model(f"{module}.InferenceContainerProperties", {"additional_properties": {}, **attributes})
    return str(yaml.dump(model, Dumper=_ModelDumper, sort_keys=True))


class _Model:
    """A stand-in for one of the SDK's REST models: its class name and its state."""

    def __init__(self, class_name: str, state: Mapping[str, Any]) -> None:
        self.class_name, self.state = class_name, state


class _ModelDumper(yaml.Dumper):
    """PyYAML's dumper, taught to write stand-ins as the Python objects they stand for."""


def _represent_model(dumper: yaml.Dumper, model: _Model) -> yaml.Node:
    return dumper.represent_mapping(f"tag:yaml.org,2002:python/object:{model.class_name}", model.state)


_ModelDumper.add_representer(_Model, _represent_model)


def _digester(formula: SdkFormula) -> Callable[[str], str]:
    def digest(text: str) -> str:
        return hashlib.new(formula.algorithm, text.encode(), usedforsecurity=False).hexdigest()

    return digest
