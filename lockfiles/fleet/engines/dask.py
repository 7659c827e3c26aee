"""Workers of a Dask cluster: one made for this run, or a scheduler that is there.

Workers see the same folders as this process: each job names files, and writes its lockfile where it belongs.
One that doesn't see the run's mark is refused, and so is one with another release of this program. With a
snapshot (:mod:`lockfiles.fleet.snapshot`) they need to see nothing. Nothing secret goes to the scheduler:
flags with credentials are refused, and workers have their own, or need none.
"""

from __future__ import annotations

import contextlib
import importlib
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from lockfiles.fleet.causes import failures_of
from lockfiles.fleet.engines import worker
from lockfiles.fleet.engines.processes import end_group, shielded
from lockfiles.fleet.engines.protocol import Ended
from lockfiles.fleet.jobs import Job, failed_record
from lockfiles.fleet.records import FleetRecord
from lockfiles.fleet.run_folder import run_folder
from lockfiles.version import VERSION
from resolver.errors import InputError, SourceError
from resolver.model.origin import Origin

if TYPE_CHECKING:
    from lockfiles.fleet.snapshot.service import Snapshot

#: Name of a cluster that is made for the run.
LOCAL = "local"
#: What a cluster of this run looks at less often, or not at all: Dask's own values take 7 % of a core from a
#: cluster of two workers, whatever it does. And what its workers load.
_OWN = {
    "distributed.worker.preload": ["lockfiles.fleet.engines.dask_worker"],
    "distributed.worker.preload-argv": [[]],
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "500ms",
    "distributed.admin.system-monitor.interval": "5s",
    "distributed.worker.memory.monitor-interval": "500ms",
}
#: Seconds for which a count of the workers' threads holds: it is asked for several times a job, and each time
#: the scheduler is asked.
_COUNTED_FOR = 1.0
#: Seconds in which a scheduler answers.
_PATIENCE = 30
#: Jobs for each thread of the workers: one is done while the other one is on its way.
_IN_FLIGHT = 2
#: Seconds in which a worker may start, or be replaced.
_START = 60.0
#: Seconds in which workers say what they do, once a job is late.
_ANSWER = 5.0
_INSTALL = "`pip install 'lockstack[fleet]'` brings it in."


class Parcel:
    """A job on its way to a worker: what a scheduler or a log shows of it is its number."""

    def __init__(self, job: Job, folder: str, do: Callable[[Job], FleetRecord]) -> None:
        self.job, self.folder, self.do = job, folder, do

    def __repr__(self) -> str:
        return f"<job {self.job.number}>"


def unpack(parcel: Parcel) -> FleetRecord:
    """Do a parcel's job in this worker."""
    import os

    os.chdir(parcel.folder)
    return parcel.do(parcel.job)


#: Of this worker: key of a job that is under way -> when it began.
_begun: dict[str, float] = {}


def noted(key: str, do: Callable[[Any], Any], parcel: Any) -> Any:
    """Do a parcel's job in this worker, which can say meanwhile for how long it does it."""
    _begun[key] = time.monotonic()
    try:
        return do(parcel)
    finally:
        _begun.pop(key, None)


def under_way() -> dict[str, float]:
    """Return the keys of jobs that are under way in this worker, and the seconds of each so far."""
    now = time.monotonic()
    return {key: now - begun for key, begun in list(_begun.items())}


def look(folder: str, mark: str) -> tuple[str, bool]:
    """Return this worker's release of the program, and whether it sees the run's mark in a folder."""
    return VERSION, Path(folder).is_dir() and Path(mark).is_file()


