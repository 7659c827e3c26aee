"""Wheels of one release, by the Python that takes each: they may ask for different things.

::

    x 1.0   cp312 wheel   needs a      likely taken: the search takes its word for the release
            cp311 wheel   needs a, b   taken where the search ends with Python 3.11

To read every wheel of every release would cost a request each, and of nearly all releases the wheels
ask for the same. Where the index gives hashes of the metadata (PEP 658) and they differ, the release is
*told apart*: each wheel's requirements hold under the Pythons that take it. Where it gives none, the
wheel that an answer takes is compared with the one that was read (:mod:`resolver.solving.taken_wheels`),
and if they ask for different things the search begins anew with the release told apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from resolver.constraints.pypi_domain import Release
from resolver.constraints.python_view import PythonView
from resolver.metadata.wheel_tags import WheelTags, wheel_tag_text
from resolver.model.names import PypiName
from resolver.model.records import DistFile

#: How many searches find releases to tell apart one by one; from then on all are, so that there is an end.
_ROUNDS = 3
#: behind every wheel
_SDIST = 1 << 30


class ToldApart:
    """The releases whose wheels are read one by one."""

    def __init__(self) -> None:
        self._releases: set[tuple[PypiName, str]] = set()
        self._rounds = 0

    def covers(self, name: PypiName, version: str) -> bool:
        """Tell whether a release's wheels are read one by one."""
        if not self._rounds:  # as nearly always, and each release is asked for thrice
            return False
        return (name, version) in self._releases or self._rounds > _ROUNDS

    def add(self, releases: Iterable[tuple[PypiName, str]]) -> None:
        """Tell some releases apart, as a search found that their wheels differ."""
        self._releases.update(releases)
        self._rounds += 1


def may_differ(release: Release) -> bool:
    """Tell whether the index says that metadata of the release's files differ (PEP 658: by their hashes)."""
    if len(release.files) < 2:
        return False
    texts = {file.metadata_hashes.get("sha256") for file in release.files if file.metadata_hashes}
    return len(texts - {None}) > 1


def iter_taken(
    release: Release, python: PythonView, tags: WheelTags, within: int
) -> Iterator[tuple[DistFile, int]]:
    """Yield the release's files that an installer would take, each with the Pythons under which it does.

    A Python may come with several files' turns, but under one file only. ``within``: Pythons of interest.
    """
    for minor in python.minors_of(within):
        left = python.minor(minor) & within
        for file in _best_first(release.files, tags, minor):
            taken = left & python.required(file.requires_python)
            if taken:
                yield file, taken
                left &= ~taken


def _best_first(files: tuple[DistFile, ...], tags: WheelTags, minor: tuple[int, int]) -> list[DistFile]:
    """Return the files that fit a Python; of equal ones the first stands in front."""
    ranked = []
    for place, file in enumerate(files):
        rank = _rank(file, tags, minor)
        if rank is not None:
            ranked.append((rank, place))
    if len(ranked) > 1:
        ranked.sort()
    return [files[place] for _, place in ranked]


def _rank(file: DistFile, tags: WheelTags, minor: tuple[int, int]) -> int | None:
    return tags.rank(wheel_tag_text(file.file_name), minor) if file.is_wheel else _SDIST
