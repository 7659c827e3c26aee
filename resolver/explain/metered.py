"""An index that is not asked any more once the budget is spent."""

from __future__ import annotations

from collections.abc import Iterable

from resolver.constraints.pypi_side import PypiSource
from resolver.constraints.universe import JointUniverse
from resolver.explain.budget import Meter
from resolver.metadata.page_rows import Page
from resolver.model.names import PypiName
from resolver.model.records import CoreMetadata, DistFile
from resolver.model.unusable import Unusable


class MeteredSource:
    """Counts questions and passes them on until the budget is spent; then raises Interrupted.

    A search is told of the budget only when it meets a conflict; one that goes
    through hundreds of releases without any would never hear of it.
    """

    def __init__(self, source: PypiSource, meter: Meter, *, may_build: bool) -> None:
        self._source, self._meter, self._may_build = source, meter, may_build

    def project(self, name: PypiName) -> Page | None:
        """Return the project's files."""
        self._meter.count(f"project {name}")
        self._meter.check()
        return self._source.project(name)

    def prefetch_projects(self, names: Iterable[PypiName]) -> None:
        """Begin to fetch pages."""
        if not self._meter.is_over():
            self._source.prefetch_projects(names)

    def metadata(self, file: DistFile, *, may_build: bool = True) -> CoreMetadata | Unusable:
        """Return what a file says of itself; nothing, where that takes a build and the meter allows none."""
        self._meter.count(f"file {file.url}")
        self._meter.check()
        would_build = may_build and self._may_build and not file.is_wheel
        found = self._source.metadata(file, may_build=may_build and self._may_build and self._meter.may_build)
        if would_build and not self._meter.may_build and isinstance(found, Unusable):
            # lines that clash though it asks for nothing clash whatever it says
            self._meter.unbuilt = True
            return CoreMetadata(name=file.file_name.partition("-")[0], version=file.version)
        return found

    def prefetch_metadata(self, files: Iterable[DistFile]) -> None:
        """Begin to fetch metadata."""
        if not self._meter.is_over():
            self._source.prefetch_metadata(files)


def meter_sources(universe: JointUniverse, meter: Meter, *, may_build: bool = True) -> JointUniverse:
    """Make a universe ask its index by the meter; return it."""
    side = universe.pypi
    if side is not None:
        source = side.source
        inner = source._source if isinstance(source, MeteredSource) else source  # noqa: SLF001
        side.source = MeteredSource(inner, meter, may_build=may_build)
    return universe
