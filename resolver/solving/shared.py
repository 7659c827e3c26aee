"""Projects that several indexes have: which one gave the file, and which have the name too."""

from __future__ import annotations

from collections.abc import Mapping

from resolver.metadata.passed_over import PassedOver
from resolver.model.names import PypiName
from resolver.model.resolution import Resolution, Shared


def shared_projects(
    resolution: Resolution,
    passed_over: Mapping[PypiName, PassedOver],
    together: Mapping[PypiName, tuple[str, ...]],
) -> dict[PypiName, Shared]:
    """Return the projects of an answer that several indexes have, by name.

    ``passed_over``: those that the first index decided; ``together``: those whose files all count.
    """
    found: dict[PypiName, Shared] = {}
    for pin in resolution.pypi:
        over = passed_over.get(pin.name)
        if over is not None:
            indexes = (over.first.name, *(index.name for index, _ in over.later))
            found[pin.name] = Shared(index=over.first.name, indexes=indexes)
        elif pin.name in together and pin.index in together[pin.name]:
            found[pin.name] = Shared(index=str(pin.index), indexes=together[pin.name])
    return found
