"""Findings of `lock hash`: listed, silenced and written as SARIF like those of `lock check`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lockfiles.identity.lint.registry import LINT
from resolver.checks.registry import CHECKS
from tests.cli.here import lock

TEXT = "name: AzureML-mine\nimage: registry.example.org/base:1\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "environment.yml").write_text(TEXT)
    return tmp_path


def test_rules_of_both_verbs_are_listed(folder: Path) -> None:
    listed = {row["rule"] for row in lock("check", "--rules", "--json", folder=folder).json["rules"]}
    assert listed == {rule.id for rule in (*CHECKS.all(), *LINT.all())}


@pytest.mark.parametrize("where", ["flag", "file", "variable"])
def test_a_silenced_rule_is_left_out_and_keeps_its_reason(where: str, folder: Path) -> None:
    flags, variables = [], {}
    if where == "flag":
        flags = ["--silence", "azureml/reserved-name=ours"]
    elif where == "file":
        (folder / "lockstack.toml").write_text('[silence]\n"azureml/reserved-name" = "ours"\n')
    else:
        variables = {"LOCK_SILENCED": "azureml/reserved-name=ours"}
    done = lock("hash", "environment.yml", "--json", *flags, folder=folder, **variables)
    [definition] = done.json["definitions"]
    assert [found["rule"] for found in definition["findings"]] == ["azureml/image-tag-moves"]
    assert [(found["rule"], found["reason"]) for found in definition["silenced"]] == [
        ("azureml/reserved-name", "ours")
    ]


@pytest.mark.parametrize("verb", ["hash", "check"])
def test_a_misspelt_rule_is_refused_by_both_verbs(verb: str, folder: Path) -> None:
    done = lock(verb, "environment.yml", "--silence", "azureml/reserved-nam=ours", folder=folder)
    assert done.code == 2
    assert "no rule `azureml/reserved-nam` to silence" in done.err
    assert "hint: did you mean `azureml/reserved-name`?" in done.err


def test_sarif(folder: Path) -> None:
    done = lock(
        "hash", "environment.yml", "--sarif", "-", "--silence", "azureml/image-tag-moves=ok", folder=folder
    )
    assert done.code == 0, done.err
    [run] = json.loads(done.out)["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [(rules[one["ruleIndex"]]["id"], "suppressions" in one) for one in run["results"]] == [
        ("azureml/reserved-name", False),
        ("azureml/image-tag-moves", True),
    ]
    [place] = run["results"][0]["locations"]
    assert place["physicalLocation"]["artifactLocation"] == {"uri": "environment.yml"}
    assert place["physicalLocation"]["region"] == {"startLine": 1, "startColumn": 7}
