"""The level of a chosen record, from repodata alone: what a channel's owner ranks behind is worse.

::

    channel's place       where the problem has a priority
    CUDA before CPU       where the target has ``__cuda``; a CUDA build over a year older than the newest CPU
                          build is not gone back for, and only stands before CPU builds of its version
    track_features        fewer are better
    version               newer is better

Nothing of the solver's own order is used but the names of CUDA's packages, so this may judge it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import rattler

from benchmarks.prepare import Problem
from resolver.constraints.cuda_builds import is_cuda_name
from tests.oracles.channel_folder import ChannelFolder

_YEAR = 365 * 24 * 3600 * 1000  # milliseconds
#: channel, CUDA that outranks newer versions, track_features; version; CUDA of the version
Key: TypeAlias = tuple[tuple[int, int, int], rattler.Version, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A chosen record of a package, and where its level stands."""

    version: rattler.Version
    features: int
    key: Key

    def is_behind(self, other: Placed) -> bool:
        """Tell whether the level is worse."""
        before, version, kind = self.key
        other_before, other_version, other_kind = other.key
        if before != other_before:
            return before > other_before
        return version < other_version if version != other_version else kind > other_kind

    def __str__(self) -> str:
        _, _, kind = self.key
        return f"{self.version}{f' with {self.features} track_features' if self.features else ''}" + (
            "" if kind else " for CUDA"
        )


class Levels:
    """Reads the levels of chosen records from a folder of channels."""

    def __init__(self, folder: ChannelFolder) -> None:
        self._folder = folder
        self._newest_cpu: dict[tuple[str, str], dict[str, int]] = {}

    def chosen(self, problem: Problem, solution: Iterable[str]) -> Mapping[str, Placed]:
        """Return the packages of a solution, given as ``channel/subdir/file``, by name."""
        found = {}
        for address in solution:
            channel, subdir, file_name = address.rsplit("/", 2)
            entry = self._folder.entries(channel, subdir).get(file_name)
            if entry is not None:
                found[entry["name"].lower()] = self._placed(problem, channel, entry)
        return found

    def _placed(self, problem: Problem, channel: str, entry: Mapping[str, Any]) -> Placed:
        channels = problem.channels
        place = channels.index(channel) if channel in channels else len(channels)
        features = len(_words(entry.get("track_features")))
        cuda = any(name == "__cuda" for name, _ in problem.virtual_packages) and _is_cuda(entry)
        version = rattler.Version(entry["version"])
        before = (
            place if problem.channel_priority != "disabled" else 0,
            int(not (cuda and self._is_recent(problem.platform, channel, entry))),
            features,
        )
        return Placed(version=version, features=features, key=(before, version, int(not cuda)))

    def _is_recent(self, platform: str, channel: str, entry: Mapping[str, Any]) -> bool:
        """Tell whether a CUDA build is at most a year older than the newest CPU build of its package."""
        if not entry.get("timestamp"):
            return True
        newest = self._newest_cpu.get((platform, channel))
        if newest is None:
            newest = self._newest_cpu[platform, channel] = {}
            for subdir in (platform, "noarch"):
                for other in self._folder.entries(channel, subdir).values():
                    if not _is_cuda(other):
                        name = other["name"]
                        newest[name] = max(newest.get(name, 0), other.get("timestamp", 0))
        return bool(entry["timestamp"] >= newest.get(entry["name"], 0) - _YEAR)


def _is_cuda(entry: Mapping[str, Any]) -> bool:
    """Tell whether a record is a CUDA build: it needs a package of CUDA's, or a build named for CUDA."""
    for text in entry.get("depends", ()):
        name, _, rest = text.partition(" ")
        if is_cuda_name(name) or any("cuda" in build for build in rest.split()[1:]):
            return True
    return False


def _words(features: str | list[str] | None) -> list[str]:
    return features.replace(",", " ").split() if isinstance(features, str) else list(features or ())
