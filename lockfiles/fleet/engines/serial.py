"""One job after the other, in this process: no worker, no limit in time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from lockfiles.fleet.engines.protocol import Ended
from lockfiles.fleet.jobs import Job
from lockfiles.fleet.records import FleetRecord


class SerialEngine:
    """Does a job when it is waited for."""

    capacity = 1

    def __init__(self, do: Callable[[Job], FleetRecord]) -> None:
        self._do = do
        self._jobs: deque[Job] = deque()

    @property
    def room(self) -> int:
        """One job at a time."""
        return 0 if self._jobs else 1

    def submit(self, job: Job) -> None:
        """Take a job."""
        self._jobs.append(job)

    def wait(self, patience: float) -> Sequence[Ended]:
        """Do the next job, however long that takes."""
        del patience
        if not self._jobs:
            return ()
        job = self._jobs.popleft()
        return (Ended(job=job, record=self._do(job), worker="here"),)

    def close(self) -> None:
        """Do nothing: there is no worker."""
