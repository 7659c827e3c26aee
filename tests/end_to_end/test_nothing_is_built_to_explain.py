"""Which lines clash is found without building source archives: that takes minutes, and may never end."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from lockfiles.this_machine import platform_here
from resolver.sources.pypi import build_child
from resolver.sources.pypi.builds import Builder
from tests.end_to_end.inside import run
from tests.end_to_end.said_world import World
from tests.support.packages import make_sdist

HERE = f"{sys.version_info.major}.{sys.version_info.minor}"  # what source archives are built with
SETUP = {"setup.py": "from setuptools import setup\nsetup(name='lib', version='0.5')\n"}


@pytest.mark.parametrize("verb", [("explain",), ()], ids=["explain", "lock"])
def test_lines_are_told_and_nothing_is_built(
    verb: tuple[str, ...],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    built: list[Any] = []
    monkeypatch.setattr(Builder, "metadata", lambda *given, **named: built.append((given, named)))
    world = World(tmp_path, capsys)
    world.index("own", {"app": {"1.0": ["lib>=2"]}, "lib": {"2.0": []}})
    (tmp_path / "own" / "lib" / "lib-0.5.tar.gz").write_bytes(make_sdist("lib", "0.5", SETUP))
    world.write("requirements.txt", "app\nlib<2\n")
    flags = ("--index-url", "own", "--python", HERE, "-p", platform_here())
    assert run(*verb, "requirements.txt", *flags, folder=tmp_path) == 4
    told = capsys.readouterr()
    said = told.out + told.err
    assert "requirements.txt:1:1  app" in said
    assert "requirements.txt:2:1  lib<2" in said
    assert built == []
    if verb:
        assert "what must be built to be known was taken to suit" in said


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked for in /proc")
def test_a_build_ends_with_the_run_that_began_it(tmp_path: Path) -> None:
    """The run is killed, so that it can't end anything itself."""
    told = tmp_path / "pid"
    build = f"""
import os, sys, threading, time
sys.path.insert(0, {str(Path(build_child.__file__).parent)!r})
import build_child
threading.Thread(target=build_child.end_with, args=(os.getppid(),), daemon=True).start()
open({str(told)!r}, "w").write(f"{{os.getpid()}} ")
time.sleep(1000)
"""
    its_run = f"""
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", {build!r}], start_new_session=True)
time.sleep(60)
"""
    process = subprocess.Popen([sys.executable, "-c", its_run])
    while not (told.exists() and told.read_text().endswith(" ")):
        time.sleep(0.05)
    process.kill()
    process.wait()
    status = Path(f"/proc/{told.read_text().strip()}/stat")
    while status.exists() and status.read_text().split()[2] != "Z":
        time.sleep(0.05)  # a build that doesn't end is told by the test's own limit in time
