"""The sources of one question: channels, indexes, builds, places of lines; opened when first needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Self

from msgspec.structs import replace

from resolver.errors import SourceError
from resolver.model.channels import Channel
from resolver.model.indexes import Index
from resolver.model.names import PypiName
from resolver.model.requirements import CondaRequirement, PypiRequirement, Requirements
from resolver.model.target import Target
from resolver.open_sources import OpenSources
from resolver.options import ResolveOptions
from resolver.sources.cache.fetching import CachePolicy
from resolver.sources.http.response import FetchReporter

if TYPE_CHECKING:
    from resolver.constraints.conda_side import CondaSide
    from resolver.constraints.name_map import NameMap
    from resolver.direct_lines import DirectLines
    from resolver.metadata.passed_over import PassedOver
    from resolver.sources.conda.subdirs import ChannelSubdir
    from resolver.sources.pypi.builds import Builder
    from resolver.sources.pypi.indexes import IndexSet
    from resolver.sources.pypi.sdist_metadata import SdistReader


class QuestionSources:
    """What is asked for some requirements; used as a context.

    ``sources``: those that other questions of the run have opened, and that stay open behind this one.
    """

    def __init__(
        self,
        requirements: Requirements,
        options: ResolveOptions,
        reporter: FetchReporter,
        sources: OpenSources | None = None,
    ) -> None:
        self.requirements = requirements
        self.options = options
        self._closes = sources is None
        self.sources = sources if sources is not None else OpenSources(options, reporter)
        self.fetcher, self.cache = self.sources.fetcher, self.sources.cache
        self._names: NameMap | None = None
        self._index_set: IndexSet | None = None
        self._index_sets: dict[str, IndexSet] = {}  # with one more before them, by its address
        self._sdists: SdistReader | None = None
        self._builder: Builder | None = None
        self._direct: DirectLines | None = None
        self._subdirs = self.sources.subdirs

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._closes:
            self.fetcher.close()

    @property
    def names(self) -> NameMap:
        """Which conda packages ship which projects; read when first needed."""
        if self._names is None:
            from resolver.constraints.name_map import NameMap

            self._names = NameMap.load(self.options.name_map)
        return self._names

    def open_channels(
        self, target: Target, channels: Sequence[Channel] | None = None
    ) -> tuple[ChannelSubdir, ...]:
        """Return the target's subdir and noarch of every channel, in order of priority."""
        subdirs = (target.subdir, "noarch")
        channels = self.options.channels if channels is None else channels
        missing = [c for c in channels if any((c, s) not in self._subdirs for s in subdirs)]
        if missing:
            from resolver.sources.conda import opening  # pip lines alone need no channel

            policy = CachePolicy(offline=self.options.http.offline, refresh=self.options.refresh)
            opened = opening.open_channels(
                missing, subdirs, self.fetcher, self.cache, mirrors=self.options.mirrors, policy=policy
            )
            for found in opened:
                self._subdirs[found.channel, found.subdir] = found
        return tuple(self._subdirs[c, s] for c in channels for s in subdirs)

    @property
    def indexes(self) -> IndexSet:
        """The indexes as one; opened when first needed."""
        if self._index_set is None:
            key, options = self._key_of_indexes(), self.options
            self._index_set = self.sources.index_set(key, lambda: self._open_indexes(options.indexes))
            self._index_set.begin_question()
        return self._index_set

    def _indexes_behind(self, address: str) -> IndexSet:
        """Return the indexes with one more before them."""
        if address not in self._index_sets:
            more = Index(name=address, url=address)
            self._index_sets[address] = self._open_indexes((more, *self.options.indexes))
        return self._index_sets[address]

    def _key_of_indexes(self) -> object | None:
        """Return what the indexes depend on; None where this question's lines say more of their files."""
        if any(line.hashes or line.direct is not None for line in self._pip_lines):
            return None
        options, places = (
            self.options,
            {str(line.name): line.index for line in self._pip_lines if line.index},
        )
        per_package = (tuple(sorted(options.per_package.items())), tuple(sorted(places.items())))
        rules = options.formats
        formats = (rules.no_binary, rules.only_binary)
        return (options.indexes, options.find_links, options.index_strategy, per_package, formats)

    def _open_indexes(self, indexes: Sequence[Index]) -> IndexSet:
        from resolver.sources.pypi.asked_hashes import AskedHashes
        from resolver.sources.pypi.indexes import IndexSet
        from resolver.sources.pypi.project_pages import PagePolicy

        options = self.options
        per_package = {r.name: r.index for r in self._pip_lines if r.name and r.index}
        return IndexSet(
            indexes,
            fetcher=self.fetcher,
            cache=self.cache,
            policy=PagePolicy(offline=options.http.offline, refresh=options.refresh),
            find_links=options.find_links,
            strategy=options.index_strategy,
            per_package={**options.per_package, **per_package},
            formats=options.formats,
            sdists=lambda: self.sdists,
            asked_hashes=AskedHashes.of(self._pip_lines),
            rules=options.builds,
            pack=lambda: self.sources.pack,
            builds=self._may_build,
        )

    @property
    def _may_build(self) -> bool:
        return not self.options.no_build and self.options.http.is_live

    @property
    def _pip_lines(self) -> tuple[PypiRequirement, ...]:
        """The pip lines, and what overrides make of the requirements of releases, as constraints."""
        return (*self.requirements.pypi, *self._overriding_lines)

    @property
    def _overriding_lines(self) -> tuple[PypiRequirement, ...]:
        overriding = [o.requirement for o in self.requirements.overrides if o.requirement is not None]
        return tuple(replace(r, is_constraint=True) for r in overriding)

    @property
    def _has_direct(self) -> bool:
        return any(line.direct is not None for line in self._pip_lines)

    def _all_named(
        self,
        lines: Sequence[PypiRequirement],
        side: CondaSide,
        conda: Sequence[CondaRequirement],
        *,
        lenient: bool,
    ) -> list[PypiRequirement]:
        """Return lines with their projects' names; none where ``lenient`` and a nameless place can't be read.

        What stands in such a place may be any project.
        """
        if self._has_direct:
            from resolver.direct_lines import without_excluded

            lines = without_excluded(lines, side, conda)
            if not lenient:
                self.direct.look_for(lines)
        try:
            return [self._named(line) for line in lines]
        except SourceError:
            if not lenient:
                raise
            return []

    def _named(self, line: PypiRequirement) -> PypiRequirement:
        """Return a line with its project's name, if need be from the metadata of what it names."""
        return line if line.direct is None else self.direct.named(line)

    @property
    def direct(self) -> DirectLines:
        """Pip lines that name a place."""
        if self._direct is None:
            from resolver.direct_lines import DirectLines

            self._direct = DirectLines(
                self._pip_lines, self.options, self.fetcher, self.cache, lambda: self.sdists
            )
        return self._direct

    @property
    def sdists(self) -> SdistReader:
        """Reads sdists and source trees; builds where that is allowed."""
        if self._sdists is None:
            from resolver.sources.pypi.sdist_metadata import SdistReader

            options = self.options
            self._sdists = SdistReader(
                self.fetcher,
                self.cache,
                builder=self._make_builder,
                allow_build=self._may_build,
                rules=options.builds,
            )
        return self._sdists

    def _make_builder(self) -> Builder:
        from resolver.sources.copied import leave_if_copy
        from resolver.sources.pypi.builds import Builder, BuildSettings

        leave_if_copy()
        options = self.options
        self._builder = Builder(
            BuildSettings(
                index_urls=[index.url for index in options.indexes],
                find_links=options.find_links,
                environ=options.environ,
                no_index=not options.indexes,
                http=options.http,
                cache=options.cache_dir / "build-tools" if options.cache_dir else None,
                rules=options.builds,
                network=options.builds.network,
                timeout=options.builds.timeout,
            )
        )
        return self._builder

    def check_sources(self) -> None:
        """Raise SourceError where a source that was asked isn't there at all."""
        if self._index_set is not None:
            self._index_set.lacking()

    def where_asked(self, name: PypiName) -> str:
        """Return the indexes where a project is looked for, in words; empty: none is asked."""
        return ", ".join(f"`{index}`" for index in self.indexes.asked_for(name))

    def passed_over(self, names: Sequence[PypiName]) -> Mapping[PypiName, PassedOver]:
        """Return what indexes have of projects that an earlier one decided alone; others are left out."""
        return self.indexes.passed_over(names)

    def other_channels(self) -> tuple[Channel, ...]:
        """Return well-known channels that aren't among the session's, below the same address."""
        from resolver.sources.conda.opening import channels_beside

        return channels_beside(self.options.channels)
