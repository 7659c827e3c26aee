"""What a fleet asks of an engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec

from lockfiles.fleet.jobs import Job
from lockfiles.fleet.records import FleetRecord


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """How a job ended: with its record, or lost with its worker.

    ``lost`` is ``died`` (the worker ended with the job under way) or ``timeout`` (it was ended, as the
    job took longer than it may); ``told`` says more, for people.
    """

    job: Job
    record: FleetRecord | None = None
    lost: str | None = None
    told: str = ""
    worker: str = ""


class Engine(Protocol):
    """Does jobs side by side."""

    @property
    def capacity(self) -> int:
        """Jobs that it does at once."""
        ...

    @property
    def room(self) -> int:
        """Jobs that it takes now; some that have ended are perhaps not returned yet."""
        ...

    def submit(self, job: Job) -> None:
        """Take a job; there is ``room`` for it."""
        ...

    def wait(self, patience: float) -> Sequence[Ended]:
        """Return the jobs that have ended, after ``patience`` seconds at most; may be none."""
        ...

    def close(self) -> None:
        """End all workers, also those that are at work."""
        ...
