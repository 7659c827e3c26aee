"""All notices of one answer, in the order in which they are told."""

from __future__ import annotations

from collections.abc import Iterator

from resolver.constraints.universe import JointUniverse
from resolver.model.notices import Notice
from resolver.model.resolution import Resolution
from resolver.solving.notices.met_by_conda import met_by_conda


def iter_notices(universe: JointUniverse, resolution: Resolution) -> Iterator[Notice]:
    """Yield what is to be said of an answer."""
    if universe.pip_from_conda == "prefer":
        found = met_by_conda(universe.requirements, resolution)
        if found is not None:
            yield found
