"""Projects whose names are one letter from a popular one's: a slip, or somebody who waits for slips."""

from __future__ import annotations

from collections.abc import Iterator

from resolver.model.findings import Severity
from resolver.model.notices import Notice
from resolver.model.resolution import Resolution


def near_popular_projects(resolution: Resolution, far: set[str] | None = None) -> Iterator[Notice]:
    """Yield a warning for each project of an index that is one letter from a popular one.

    Left out are those that a popular project asks for. ``far``: as :func:`near_popular_names` has it.
    """
    pins = {pin.name: pin for pin in resolution.pypi if pin.direct is None}
    if far is not None and far.issuperset(pins):
        return
    from resolver.constraints.known_projects import near_popular_names

    asked = {name: tuple(pin.dependencies) for name, pin in pins.items()}
    for name, popular in near_popular_names(asked, far):
        yield Notice(
            code="near-popular",
            severity=Severity.WARNING,
            text=f"`{name}` {pins[name].version} is one letter from `{popular}`, which many use: "
            "is it the one meant?",
            package=name,
            target=resolution.target.subdir,
            facts={"version": pins[name].version, "popular": popular},
        )
