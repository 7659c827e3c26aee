"""What the workers of a cluster that is made for a run load as they start (Dask's `preload`)."""

from __future__ import annotations

from lockfiles.fleet.engines.processes import become_worker


def dask_setup(worker: object) -> None:
    """Make a worker's process one that only the command ends, and that is gone with it."""
    del worker
    become_worker()
