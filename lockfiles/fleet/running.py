"""A fleet: find the files, do each one's work somewhere, and write down what became of it.

::

    paths ── finding ──> files ── jobs ──> engine (this process, worker processes, Dask)
                                              │ record, or lost
                     journal <── records <────┘   lost once: done again; twice: the file is at fault
                        │
                  report: records, causes

One job of the same bytes, name and settings goes first; the others wait for it, since its answer is
remembered by then, or its failure is theirs. Files for which a server failed wait until all others are done
(:mod:`lockfiles.fleet.failed_sources`), and at the end of patience are done once more, whatever comes of it.
"""

from __future__ import annotations

import functools
import hashlib
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from lockfiles.fleet.causes import Failure
from lockfiles.fleet.engines.opening import EngineRequest, open_engine
from lockfiles.fleet.failed_sources import FailedSource, FailedSources
from lockfiles.fleet.finding import FindRequest, find_files
from lockfiles.fleet.grouping import SharedCause, group_causes
from lockfiles.fleet.jobs import Job, failed_record, plan_jobs
from lockfiles.fleet.journal import Journal, is_final
from lockfiles.fleet.leftovers import Leftovers
from lockfiles.fleet.records import LOST, FleetRecord
from lockfiles.fleet.upkeep.rules import MoveRules
from lockfiles.locking import LockRequest
from lockfiles.regular_files import read_whole
from lockfiles.session import read_settings
from lockfiles.surroundings import Surroundings
from resolver.errors import InputError
from resolver.model.origin import Origin

if TYPE_CHECKING:
    from lockfiles.fleet.engines.protocol import Ended, Engine
    from lockfiles.fleet.snapshot.service import Snapshot

#: Seconds between two looks at whether anything ended, for who draws progress.
_TICK = 0.5
#: Gives an engine for a request, surroundings, a number of jobs, and a file of the run.
Opening = Callable[[EngineRequest, Surroundings, int, Path], "Engine"]


class FleetRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What to do with which files, where.

    ``lock``: settings, machine and updates for every file; its ``files`` take no part.
    """

    find: FindRequest
    lock: LockRequest
    work: tuple[str, ...] = ("lock",)
    dry_run: bool = False
    engine: EngineRequest = EngineRequest()
    journal: Path | None = None  #: None: in the cache
    rules: MoveRules = MoveRules()  #: what must move, for the work ``update``
    resume: bool = False  #: files that an earlier run of the same fleet has done stay done


class SnapshotUse(msgspec.Struct, frozen=True, kw_only=True):
    """The moment of a snapshot (UTC, ISO 8601), and how many questions to sources it took in this run."""

    made: str
    asked: int


class FleetReport(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a fleet.

    ``records`` are in the fleet's order and without their packages, which :meth:`whole` reads again.
    """

    records: tuple[FleetRecord, ...]
    causes: tuple[SharedCause, ...]
    empty: tuple[str, ...]  #: paths without a file
    journal: Path
    kept: int = 0  #: files that an earlier run had done
    restarted: int = 0  #: workers that were lost
    snapshot: SnapshotUse | None = None

    @property
    def exit_code(self) -> int:
        """0, or the lowest of the other exit codes."""
        return min((record.code for record in self.records if record.code), default=0)


class FleetListener:
    """Hears of a fleet; every method does nothing, override what is wanted."""

    def opening(self) -> None:
        """Note that workers are about to start; from now on only :meth:`waiting` may raise."""

    def closed(self) -> None:
        """Note that no worker is left."""

    def planned(self, jobs: int, kept: int, workers: int) -> None:
        """Note how many files there are to do, how many were done before, and on how many workers."""

    def done(self, record: FleetRecord) -> None:
        """Note what became of a file."""

    def lost(self, ended: Ended) -> None:
        """Note that a worker was lost with a job."""

    def waiting_for(self, sources: Sequence[FailedSource], pause: float) -> None:
        """Hear that jobs wait for sources that failed, and are tried again in ``pause`` seconds."""

    def waiting(self) -> None:
        """Hear from time to time that the fleet is at work."""