class DaskEngine:
    """Does jobs on the workers of a Dask scheduler.

    ::

        thread   job that is under way   job that is there when that one ends

    A worker that dies takes the job that waits with it, and the scheduler can't tell which of the two is at
    fault. So what has died is done once more with nothing beside it, and only then is it told.
    """

    def __init__(
        self,
        address: str,
        workers: int,
        *,
        folder: str,
        timeout: float,
        memory: int,
        mark: Path,
        do: Callable[[Job], FleetRecord] = worker.do,
        snapshot: Snapshot | None = None,
    ) -> None:
        """``mark``: a file of the run, which workers must see. ``memory``: bytes for one of a local cluster.

        ``snapshot``: what jobs read and ask; then workers need to see nothing.

        Raises InputError where Dask isn't installed, or workers don't see what this process sees;
        SourceError where the scheduler doesn't answer.
        """
        self._folder, self._timeout, self._do = folder, timeout, do
        self._snapshot = snapshot
        self._refused: list[Ended] = []
        self._queue: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._jobs: dict[str, tuple[Job, Any, float]] = {}  # with future and deadline, in order
        self._sent: dict[str, float] = {}  # when each was
        self._alone: deque[Job] = deque()  # to be done with nothing beside them, when nothing is under way
        self._behind: list[Job] = []  # that wait for those
        self._threads, self._count_at = 1, 0.0  # of all workers; when they are counted next
        self._cluster: Any = None
        self._held = contextlib.ExitStack()  # what a cluster of this run has beside itself
        self._distributed = _load()
        self._client = self._open(address, workers, memory)
        try:
            self._check(mark)
            if snapshot is not None:
                snapshot.open(self._client)
        except BaseException:
            self.close()
            raise

    def _open(self, address: str, workers: int, memory: int) -> Any:
        import logging

        if address == LOCAL:
            logging.getLogger("distributed").setLevel(logging.CRITICAL)
            folder = self._held.enter_context(run_folder())
            own = _OWN | {"temporary-directory": str(folder)}
            self._held.enter_context(importlib.import_module("dask.config").set(own))
            with shielded():
                self._cluster = self._distributed.LocalCluster(
                    n_workers=max(1, workers), threads_per_worker=1, processes=True, dashboard_address=None,
                    memory_limit=memory, silence_logs=logging.CRITICAL,
                    # without it, it takes a port that others may have, and warns
                    scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
                )  # fmt: skip
        target = self._cluster if self._cluster is not None else address
        try:
            return self._distributed.Client(target, timeout=_PATIENCE, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            raise SourceError(f"no Dask scheduler answers ({_first_line(error)})", address) from None

    def _check(self, mark: Path) -> None:
        """Refuse workers that have another program or see other folders."""
        try:
            self._client.wait_for_workers(1, timeout=_PATIENCE)
            seen = self._client.run(look, self._folder, str(mark.absolute()))
        except Exception as error:  # of whatever kind the cluster has it
            hint = "Its workers need this release of lockstack."
            raise SourceError(
                f"the scheduler's workers can't be used ({_first_line(error)})", "--scheduler", hint
            ) from None
        for name, (version, sees) in sorted(seen.items()):
            if version != VERSION:
                message = f"the worker `{name}` has lockstack {version}, and this is {VERSION}"
                raise InputError(message, Origin(file="--scheduler"))
            if not sees and self._snapshot is None:
                message = f"the worker `{name}` doesn't see `{self._folder}` and `{mark}`"
                hint = "Workers share the file system, `--journal FILE` too, or get all by `--snapshot DIR`."
                raise InputError(message, Origin(file="--scheduler"), hint)

    @property
    def capacity(self) -> int:
        """Two jobs a thread of all workers that there were a moment ago."""
        now = time.monotonic()
        if now >= self._count_at:
            self._threads = max(1, int(sum(self._client.nthreads().values())))
            self._count_at = now + _COUNTED_FOR
        return _IN_FLIGHT * self._threads

    @property
    def room(self) -> int:
        """What is left of that."""
        waiting = len(self._alone) + len(self._behind) + len(self._refused)
        return max(0, self.capacity - len(self._jobs) - waiting)

    def submit(self, job: Job) -> None:
        """Give a job to the cluster."""
        if job.deaths:
            self._alone.append(job)
        elif self._alone or any(one.deaths for one, _, _ in self._jobs.values()):
            self._behind.append(job)
        else:
            self._send(job)

    def _send_what_waits(self) -> None:
        """Send a job that is to be done alone once nothing is under way; behind the last one all others."""
        if self._jobs or not (self._alone or self._behind):
            return
        if self._alone:
            self._send(self._alone.popleft())
            return
        waiting, self._behind = self._behind, []
        for job in waiting:
            self._send(job)

    def _send(self, job: Job) -> None:
        key = f"job-{job.number}-{job.attempt}"
        sent: Any
        do: Callable[[Any], Any]
        if self._snapshot is None:
            sent, do = Parcel(job, self._folder, self._do), unpack
        else:
            from lockfiles.fleet.snapshot.remote import do_parcel

            do = do_parcel
            try:
                sent = self._snapshot.parcel(job)
            except InputError as error:
                record = failed_record(job.file, error.exit_code, failures_of(error)[0], job.work)
                record = replace(record, key=job.key, settings_files=job.settings_files)
                self._refused.append(Ended(job=job, record=record))
                return
        future = self._client.submit(noted, key, do, sent, key=key, pure=False, retries=0)
        self._sent[key] = time.monotonic()
        self._jobs[key] = (job, future, self._sent[key] + self._timeout)
        future.add_done_callback(self._queue.put)

    def wait(self, patience: float) -> Sequence[Ended]:
        """Return the jobs that have ended; workers whose job has taken too long are restarted."""
        self._send_what_waits()
        if self._refused:
            found, self._refused = self._refused, []
            return found
        found = []
        with contextlib.suppress(queue.Empty):
            found += self._ended(self._queue.get(timeout=patience))
            while True:
                found += self._ended(self._queue.get_nowait())
        return [*found, *map(self._give_up, self._late())]

    def _late(self) -> list[str]:
        """Return the jobs that have taken too long; those that began later, or haven't, get what is left."""
        now = time.monotonic()
        late = [key for key, (_, _, deadline) in self._jobs.items() if now >= deadline]
        if not late:
            return []
        at = {key: name for name, keys in self._client.processing().items() for key in keys}
        seen = self._under_way()
        found = []
        for key in late:
            spent = self._seconds_of(key, at, seen)
            longest = (_IN_FLIGHT + 1) * max(self._timeout, _START)
            if spent >= self._timeout or (not spent and now - self._sent[key] >= longest):
                found.append(key)
                continue
            job, future, _ = self._jobs[key]
            self._jobs[key] = (job, future, now + self._timeout - spent)
        return found

    def _seconds_of(self, key: str, at: Mapping[str, str], seen: Mapping[str, Mapping[str, float]]) -> float:
        """Return for how long a worker has been at a job; 0: it hasn't begun, so far as that is known."""
        name = at.get(key)
        if name is None:
            return 0.0
        if name in seen:
            return seen[name].get(key, 0.0)
        first = next((one for one in self._jobs if at.get(one) == name), key)
        return self._timeout if first == key else 0.0  # its worker is beyond answering

    def _under_way(self) -> dict[str, dict[str, float]]:
        """Return worker -> job -> seconds; none where one of them doesn't answer, as a job holds it."""
        found: dict[str, dict[str, float]] = {}

        def ask() -> None:
            with contextlib.suppress(Exception):  # a cluster that goes meanwhile
                found.update(self._client.run(under_way, on_error="ignore"))

        asking = threading.Thread(target=ask, name="under way", daemon=True)
        asking.start()
        asking.join(_ANSWER)
        return dict(found)

    def _ended(self, future: Any) -> list[Ended]:
        known = self._jobs.pop(future.key, None)
        self._sent.pop(future.key, None)
        if known is None:  # given up before
            return []
        job = known[0]
        if future.status == "finished":
            done = future.result()
            record = done if self._snapshot is None else self._snapshot.take(job, done)
            return [Ended(job=job, record=record, worker=record.worker)]
        error = future.exception() if future.status == "error" else None
        told = _first_line(error) if error is not None else "the scheduler let go of it"
        # The scheduler has given it to other workers already, as often as it does, but for one beside it.
        return [Ended(job=job, lost="died", told=told)]

    def _give_up(self, key: str) -> Ended:
        """End a job that takes too long, with its worker where that has a nanny that starts another one."""
        job, future, _ = self._jobs.pop(key)
        del self._sent[key]
        at = [name for name, keys in self._client.processing().items() if key in keys]
        future.cancel(force=True)
        until = time.monotonic() + _ANSWER  # else another worker would get it when this one dies
        while time.monotonic() < until and any(key in keys for keys in self._client.processing().values()):
            time.sleep(0.01)
        self._restart(at)
        return Ended(job=job, lost="timeout", told=f"{self._timeout:g} s", worker=", ".join(at))

    def _restart(self, workers: Sequence[str]) -> None:
        """Have workers replaced, by their addresses; nobody waits for that, as it may take long."""
        if self._cluster is not None:
            for nanny in self._cluster.workers.values():
                if nanny.worker_address in workers and nanny.pid is not None:
                    end_group(nanny.pid)  # asked to end, it would wait for its job; the nanny starts another
            return

        def restart() -> None:
            with contextlib.suppress(Exception):
                self._client.restart_workers(list(workers), raise_for_error=False)

        threading.Thread(target=restart, name="restart", daemon=True).start()

    def close(self) -> None:
        """Let go of the cluster; one that was made for the run ends, with its workers."""
        if self._cluster is not None and self._jobs:
            self._end_workers()
        for _, future, _ in self._jobs.values():
            with contextlib.suppress(Exception):
                future.cancel(force=True)
        if self._snapshot is not None:
            from lockfiles.fleet.snapshot.remote import forget

            with contextlib.suppress(Exception):
                self._client.run(forget)
            with contextlib.suppress(Exception):
                self._snapshot.close()
        with contextlib.suppress(Exception):
            self._client.close(timeout=5)
        if self._cluster is not None:
            with contextlib.suppress(Exception):
                self._cluster.close(timeout=10)
        self._held.close()

    def _end_workers(self) -> None:
        """End workers of this run with the jobs that they have; asked to end, they would take seconds."""
        for nanny in self._cluster.workers.values():
            with contextlib.suppress(Exception):
                process = nanny.pid
                nanny.close_gracefully(reason="the run ends")  # it starts no other one
                if process is not None:
                    end_group(process)


def _load() -> Any:
    try:
        return importlib.import_module("distributed")
    except ImportError:
        raise InputError(
            "runs on a scheduler need Dask's `distributed`, which isn't installed",
            Origin(file="--scheduler"),
            _INSTALL,
        ) from None


def _first_line(error: BaseException) -> str:
    from resolver.model.redaction import redact

    return redact(f"{type(error).__name__}: {error}".partition("\n")[0][:300])


def check_secrets(settings: dict[str, object]) -> None:
    """Raise InputError where a flag holds a credential: the scheduler would see it."""
    from resolver.model.redaction import redact

    for name, value in settings.items():
        text = repr(value)
        if redact(text) != text:
            raise InputError(
                "holds a credential, which the scheduler would see",
                Origin(file=f"--{name.replace('_', '-')}"),
                "Give it to the workers: in a variable, `.netrc`, or a settings file beside the inputs.",
            )
