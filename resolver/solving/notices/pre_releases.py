"""Pre-releases that came in though nobody asked for one: no final release would do."""

from __future__ import annotations

from collections.abc import Iterator

from resolver.constraints.pypi_policy import Policy
from resolver.model.notices import Notice
from resolver.model.resolution import Resolution
from resolver.model.version_forms import is_pre_release


def unasked_pre_releases(policy: Policy, resolution: Resolution) -> Iterator[Notice]:
    """Yield a note for each pre-release whose project no line and no setting takes pre-releases of."""
    for pin in resolution.pypi:
        if pin.direct is None and is_pre_release(pin.version) and not policy.admits_pre_releases(pin.name):
            yield Notice(
                code="pre-release",
                text=f"`{pin.name}` {pin.version} is a pre-release: no final release meets all that is asked",
                package=pin.name,
                target=resolution.target.subdir,
                facts={"version": pin.version},
            )
