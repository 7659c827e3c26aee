"""An index that is not asked any more once the time is over."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from resolver.constraints.pypi_side import PypiSource
from resolver.constraints.universe import JointUniverse
from resolver.metadata.page_rows import Page
from resolver.metadata.specifiers import Unusable
from resolver.model.names import PypiName
from resolver.model.records import CoreMetadata, DistFile
from resolver.solving.search import Interrupted


class TimedSource:
    """Passes questions on until ``stop``; then raises Interrupted.

    A search is told of the time only when it meets a conflict; one that goes
    through hundreds of releases without any would never hear of it.
    """

    def __init__(self, source: PypiSource, stop: Callable[[], bool], *, may_build: bool) -> None:
        self._source, self._stop, self._may_build = source, stop, may_build

    def _check(self) -> None:
        if self._stop():
            raise Interrupted

    def project(self, name: PypiName) -> Page | None:
        """Return the project's files."""
        self._check()
        return self._source.project(name)

    def prefetch_projects(self, names: Iterable[PypiName]) -> None:
        """Begin to fetch pages."""
        self._source.prefetch_projects(names)

    def metadata(self, file: DistFile, *, may_build: bool = True) -> CoreMetadata | Unusable:
        """Return what a file says of itself."""
        self._check()
        return self._source.metadata(file, may_build=may_build and self._may_build)

    def prefetch_metadata(self, files: Iterable[DistFile]) -> None:
        """Begin to fetch metadata."""
        if not self._stop():
            self._source.prefetch_metadata(files)


def limit_time(universe: JointUniverse, stop: Callable[[], bool], *, may_build: bool = True) -> JointUniverse:
    """Make a universe stop asking its index once ``stop`` says so; return it."""
    side = universe.pypi
    if side is not None:
        source = side.source
        inner = source._source if isinstance(source, TimedSource) else source  # noqa: SLF001
        side.source = TimedSource(inner, stop, may_build=may_build)
    return universe
