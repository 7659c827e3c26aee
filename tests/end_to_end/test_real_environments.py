"""Environment files of public projects: each locks, or ends with exit code 2, 3 or 4 and one clear message.

The records are real, the index is the embedded sample, and the network may not be used; some files take part
in every run, all of them where LOCKSTACK_ALL is set. Live: ``python -m benchmarks.lock_environments``.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from lockfiles.formats.conda_lock.text import read_conda_lock
from tests.cli.process import SAMPLE
from tests.end_to_end.inside import run
from tests.support.amount import IS_WHOLE

pytestmark = [pytest.mark.shared, pytest.mark.usefixtures("shared_tables")]

EVERY = 1 if IS_WHOLE else 40
PARTS = 4 if IS_WHOLE else 1
#: an error is a line that says what is wrong and where; a hint may follow
MESSAGE = re.compile(r"(?m)^error: \S.{8,}")


@pytest.fixture(scope="module")
def files(shared: Path) -> list[Path]:
    found = sorted(path for path in (shared / "envs").rglob("*") if path.suffix in (".yml", ".yaml"))
    assert len(found) == 329
    return found[::EVERY]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.mark.parametrize("part", range(PARTS))
def test_every_file_ends_well(
    part: int, files: list[Path], home: Path, shared: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    faults, codes = [], Counter[int]()
    output = home / "conda-lock.yml"
    for file in files[part::PARTS]:
        output.unlink(missing_ok=True)
        code = run(
            file, "-q", "-o", output, "-p", "linux-64", "--offline", "--channel-alias", shared / "channels",
            "--index-url", SAMPLE / "pypi", "--cache-dir", home / "cache", folder=home,
        )  # fmt: skip
        out, err = capfd.readouterr()
        codes[code] += 1
        faults += [f"{file}: {fault}" for fault in judge(code, out, err, output)]
    assert faults == []
    assert len(codes) > 1, codes


def judge(code: int, out: str, err: str, output: Path) -> list[str]:
    """Return what is wrong with the way a run ended."""
    found = [f"exit code {code}: {err}"] if code not in (0, 2, 3, 4) else []
    if out or "Traceback" in err:
        found.append(f"{out}{err}")
    if output.exists() is not (code == 0):
        found.append(f"exit code {code}, and a lockfile is there: {output.exists()}")
    if code == 0:
        read_conda_lock(output.read_text(), "conda-lock.yml")
    elif not MESSAGE.search(err):
        found.append(f"no message: {err!r}")
    return found
