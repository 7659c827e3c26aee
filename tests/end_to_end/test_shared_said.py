"""What ``lock`` does and says for the folder's own small inputs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.end_to_end.inside import run

pytestmark = [pytest.mark.shared, pytest.mark.usefixtures("shared_tables")]


class Expected(NamedTuple):
    """What comes of one input."""

    why: str
    case: str  #: folder
    file: str
    flags: tuple[str, ...]
    code: int
    told: str  #: a part of what standard error holds
    python: str | None = None  #: start of the Python that is locked


PYTHON = "python-flag-drops-python"
CASES = (
    Expected("the file's own Python", PYTHON, "environment.yml", ("--python", "3.11"), 0, "", "3.11."),
    Expected("another one is a clash", PYTHON, "environment.yml", ("--python", "3.12"), 4, "python 3.12.*"),
    Expected("no line about Python", PYTHON, "nopy.yml", ("--python", "3.12"), 0, "", "3.12."),
    Expected("a line without a version", PYTHON, "unpinned.yml", ("--python", "3.12"), 0, "", "3.12."),
    Expected("an extra that isn't there", "unknown-extra", "requirements.txt", ("--python", "3.11"), 0,
             "`base` 0.1.0 has no extra `missing` (asked for at requirements.txt:3:1)"),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.why)
def test_an_input_gives_what_is_right(
    case: Expected, shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / case.case
    shutil.copytree(shared / "cases" / "lock" / case.case, folder)
    flags = (
        "-p",
        "linux-64",
        "--channel-alias",
        str(shared / "channels"),
        "--virtual-package",
        "__glibc=2.35",
    )
    code = run(case.file, *flags, *case.flags, "--dry-run", "--json", folder=folder)
    said = capsys.readouterr()
    assert code == case.code, said.err
    assert case.told in said.err
    if case.python is not None:
        (platform,) = json.loads(said.out)["platforms"]
        packages: list[dict[str, Any]] = platform["packages"]
        assert platform["python"].startswith(case.python)
        assert {"python", "numpy", "openssl"} <= {package["name"] for package in packages}
