"""Packages of a lockfile and the text of their entries, made as each resolution is found.

Resolutions are found one after the other, and what becomes of one hangs on no other. So a run that waits for
the last of them has written most of the file by then.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, MutableMapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from lockfiles.formats.conda_lock.assemble import (
    locked_conda,
    locked_packages,
    locked_pypi,
    references_of,
)
from lockfiles.formats.conda_lock.entries import EntryTexts
from lockfiles.model import LockedChannel, LockedPackage
from resolver.model.resolution import Resolution

if TYPE_CHECKING:
    from resolver.model.records import CondaRecord

#: Where and as what a record is taken -> the very record, the package that it is, and its text.
KeptDrafts: TypeAlias = "MutableMapping[Hashable, tuple[CondaRecord, LockedPackage, str]]"


class Drafts:
    """What resolutions come to under some channels; what isn't here is made where it is needed."""

    def __init__(
        self, channels: Sequence[LockedChannel], texts: EntryTexts, kept: KeptDrafts | None = None
    ) -> None:
        """``channels``: as the lockfile will name them; ``texts``: what is known of an earlier one.

        ``kept``: what was made for other lockfiles of this process.
        """
        self._references = references_of(channels)
        self._kept = None if self._references else kept
        self._packages: list[tuple[Resolution, tuple[LockedPackage, ...]]] = []
        self._texts = texts

    def add(self, resolution: Resolution) -> None:
        """Make what a resolution comes to."""
        packages = []
        for package, text in self._made(resolution):
            packages.append(package)
            self._texts.note(package, text)
        self._packages.append((resolution, tuple(packages)))

    def _made(self, resolution: Resolution) -> Iterator[tuple[LockedPackage, str]]:
        """Yield the packages of a resolution, each with its text."""
        kept = self._kept
        if kept is None:
            for package in locked_packages(resolution, self._references):
                yield package, self._texts.of(package)
            return
        platform = resolution.target.subdir
        for pin in resolution.conda:
            key = (id(pin.record), pin.url, platform, pin.categories)
            known = kept.get(key)  # which holds the record: no other one has its number
            if known is None:
                package = locked_conda(pin, platform, self._references)
                known = kept[key] = pin.record, package, self._texts.of(package)
            yield known[1:]
        for other in resolution.pypi:
            package = locked_pypi(other, platform)
            yield package, self._texts.of(package)

    def packages(self, resolution: Resolution) -> Sequence[LockedPackage]:
        """Return the packages of a resolution."""
        for known, packages in self._packages:
            if known is resolution:
                return packages
        return tuple(locked_packages(resolution, self._references))

    def text(self, package: LockedPackage) -> str:
        """Return the text of a package's entries."""
        return self._texts.of(package)
