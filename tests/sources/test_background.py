"""The pool of daemon threads."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

import pytest

from resolver.sources.background import Background


@pytest.fixture
def pool():
    made = Background(2)
    yield made
    made.close()


def test_results_and_errors_come_back(pool) -> None:
    def fail() -> None:
        raise KeyError("x")

    assert pool.submit(lambda: 7).result() == 7
    failed = pool.submit(fail)
    for _ in range(2):
        with pytest.raises(KeyError):
            failed.result()


def test_a_waiter_runs_what_nobody_has_begun(pool) -> None:
    gate = threading.Event()
    blockers = [pool.submit(gate.wait) for _ in range(2)]
    who = pool.submit(threading.current_thread)
    assert who.result() is threading.current_thread()
    gate.set()
    assert [blocker.result() for blocker in blockers] == [True, True]


def test_tasks_may_wait_for_tasks(pool) -> None:
    def down(depth: int) -> int:
        return 0 if depth == 0 else 1 + pool.submit(lambda: down(depth - 1)).result()

    assert pool.submit(lambda: down(20)).result() == 20


def test_urgent_ones_come_first(pool) -> None:
    gate, order = threading.Event(), []
    blockers = [pool.submit(gate.wait) for _ in range(2)]
    while pool._idle or pool._queue.qsize():
        time.sleep(0.001)
    tasks = [pool.submit(lambda n=n: order.append(n), priority=-n) for n in range(6)]
    blockers.append(pool.submit(lambda: None, priority=99))
    gate.set()
    while not all(task.done for task in [*tasks, *blockers]):
        time.sleep(0.001)
    assert sorted(order) == list(range(6))
    assert order.index(5) < order.index(0)


def test_cancelled_ones_never_run(pool) -> None:
    gate, ran = threading.Event(), []
    blockers = [pool.submit(gate.wait) for _ in range(2)]
    task = pool.submit(lambda: ran.append(1))
    assert task.cancel()
    gate.set()
    assert [blocker.result() for blocker in blockers] == [True, True]
    pool.submit(lambda: None).result()
    assert ran == []
    with pytest.raises(RuntimeError, match="cancelled"):
        task.result()


def test_closed_pool_runs_only_what_is_asked_for() -> None:
    pool = Background(1)
    pool.close()
    assert pool.submit(lambda: 3).result() == 3


EXIT = """
import time, sys
from resolver.sources.background import Background
pool = Background(4)
tasks = [pool.submit(lambda: time.sleep(60)) for _ in range(20)]
time.sleep(0.2)
{end}
"""


ENDS = [("", 0), ("raise SystemExit(3)", 3), ("raise KeyboardInterrupt", None)]


@pytest.mark.parametrize(("end", "code"), ENDS, ids=["end", "exit", "ctrl-c"])
def test_exit_is_not_held_up(end, code, root) -> None:
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", EXIT.format(end=end)], cwd=root, capture_output=True, text=True, timeout=20
    )
    assert time.monotonic() - start < 10
    assert done.returncode == code if code is not None else done.returncode != 0
    assert "Fatal" not in done.stderr