def run_fleet(
    request: FleetRequest,
    listener: FleetListener | None = None,
    take: Callable[[FleetRecord], None] | None = None,
    opening: Opening = open_engine,
) -> FleetReport:
    """Do the work of every file; ``take`` gets each whole record in the fleet's order at the end.

    ``opening`` gives the engine.
    Raises InputError where nothing is to be done, for a journal that is none, and for engines that aren't
    there. What a file brings never raises.
    """
    listener = listener or FleetListener()
    around = request.lock.surroundings
    found = find_files(request.find, around.read)
    if not found.files and not found.unread:
        places = ", ".join(f"`{path}`" for path in found.empty) or "the request"
        raise InputError(
            f"no environment file in {places}",
            hint="Name files, folders that hold some, or globs in quotes: `lock fleet 'envs/**/*.yml'`.",
        )
    if request.engine.scheduler is not None:
        from lockfiles.fleet.engines.dask import check_secrets

        check_secrets(dict(request.lock.settings))
    planned = plan_jobs(found, request.lock, request.work, dry_run=request.dry_run, rules=request.rules)
    with (
        Journal(_journal_of(request), _key_of(request), resume=request.resume) as journal,
        _snapshot_of(request) as snapshot,
    ):
        if snapshot is not None:
            opening = functools.partial(open_engine, snapshot=snapshot)
        leftovers = Leftovers(planned.places, journal.run, journal.earlier)
        run = _Run(request, listener, journal, opening, leftovers)
        for number, record in planned.records:
            run.settle(number, record)
        run.keep(planned.jobs)
        run.do_all()
        if take is not None:
            for record in journal.records():
                take(record)
        records = tuple(run.records[number] for number in sorted(run.records))
    return FleetReport(
        records=records,
        causes=group_causes(records),
        empty=found.empty,
        journal=journal.path,
        kept=run.kept,
        restarted=run.restarted,
        snapshot=SnapshotUse(made=snapshot.store.made, asked=snapshot.store.asked) if snapshot else None,
    )


def _snapshot_of(request: FleetRequest) -> AbstractContextManager[Snapshot | None]:
    if request.engine.snapshot is None:
        return nullcontext()
    if request.engine.scheduler is None:
        hint = "Workers of this machine see its files and its cache."
        raise InputError("is for workers of a scheduler", Origin(file="--snapshot"), hint)
    from lockfiles.fleet.snapshot.service import Snapshot

    return Snapshot(request.lock, request.engine.snapshot)


def _key_of(request: FleetRequest) -> str:
    """Return what tells a fleet from others: where, which paths, and what is done."""
    find = request.find
    parts = (str(request.lock.surroundings.cwd), find.paths, find.files_from, request.work, request.dry_run)
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _journal_of(request: FleetRequest) -> Path:
    if request.journal is not None:
        return request.journal
    folder = _cache_of(request.lock)
    if folder is None:
        raise InputError("no folder for the fleet's journal", hint="Name a file: `--journal FILE`.")
    return folder / "fleet" / f"{_key_of(request)[:16]}.jsonl"


def _cache_of(lock: LockRequest) -> Path | None:
    """Return the cache's folder, as the settings that hold here have it."""
    try:
        asked = read_settings(replace(lock, files=())).cache_dir.value
    except InputError:  # each file will tell its own
        asked = None
    return asked or lock.surroundings.cache_folder()


