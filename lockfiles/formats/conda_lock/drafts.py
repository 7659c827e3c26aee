"""Packages of a lockfile and the text of their entries, made as each resolution is found.

Resolutions are found one after the other, and what becomes of one hangs on no other. So a run that waits for
the last of them has written most of the file by then.
"""

from __future__ import annotations

from collections.abc import Sequence

from lockfiles.formats.conda_lock.assemble import locked_packages, references_of
from lockfiles.formats.conda_lock.entries import EntryTexts
from lockfiles.model import LockedChannel, LockedPackage
from resolver.model.resolution import Resolution


class Drafts:
    """What resolutions come to under some channels; what isn't here is made where it is needed."""

    def __init__(self, channels: Sequence[LockedChannel], texts: EntryTexts) -> None:
        """``channels``: as the lockfile will name them; ``texts``: what is known of an earlier one."""
        self._references = references_of(channels)
        self._packages: list[tuple[Resolution, tuple[LockedPackage, ...]]] = []
        self._texts = texts

    def add(self, resolution: Resolution) -> None:
        """Make what a resolution comes to."""
        packages = tuple(locked_packages(resolution, self._references))
        self._packages.append((resolution, packages))
        for package in packages:
            self._texts.note(package, self._texts.of(package))

    def packages(self, resolution: Resolution) -> Sequence[LockedPackage]:
        """Return the packages of a resolution."""
        for known, packages in self._packages:
            if known is resolution:
                return packages
        return tuple(locked_packages(resolution, self._references))

    def text(self, package: LockedPackage) -> str:
        """Return the text of a package's entries."""
        return self._texts.of(package)
