"""What runs in a worker process: it is made ready once, then does one job after the other."""

from __future__ import annotations

import contextlib
import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from lockfiles.files import Staged, stage_text
from lockfiles.fleet.records import FleetRecord

if TYPE_CHECKING:
    from lockfiles.fleet.jobs import Job
    from lockfiles.fleet.work import Write
    from lockfiles.surroundings import Surroundings

#: Objects made since garbage was last looked for, and still there, at which it is looked for again.
_MANY = 50_000

_surroundings: Surroundings | None = None


def start(folder: str) -> None:
    """Make this process a worker: in the folder that names count from, and gone with its parent."""
    from lockfiles.fleet.engines.processes import become_worker

    os.chdir(folder)
    become_worker()


def identify() -> int:
    """Return the number of this process."""
    return os.getpid()


class Done(msgspec.Struct, frozen=True):
    """A job's record, and its lockfile where that is still to be put in its place."""

    record: FleetRecord
    staged: Staged | None = None


def do_and_stage(job: Job) -> Done:
    """Do a job in this process, but don't wait until the disk has its lockfile, unless that is read here."""
    staged: list[Staged] = []

    def stage(place: Path, text: str) -> bool:
        found = stage_text(place, text, job.run)
        if isinstance(found, bool):
            return found
        staged.append(found)
        return True

    if {*job.work} <= {"lock", "update"}:
        return Done(do(job, stage), *staged)
    return Done(do(job))


def do(job: Job, write: Write | None = None) -> FleetRecord:
    """Do a job in this process; the record says what the process holds behind it."""
    from lockfiles.fleet.work import do_job
    from lockfiles.surroundings import surroundings_here

    global _surroundings
    if _surroundings is None:
        from resolver.constraints.kept_domains import ProcessShelf

        _surroundings = replace(surroundings_here(), shelf=ProcessShelf())
    with collected_behind():
        record = do_job(job, _surroundings, write)
    return replace(record, worker=f"{os.getpid()}", memory=memory_held())


@contextlib.contextmanager
def collected_behind() -> Iterator[None]:
    """Collect garbage behind a job, and then only what was made since: a third of its time went into looking.

    That waits until it is worth it, as jobs leave hardly any. What is there from then on, channels' records
    above all, is never looked at again; most of it stays as long as the process.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if gc.get_count()[0] >= _MANY:
            gc.collect()
            gc.freeze()
        if was_on:
            gc.enable()


def memory_held() -> int:
    """Return the bytes of memory that this process holds now; else the most it ever held."""
    try:
        with open("/proc/self/statm", "rb") as file:  # noqa: PTH123
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, AttributeError):
        pass
    try:
        import resource
        import sys
    except ImportError:
        return 0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
