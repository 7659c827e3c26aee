"""Builds without a date, which a limit in time leaves out."""

from __future__ import annotations

from resolver.constraints.conda_domain import RecordFault
from resolver.constraints.conda_side import CondaSide
from resolver.model.findings import Severity
from resolver.model.notices import Notice
from resolver.model.resolution import Resolution


def undated_left_out(side: CondaSide, resolution: Resolution) -> Notice | None:
    """Return one warning that names the packages of an answer of which undated builds are left out."""
    names = tuple(
        pin.record.name
        for pin in resolution.conda
        if any(out.fault is RecordFault.UNDATED for out in side.left_out.get(pin.record.name, ()))
    )
    if not names:
        return None
    told = ", ".join(f"`{name}`" for name in names)
    return Notice(
        code="undated",
        severity=Severity.WARNING,
        text=f"exclude-newer leaves out builds that have no date, of {told}; `--admit-undated` takes them",
        target=resolution.target.subdir,
        facts={"packages": names},
    )
