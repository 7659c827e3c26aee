"""The example of docs/library.md, run as it stands in a process of its own."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lockfiles import DiffRequest, LockRequest, diff, lock
from lockfiles.formats.reading import read_lockfile
from resolver.errors import InputError
from tests.cli.process import environ, make_project
from tests.cli.process import lock as command

ROOT = Path(__file__).resolve().parent.parent.parent
#: Names of modules, printed behind the example's own output.
TELL_MODULES = '\nimport sys\nprint("modules:", *sys.modules)\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    make_project(tmp_path)
    shutil.copy(ROOT / "examples" / "fraud-train" / "environment-conflict.yml", tmp_path)
    return tmp_path


def blocks() -> list[str]:
    text = (ROOT / "docs" / "library.md").read_text(encoding="utf-8")
    return re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def run(script: str, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=folder,
        env=environ(folder),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_eight_lines_lock_explain_and_write_a_pixi_lock(project: Path) -> None:
    example = blocks()[0]
    assert len([line for line in example.splitlines() if line]) <= 8
    out, _, modules = run(example + TELL_MODULES, project).partition("modules: ")
    assert re.match(r"Python 3\.\d+\.\d+, \d+ packages\n", out)
    shown = command("explain", "environment-conflict.yml", folder=project)
    assert shown.code == 4
    assert shown.out.strip() in out
    loaded = modules.split()
    assert "lockfiles.locking" in loaded
    assert [name for name in loaded if name.startswith("lockfiles.cli")] == []
    # httpx, or whatever else stands below, brings no argument parser in either
    assert "argparse" not in loaded
    pixi = read_lockfile((project / "pixi.lock").read_text(encoding="utf-8"), "pixi.lock")
    assert [resolution.target.subdir for resolution in pixi.resolutions] == ["linux-64"]
    assert pixi.resolutions[0].conda
    assert pixi.resolutions[0].pypi


def test_the_other_blocks_run_too(project: Path) -> None:
    for block in blocks()[1:]:
        assert run(block, project) == ""


def test_the_library_and_the_command_write_the_same_bytes(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert command("environment.yml", folder=project).code == 0
    written = (project / "conda-lock.yml").read_text(encoding="utf-8")
    (project / "conda-lock.yml").unlink()
    monkeypatch.chdir(project)
    locked = lock(LockRequest(files=("environment.yml",)))
    assert locked.text == written
    assert locked.output == Path("conda-lock.yml")
    assert locked.difference is None
    assert not (project / "conda-lock.yml").exists()
    assert not diff(DiffRequest(old=locked.lock, new=locked.lock))


def test_a_setting_that_does_not_exist_is_an_error_with_the_near_one() -> None:
    with pytest.raises(InputError, match="no setting `platform`") as caught:
        lock(LockRequest(files=("environment.yml",), settings={"platform": "linux-64"}))
    assert caught.value.hint == "did you mean `platforms`?"
