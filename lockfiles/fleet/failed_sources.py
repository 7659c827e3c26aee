"""Sources that failed, and the jobs that wait until they do better.

::

    all other jobs are done ── 1, 2, 4 ... seconds ──> one job of each source is tried ──> the others follow
                                     └──────────────── it fails again <───────┘

A host that no name server knows is mostly misspelt, or of another network: it is waited for a few seconds
only. Where a name server doesn't answer, the host may be there: that is a source like any other.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from msgspec.structs import replace

from lockfiles.fleet.causes import server_of
from lockfiles.fleet.jobs import Job
from lockfiles.fleet.records import FleetRecord

#: Seconds that a host is waited for whose name is unknown; a name server that starts anew takes less.
NAME_PATIENCE = 7.0


class FailedSource(msgspec.Struct, frozen=True, kw_only=True):
    """One source that failed: the reason, as the first job met it, and how many jobs wait for it."""

    source: str  #: scheme and host of a server
    reason: str
    jobs: int
    patience: float  #: seconds for which it is waited for


class _Source:
    """What is kept of one source."""

    def __init__(self, reason: str, patience: float) -> None:
        self.reason, self.patience = reason, patience
        self.jobs: list[Job] = []


class FailedSources:
    """Jobs that sources failed, by source. ``spent``: seconds since the wait for them began."""

    def __init__(self, patience: float) -> None:
        """``patience``: seconds for which a source is waited for."""
        self._patience = patience
        self._sources: dict[str, _Source] = {}
        self._probes: dict[int, str] = {}  #: number of a job that is tried for all of its source's
        self._delay = 1.0

    def keep(self, job: Job, record: FleetRecord) -> bool:
        """Keep a job for which a source failed that may do better in a while; False: none did."""
        failure = next((one for one in record.failures if one.may_pass), None)
        if failure is None:
            return False
        self._probes.pop(job.number, None)
        source = server_of(failure.message) or failure.cause
        is_unknown = failure.kind == "UnknownHostError"
        patience = min(self._patience, NAME_PATIENCE) if is_unknown else self._patience
        reason = failure.cause.partition(": ")[2] or failure.cause
        known = self._sources.setdefault(source, _Source(reason, patience))
        known.patience = max(known.patience, patience)
        known.jobs.append(job)
        return True

    def got_on(self, job: Job) -> list[Job]:
        """Return the jobs that waited for the source that a job was tried for, and that has done better."""
        source = self._probes.pop(job.number, None)
        known = self._sources.pop(source, None) if source is not None else None
        return _again(known.jobs) if known is not None else []

    def waiting(self) -> tuple[FailedSource, ...]:
        """Return the sources that jobs wait for, those of most jobs first."""
        found = [
            FailedSource(source=name, reason=one.reason, jobs=len(one.jobs), patience=one.patience)
            for name, one in self._sources.items()
        ]
        return tuple(sorted(found, key=lambda one: (-one.jobs, one.source)))

    def pause(self, spent: float) -> float | None:
        """Return the seconds until sources are to be tried; None: nothing waits, or patience has ended."""
        left = max((one.patience for one in self._sources.values()), default=0.0) - spent
        if left <= 0:
            return None
        pause, self._delay = min(self._delay, left), 2 * self._delay
        return pause

    def to_try(self, spent: float) -> list[Job]:
        """Take one job of each source that is still waited for."""
        found = []
        for name, one in self._sources.items():
            if one.jobs and spent <= one.patience:
                job = one.jobs.pop(0)
                self._probes[job.number] = name
                found.append(job)
        return _again(found)

    def clear(self) -> None:
        """Forget sources whose jobs have all been tried."""
        self._sources = {name: one for name, one in self._sources.items() if one.jobs}

    def all(self) -> list[Job]:
        """Take all jobs that still wait."""
        jobs = [job for one in self._sources.values() for job in one.jobs]
        self._sources.clear()
        return _again(jobs)


def _again(jobs: Iterable[Job]) -> list[Job]:
    return [replace(job, attempt=job.attempt + 1) for job in jobs]
