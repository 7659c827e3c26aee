"""Explanations of the folder's own small inputs: what must be said of each."""

from __future__ import annotations

from pathlib import Path

import pytest

from lockfiles.cli.main import main

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
