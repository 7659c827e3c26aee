"""NVIDIA drivers against CUDA: which toolkit a driver knows, what a toolkit or a major asks for."""

from __future__ import annotations

from typing import get_args

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


def oldest_listed_driver() -> str:
    """Return the first release of the oldest branch in NVIDIA's table of cuda-compat packages.

    It is assumed where a GPU is known and nothing says which driver: what is locked for it runs on every
    newer one too.
    """
    return first_of_branch(str(min(row.branch for row in facts.table(facts.CudaCompat).rows)))


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
    return release(driver)[0] <= known_branches()[-1]


def known_branches() -> tuple[int, ...]:
    """Return the driver branches that come with a toolkit, oldest first."""
    rows = facts.table(facts.CudaToolkit).rows
    return tuple(sorted({release(row.linux)[0] for row in rows if row.linux}))


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


def starts_on(image_cuda: str, cuda: str, branch: int, brand: facts.Brand | None) -> bool | None:
    """Tell whether an image starts on a driver branch that doesn't know its CUDA, but ``cuda``.

    Images of nvidia/cuda list such branches for brands of GPUs (None, not known: any of them). None where
    images of that CUDA differ, where it depends on a brand that isn't known, and, of a CUDA without a row,
    where the driver is of its major or images of that major list the branch.
    """
    rows = facts.table(facts.ImageRequirement).rows
    row = next((row for row in rows if row.cuda == minor(image_cuda)), None)
    if row is None:
        near = [row for row in rows if release(row.cuda)[0] == release(image_cuda)[0]]
        listed = any(_lists(row, branch, None) is not False for row in near)
        return None if listed or release(image_cuda)[0] == release(cuda)[0] else False
    return _lists(row, branch, brand)


def _lists(row: facts.ImageRequirement, branch: int, brand: facts.Brand | None) -> bool | None:
    """Tell whether images list a branch for a brand, or for all brands where it is None; None: some do."""
    brands: tuple[facts.Brand, ...] = get_args(facts.Brand) if brand is None else (brand,)
    always = [branch in row.branches.get(name, ()) for name in brands]
    if all(always):
        return True
    return None if any(always) or any(branch in row.sometimes.get(name, ()) for name in brands) else False
