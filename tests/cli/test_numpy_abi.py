"""`lock` says where numpy 2 meets a wheel that was compiled for numpy 1 and whose metadata allow it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.here import lock
from tests.support.packages import write_index

RELEASES = {
    "numexpr": {"2.9.0": ["numpy"], "2.10.0": ["numpy"], "2.8.9": ["numpy<2"]},
    "numpy": {"1.26.4": [], "2.0.1": []},
}
NOTICE = "numexpr 2.9.0 is built for numpy 1, the environment has numpy 2.0.1"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_index(tmp_path_factory.mktemp("index"), RELEASES)


@pytest.mark.parametrize(
    ("why", "lines", "is_told"),
    [
        ("nothing forbids numpy 2", "numexpr==2.9.0", True),
        ("the release is compiled for both", "numexpr==2.10.0", False),
        ("numpy 1 was asked for", "numexpr==2.9.0\nnumpy<2", False),
        ("the index says the bound itself", "numexpr==2.8.9", False),
    ],
)
def test_numpy_2_under_a_wheel_for_numpy_1_is_told(
    tmp_path: Path, index: Path, why: str, lines: str, is_told: bool
) -> None:
    (tmp_path / "requirements.txt").write_text(lines + "\n")
    asked = ("requirements.txt", "--python", "3.11", "-p", "linux-64", "--index-url", index)
    done = lock(*asked, folder=tmp_path)
    assert done.code == 0, done.err
    assert (NOTICE in done.err) is is_told, why
    (tmp_path / "conda-lock.yml").unlink(missing_ok=True)
    found = lock(*asked, "--json", folder=tmp_path).json["notices"]
    told = [notice for notice in found if notice["code"] == "numpy-abi"]
    assert [(notice["package"], notice["severity"], notice["before"]) for notice in told] == (
        [("numexpr", "warning", "2.10.0")] if is_told else []
    )
