"""Worker processes of this machine: pools of the standard library, one worker each.

::

    slot 1   ProcessPoolExecutor(max_workers=1) ── worker ── one job at a time
    slot 2   ProcessPoolExecutor(max_workers=1) ── worker ── one job at a time

A pool of several workers is broken as a whole by the death of one, and doesn't say whose job it was; it
can't end a job that hangs, nor renew a worker that has grown. A pool of one worker says all of it: what
breaks is the job under way, and who takes another pool in its place does the rest.
"""

from __future__ import annotations

import functools
import multiprocessing
import multiprocessing.util
import os
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from msgspec.structs import replace

from lockfiles.files import drop_staged, put_staged
from lockfiles.fleet.engines import worker
from lockfiles.fleet.engines.processes import end_group, shielded
from lockfiles.fleet.engines.protocol import Ended
from lockfiles.fleet.engines.worker import Done
from lockfiles.fleet.jobs import Job
from lockfiles.fleet.work import unwritten
from resolver.errors import LockstackError, OutputError

#: Seconds that a worker may take to start, beside its first job.
_START = 60.0
#: Seconds that taking down a worker that is ended may take.
_END = 5.0

#: Bytes of a socket's address that all systems take, the least of which has 104 with the end's.
_ADDRESS = 103
#: Bytes of it behind the folder for temporary files.
_SOCKET_NAME = len("/pymp-12345678/listener-12345678")
#: A folder for temporary files where the user's has too long a path.
_SHORT_FOLDER = "/tmp"  # noqa: S108 - multiprocessing makes one of the user's own in it
#: Workers in a row that die before they begin: then no other one will do better.
_MOST_UNSTARTED = 3


class WorkersError(LockstackError):
    """Worker processes die while they start: nothing of the fleet can be done by them."""

    def __str__(self) -> str:
        return f"{_MOST_UNSTARTED} worker processes in a row died while they started"

    @property
    def hint(self) -> str:
        """What the reader can do."""
        return "`--workers 0` needs none. A script that calls the library guards its own work: `__main__`."


class _Slot:
    """One worker, and the job that it does."""

    def __init__(self, folder: str, do: Callable[[Job], Done]) -> None:
        self._folder, self._do = folder, do
        self.job: Job | None = None
        self.future: Future[Done] | None = None
        self.deadline = 0.0
        self.is_overdue = False
        self._pool: ProcessPoolExecutor | None = None
        self._process: Future[int] | None = None
        self._leaving: threading.Thread | None = None

    def begin(self, job: Job, timeout: float) -> None:
        """Have the worker do a job; a new worker is started where there is none."""
        self.job, self.is_overdue = job, False
        self.deadline = time.monotonic() + timeout
        if self._pool is None:
            self.deadline += _START
            self._pool = ProcessPoolExecutor(1, _context(), worker.start, (self._folder,))
            self._process = self._pool.submit(worker.identify)
            self._process.add_done_callback(functools.partial(self._started, job, timeout))
        self.future = self._pool.submit(self._do, job)

    def _started(self, job: Job, timeout: float, _: Future[int]) -> None:
        """Count a first job's time from now on, where its worker is ready."""
        if self.job is job:
            self.deadline = time.monotonic() + timeout

    def drop(self) -> None:
        """Remove the lockfile of a job that nobody has taken the end of: it is as if it hadn't been done."""
        future = self.future
        # a job that hadn't begun was cancelled with its pool: it has no exception to be asked for
        if future is None or not future.done() or future.cancelled() or future.exception() is not None:
            return
        staged = future.result().staged
        if staged is not None:
            drop_staged(staged)

    @property
    def process(self) -> int | None:
        """The number of the worker's process; None where there is none, or it hasn't started."""
        if self._process is None or not self._process.done() or self._process.exception() is not None:
            return None
        return self._process.result()

    def kill(self) -> None:
        """End the worker, and what it has started, at once."""
        # until a worker has said its number, the pool alone knows it
        known = dict(getattr(self._pool, "_processes", None) or {})
        if not known and self._process is not None:
            wait([self._process], timeout=_START)
        for process in known or filter(None, [self.process]):
            end_group(process)

    def renew(self) -> None:
        """Let go of the worker; the next job gets a new one.

        It is ended, not asked to end: threads that its jobs left could keep it, and us, waiting.
        """
        if self._pool is not None:
            self.kill()
            self._leaving = threading.Thread(target=_leave, args=(self._pool,), daemon=True)
            self._leaving.start()
        self._pool, self._process = None, None

    def join(self) -> None:
        """Wait until the pool let go of last has taken down what it holds: threads, pipes, semaphores."""
        if self._leaving is not None:
            self._leaving.join(_END)
            self._leaving = None


