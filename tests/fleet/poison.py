"""What workers do in tests: jobs that end their worker, hang, take memory, or whose lockfile is taken away.

The others are done as ever.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from msgspec.structs import replace

from lockfiles.fleet.engines import worker
from lockfiles.fleet.jobs import Job
from lockfiles.fleet.records import FleetRecord


def do(job: Job) -> FleetRecord:
    """Do as the file's name says; what was begun is written down beside it."""
    begin(job)
    return worker.do(job)


def do_and_stage(job: Job) -> worker.Done:
    """Do as :func:`do` does, as workers of a pool."""
    begin(job)
    done = worker.do_and_stage(job)
    if Path(job.file).stem == "midway" or (Path(job.file).stem == "once" and job.attempt == 1):
        os.kill(os.getpid(), signal.SIGKILL)  # what it has staged is nobody's
    if Path(job.file).stem.startswith("taken") and done.staged is not None:
        Path(done.staged.name).unlink()
    if Path(job.file).stem.startswith("large"):
        return replace(done, record=replace(done.record, memory=1 << 40))
    return done


def begin(job: Job) -> None:
    """Note that a job began; end the worker, or hang, where its file's name says so."""
    name = Path(job.file).stem
    with Path(job.file).with_suffix(".begun").open("a") as file:
        file.write(f"{os.getpid()}\n")
    if name == "poison" or (name.startswith("unlucky") and job.attempt == 1):
        os.kill(os.getpid(), signal.SIGKILL)
    if name.startswith("hang"):
        time.sleep(600)
    if name.startswith("error"):
        raise ValueError("nobody foresaw this")
