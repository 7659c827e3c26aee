"""All that a lock needs, imported once: workers are forked from the process that has it."""

from __future__ import annotations

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
