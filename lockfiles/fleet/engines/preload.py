"""All that a lock needs, imported once: workers are forked from the process that has it."""

from __future__ import annotations

import atexit
import contextlib
import os
from multiprocessing import forkserver

import lockfiles.fleet.engines.worker
import lockfiles.fleet.work
import lockfiles.formats.conda_lock.assemble
import lockfiles.formats.conda_lock.text
import lockfiles.freshness
import lockfiles.locking
import lockfiles.places
import lockfiles.request.request_hash
import lockfiles.session
import lockfiles.session_sources
import lockfiles.settings.model  # noqa: F401  (for its being loaded)
import resolver.constraints.pypi_side
import resolver.constraints.universe
import resolver.explain.showing.brief
import resolver.inputs.reading
import resolver.pipeline
import resolver.solving.engines
import resolver.sources.pypi.indexes  # noqa: F401


def _remove_address(own: int) -> None:
    """Remove the folder of the socket that this process forks workers by, as it ends.

    The command does so; where it was killed, this process alone is left to do it. Workers that were
    forked from it leave without coming here, and other files are left alone.
    """
    server = getattr(forkserver, "_forkserver", None)
    address = getattr(server, "_forkserver_address", None)
    if os.getpid() == own and isinstance(address, str) and f"{os.sep}pymp-" in address:
        with contextlib.suppress(OSError):
            os.unlink(address)  # noqa: PTH108
        with contextlib.suppress(OSError):
            os.rmdir(os.path.dirname(address))  # noqa: PTH106, PTH120


atexit.register(_remove_address, os.getpid())
