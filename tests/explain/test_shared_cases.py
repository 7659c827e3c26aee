"""Explanations of the folder's own small inputs: what must be said of each."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from lockfiles.cli.explain.log import report_lines
from lockfiles.cli.main import main
from resolver.explain.logs import read_log
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


#: log -> what is told of the log's own conflict
ALONE = {
    "pip": [
        "  transformers 4.49.0 needs huggingface-hub<1.0,>=0.26.0",
        "  but `huggingface_hub==0.23.4` is asked for",
    ],
    "poetry": [
        "  scipy 1.7.0 needs Python >=3.7,<3.10",
        "  but the project asks for all of Python >=3.9,<4.0",
        "what helps: Python >=3.9,<3.10",
    ],
    "ignored": [
        "  numpy 1.21.6 needs Python >=3.7,<3.11",
        "  so the interpreter there was Python 3.11 or newer (or older than 3.7)",
    ],
    "pixi": [
        "  jaxlib * *cuda*",
        "  jaxlib 0.4.18 to 0.4.23 needs cuda-nvcc, which strict channel priority leaves out (conda-forge)",
    ],
    "requires": ["  lunapi 0.1.2 needs numpy>=2", "  but numpy 1.26.4 is installed"],
}


@pytest.mark.parametrize("name", ALONE)
def test_a_log_alone_is_told_by_its_own_chain(shared: Path, name: str) -> None:
    path = shared / "cases" / "explain" / "log-alone-nothing-to-explain" / f"{name}.log"
    (report,) = read_log(path.read_text(encoding="utf-8"))
    assert report.complete
    assert set(ALONE[name]) <= set(report_lines(report, path.name))


def test_a_local_version_is_told_with_its_index(shared: Path) -> None:
    text = (shared / "cases" / "explain" / "local-version-index" / "pyproject.toml").read_text("utf-8")
    asked = tomllib.loads(text)["project"]["dependencies"]
    explanation = explain_case(Case(name="given", conda=("python=3.12", "pip"), pip=(asked[0],)))
    assert explanation is not None
    edits = [str(edit) for fix in explanation.fixes for edit in fix.edits]  # none drops `+cpu`
    assert edits == ["`--extra-index-url https://download.pytorch.org/whl/cpu`"]
    (absence,) = explanation.conflicts[0].absences
    assert absence.values == ("https://download.pytorch.org/whl/cpu",)
