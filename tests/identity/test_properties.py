"""Seeded definitions: what must not change an identity doesn't, and what must, does."""

# ruff: noqa: S311  # seeded, so that a failure can be repeated

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from lockfiles.identity.anonymous import anonymous_version
from lockfiles.identity.content import asked_content, digest_of
from lockfiles.identity.definition import DefinitionKind, EnvironmentDefinition
from lockfiles.identity.differences import service_key
from lockfiles.identity.prediction import predict
from lockfiles.identity.read.files import read_document
from lockfiles.identity.read.v2 import read_environment
from lockfiles.identity.sdk_versions import formula_for
from resolver.inputs.faults import Faults
from resolver.inputs.yaml_document import YamlDocument
from tests.identity.random_definitions import (
    change_something,
    random_environment,
    respell_yaml,
)
from tests.support.amount import IS_WHOLE

#: Environments that are drawn; 1,000 where LOCKSTACK_ALL is set.
COUNT = 1_000 if IS_WHOLE else 150
FORMULAS = [formula_for("1.27.1"), formula_for("1.35.2")]


def read_bytes(data: bytes) -> EnvironmentDefinition:
    text = data.decode("utf-8-sig").replace("\r\n", "\n")
    return read_environment(read_document(text, "environment.yml", Faults()), Path())


def read_data(data: dict[str, Any]) -> EnvironmentDefinition:
    return read_environment(YamlDocument(file="environment.yml", data=data), Path())


def test_bytes_dont_count() -> None:
    """Comments, key order, quotes, flow style, indentation, CRLF and BOM change no identity."""
    for seed in range(COUNT):
        rng = random.Random(seed)
        data = random_environment(rng)
        plain, respelled = read_data(data), read_bytes(respell_yaml(data, rng))
        for formula in FORMULAS:
            assert anonymous_version(plain, formula) == anonymous_version(respelled, formula), seed
        assert service_key(plain) == service_key(respelled), seed
        assert digest_of(asked_content(plain)) == digest_of(asked_content(respelled)), seed


def test_edits_count() -> None:
    """Order, case, blanks, items and the image change the SDK's and the service's identity."""
    seen = set()
    for seed in range(COUNT):
        rng = random.Random(seed)
        data = random_environment(rng)
        if "conda_file" not in data:
            data["conda_file"] = {"dependencies": ["python=3.10", "pip"]}
        changed, edit = change_something(data, rng)
        if changed == data:
            continue
        seen.add(edit)
        old, new = read_data(data), read_data(changed)
        for formula in FORMULAS:
            assert anonymous_version(old, formula) != anonymous_version(new, formula), (seed, edit)
        assert service_key(old) != service_key(new), (seed, edit)
        prediction = predict(new, old)
        assert prediction.reused is False, (seed, edit)
        assert prediction.first is not None, (seed, edit)
    assert seen == {"image", "add", "case", "blank", "order", "remove", "channels"}


def test_metadata_counts_for_nothing() -> None:
    for seed in range(COUNT):
        rng = random.Random(seed)
        data = random_environment(rng)
        described = {
            **data,
            "name": "n",
            "version": "7",
            "description": "d",
            "tags": {"a": "b"},
            "os_type": "linux",
        }
        old, new = read_data(data), read_data(described)
        assert old.kind is DefinitionKind.AZUREML_V2
        assert anonymous_version(old, FORMULAS[1]) == anonymous_version(new, FORMULAS[1])
        assert service_key(old) == service_key(new)
