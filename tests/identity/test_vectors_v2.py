"""Every public vector of the v2 SDK, through the library and through the command."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lockfiles.identity.anonymous import anonymous_version, dump_conda, dump_inference
from lockfiles.identity.definition import EnvironmentDefinition
from lockfiles.identity.docker.context import hash_directory
from lockfiles.identity.read.reading import read_definitions
from lockfiles.identity.sdk_versions import formula_for
from tests.conftest import SHARED
from tests.identity.conftest import values_of
from tests.identity.vectors import load_vectors, materialise, vector_id
from tests.support.amount import sampled

pytestmark = pytest.mark.shared

VECTORS = [v for v in load_vectors(SHARED) if v["sdk"] == "azure-ai-ml"] if SHARED.is_dir() else []


def read_one(vector: dict[str, Any], folder: Path) -> tuple[EnvironmentDefinition, bool]:
    path, from_python = materialise(vector, folder)
    (definition,) = read_definitions(path)
    return definition, from_python


@pytest.mark.parametrize("vector", VECTORS, ids=vector_id)
def test_library(vector: dict[str, Any], tmp_path: Path) -> None:
    definition, from_python = read_one(vector, tmp_path)
    formula, output = formula_for(vector["sdk_version"]), vector["output"]
    version = anonymous_version(definition, formula, from_python=from_python)
    if output["name"].startswith("<"):  # a random name
        assert version is None
    elif output["anonymous"]:
        assert version == output["version"]
    else:
        assert (definition.name, definition.version) == (output["name"], output["version"])
    if "upload_hash" in output:
        assert definition.build is not None
        assert definition.build.directory is not None
        assert hash_directory(definition.build.directory, formula) == output["upload_hash"]
    if "translated_conda_file" in output:
        assert definition.conda is not None
        assert dump_conda(definition.conda) == output["translated_conda_file"]
    if "hashed_inference_yaml" in vector and formula.inference != "none":
        assert definition.inference is not None
        text = dump_inference(definition.inference, formula, from_python=False)
        assert text == vector["hashed_inference_yaml"]


@pytest.mark.parametrize("vector", sampled(VECTORS, 4), ids=vector_id)
def test_command(vector: dict[str, Any], tmp_path: Path, lock_hash: Callable[..., dict[str, Any]]) -> None:
    path, from_python = materialise(vector, tmp_path)
    flags = ["--from-python"] if from_python else []
    (entry,) = lock_hash(path, "--sdk-version", vector["sdk_version"], *flags)["definitions"]
    output = vector["output"]
    assert entry["asset"]["anonymous"] is output["anonymous"]
    assert entry["asset"]["version"] == output["version"]
    if output["anonymous"] and not output["name"].startswith("<"):
        assert entry["asset"]["name"] == output["name"]
        assert values_of(entry, "v2-anonymous-version") == [output["version"]]
        (identity,) = [i for i in entry["identities"] if i["kind"] == "v2-anonymous-version"]
        assert identity["algorithm"] == ("md5" if len(output["version"]) == 32 else "sha256")
        assert identity["certainty"] == "exact"


def test_all_kinds_are_there(shared: Path) -> None:
    counts = Counter((v["sdk"], v.get("kind", "")) for v in load_vectors(shared))
    assert counts == {
        ("azure-ai-ml", ""): 196,
        ("azureml-core", ""): 11,
        ("service", "conda_env_name"): 3,
        ("service", "image_repository"): 2,
    }
    assert len(VECTORS) == 196
