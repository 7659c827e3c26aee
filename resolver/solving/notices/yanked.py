"""Files that their owners have withdrawn, taken because a pin asks for them."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from packaging.utils import canonicalize_version

from resolver.constraints.pypi_policy import Policy
from resolver.model.findings import Severity
from resolver.model.names import PypiName
from resolver.model.notices import Notice
from resolver.model.resolution import Resolution


def yanked_but_pinned(policy: Policy, resolution: Resolution) -> Iterator[Notice]:
    """Yield a warning for each yanked file: what its owners say, and what holds it."""
    for pin in resolution.pypi:
        if pin.file is None or pin.file.yanked is None:
            continue
        by_line = _names((policy.pinned or {}).get(pin.name, ()), pin.version)
        why = f": {pin.file.yanked}" if pin.file.yanked else ""
        yield Notice(
            code="yanked",
            severity=Severity.WARNING,
            text=f"`{pin.name}` {pin.version} is yanked{why}; {_kept(pin.name, by_line=by_line)}",
            package=pin.name,
            target=resolution.target.subdir,
            facts={
                "version": pin.version,
                "reason": pin.file.yanked or None,
                "pinned_by": "line" if by_line else "lockfile",
            },
        )


def _names(pinned: Collection[str], version: str) -> bool:
    return canonicalize_version(version) in map(canonicalize_version, pinned)


def _kept(name: PypiName, *, by_line: bool) -> str:
    if by_line:
        return "it is taken as a line pins it"
    return f"it stays as the earlier lockfile has it (`--update {name}` takes another)"
