"""A bounded pool of daemon threads for work that may be wanted soon."""

from __future__ import annotations

import atexit
import heapq
import itertools
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
#: Held while a task gets what it is awaited with: several may begin to wait at once.
_WAITING = threading.Lock()


class Task(Generic[T]):
    """One call on the pool.

    Whoever asks for the result first runs a task that no thread has begun, so
    nobody waits behind less urgent work, and tasks may wait for one another.
    """

    __slots__ = ("_awaited", "_call", "_claim", "_error", "_value", "done")

    def __init__(self, call: Callable[[], T]) -> None:
        self._call: Callable[[], T] | None = call
        self._claim = threading.Lock()  # taken once, by the thread that runs the call
        self._awaited: threading.Event | None = None  # made by who waits: most tasks end before
        self._value: T | None = None
        self._error: BaseException | None = None
        self.done = False  #: true once :meth:`result` returns at once

    @classmethod
    def of(cls, value: T) -> Task[T]:
        """Return a task that has ended with a value."""
        task = cls(lambda: value)
        task._call, task._value, task.done = None, value, True
        return task

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
            self.done = True  # before the look at who waits, who looks here after saying so
            if self._awaited is not None:
                self._awaited.set()

    def result(self) -> T:
        """Return what the call returned, or raise what it raised; runs it here if nobody has begun."""
        if not self.done:
            self.run()
        while not (self.done or self.wait(_SLICE)):
            pass
        if self._error is not None:
            raise self._error
        return self._value  # type: ignore[return-value]

    def wait(self, seconds: float) -> bool:
        """Tell whether the task has ended, waiting for that so long; runs nothing."""
        if self.done:
            return True
        with _WAITING:
            awaited = self._awaited
            if awaited is None:
                awaited = self._awaited = threading.Event()
        return self.done or awaited.wait(seconds)


class Background:
    """Up to ``workers`` daemon threads, started when needed; lower ``priority`` runs earlier.

    ::

        waiting   tasks that no thread has taken, most urgent first
        free      threads that will take a task before they sleep: asleep, just woken, or just started

    Both change under one lock only, and a thread takes its task and stops being free in one step.
    So ``waiting > free`` means what it says: some task has no thread that will come for it.
    """

    def __init__(self, workers: int) -> None:
        self._workers = max(1, workers)
        self._changed = threading.Condition()
        self._waiting: list[tuple[float, int, Task[Any]]] = []
        self._free = 0
        self._count = itertools.count()
        self._threads: list[threading.Thread] = []
        self.closed = threading.Event()  #: set at close: sleepers wake up and give up
        _open_pools.add(self)

    def submit(self, call: Callable[[], T], *, priority: float = 0) -> Task[T]:
        """Queue ``call``; after :meth:`close` it runs only when its result is asked for."""
        task = Task(call)
        with self._changed:
            if self.closed.is_set():
                return task
            heapq.heappush(self._waiting, (priority, next(self._count), task))
            if len(self._waiting) > self._free and len(self._threads) < self._workers:
                self._start_thread()
            self._changed.notify()
        return task

    def close(self, patience: float = _PATIENCE_AT_EXIT) -> None:
        """Drop what has not begun and wait up to ``patience`` seconds for what has."""
        with self._changed:
            if self.closed.is_set():
                return
            self.closed.set()
            self._waiting.clear()
            self._changed.notify_all()
        deadline = time.monotonic() + patience
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(max(0.0, deadline - time.monotonic()))

    def _start_thread(self) -> None:
        thread = threading.Thread(target=self._work, name="lockstack-fetch", daemon=True)
        thread.start()
        self._threads.append(thread)
        self._free += 1

    def _work(self) -> None:
        while (task := self._take()) is not None:
            task.run()
            with self._changed:
                self._free += 1

    def _take(self) -> Task[Any] | None:
        """Wait for the most urgent task and take it; None once the pool is closed."""
        with self._changed:
            while not self._waiting and not self.closed.is_set():
                self._changed.wait()
            if self.closed.is_set():
                return None
            self._free -= 1
            return heapq.heappop(self._waiting)[2]


_open_pools: weakref.WeakSet[Background] = weakref.WeakSet()


@atexit.register
def _close_pools() -> None:
    for pool in list(_open_pools):
        pool.close()
