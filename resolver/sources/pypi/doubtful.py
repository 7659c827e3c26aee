"""Indexes of which one isn't there at all: what they lack is unknown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from resolver.errors import SourceError
from resolver.model.names import PypiName
from resolver.model.records import CoreMetadata, DistFile
from resolver.sources.pypi.indexes import IndexSet

if TYPE_CHECKING:
    from resolver.metadata.page_rows import Page
    from resolver.model.unusable import Unusable


class DoubtfulIndexes:
    """Answers as the indexes do, but raises for a project that none has while one of them isn't there."""

    def __init__(self, indexes: IndexSet) -> None:
        self._indexes = indexes
        self._fault: SourceError | None = None

    def project(self, name: PypiName) -> Page | None:
        """Return the project's files; raises SourceError too where an index that isn't there may have it."""
        page = self._indexes.project(name)
        if page is None and self._fault is None:
            try:
                self._indexes.lacking()
            except SourceError as error:
                self._fault = error
        if page is None and self._fault is not None:
            raise self._fault
        return page

    def prefetch_projects(self, names: Iterable[PypiName]) -> None:
        """Begin to read pages."""
        self._indexes.prefetch_projects(names)

    def metadata(self, file: DistFile, *, may_build: bool = True) -> CoreMetadata | Unusable:
        """Return what a file says of itself."""
        return self._indexes.metadata(file, may_build=may_build)

    def prefetch_metadata(self, files: Iterable[DistFile]) -> None:
        """Begin to read metadata."""
        self._indexes.prefetch_metadata(files)
