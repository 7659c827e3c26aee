"""Every public pair of definition, Dockerfile text and name that the service gave."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from lockfiles.identity.calibration import calibrate
from lockfiles.identity.service import canonical_conda_text, conda_environment_name, image_repository
from tests.conftest import SHARED
from tests.identity.conftest import values_of
from tests.identity.vectors import load_vectors

pytestmark = pytest.mark.shared

VECTORS = [v for v in load_vectors(SHARED) if v["sdk"] == "service"] if SHARED.is_dir() else []
ENVIRONMENTS = [v for v in VECTORS if "conda" in v["input"]]
IMAGES = [v for v in VECTORS if v["kind"] == "image_repository"]


def expected_environment(vector: dict[str, Any]) -> str:
    return str(vector["input"].get("conda_env_name", vector["output"]["name"]))


@pytest.mark.parametrize("vector", ENVIRONMENTS, ids=lambda v: v["case"])
def test_conda_environment(
    vector: dict[str, Any], tmp_path: Path, lock_hash: Callable[..., dict[str, Any]]
) -> None:
    conda = vector["input"]["conda"]
    if "canonical_text" in vector:
        assert canonical_conda_text(conda) == vector["canonical_text"]
    assert conda_environment_name(conda) == expected_environment(vector)
    path = tmp_path / "conda.yml"
    path.write_text(yaml.safe_dump(conda, sort_keys=False), encoding="utf-8")
    (entry,) = lock_hash(path)["definitions"]
    assert values_of(entry, "conda-environment") == [expected_environment(vector)]


@pytest.mark.parametrize("vector", IMAGES, ids=lambda v: v["case"])
def test_image_repository(vector: dict[str, Any]) -> None:
    assert image_repository(vector["hashed_dockerfile"]) == vector["output"]["name"]


def log_of(vector: dict[str, Any], form: str) -> str:
    """The text as image details, as a log that prints the Dockerfile, or as a log of build steps."""
    text, name = vector["hashed_dockerfile"], vector["output"]["name"]
    if form == "details":
        registry = {"address": "example.azurecr.io", "password": "planted-secret"}
        return json.dumps(
            {"ingredients": {"dockerfile": text}, "dockerImage": {"name": name, "registry": registry}}
        )
    if form == "log with the text":
        return f"2024/10/15 10:00:00 Building\n{text}\nSuccessfully tagged example.azurecr.io/{name}:latest\n"
    lines = text.rstrip("\n").split("\n")
    steps = [*lines[:3], "RUN echo a step that the service adds", *lines[3:-1], "ENV ADDED later", lines[-1]]
    numbered = [line for line in steps if not line.startswith("#")]
    printed, number = [], 0
    for line in steps:
        number += not line.startswith("#")
        printed.append(
            line if line.startswith("#") else f"Step {number}/{len(numbered)} : {line}\n ---> 0a1b2c"
        )
    if "@" not in lines[0]:
        printed[0] = printed[0].replace(lines[0], f"{lines[0]}@sha256:{'be42e92c' * 8}")
    return "\n".join([*printed, f"Successfully tagged example.azurecr.io/{name}:latest"]) + "\n"


@pytest.mark.parametrize("form", ["details", "log with the text", "log of steps"])
@pytest.mark.parametrize("vector", IMAGES, ids=lambda v: v["case"])
def test_calibration_reproduces_every_image(
    vector: dict[str, Any],
    form: str,
    tmp_path: Path,
    lock_hash: Callable[..., dict[str, Any]],
    config: Path,
) -> None:
    log = tmp_path / "log"
    log.write_text(log_of(vector, form), encoding="utf-8")
    calibrated = lock_hash("--calibrate", log, "--workspace", "research")["calibrated"]
    assert calibrated["proved_on"] == vector["output"]["name"]
    stored = (config / "azureml" / "research.json").read_text(encoding="utf-8")
    assert "planted-secret" not in stored
    template = calibrate([("log", log.read_text(encoding="utf-8"))], "research")
    for other in IMAGES:
        given = other["input"]
        rendered = template.render(given["hashed_FROM"], given["conda_env_name"])
        assert image_repository(rendered) == other["output"]["name"]


def test_both_forms_of_the_base(tmp_path: Path, lock_hash: Callable[..., dict[str, Any]]) -> None:
    """The whole chain from a definition: one pair was hashed with the digest, and is found in that form."""
    vector = next(v for v in IMAGES if "conda" in v["input"])
    log = tmp_path / "log"
    log.write_text(log_of(vector, "details"), encoding="utf-8")
    base = vector["input"]["hashed_FROM"]
    tag = base.partition("@")[0]
    path = tmp_path / "conda.yml"
    path.write_text(yaml.safe_dump(vector["input"]["conda"], sort_keys=False), encoding="utf-8")
    for image in (tag, base):
        document = lock_hash("--calibrate", log, path, "--image", image)
        (entry,) = document["definitions"]
        found = {
            i["of"]["base form"]: i["value"] for i in entry["identities"] if i["kind"] == "image-repository"
        }
        assert set(found) == {"as written", "with digest" if image == tag else "without digest"}
        assert found["with digest" if image == tag else "as written"] == vector["output"]["name"]
        answer = lock_hash(path, "--image", image, "--registry", _listing(tmp_path, vector["output"]["name"]))
        assert answer["registry"][0]["reused"] is True


def _listing(folder: Path, name: str) -> Path:
    path = folder / "repositories.json"
    path.write_text(json.dumps(["azureml/azureml_" + "0" * 32, name, "web/shop"]), encoding="utf-8")
    return path
