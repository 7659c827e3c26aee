"""Copies of a process: whatever becomes of them, what comes out is what one process gives; nothing stays."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cli.process import ROOT
from tests.support.amount import examples

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are copied on Linux alone")
COMMAND = [sys.executable, "-m", "tests.sources.copies_at_work"]
FATES = [
    "raises",
    "is killed",
    "is told to end",
    "is interrupted",
    "leaves",
    "has no memory",
    "prints",
    "is slow",
]


def at_work(**case: Any) -> dict[str, Any]:
    """Return what came of tasks."""
    whole = {"processes": 2, "size": 1, "how": {}, "passed over": []} | case
    done = subprocess.run(
        COMMAND, input=json.dumps(whole), capture_output=True, text=True, cwd=ROOT, check=True, timeout=60
    )
    assert done.stderr == ""
    return dict(json.loads(done.stdout))


@settings(max_examples=examples(20))
@given(st.data())
def test_what_comes_out_is_what_one_process_gives(data: st.DataObject) -> None:
    tasks = sorted(data.draw(st.sets(st.integers(0, 400), max_size=7)))
    how = {str(task): data.draw(st.sampled_from(FATES)) for task in tasks if data.draw(st.booleans())}
    over = [task for task in tasks if data.draw(st.integers(0, 4)) == 0]
    size, processes = data.draw(st.sampled_from([0, 1, 100_000])), data.draw(st.integers(1, 5))
    more = {"passed over": over, "goes on": data.draw(st.booleans())}
    done = at_work(tasks=tasks, how=how, size=size, processes=processes, **more)
    assert done["found"] == [f"{task}:" * size for task in tasks if task not in over]
    assert not done["left"]
    assert done["handles"] == 0


def test_copies_do_what_their_parent_has_not_begun() -> None:
    assert at_work(tasks=list(range(8)), processes=3, patient=True)["by copies"] == 8


@pytest.mark.parametrize("processes", [1, 2, 4])
def test_a_process_that_is_done_has_a_copy_go_on_in_its_place(processes: int) -> None:
    """The first copies are one less, as the process itself is at work."""
    how = dict.fromkeys("123456", "is waited for") if processes > 1 else {}
    done = at_work(tasks=[1, 2, 3, 4, 5, 6], processes=processes, how=how, **{"goes on first": processes > 1})
    assert done["begun"] == (processes if processes > 1 else 0)
    assert done["found"] == ["1:", "2:", "3:", "4:", "5:", "6:"]


def test_something_else_is_done_before_a_copy_is_waited_for() -> None:
    done = at_work(tasks=[1], how={"1": "is waited for"}, **{"goes on first": True})
    assert done["by copies"] == 1
    assert done["waited"]
    assert not at_work(tasks=[1], patient=True)["waited"]


def test_a_copy_that_dies_leaves_its_task_to_its_parent() -> None:
    done = at_work(tasks=[1, 2], how={"1": "is killed", "2": "is killed"})
    assert done["by copies"] == 0
    assert done["found"] == ["1:", "2:"]


def test_a_process_with_threads_is_not_copied() -> None:
    assert at_work(tasks=[1, 2, 3], threads=True)["by copies"] == 0


@pytest.mark.parametrize("number", [2, 9, 15])
def test_copies_end_with_their_parent(number: int) -> None:
    """Tasks hang in copies, which the parent doesn't wait for."""
    case = {"tasks": [1, 2], "processes": 3, "size": 1, "waits": True}
    case |= {"how": {"1": "hangs", "2": "hangs"}, "passed over": [1, 2]}
    with subprocess.Popen(
        COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        cwd=ROOT, start_new_session=True,
    ) as parent:  # fmt: skip
        assert parent.stdin is not None
        assert parent.stdout is not None
        parent.stdin.write(json.dumps(case))
        parent.stdin.close()
        assert parent.stdout.readline() == "ready\n"
        assert members(parent.pid) > {parent.pid}
        os.kill(parent.pid, number)
        parent.wait(30)
    for _ in range(600):
        if not members(parent.pid):
            return
        time.sleep(0.05)
    raise AssertionError(members(parent.pid))


def members(session: int) -> set[int]:
    """Return the processes of a session that haven't ended."""
    found = set()
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            try:
                state, _, _, of = (place / "stat").read_text().rpartition(")")[2].split()[:4]
            except OSError:
                continue
            if int(of) == session and state != "Z":
                found.add(int(place.name))
    return found
