"""However a record spells a dependency, every part of the house sees the same package in it.

The search parses it; the right of a conda package to be there, the graph and the order of
builds go by its name alone.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from lockfiles.formats.conda_lock.reading import read
from lockfiles.formats.reading import LockReadOptions
from resolver.graph import graph_of
from tests.end_to_end.said_world import PYTHON, World
from tests.support.channel import record

SPELLINGS = [
    pytest.param("numpy >=1.0,<3", id="with a blank"),
    pytest.param("numpy>=1.0,<3", id="without a blank"),
    pytest.param("numpy=2.0.0", id="one equals sign"),
    pytest.param("numpy[version='>=1.0']", id="brackets"),
    pytest.param("numpy 2.0.0 0", id="with a build"),
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_dependency_is_met_supported_and_drawn(
    spelling: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world = World(tmp_path, capsys)
    world.channel(
        *PYTHON,
        record("numpy", "2.0.0", depends=["python"]),
        record("scipy", "1.0.0", depends=["python", spelling]),
    )
    world.index("own", {"numpy": {"2.0.0": []}, "user": {"1.0": ["numpy"]}})
    # conda's numpy is there for scipy's sake alone, and meets what the pip line needs
    said = world.lock(world.environment("scipy", pip=("user", "numpy")), "--index-url", "own")
    assert said.code == 0, said.err
    content = read((tmp_path / "conda-lock.yml").read_text(), "conda-lock.yml", LockReadOptions())
    (resolution,) = content.resolutions
    assert graph_of(resolution).targets["scipy"] == ("numpy", "python")
    assert "numpy" in resolution.provided  # so conda's, not a wheel
