"""Which builds of a small universe are CUDA builds, told from its evaluated needs alone."""

from __future__ import annotations

from tests.oracles.universes import Candidate, Kind, Need, Universe


def cuda_builds(data: Universe, key: str, seen: frozenset[str] = frozenset()) -> frozenset[int]:
    """Return a conda package's CUDA builds; empty where all are of one kind, or the target has no driver."""
    package = data.packages.get(key)
    if package is None or package.kind is not Kind.CONDA or not _has_driver(data) or key in seen:
        return frozenset()
    found = frozenset(
        index for index, one in enumerate(package.candidates) if _is_cuda(data, one, seen | {key})
    )
    return found if len(found) < len(package.candidates) else frozenset()


def _has_driver(data: Universe) -> bool:
    driver = data.packages.get("__cuda")
    return driver is not None and bool(driver.candidates)


def _is_cuda(data: Universe, candidate: Candidate, seen: frozenset[str]) -> bool:
    return any(_says_cuda(data, need, seen) for need in candidate.needs if not need.optional)


def _says_cuda(data: Universe, need: Need, seen: frozenset[str]) -> bool:
    if need.package == "__cuda":
        return True
    if len(need.text.split()) < 3 or not need.allowed:  # no build string: builds of any kind will do
        return False
    return need.allowed <= cuda_builds(data, need.package, seen)
