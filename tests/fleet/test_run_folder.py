"""Temporary folders of runs: gone with the run, and those of killed ones with the next."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lockfiles.fleet import run_folder as module
from lockfiles.fleet.run_folder import PREFIX, run_folder

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs flock")
_HOLDS = """\
import sys, time
from lockfiles.fleet.run_folder import run_folder
with run_folder() as folder:
    (folder / "inner").mkdir()
    print(folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(module.tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_it_goes_with_the_run(temporary: Path) -> None:
    with run_folder() as folder:
        assert list(folder.iterdir()) == []
        assert folder.is_relative_to(temporary)
        with run_folder() as other:
            assert folder.is_dir()
            assert other != folder
    assert list(temporary.iterdir()) == []


def test_what_a_killed_run_left_goes_with_the_next(temporary: Path) -> None:
    foreign = [temporary / f"{PREFIX}young", temporary / "other"]
    for one in foreign:
        one.mkdir()  # one that has no mark yet, and another program's
    (temporary / f"{PREFIX}link").symlink_to(temporary / "other")
    variables = os.environ | {"TMPDIR": str(temporary)}
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDS],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=variables,
    ) as process:
        assert process.stdout is not None
        held = Path(process.stdout.readline().strip())
        with run_folder():
            assert (held / "inner").is_dir()  # it is at work
        process.send_signal(signal.SIGKILL)
        process.wait(60)
    assert (held / "inner").is_dir()
    with run_folder():
        assert not held.parent.exists()
    assert sorted(temporary.iterdir()) == sorted([*foreign, temporary / f"{PREFIX}link"])