class PoolEngine:
    """Does jobs in worker processes of this machine; each is renewed once it holds too much memory."""

    def __init__(
        self,
        workers: int,
        *,
        folder: str,
        timeout: float,
        memory: int,
        do: Callable[[Job], Done] = worker.do_and_stage,
    ) -> None:
        """``timeout``: seconds for one job; ``memory``: bytes that a worker may hold between jobs.

        ``do``: a function of a module, as workers find it by its name.
        """
        self._slots = [_Slot(folder, do) for _ in range(workers)]
        self._timeout, self._memory = timeout, memory
        self._unstarted = 0  #: workers in a row that died before they had begun
        #: lockfiles that the disk is waited for, while their workers do the next job
        self._putting: dict[Future[None], Ended] = {}
        self._putters = ThreadPoolExecutor(workers)

    @property
    def capacity(self) -> int:
        """One job a worker."""
        return len(self._slots)

    @property
    def room(self) -> int:
        """Workers without a job."""
        return sum(slot.job is None for slot in self._slots)

    def submit(self, job: Job) -> None:
        """Give a job to a worker that has none."""
        next(slot for slot in self._slots if slot.job is None).begin(job, self._timeout)

    def wait(self, patience: float) -> Sequence[Ended]:
        """Return the jobs that have ended; workers whose job has taken too long are ended."""
        busy = [slot for slot in self._slots if slot.future is not None]
        now = time.monotonic()
        soonest = min((slot.deadline - now for slot in busy if not slot.is_overdue), default=patience)
        futures: list[Future[Any]] = [slot.future for slot in busy if slot.future is not None]
        wait(
            [*futures, *self._putting], timeout=max(0.0, min(patience, soonest)), return_when=FIRST_COMPLETED
        )
        now = time.monotonic()
        ended = [self._put(future) for future in list(self._putting) if future.done()]
        for slot in busy:
            if slot.future is not None and slot.future.done():
                ended += self._ended(slot, slot.future)
            elif now >= slot.deadline:
                slot.is_overdue = True
                slot.kill()
        return ended

    def _put(self, future: Future[None]) -> Ended:
        """Return a job whose lockfile is in its place, or can't be."""
        ended, error = self._putting.pop(future), future.exception()
        if isinstance(error, OutputError) and ended.record is not None:
            return replace(ended, record=unwritten(ended.record, error))
        future.result()
        return ended

    def _ended(self, slot: _Slot, future: Future[Done]) -> list[Ended]:
        """Free the slot of a job that is done; return it unless its lockfile still waits for the disk."""
        job, name = slot.job, str(slot.process or "")
        assert job is not None  # noqa: S101  (a slot with a future has one)
        slot.job, slot.future = None, None
        error = future.exception()
        if error is None:
            done = future.result()
            if done.record.memory > self._memory:
                slot.renew()
            ended = Ended(job=job, record=done.record, worker=name)
            if done.staged is None:
                return [ended]
            self._putting[self._putters.submit(put_staged, done.staged)] = ended
            return []
        has_started = slot.process is not None
        slot.renew()
        self._unstarted = 0 if has_started else self._unstarted + 1
        if self._unstarted >= _MOST_UNSTARTED:
            raise WorkersError
        if slot.is_overdue:
            return [Ended(job=job, lost="timeout", told=f"{self._timeout:g} s", worker=name)]
        told = "" if isinstance(error, BrokenProcessPool) else f"{type(error).__name__}: {error}"
        return [Ended(job=job, lost="died", told=told.partition("\n")[0], worker=name)]

    def close(self) -> None:
        """End all workers, also those that are at work, and wait until nothing of them is left."""
        for slot in self._slots:
            slot.renew()
        for slot in self._slots:
            slot.join()
            slot.drop()
        self._putters.shutdown()


def _leave(pool: ProcessPoolExecutor) -> None:
    """Have a pool, whose worker is ended, take itself down; in a thread, as it may wait for what is gone."""
    pool.shutdown(wait=True, cancel_futures=True)


def _context() -> multiprocessing.context.BaseContext:
    """Return how workers start: forked from a clean process that has imported all, where there are such.

    That process runs then, and hears no signal of the terminal, nor do workers before they are ready.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    from multiprocessing import forkserver

    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["lockfiles.fleet.engines.preload"])
    _make_socket_folder()
    with shielded():
        forkserver.ensure_running()
    return context


def _make_socket_folder() -> None:
    """Give multiprocessing a folder whose sockets have addresses that systems take.

    Raises OutputError where none can be made. It goes with the process.
    """
    usual = tempfile.gettempdir()
    folder = usual if len(os.fsencode(usual)) + _SOCKET_NAME <= _ADDRESS else _SHORT_FOLDER
    tempfile.tempdir = folder
    try:
        multiprocessing.util.get_temp_dir()
    except OSError as error:
        hint = "TMPDIR names a folder whose path is too long for sockets: name a shorter one."
        raise OutputError(folder, error.strerror or str(error), hint if folder != usual else None) from None
    finally:
        tempfile.tempdir = usual
