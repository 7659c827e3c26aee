"""Lines that leave the lowest version open, where the lowest is wanted: then it is the very first one."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from resolver.constraints.version_order import VersionOrder, is_bounded
from resolver.model.notices import Notice
from resolver.model.requirements import CondaRequirement, PypiRequirement
from resolver.model.resolution import Resolution


def no_lower_bound(
    order: VersionOrder,
    lines: Sequence[CondaRequirement | PypiRequirement],
    resolution: Resolution,
    kept: Collection[tuple[bool, str]] = (),
) -> Notice | None:
    """Return a notice that names the packages whose lines and constraints give no lowest version.

    ``kept``: (is it conda's, name) of packages that stay where an earlier lockfile has them.
    """
    bounded = {_key(line) for line in lines if is_bounded(line)}
    asked = dict.fromkeys(_key(line) for line in lines if not line.is_constraint and _is_lowest(order, line))
    open_ones = tuple(key[1] for key in asked if key not in bounded and key not in kept)
    if not open_ones:
        return None
    told = ", ".join(f"`{name}`" for name in open_ones)
    return Notice(
        code="no-lower-bound",
        text=f"no lower bound on {told}: resolution {order.mode} goes back to the first version there is",
        target=resolution.target.subdir,
        facts={"packages": open_ones},
    )


def _key(line: CondaRequirement | PypiRequirement) -> tuple[bool, str]:
    return isinstance(line, CondaRequirement), line.name or ""


def _is_lowest(order: VersionOrder, line: CondaRequirement | PypiRequirement) -> bool:
    is_conda, name = _key(line)
    return order.is_lowest_conda(name) if is_conda else order.is_lowest_project(name)
