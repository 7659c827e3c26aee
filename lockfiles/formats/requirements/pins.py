"""Requirements that pin everything (``name==version --hash=...``), taken as a resolution."""

from __future__ import annotations

import re

from resolver.model.requirements import PypiRequirement, Requirements
from resolver.model.resolution import PypiPin, Resolution
from resolver.model.target import Target

_PIN = re.compile(r"={2,3}\s*([^\s,;*]+)\s*")


def pinned_version(requirement: PypiRequirement) -> str | None:
    """Return the one version a requirement allows, None where it allows several."""
    match = _PIN.fullmatch(requirement.specifier.strip())
    return match[1] if match else None


def is_pinned(requirements: Requirements) -> bool:
    """Tell whether nothing is left to solve: no conda part, and one version for every project."""
    wanted = [item for item in requirements.pypi if not item.is_constraint]
    return (
        bool(wanted)
        and not requirements.conda
        and all(pinned_version(item) or item.direct for item in wanted)
    )


def resolution_of_pins(requirements: Requirements, target: Target) -> Resolution:
    """Return the pins whose markers hold on the target; the files behind the hashes are not known.

    A marker is judged with the target's Python (3.12 where it names none).
    """
    environment = target.marker_environment()
    python = target.python or "3.12"
    environment |= {
        "python_full_version": python,
        "python_version": ".".join(python.split(".")[:2]),
        "extra": "",
    }
    pins = {}
    for item in requirements.pypi:
        version = pinned_version(item)
        if item.is_constraint or item.name is None or not item.holds(environment):
            continue
        pins[item.name] = PypiPin(
            name=item.name,
            version=version or "0",
            file=None,
            direct=item.direct,
            index=item.index,
            extras=item.extras,
        )
    return Resolution(
        target=target, python=target.python, conda=(), pypi=tuple(pins[name] for name in sorted(pins))
    )
