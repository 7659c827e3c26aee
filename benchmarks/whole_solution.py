"""Two answers to one problem, package by package: what is older, what is newer, how far behind.

What counts is what both answers have, by version alone. One answer *dominates* the other where some package
is newer in it and none is older. The *lag* of a package is the number of distinct newer versions in the
channels that it may come from, whatever the problem asks of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

import rattler

from benchmarks.prepare import Problem
from tests.oracles.channel_folder import ChannelFolder
from tests.oracles.conda_checker import spec_name


class Versions(Protocol):
    """Gives the versions that a package might have; :class:`benchmarks.compare_problems.Lags` does."""

    folder: ChannelFolder

    def newest_first(self, problem: Problem, name: str, specs: list[str]) -> list[rattler.Version]:
        """Return the distinct versions that these specs leave, newest first."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """Of the packages in both answers: those older and newer in ours, and the lags of those not asked for."""

    older: tuple[str, ...]  #: ``name ours:theirs``
    newer: tuple[str, ...]
    lag: int
    lag_theirs: int

    @property
    def is_dominated(self) -> bool:
        """Whether something of ours is older and nothing newer."""
        return bool(self.older) and not self.newer

    @property
    def dominates(self) -> bool:
        """Whether something of ours is newer and nothing older."""
        return bool(self.newer) and not self.older


def compare_whole(problem: Problem, ours: Iterable[str], theirs: Iterable[str], versions: Versions) -> Whole:
    """Compare two solutions, given as ``channel/subdir/file``."""
    left, right = _chosen(ours, versions.folder), _chosen(theirs, versions.folder)
    asked = {spec_name(spec) for spec in problem.specs}
    older, newer, lags = [], [], [0, 0]
    for name in sorted(left.keys() & right.keys()):
        mine, other = left[name], right[name]
        if mine == other:
            continue
        (older if mine < other else newer).append(f"{name} {mine}:{other}")
    for name in left.keys() & right.keys() - asked:
        known = versions.newest_first(problem, name, [])
        for side, chosen in enumerate((left[name], right[name])):
            lags[side] += sum(one > chosen for one in known)
    return Whole(older=tuple(older), newer=tuple(newer), lag=lags[0], lag_theirs=lags[1])


def _chosen(solution: Iterable[str], folder: ChannelFolder) -> Mapping[str, rattler.Version]:
    found = (folder.find(address) for address in solution)
    return {one.record.name.lower(): rattler.Version(one.record.version) for one in found if one is not None}
