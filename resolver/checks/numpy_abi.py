"""Wheels that were compiled for numpy 1 beside numpy 2, which their metadata may not say."""

from __future__ import annotations

from collections.abc import Iterator

from resolver.checks.numpy_facts import NumpyAbi, numpy_rows
from resolver.model.findings import Severity
from resolver.model.leading_numbers import release
from resolver.model.notices import Notice
from resolver.model.resolution import CondaPin, PypiPin, Resolution

Pin = CondaPin | PypiPin


def numpy_faults(resolution: Resolution) -> Iterator[tuple[NumpyAbi, Pin, Pin]]:
    """Yield row, package and numpy for each package of a resolution that its numpy breaks, by row.

    Conda's packages carry the numpy that they were built with in their records; of them only torch of other
    channels than conda-forge is judged, whose records name none.
    """
    conda = {pin.record.name: pin for pin in resolution.conda}
    pypi = {str(pin.name): pin for pin in resolution.pypi}
    numpy: Pin | None = conda.get("numpy") or pypi.get("numpy")
    if numpy is None or release(_version(numpy)) < (2,):
        return
    for row in numpy_rows():
        pin: Pin | None = pypi.get(row.project)
        if row.project == "torch" and pin is None:
            pin = conda.get("pytorch")
        if pin is None or resolution.target.subdir not in row.platforms:
            continue
        if isinstance(pin, CondaPin) and "conda-forge" in pin.channel.name:
            continue
        if release(_version(pin)) < release(row.before):
            yield row, pin, numpy


def numpy_fault_text(row: NumpyAbi, pin: Pin, numpy: Pin) -> str:
    """Return one line: which package was built for numpy 1, and which numpy is there."""
    return f"{row.project} {_version(pin)} is built for numpy 1, the environment has numpy {_version(numpy)}"


def numpy_notices(resolution: Resolution) -> tuple[Notice, ...]:
    """Return a warning for each package of a lock that its numpy breaks: its metadata didn't forbid it."""
    return tuple(
        Notice(
            code="numpy-abi",
            severity=Severity.WARNING,
            package=str(pin.name),
            target=resolution.target.subdir,
            text=f"{numpy_fault_text(row, pin, numpy)}, which its metadata allow: ask for `numpy<2`, or for "
            f"{row.project} {row.before} or newer",
            facts={"version": _version(pin), "numpy": _version(numpy), "before": row.before},
        )
        for row, pin, numpy in numpy_faults(resolution)
    )


def _version(pin: Pin) -> str:
    """Return a pin's version without its local part."""
    text = pin.record.version if isinstance(pin, CondaPin) else pin.version
    return text.split("+", 1)[0]
