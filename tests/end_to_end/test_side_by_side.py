"""Platforms solved by copies of the process: the bytes that one process gives, whatever becomes of them.

LOCKSTACK_ALL: 200 random worlds in place of 4.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.cli.process import ROOT, environ
from tests.end_to_end.side_by_side_worlds import PLATFORMS, pages, write_world
from tests.sources.test_copies import members
from tests.support.amount import IS_WHOLE
from tests.support.server import LoopbackServer

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are copied on Linux alone")


def worlds(folder: Path, *arguments: str) -> dict[str, Any]:
    """Return what differs in some worlds, and how many platforms copies solved."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.end_to_end.side_by_side_worlds", str(folder), *arguments],
        cwd=ROOT, env=environ(folder), capture_output=True, text=True, check=False, timeout=500,
    )  # fmt: skip
    assert done.stderr == ""
    return dict(json.loads(done.stdout))


def test_the_same_bytes_words_and_answers(tmp_path: Path) -> None:
    found = worlds(tmp_path, *map(str, range(200 if IS_WHOLE else 4)))
    assert found["wrong"] == []
    assert found["taken"] > 12


def test_the_same_with_an_index(tmp_path: Path) -> None:
    with LoopbackServer(pages(3)) as server:
        found = worlds(tmp_path, *("3", "5")[not IS_WHOLE :], "--index", f"{server.url}/simple")
    assert found["wrong"] == []
    assert found["taken"] > 4


@pytest.mark.parametrize("fate", ["is killed", "has no memory", "a fault of the program"])
def test_what_a_copy_does_not_find_is_found_all_the_same(fate: str, tmp_path: Path) -> None:
    assert worlds(tmp_path, "1", "--fate", fate) == {"wrong": [], "taken": 0}


HANGING = """
import sys
from lockfiles.cli.main import entry_point
from tests.end_to_end.side_by_side_worlds import give_fate
give_fate("hangs")
entry_point()
"""


@pytest.mark.parametrize("number", [2, 15])
@pytest.mark.parametrize("whole_group", [True, False])
def test_a_signal_ends_all(number: int, whole_group: bool, tmp_path: Path) -> None:
    write_world(tmp_path, 1)
    asked = [text for platform in PLATFORMS for text in ("-p", platform)]
    subprocess.run(
        [sys.executable, "-m", "lockfiles.cli", "environment.yml", "-o", "other.yml", *asked],
        cwd=tmp_path, env=environ(tmp_path, LOCK_PROCESSES="1"), check=True, capture_output=True, timeout=100,
    )  # fmt: skip
    for answers in (tmp_path / "cache").rglob("answer-*/*/*"):
        answers.unlink()
    before = sorted(tmp_path.rglob("*"))
    with subprocess.Popen(
        [sys.executable, "-c", HANGING, "environment.yml", "-o", "out.yml", *asked],
        cwd=tmp_path, env=environ(tmp_path, LOCK_PROCESSES="3"), stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    ) as run:  # fmt: skip
        wait_until(lambda: len(members(run.pid)) == 4)  # two, and one more as the first one waits for them
        os.kill(-run.pid if whole_group else run.pid, number)
        _, said = run.communicate(timeout=60)
    wait_until(lambda: not members(run.pid))
    assert run.returncode == (130 if number == 2 else -15)
    assert "Traceback" not in said
    kept = [path for path in sorted(tmp_path.rglob("*")) if "answer-" not in str(path)]
    assert kept == [path for path in before if "answer-" not in str(path)]


def wait_until(holds: Any) -> None:
    """Wait, for as long as a busy machine may take."""
    for _ in range(1200):
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError("it took longer than a minute")
