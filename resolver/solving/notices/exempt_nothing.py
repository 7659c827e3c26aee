"""Exemptions from a limit in time that nothing locked comes under: a slip, or another environment's."""

from __future__ import annotations

from resolver.model.exemptions import Exemptions
from resolver.model.notices import Notice
from resolver.model.resolution import Resolution


def exempt_nothing(exempt: Exemptions, resolution: Resolution) -> Notice | None:
    """Return a notice that names the exemptions under which no package of the answer comes; None: all do."""
    idle = tuple(text for text in exempt.texts if not _covers(Exemptions((text,)), resolution))
    if not idle:
        return None
    told, them = ", ".join(f"`{text}`" for text in idle), "it" if len(idle) == 1 else "them"
    return Notice(
        code="exempt-nothing",
        text=f"exclude-newer-except {told}: nothing that is locked comes under {them}",
        target=resolution.target.subdir,
        facts={"exemptions": idle},
    )


def _covers(exempt: Exemptions, resolution: Resolution) -> bool:
    return any(exempt.covers(pin.record.name, pin.channel) for pin in resolution.conda) or any(
        exempt.covers_project(pin.name) for pin in resolution.pypi
    )
