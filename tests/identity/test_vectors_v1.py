"""Every public vector of the v1 SDK: what it makes of files and calls, and its build-context prefix."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from lockfiles.identity.docker import context
from lockfiles.identity.docker.context import v1_context_hash
from lockfiles.identity.read import v1_sdk
from lockfiles.identity.read.reading import ReadOptions, read_definitions
from tests.conftest import SHARED
from tests.identity.conftest import values_of
from tests.identity.vectors import load_vectors, write_files

pytestmark = pytest.mark.shared

VECTORS = (
    {v["case"]: v for v in load_vectors(SHARED) if v["sdk"] == "azureml-core"} if SHARED.is_dir() else {}
)
CONTEXTS = [case for case in VECTORS if case.startswith("v1-ctx")]


@pytest.mark.parametrize("case", CONTEXTS)
def test_build_context(
    case: str, tmp_path: Path, lock_hash: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    given, output = VECTORS[case]["input"], VECTORS[case]["output"]
    folder = tmp_path / "context"
    write_files(folder, given["files"])
    # the order in which the vector's file system listed the files is part of its input
    monkeypatch.setattr(context.os, "walk", lambda _: [(str(folder), [], given["walk_order"])])
    assert v1_context_hash(folder) == (output["hash"], len(given["files"]) > 1)
    name = next(name for name in given["files"] if name.endswith("file"))
    (entry,) = lock_hash(folder, "--dockerfile-path", name)["definitions"]
    assert values_of(entry, "v1-build-context") == [output["blob_prefix"]]


def test_default_environment() -> None:
    output = VECTORS["v1-env-default"]["output"]
    assert v1_sdk.environment("x") == output


def test_conda_specification(tmp_path: Path, lock_hash: Callable[..., dict[str, Any]]) -> None:
    given, output = VECTORS["v1-from-conda"]["input"], VECTORS["v1-from-conda"]["output"]
    path = tmp_path / "conda.yml"
    path.write_text(given["conda_file_text"], encoding="utf-8")
    conda = v1_sdk.conda_from_specification(yaml.safe_load(given["conda_file_text"]))
    assert v1_sdk.environment("pytorch", conda=conda) == output
    (entry,) = lock_hash(path, "--v1")["definitions"]
    assert entry["conda"] == output["python"]["condaDependencies"]
    assert entry["image"] == output["docker"]["baseImage"]


def test_conda_specification_without_python(tmp_path: Path, lock_hash: Callable[..., dict[str, Any]]) -> None:
    vector = VECTORS["v1-from-conda-nopython"]
    path = tmp_path / "conda.yml"
    path.write_text(vector["input"]["conda_file_text"], encoding="utf-8")
    (definition,) = read_definitions(path, options=ReadOptions(v1=True))
    assert definition.conda == vector["output"]
    assert lock_hash(path, "--v1")["definitions"][0]["conda"] == vector["output"]
    older = lock_hash(path, "--v1-sdk-version", "1.37.0")["definitions"][0]["conda"]
    assert older["dependencies"] == ["numpy", "python=3.6.2"]


def test_pip_requirements(tmp_path: Path, lock_hash: Callable[..., dict[str, Any]]) -> None:
    vector = VECTORS["v1-from-pip"]
    path = tmp_path / "requirements.txt"
    path.write_text(vector["input"]["requirements_text"], encoding="utf-8")
    (definition,) = read_definitions(path)
    assert definition.conda == vector["output"]
    assert lock_hash(path)["definitions"][0]["conda"] == vector["output"]


def test_docker_image() -> None:
    vector = VECTORS["v1-from-image"]
    assert v1_sdk.environment("a", image=vector["input"]["image"], user_managed=True) == vector["output"]


def test_base_dockerfile() -> None:
    vector = VECTORS["v1-from-dockerfile"]
    assert v1_sdk.environment("a", dockerfile=vector["input"]["dockerfile"])["docker"] == vector["output"]


def test_saved_directory(tmp_path: Path, lock_hash: Callable[..., dict[str, Any]]) -> None:
    output = VECTORS["v1-save"]["output"]
    made = v1_sdk.environment("s")
    conda = made["python"].pop("condaDependencies")
    assert json.dumps(made, indent=4) == output["azureml_environment.json"]
    assert conda == yaml.safe_load(output["conda_dependencies.yml"])
    write_files(tmp_path / "saved", output)
    (entry,) = lock_hash(tmp_path / "saved")["definitions"]
    assert entry["conda"] == conda
    assert entry["image"] == v1_sdk.DEFAULT_IMAGE
    assert entry["asset"]["name"] == "s"
