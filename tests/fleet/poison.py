"""What workers do in tests: jobs that end their worker, hang, or take memory; the others are done as ever."""

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
    name = Path(job.file).stem
    with Path(job.file).with_suffix(".begun").open("a") as file:
        file.write(f"{os.getpid()}\n")
    if name == "poison" or (name.startswith("unlucky") and job.attempt == 1):
        os.kill(os.getpid(), signal.SIGKILL)
    if name.startswith("hang"):
        time.sleep(600)
    if name.startswith("error"):
        raise ValueError("nobody foresaw this")
    record = worker.do(job)
    return replace(record, memory=1 << 40) if name.startswith("large") else record