class _Run:
    """One run's jobs: waiting, under way, and done."""

    def __init__(
        self,
        request: FleetRequest,
        listener: FleetListener,
        journal: Journal,
        opening: Opening,
        leftovers: Leftovers,
    ) -> None:
        self._request, self._listener, self._journal, self._opening = request, listener, journal, opening
        self._leftovers = leftovers
        self.records: dict[int, FleetRecord] = {}
        self.kept = self.restarted = 0
        self._ready: deque[Job] = deque()
        self._twins: dict[str, list[Job]] = {}  #: jobs that wait for the first of their kind
        self._failed = FailedSources(request.engine.patience)
        self._is_last = False

    def settle(self, number: int, record: FleetRecord, *, is_kept: bool = False) -> None:
        """Write a record down; it is held without its packages, which many files have many of.

        ``is_kept``: the journal has it from an earlier run.
        """
        if is_kept:
            self._journal.keep(number, record.key)
        else:
            self._journal.add(number, record)
        self.records[number] = replace(
            record, targets=tuple(replace(target, packages=()) for target in record.targets)
        )
        self._listener.done(record)

    def keep(self, jobs: Sequence[Job]) -> None:
        """Settle what an earlier run has done and nothing has changed since; the rest is to be done."""
        for job in jobs:
            record = self._journal.kept.get(job.key)
            if record is not None and is_final(record) and _holds(record):
                self.kept += 1
                self.settle(job.number, record, is_kept=True)
            elif job.twin and job.twin in self._twins:
                self._twins[job.twin].append(job)
            else:
                self._ready.append(job)
                if job.twin:
                    self._twins[job.twin] = []
        self._journal.kept.clear()

    def do_all(self) -> None:
        """Do what is to be done; raises what opening an engine raises."""
        left = len(self._ready) + sum(map(len, self._twins.values()))
        if not left:
            return
        self._listener.opening()
        try:
            engine = self._opening(
                self._request.engine, self._request.lock.surroundings, left, self._journal.path
            )
            try:
                self._listener.planned(left, self.kept, engine.capacity)
                self._loop(engine)
                self._wait_for_sources(engine)
            finally:
                engine.close()
                self._leftovers.drop()
        finally:
            self._listener.closed()

    def _wait_for_sources(self, engine: Engine) -> None:
        """Do again what sources failed, once they do better, or patience ends."""
        began = time.monotonic()
        while (pause := self._failed.pause(time.monotonic() - began)) is not None:
            self._listener.waiting_for(self._failed.waiting(), pause)
            self._rest(pause)
            self._ready.extend(self._failed.to_try(time.monotonic() - began))
            self._loop(engine)
            self._failed.clear()
        self._is_last = True
        self._ready.extend(self._failed.all())
        self._loop(engine)

    def _rest(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(left, _TICK))
            self._listener.waiting()

    def _loop(self, engine: Engine) -> None:
        under_way = self._give(engine)
        while self._ready or under_way:
            for ended in engine.wait(_TICK):
                under_way += self._give(engine) - 1  # before the record is seen to: its worker has time
                self._end(ended)
            under_way += self._give(engine)
            self._listener.waiting()

    def _give(self, engine: Engine) -> int:
        """Give the engine as many jobs as it has room for; return how many."""
        given = min(len(self._ready), engine.room) if self._ready else 0
        for _ in range(given):
            engine.submit(self._leftovers.given(self._ready.popleft()))
        return given

    def _end(self, ended: Ended) -> None:
        job, record = ended.job, ended.record
        self._leftovers.ended(job, is_lost=record is None)
        if record is None:
            self.restarted += 1
            self._listener.lost(ended)
            if ended.lost == "died" and not job.deaths:
                self._ready.append(replace(job, attempt=job.attempt + 1, deaths=1))
                return
            record = _lost_record(ended)
        elif not self._is_last and self._failed.keep(job, record):
            return
        self._ready.extend(self._failed.got_on(job))
        self.settle(job.number, record)
        self._release(job, record)

    def _release(self, job: Job, record: FleetRecord) -> None:
        """Let those that waited for a job begin; a failure that is the lines' own goes with them."""
        like = self.records[job.number] if record.code == 4 else None
        waiting = self._twins.pop(job.twin, [])
        self._ready.extendleft(replace(one, like=like, twin="") for one in reversed(waiting))


def _lost_record(ended: Ended) -> FleetRecord:
    """Return the record of a file whose worker was lost as often as it may be."""
    job = ended.job
    if ended.lost == "timeout":
        message = f"not done within the time for one file ({ended.told}), and ended"
        hint = "`--job-timeout SECONDS` gives each file longer; `lock FILE -v` shows where its time goes."
    else:
        message = f"the worker died {'again ' if job.deaths else ''}while it had this file"
        message += f" ({ended.told})" if ended.told else ""
        hint = "Run `lock FILE` alone: it may need more memory than there is."
    kind = ended.lost or "died"
    failure = Failure(kind=kind, message=message, hint=hint, file=job.file, cause=message)
    found = failed_record(job.file, LOST, failure, job.work)
    words = "took too long" if kind == "timeout" else "worker died"
    return replace(
        found, outcome=words, key=job.key, worker=ended.worker, attempts=job.attempt,
        settings_files=job.settings_files,
    )  # fmt: skip


def _holds(record: FleetRecord) -> bool:
    """Tell whether all that a record rests on is as it was: what was read, and the lockfile it wrote."""
    for name, digest in record.read.items():
        if _digest_of(name) != digest:
            return False
    is_own = "lock" in record.work and record.output is not None and record.digest is not None
    return not is_own or not record.is_written or _digest_of(record.output or "") == record.digest


def _digest_of(name: str) -> str | None:
    try:
        return hashlib.sha256(read_whole(name)).hexdigest()
    except OSError:
        return None
