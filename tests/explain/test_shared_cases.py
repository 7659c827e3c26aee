"""Explanations of the folder's own small inputs: what must be said of each."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from lockfiles.cli.main import main
from tests.explain.world import Case, explain_case

pytestmark = pytest.mark.shared


def explain(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = main(["explain", *arguments, "-p", "linux-64", "--offline"])
    return code, capsys.readouterr().out


def test_each_version_of_a_menu_runs_into_another_line(
    shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(shared / "cases" / "explain" / "explain-no-reasons")
    code, told = explain(capsys, "environment.yml", "--cache-dir", str(tmp_path / "cache"))
    assert code == 4
    assert told.split("why:\n")[1].split("\n\n")[0].splitlines() == [
        "  menu 1.1.0 or newer (./channel) needs dropdown =2.*, which needs icons =2.*",
        "  but line 4 asks for `icons=1.*`",
        "  menu 1.0.0 (./channel) needs dropdown =1.*, which needs intl =3.*",
        "  but line 5 asks for `intl=5.*`",
    ]
    code, tree = explain(capsys, "environment.yml", "--tree", "--cache-dir", str(tmp_path / "cache"))
    assert code == 4
    assert "menu 1.0.0: dropdown =1.*" in tree


def test_a_local_version_is_told_with_its_index(shared: Path) -> None:
    text = (shared / "cases" / "explain" / "local-version-index" / "pyproject.toml").read_text("utf-8")
    asked = tomllib.loads(text)["project"]["dependencies"]
    explanation = explain_case(Case(name="given", conda=("python=3.12", "pip"), pip=(asked[0],)))
    assert explanation is not None
    assert not explanation.fixes  # none that drops `+cpu`
    (absence,) = explanation.conflicts[0].absences
    assert absence.values == ("https://download.pytorch.org/whl/cpu",)
