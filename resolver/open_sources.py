"""Sources that stay open: for the targets of one question, or for all questions of a run.

A channel's subdir, and a set of indexes, is opened once. Questions share it where they ask of the same
places under the same rules; what a question's own lines say of files (hashes, places) stays its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from resolver.model.channels import Channel
from resolver.model.digests import blake2b
from resolver.options import ResolveOptions
from resolver.sources.cache.folder import Cache
from resolver.sources.cache.program import program_state
from resolver.sources.http.fetching import Fetcher
from resolver.sources.http.response import FetchReporter

if TYPE_CHECKING:
    from resolver.constraints.kept_domains import DomainShelf, NoarchShelf
    from resolver.sources.cache.pack import Pack
    from resolver.sources.conda.subdirs import ChannelSubdir
    from resolver.sources.pypi.indexes import IndexSet


class OpenSources:
    """What several resolvers may share; used as a context.

    ``options`` say how servers are asked and where answers are kept: the same for all of a run.
    """

    def __init__(self, options: ResolveOptions, reporter: FetchReporter) -> None:
        self.fetcher = Fetcher(
            options.http, credentials=options.credentials, reporter=reporter, environ=options.environ
        )
        self.cache = Cache(options.cache_dir)
        self.subdirs: dict[tuple[Channel, str], ChannelSubdir] = {}
        self._domains: DomainShelf | None = None
        self._process = options.shelf
        self._has_several = len(options.targets) > 1
        self._noarch: NoarchShelf | None = None
        if self._process is not None:
            self._process.begin()
        self._index_sets: dict[object, IndexSet] = {}
        self._inputs = options.inputs if self.cache.is_kept else ()
        self._pack: Pack | None = None

    def __enter__(self) -> OpenSources:
        return self

    def __exit__(self, *_: object) -> None:
        self.fetcher.close()

    @property
    def pack(self) -> Pack | None:
        """What earlier runs over the same files took from pages, read once asked; None: nothing is kept."""
        if self._pack is None and self._inputs:
            from resolver.sources.cache.pack import Pack

            # Paths may hold bytes that are no UTF-8.
            key = blake2b("\n".join(self._inputs).encode("utf-8", "surrogateescape")).hexdigest()
            try:
                self._pack = Pack(self.cache, key, program_state())
            except ImportError:  # a library without a version: nothing tells it from the next one
                self._inputs = ()
        return self._pack

    def note_answers(self) -> None:
        """Take what a search found of domains, which go with it, into the pack."""
        if self._pack is not None:
            self._pack.note_answers()

    def save_pack(self) -> None:
        """Keep what came in for the next run over the same files.

        Domains of questions behind the last answer (why there is none, what would help) aren't noted.
        """
        if self._pack is not None:
            self._pack.forget_domains()
            self._pack.save()

    @property
    def domains(self) -> DomainShelf:
        """Candidates of conda packages, which questions under the same rules share."""
        if self._domains is None:
            from resolver.constraints.kept_domains import DomainShelf, NoarchShelf

            if self._has_several and self._noarch is None:
                self._noarch = NoarchShelf()
            self._domains = DomainShelf(self._process, self._noarch)
        return self._domains

    def forget_domains(self) -> None:
        """Let go of candidates that nobody asks of any more: a target is done."""
        if self._domains is not None:
            self._domains.close()
            self._domains = None
        if self._pack is not None:
            self._pack.forget_domains()

    def index_set(self, key: object | None, make: Callable[[], IndexSet]) -> IndexSet:
        """Return the indexes that were opened under a key, else new ones; None: they can't be shared."""
        if key is None:
            return make()
        if key not in self._index_sets:
            self._index_sets[key] = make()
        return self._index_sets[key]
