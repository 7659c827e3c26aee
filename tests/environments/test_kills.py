"""kill -9 at stages of an install: old environment or new one stands there, and the next start goes on."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lockfiles.this_machine import platform_here
from tests.cli.process import environ
from tests.environments.sample_environment import Project, make_small_project, python_behind

pytestmark = pytest.mark.skipif(platform_here() != "linux-64", reason="the sample's packages are linux-64's")

OLD, NEW = "own-tool==1.0", "own-tool==2.0"
#: What is there, below the folder that is worked in, when the install is killed.
STAGES = {
    "as soon as it holds the folder": "lock",
    "while archives are fetched": "archives",
    "while the copy is made": "new",
    "while packages are linked": "link.json",
    "while the pip part goes in": "requirements.txt",
    "before it takes the place": "new/conda-meta/lockstack",
    "while it takes the place": "complete",
}


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with an environment of one lockfile in place, and another lockfile beside it."""
    project = make_small_project(tmp_path_factory.mktemp("kills"))
    for name, tool in (("old.yml", OLD), ("new.yml", NEW)):
        text = (project.folder / "environment.yml").read_text()
        without = "" if tool == OLD else "  - numpy=1.26\n"
        (project.folder / "given.yml").write_text(text.replace("own-tool", tool).replace(without or "\0", ""))
        assert project.run("given.yml", "-q", "-o", name).code == 0
    assert project.run("install", "old.yml", "-p", "first").code == 0
    return project


def state_of(prefix: Path) -> tuple[str, ...]:
    """Return what tells the two environments apart, and whether one is whole: tool, numpy, records."""
    tools = sorted(path.name for path in prefix.glob("lib/python3.11/site-packages/own_tool-*.dist-info"))
    numpy = [path.name for path in prefix.glob("lib/python3.11/site-packages/numpy.py")]
    records = sorted(path.name for path in (prefix / "conda-meta").glob("numpy-*.json"))
    return (*tools, *numpy, *(record.split("-")[0] for record in records))


@pytest.mark.parametrize("stage", STAGES.values(), ids=STAGES.keys())
def test_old_or_new_stands_there_and_the_next_start_goes_on(
    stage: str, locked: Project, tmp_path: Path
) -> None:
    prefix = tmp_path / "env"
    assert locked.run("install", "old.yml", "-p", prefix).code == 0
    before = state_of(prefix)
    mark = tmp_path / ".env.lockstack" / stage
    process = subprocess.Popen(
        [sys.executable, "-m", "lockfiles.cli", "install", "new.yml", "-p", str(prefix)],
        cwd=locked.folder,
        env=environ(locked.folder, LOCKSTACK_SAMPLE_PYTHON=python_behind()),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while process.poll() is None and not mark.exists():
        time.sleep(0.0005)  # a stage lasts longer; the core is the install's
    process.send_signal(signal.SIGKILL)
    process.wait()
    after = ("own_tool-2.0.dist-info",)
    assert state_of(prefix) in (before, after)
    assert before == ("own_tool-1.0.dist-info", "numpy.py", "numpy")
    assert (prefix / "bin" / "own-tool").is_file()
    done = locked.run("install", "new.yml", "-p", prefix)
    assert done.code == 0, done.err
    assert state_of(prefix) == after
    assert [child.name for child in tmp_path.iterdir()] == ["env"]
    shutil.rmtree(prefix)
