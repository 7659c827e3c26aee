"""A bounded pool of daemon threads for work that may be wanted soon."""

from __future__ import annotations

import atexit
import itertools
import queue
import threading
import time
import weakref
from collections.abc import Callable
from typing import Any, Generic, TypeVar

T = TypeVar("T")

#: Seconds that the interpreter's exit waits for running tasks, all together.
_PATIENCE_AT_EXIT = 0.5
#: Waiting in slices lets Ctrl-C through on every platform.
_SLICE = 0.25


class Task(Generic[T]):
    """One call on the pool.

    Whoever asks for the result first runs a task that no thread has begun, so
    nobody waits behind less urgent work, and tasks may wait for one another.
    """

    __slots__ = ("_call", "_claim", "_done", "_error", "_value")

    def __init__(self, call: Callable[[], T]) -> None:
        self._call: Callable[[], T] | None = call
        self._claim = threading.Lock()  # taken once, by the thread that runs the call
        self._done = threading.Event()
        self._value: T | None = None
        self._error: BaseException | None = None

    def run(self) -> None:
        """Run the call unless another thread has begun it."""
        call = self._call
        if call is None or not self._claim.acquire(blocking=False):
            return
        try:
            self._value = call()
        except BaseException as error:  # handed to whoever asks for the result
            self._error = error
            if not isinstance(error, Exception):
                raise
        finally:
            self._call = None
            self._done.set()

    def cancel(self) -> bool:
        """Keep a task that has not begun from running; its result is then never asked for."""
        if self._claim.acquire(blocking=False):
            self._call = None
            self._error = RuntimeError("the task was cancelled")
            self._done.set()
            return True
        return False

    @property
    def done(self) -> bool:
        """True once :meth:`result` returns at once."""
        return self._done.is_set()

    def result(self) -> T:
        """Return what the call returned, or raise what it raised; runs it here if nobody has begun."""
        self.run()
        while not self._done.wait(_SLICE):
            pass
        if self._error is not None:
            raise self._error
        return self._value  # type: ignore[return-value]


class Background:
    """Up to ``workers`` daemon threads, started when needed; lower ``priority`` runs earlier."""

    def __init__(self, workers: int) -> None:
        self._workers = max(1, workers)
        self._queue: queue.PriorityQueue[tuple[float, int, Task[Any] | None]] = queue.PriorityQueue()
        self._count = itertools.count()
        self._threads: list[threading.Thread] = []
        self._idle = 0
        self._lock = threading.Lock()
        self.closed = threading.Event()  #: set at close: sleepers wake up and give up
        _open_pools.add(self)

    def submit(self, call: Callable[[], T], *, priority: int = 0) -> Task[T]:
        """Queue ``call``; after :meth:`close` it runs only when its result is asked for."""
        task = Task(call)
        if self.closed.is_set():
            return task
        self._queue.put((priority, next(self._count), task))
        with self._lock:
            if self._idle < self._queue.qsize() and len(self._threads) < self._workers:
                thread = threading.Thread(target=self._work, name="lockstack-fetch", daemon=True)
                self._threads.append(thread)
                thread.start()
        return task

    def close(self, patience: float = _PATIENCE_AT_EXIT) -> None:
        """Drop what has not begun and wait up to ``patience`` seconds for what has."""
        if self.closed.is_set():
            return
        self.closed.set()
        try:
            while True:
                self._queue.get_nowait()
        except queue.Empty:
            pass
        for _ in self._threads:
            self._queue.put((float("-inf"), next(self._count), None))
        deadline = time.monotonic() + patience
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(max(0.0, deadline - time.monotonic()))

    def _work(self) -> None:
        while True:
            with self._lock:
                self._idle += 1
            task = self._queue.get()[2]
            with self._lock:
                self._idle -= 1
            if task is None or self.closed.is_set():
                return
            task.run()


_open_pools: weakref.WeakSet[Background] = weakref.WeakSet()


@atexit.register
def _close_pools() -> None:
    for pool in list(_open_pools):
        pool.close()
