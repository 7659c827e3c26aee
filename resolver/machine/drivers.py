"""NVIDIA drivers against CUDA: which toolkit a driver knows, what a toolkit or a major asks for."""

from __future__ import annotations

import itertools

from resolver.machine import facts
from resolver.model.findings import Unknown
from resolver.model.leading_numbers import at_least, minor, release


def _floor(row: facts.CudaToolkit, system: str) -> str | None:
    return row.windows if system == "win" else row.linux


def newest_cuda(driver: str, system: str = "linux") -> str | None:
    """Return the newest CUDA (``12.4``) that a driver knows, None for one older than every toolkit listed."""
    for row in facts.table(facts.CudaToolkit).rows:
        floor = _floor(row, system)
        if floor is not None and at_least(driver, floor):
            return row.cuda
    return None


def first_of_branch(driver: str) -> str:
    """Return the first listed release of a branch (``535``: ``535.54.03``); any other driver as it is."""
    if "." in driver:
        return driver
    listed = [row.linux for row in facts.table(facts.CudaToolkit).rows if row.linux is not None]
    of_branch = [text for text in listed if release(text)[:1] == release(driver)[:1]]
    return min(of_branch, key=release, default=driver)


def toolkit_driver(cuda: str, system: str = "linux") -> facts.CudaToolkit | None:
    """Return the first release of a toolkit (``12.4``) that has a driver listed, None where there is none."""
    rows = [row for row in facts.table(facts.CudaToolkit).rows if row.cuda == minor(cuda)]
    listed = [row for row in rows if _floor(row, system) is not None]
    return min(listed, key=lambda row: release(_floor(row, system) or "")) if listed else None


def family_driver(major: int) -> facts.CudaFamily | None:
    """Return the driver floor of a CUDA major, None where no row says it."""
    return next((row for row in facts.table(facts.CudaFamily).rows if row.major == major), None)


def newest_toolkit() -> facts.CudaToolkit:
    """Return the newest toolkit that the facts know."""
    return max(facts.table(facts.CudaToolkit).rows, key=lambda row: release(row.cuda))


def cuda_is_known(cuda: str) -> bool:
    """Tell whether a CUDA (``12.4.1``) isn't newer than the newest toolkit of the facts."""
    return at_least(newest_toolkit().cuda, minor(cuda))


def driver_is_listed(driver: str) -> bool:
    """Tell whether a driver's branch isn't newer than the newest one of the facts."""
    branches = [release(row.linux)[0] for row in facts.table(facts.CudaToolkit).rows if row.linux]
    return release(driver)[0] <= max(branches)


def unknown_driver(driver: str) -> Unknown:
    """Say that a driver is newer than the facts, and as what it is judged."""
    newest = newest_toolkit()
    return Unknown(
        subject=f"driver {driver}",
        text=f"driver {driver} is newer than the facts know (branch {release(newest.linux or '')[0]}); it is "
        f"taken to know CUDA {newest.cuda} at least",
        date=facts.table(facts.CudaToolkit).read,
        tables=("cuda_compat", "image_requirements"),
    )


def unknown_cuda(cuda: str, what: str) -> Unknown:
    """Say that a CUDA is newer than the facts; ``what`` has it (``image ...``, ``the driver``)."""
    return Unknown(
        subject=f"CUDA {minor(cuda)}",
        text=f"CUDA {minor(cuda)} of {what} is newer than the facts know ({newest_toolkit().cuda})",
        date=facts.table(facts.CudaToolkit).read,
        tables=("cuda_toolkits", "image_requirements", "cuda_compat"),
    )


def starting_branches(cuda: str, brand: facts.Brand | None) -> frozenset[int]:
    """Return the driver branches on which an image starts although they don't know its CUDA.

    They are those that images of nvidia/cuda list for a brand of GPU (None, not known: for any); for a CUDA
    without such a row, those of its cuda-compat.
    """
    row = next((row for row in facts.table(facts.ImageRequirement).rows if row.cuda == minor(cuda)), None)
    if row is not None:
        lists = row.branches.values() if brand is None else (row.branches.get(brand, ()),)
        return frozenset(itertools.chain.from_iterable(lists))
    return frozenset(
        row.branch
        for row in facts.table(facts.CudaCompat).rows
        if row.cuda == minor(cuda) and row.verdict == "compatible"
    )
