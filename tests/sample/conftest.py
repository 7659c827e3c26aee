"""The embedded sample, and the folder of the script that makes it."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def sample(root: Path) -> Path:
    """Folder of the embedded sample, with ``conda`` and ``pypi`` below it."""
    return root / "examples" / "sample"
