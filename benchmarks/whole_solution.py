"""Two answers to one problem, package by package: what is worse, what is better, how far behind.

What counts is what both answers have. Each package is compared twice:

* by its *version* alone: older or newer;
* by its *level*, as both solvers rank it: channel where priority counts, CUDA or CPU build where the target
  has ``__cuda``, number of track_features, version (:mod:`benchmarks.levels`). One answer *dominates* the
  other where some package is at a better level in it and none at a worse one.

The two differ where a newer version is of a channel, of a kind of build or with track_features that its
owner ranks behind. The *lag* of a package is the number of distinct newer versions in the
channels that it may come from, whatever the problem asks of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

import rattler

from benchmarks.levels import Levels, Placed
from benchmarks.prepare import Problem
from tests.oracles.conda_checker import spec_name


class Versions(Protocol):
    """Gives the versions that a package might have; :class:`benchmarks.compare_problems.Lags` does."""

    levels: Levels

    def newest_first(self, problem: Problem, name: str, specs: list[str]) -> list[rattler.Version]:
        """Return the distinct versions that these specs leave, newest first."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """Of the packages in both answers: those that differ in ours, and the lags of those not asked for."""

    older: tuple[str, ...]  #: by version: ``name ours:theirs``
    newer: tuple[str, ...]
    worse: tuple[str, ...]  #: by level: ``name ours:theirs``
    better: tuple[str, ...]
    lag: int
    lag_theirs: int

    @property
    def is_dominated(self) -> bool:
        """Whether something of ours is at a worse level and nothing at a better one."""
        return bool(self.worse) and not self.better

    @property
    def dominates(self) -> bool:
        """Whether something of ours is at a better level and nothing at a worse one."""
        return bool(self.better) and not self.worse

    @property
    def is_only_older(self) -> bool:
        """Whether some version of ours is older and none newer."""
        return bool(self.older) and not self.newer

    @property
    def is_only_newer(self) -> bool:
        """Whether some version of ours is newer and none older."""
        return bool(self.newer) and not self.older


def compare_whole(problem: Problem, ours: Iterable[str], theirs: Iterable[str], versions: Versions) -> Whole:
    """Compare two solutions, given as ``channel/subdir/file``."""
    left, right = versions.levels.chosen(problem, ours), versions.levels.chosen(problem, theirs)
    asked = {spec_name(spec) for spec in problem.specs}
    older, newer, worse, better = [], [], [], []
    for name in sorted(left.keys() & right.keys()):
        mine, other = left[name], right[name]
        if mine.version != other.version:
            (older if mine.version < other.version else newer).append(
                f"{name} {mine.version}:{other.version}"
            )
        if mine.key != other.key:
            (worse if mine.is_behind(other) else better).append(f"{name} {mine}:{other}")
    lags = [_lag(problem, left, right, asked, versions), _lag(problem, right, left, asked, versions)]
    return Whole(
        older=tuple(older), newer=tuple(newer), worse=tuple(worse), better=tuple(better),
        lag=lags[0], lag_theirs=lags[1],
    )  # fmt: skip


def _lag(
    problem: Problem,
    one: Mapping[str, Placed],
    other: Mapping[str, Placed],
    asked: set[str],
    versions: Versions,
) -> int:
    """Return how many newer versions there are of what comes in with both answers, in sum."""
    return sum(
        known > one[name].version
        for name in one.keys() & other.keys() - asked
        for known in versions.newest_first(problem, name, [])
    )
