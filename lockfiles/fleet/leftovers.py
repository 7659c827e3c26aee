"""Temporary files beside lockfiles: those of a run that is over are removed, and nobody else's.

::

    .conda-lock.yml.3f9c21aa04be7d15.<random>.tmp    staged: whole, but not in its place yet
                    the run's word, which stands in its journal

A worker that is killed leaves what it was writing, and a command that is killed what its workers had staged.
The run itself removes the first at its end, the next run of the same fleet the second: its journal tells the
word, and the system whether who had it is still at work.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from lockfiles.files import drop_left

if TYPE_CHECKING:
    from lockfiles.fleet.jobs import Job


def new_word() -> str:
    """Return a word that no other run has."""
    return os.urandom(8).hex()


class Leftovers:
    """What may lie beside the lockfiles of a run."""

    def __init__(self, places: Mapping[str, Path], own: str, earlier: Iterable[str]) -> None:
        """Remove what runs have left that are over, whose words are ``earlier``.

        ``places``: file -> lockfile. ``own``: this run's word.
        """
        self._places, self._own = places, own
        self._under_way: set[str] = set()
        self._lost: set[str] = set()
        words = tuple(earlier)
        drop_left(_folders_of(places.values()) if words else (), words)

    def given(self, job: Job) -> Job:
        """Return a job as it goes to a worker: with the run's word."""
        self._under_way.add(job.file)
        return replace(job, run=self._own)

    def ended(self, job: Job, *, is_lost: bool) -> None:
        """Note that a job has ended; whose worker was lost may have left something."""
        self._under_way.discard(job.file)
        if is_lost:
            self._lost.add(job.file)

    def drop(self) -> None:
        """Remove what workers that were ended have left, when none is at work any more."""
        files = self._places.keys() & (self._under_way | self._lost)
        drop_left(_folders_of(self._places[file] for file in files), (self._own,))


def _folders_of(places: Iterable[Path]) -> list[str]:
    """Return the folders in which these files, and others of their inputs, are replaced."""
    found: set[str] = set()
    for place in places:
        found.update((os.path.realpath(place.parent), os.path.dirname(os.path.realpath(place))))  # noqa: PTH120
    return sorted(found)
