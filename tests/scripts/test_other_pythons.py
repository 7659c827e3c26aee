"""The script that runs a part of the tests under other Pythons: what it knows of them is true."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest

from scripts import other_pythons


def test_it_knows_the_versions_that_the_package_names(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    prefix = "Programming Language :: Python :: 3."
    named = [text.removeprefix(prefix) for text in project["classifiers"] if text.startswith(prefix)]
    assert [int(text) for text in named] == list(other_pythons.MINORS)
    assert project["requires-python"] == f">=3.{other_pythons.MINORS[0]}"


def test_every_part_is_there(root: Path) -> None:
    assert [part for part in other_pythons.PART if not (root / part.split("::")[0]).exists()] == []


@pytest.mark.parametrize("script", ["exit 1", "exit 127"], ids=["another version", "a stand-in that is off"])
def test_an_interpreter_that_will_not_do_is_passed_over(
    script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder, text in (("first", script), ("second", "exit 0")):
        path = tmp_path / folder / "python3.14"
        path.parent.mkdir()
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
    monkeypatch.setenv("PATH", os.pathsep.join(str(tmp_path / name) for name in ("first", "second")))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "no pyenv"))
    assert other_pythons.find_python(14) == tmp_path / "second" / "python3.14"
    monkeypatch.setenv("PATH", str(tmp_path / "first"))
    with pytest.raises(other_pythons.SkippedError, match="not found"):
        other_pythons.find_python(14)
