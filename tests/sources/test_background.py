"""The pool of daemon threads."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

import pytest

from resolver.sources.background import Background, Task

#: seconds that nothing here takes, however busy the machine is
LIMIT = 60


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


def busy(pool: Background, gate: threading.Event, threads: int = 2) -> list[Task[bool]]:
    """Have all threads of the pool wait for ``gate``."""
    everybody = threading.Barrier(threads + 1)

    def wait() -> bool:
        everybody.wait(LIMIT)
        return gate.wait(LIMIT)

    tasks = [pool.submit(wait) for _ in range(threads)]
    everybody.wait(LIMIT)
    return tasks


def test_a_waiter_runs_what_nobody_has_begun(pool) -> None:
    gate = threading.Event()
    blockers = busy(pool, gate)
    who = pool.submit(threading.current_thread)
    assert who.result() is threading.current_thread()
    gate.set()
    assert [blocker.result() for blocker in blockers] == [True, True]


def test_an_idle_thread_is_promised_once(pool) -> None:
    """Two tasks that need each other come while the only thread is idle: neither is asked for its result."""
    with pool._changed:
        pool.submit(lambda: None)
    while not (pool._free == 1 and not pool._waiting):
        time.sleep(0.001)
    both = threading.Barrier(2)
    with pool._changed:  # the idle thread can't take the first one before the second one comes
        tasks = [pool.submit(lambda: both.wait(LIMIT)) for _ in range(2)]
        assert len(pool._threads) == 2
    assert all(task.wait(LIMIT) for task in tasks)
    assert sorted(task.result() for task in tasks) == [0, 1]


def test_no_more_threads_than_tasks_need(pool) -> None:
    for _ in range(20):
        with pool._changed:
            task = pool.submit(lambda: None)
        assert task.wait(LIMIT)
        while pool._free < len(pool._threads):
            time.sleep(0.001)
    assert len(pool._threads) == 1


def test_tasks_may_wait_for_tasks(pool) -> None:
    def down(depth: int) -> int:
        return 0 if depth == 0 else 1 + pool.submit(lambda: down(depth - 1)).result()

    assert pool.submit(lambda: down(20)).result() == 20


def test_urgent_ones_come_first() -> None:
    pool, gate, order = Background(1), threading.Event(), []
    busy(pool, gate, threads=1)
    tasks = [pool.submit(lambda n=n: order.append(n), priority=-n) for n in range(6)]
    gate.set()
    assert all(task.wait(LIMIT) for task in tasks)
    assert order == [5, 4, 3, 2, 1, 0]
    pool.close()


def test_closed_pool_runs_only_what_is_asked_for() -> None:
    pool = Background(1)
    pool.close()
    assert pool.submit(lambda: 3).result() == 3


EXIT = """
import time, sys
from resolver.sources.background import Background, Task

#: seconds that nothing here takes, however busy the machine is
LIMIT = 60
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
