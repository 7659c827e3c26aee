"""Which engine a fleet runs on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

if TYPE_CHECKING:
    from lockfiles.fleet.engines.protocol import Engine
    from lockfiles.fleet.jobs import Job
    from lockfiles.fleet.records import FleetRecord
    from lockfiles.fleet.snapshot.service import Snapshot
    from lockfiles.surroundings import Surroundings


class EngineRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Where jobs run, and what each may take."""

    workers: int = 1  #: processes; 0: in this process, one job after the other
    job_timeout: float = 900.0  #: seconds for one file
    patience: float = 60.0  #: seconds in which sources that failed are tried again, when all else is done
    worker_memory: int = 1 << 30  #: bytes that a worker may hold between two files
    scheduler: str | None = None  #: address of a Dask scheduler, or ``local``
    snapshot: Path | None = None  #: folder of what sources answer, for workers that share no file system

    @property
    def has_workers(self) -> bool:
        """Whether jobs run in other processes than this one."""
        return self.workers > 0 or self.scheduler is not None

    @property
    def starts_workers(self) -> bool:
        """Whether these are processes of this run."""
        return self.scheduler == "local" or (self.scheduler is None and self.workers > 0)


def open_engine(
    request: EngineRequest, around: Surroundings, jobs: int, mark: Path, snapshot: Snapshot | None = None
) -> Engine:
    """Return the engine that a request asks for; of workers no more than there are jobs.

    ``mark``: a file of the run, which workers elsewhere must see, unless they get all from a snapshot. Raises
    InputError for one that isn't there, SourceError for a scheduler that doesn't answer.
    """
    if request.scheduler is not None:
        from lockfiles.fleet.engines.dask import DaskEngine

        return DaskEngine(
            request.scheduler,
            min(request.workers, jobs),
            folder=str(around.cwd),
            timeout=request.job_timeout,
            memory=request.worker_memory,
            mark=mark,
            snapshot=snapshot,
        )
    if request.workers == 0:
        from lockfiles.fleet.engines.serial import SerialEngine
        from lockfiles.fleet.engines.worker import collected_behind
        from lockfiles.fleet.work import do_job
        from resolver.constraints.kept_domains import ProcessShelf

        kept = replace(around, shelf=ProcessShelf())

        def do(job: Job) -> FleetRecord:
            with collected_behind():
                return do_job(job, kept)

        return SerialEngine(do)
    from lockfiles.fleet.engines.pool import PoolEngine

    return PoolEngine(
        max(1, min(request.workers, jobs)),
        folder=str(around.cwd),
        timeout=request.job_timeout,
        memory=request.worker_memory,
    )
