"""Pip lines that conda packages meet, where the user prefers that (``pip-from-conda = prefer``)."""

from __future__ import annotations

from collections.abc import Iterable

from resolver.model.notices import Notice
from resolver.model.requirements import CondaRequirement, PypiRequirement
from resolver.model.resolution import Resolution


def met_by_conda(
    requirements: Iterable[CondaRequirement | PypiRequirement], resolution: Resolution
) -> Notice | None:
    """Return one notice that names each pip line which a conda package meets; None where there is none."""
    met: dict[str, str] = {}
    for line in requirements:
        if isinstance(line, PypiRequirement) and not line.is_constraint and line.name is not None:
            provider = resolution.provided.get(line.name)
            if provider is not None:
                met[line.text] = " ".join(provider)
    if not met:
        return None
    told = ", ".join(f"`{text}` by {package}" for text, package in met.items())
    return Notice(
        code="met-by-conda",
        text=f"pip lines met by conda packages (pip-from-conda prefer): {told}",
        target=resolution.target.subdir,
        facts={"lines": tuple(met), "packages": tuple(met.values())},
    )
