"""One version everywhere."""

from __future__ import annotations

import tomllib
from pathlib import Path

from lockfiles.version import VERSION


def test_it_is_that_of_the_project_file(root: Path) -> None:
    assert tomllib.loads((root / "pyproject.toml").read_text())["project"]["version"] == VERSION
