"""The Python that conda gives to pip lines though no line names one."""

from __future__ import annotations

from collections.abc import Sequence

from resolver.model.notices import Notice
from resolver.model.requirements import CondaRequirement, PypiRequirement
from resolver.model.resolution import Resolution


def default_python(
    requirements: Sequence[CondaRequirement | PypiRequirement], resolution: Resolution
) -> Notice | None:
    """Return what is said of a Python that was chosen; None where a line or setting names it."""
    if not any(isinstance(line, PypiRequirement) and not line.is_constraint for line in requirements):
        return None
    if any(isinstance(line, CondaRequirement) and line.name == "python" for line in requirements):
        return None
    pin = next((pin for pin in resolution.conda if pin.record.name == "python"), None)
    if pin is None:
        return None
    version = pin.record.version
    return Notice(
        code="default-python",
        text=f"Python {version} of {pin.channel.name} is chosen for the pip lines: "
        "no line names one (`python=VERSION`, or `--python`)",
        package="python",
        target=resolution.target.subdir,
        facts={"version": version, "source": pin.channel.name},
    )
