"""Several indexes as one: which has a project, what its files are, what they say of themselves."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import msgspec

from resolver.errors import SourceError
from resolver.metadata.page_rows import Page, files_of, whole_page
from resolver.model.builds import BuildRules
from resolver.model.indexes import FormatRules, Index, IndexStrategy
from resolver.model.names import PypiName
from resolver.model.records import CoreMetadata, DistFile
from resolver.model.redaction import is_remote, strip
from resolver.sources.cache.fetching import CachedFetcher
from resolver.sources.cache.folder import Cache
from resolver.sources.http.fetching import Fetcher, Task
from resolver.sources.pypi.asked_hashes import AskedHashes
from resolver.sources.pypi.combining import combine_pages
from resolver.sources.pypi.index_watch import IndexWatch, Lacking, check_root
from resolver.sources.pypi.listed_files import ListedFiles
from resolver.sources.pypi.project_pages import IndexReader, PagePolicy

if TYPE_CHECKING:
    from resolver.metadata.passed_over import PassedOver
    from resolver.model.unusable import Unusable
    from resolver.sources.cache.pack import Pack
    from resolver.sources.pypi.sdist_metadata import SdistReader

T = TypeVar("T")


def _no_pack() -> Pack | None:
    return None


class IndexSet:
    """Answers for PyPI projects from several indexes; every method may be called from any thread.

    Each project is read once. With ``first-index`` the first of ``indexes``
    that has a project gives all its files. Files of ``find_links`` stand
    beside those of the index; of two files with one name and different
    content the one of ``find_links`` is taken.
    """

    def __init__(
        self,
        indexes: Sequence[Index],
        *,
        fetcher: Fetcher,
        cache: Cache,
        policy: PagePolicy | None = None,
        find_links: Sequence[str] = (),
        strategy: IndexStrategy = IndexStrategy.FIRST_INDEX,
        per_package: Mapping[PypiName, str] | None = None,
        formats: FormatRules | None = None,
        sdists: Callable[[], SdistReader] | None = None,
        asked_hashes: AskedHashes | None = None,
        rules: BuildRules | None = None,
        pack: Callable[[], Pack | None] = _no_pack,
        builds: bool = False,
    ) -> None:
        """``per_package`` maps projects to the name or address of the only index to take them from.

        An empty ``indexes`` is pip's ``--no-index``. ``policy`` None: pages are
        fresh for ten minutes; offline as the fetcher is. ``sdists`` gives what reads
        them, when first needed; None: sdists are read where that needs no build.
        ``asked_hashes``: files that have none of them are hashed. ``rules``: what the user says by
        hand of releases. ``pack`` gives what earlier runs over the same files read, once it is asked.
        ``builds``: whether what reads sdists may build them.
        """
        self._fetcher, self._pack = fetcher, pack
        policy = policy or PagePolicy(offline=fetcher.settings.offline)
        self._pages_fetcher = CachedFetcher(fetcher, cache, policy)
        self._readers: dict[str, IndexReader] = {}
        for reader in map(self._reader, indexes):
            self._readers.setdefault(reader.index.name, reader)
        self._for_all = [reader for reader in self._readers.values() if not reader.index.is_explicit]
        self._by_url = {_address(reader.index.url): reader for reader in self._readers.values()}
        self._links = [self._reader(Index(name=strip(url), url=url, is_flat=True)) for url in find_links]
        self._strategy, self._formats = strategy, formats or FormatRules()
        self._per_package = dict(per_package or {})
        self._files = ListedFiles(fetcher, cache, sdists, rules, pack, builds=builds)
        self._asked_hashes = asked_hashes or AskedHashes()
        self._lock = threading.Lock()
        self._page_tasks: dict[PypiName, Task[Page | None]] = {}
        self._read_pages: dict[PypiName, tuple[Page, ...]] = {}
        self._watch = IndexWatch()
        self._looked_over: set[PypiName] = set()  # projects that later indexes were asked for too

    # ------------------------------------------------------------ projects

    def project(self, name: PypiName) -> Page | None:
        """Return the project's files, newest version first; None where no index has it.

        Raises SourceError, AuthenticationError or OfflineError where that can't be told.
        """
        page = self._page_task(name).result()
        self._watch.waited(name)
        return page

    def asked_for(self, name: PypiName) -> tuple[str, ...]:
        """Return the names of the places where a project is looked for: indexes in order, then links.

        Indexes behind the first one that has it are none of them, where that one decides.
        """
        readers, first = self._readers_for(name), self._watch.place_of_first(name)
        if first is not None and self._strategy is IndexStrategy.FIRST_INDEX:
            readers = readers[: first + 1]
        return tuple(reader.index.name for reader in (*readers, *self._links))

    def passed_over(self, names: Iterable[PypiName]) -> dict[PypiName, PassedOver]:
        """Return the pages of later indexes for projects that an earlier one decided alone.

        Pages are read side by side; an index that can't say what it has is left out.
        """
        if self._strategy is not IndexStrategy.FIRST_INDEX:
            return {}
        tasks: list[tuple[PypiName, Index, list[tuple[Index, Task[Page | None]]]]] = []
        for name in dict.fromkeys(names):
            readers = self._readers_for(name)
            place = self._watch.place_of_first(name)
            if place is not None and readers[place + 1 :]:
                self._looked_over.add(name)
                later = [
                    (
                        reader.index,
                        self._begin_page(reader, name, at_hand=reader.is_at_hand(name)),
                    )
                    for reader in readers[place + 1 :]
                ]
                tasks.append((name, readers[place].index, later))
        if not tasks:
            return {}
        from resolver.metadata.passed_over import PassedOver

        found = {}
        for name, first, later in tasks:
            pages = [(index, page) for index, task in later if (page := _page_or_none(task)) is not None]
            if pages:
                found[name] = PassedOver(first=first, later=tuple(pages))
        return found

    def all_having(self, names: Iterable[PypiName]) -> dict[PypiName, tuple[str, ...]]:
        """Return by name the indexes whose files stand together, of projects that not one alone decides."""
        if self._strategy is IndexStrategy.FIRST_INDEX:
            return {}
        links = {reader.index.name for reader in self._links}
        with self._lock:
            pages = {name: self._read_pages.get(name, ()) for name in names}
        found = {name: tuple(p.index for p in read if p.index not in links) for name, read in pages.items()}
        return {name: indexes for name, indexes in found.items() if len(indexes) > 1}

    def lacking(self) -> tuple[Lacking, ...]:
        """Return the indexes that have none of what was needed so far.

        Raises SourceError for one that isn't there at all: its own address answers 404 too.
        """
        found = self._watch.lacking([reader.index for reader in self._readers.values()])
        for lacking in found:
            check_root(lacking.index, self._fetcher)
        return found

    def check_there(self, names: Iterable[str]) -> None:
        """Raise SourceError where one of these indexes, which had nothing of what was asked, isn't there."""
        for name in names:
            if name in self._readers:
                check_root(self._readers[name].index, self._fetcher)

    @property
    def has_states(self) -> bool:
        """Whether :meth:`states` can tell of any project: not of folders and flat pages."""
        return not self._links and all(reader.has_states for reader in self._readers.values())

    def begin_question(self) -> None:
        """Let :meth:`lacking` and :meth:`states` go by what is asked from now on."""
        self._watch.begin()
        self._looked_over.clear()

    def forget_pages(self) -> None:
        """Read each page anew when it is asked for again: one of them was replaced."""
        pack = self._pack()
        if pack is not None:
            pack.distrust()
        with self._lock:
            self._page_tasks.clear()
            self._read_pages.clear()

    def prefetch_projects(self, names: Iterable[PypiName]) -> None:
        """Begin to read the pages of ``names`` in the background; faults are met when they are asked for."""
        for name in names:
            self._page_task(name)

    def states(
        self, names: Iterable[str], known: Mapping[str, tuple[bytes, ...]] | None = None
    ) -> dict[str, tuple[bytes, ...]] | None:
        """Return the state of each project's pages, of the indexes asked; None where it can't be told.

        Pages are read as :meth:`project` reads them, those that must be asked for side by side. Behind the
        index that decides a project, later ones count where :meth:`passed_over` asked them, or where
        ``known`` has a state of theirs. Raises SourceError where a page that decides can't be read.
        """
        projects = [PypiName(name) for name in names]
        if self._links or not self._files.are_lasting():
            return None
        waiting = {name for name in projects if name not in self._page_tasks and not self._is_at_hand(name)}
        self.prefetch_projects(waiting)
        self._read_later(known or {})
        found: dict[str, tuple[bytes, ...]] = {}
        for name in projects:
            if name in waiting:
                self.project(name)
            states = self._states_of(name, len((known or {}).get(name, ())))
            if states is None:
                return None
            found[name] = states
        return found

    def _read_later(self, known: Mapping[str, tuple[bytes, ...]]) -> None:
        """Read the pages of later indexes that had a state, those that must be asked for side by side."""
        tasks = [
            self._begin_page(reader, PypiName(name), at_hand=False)
            for name, states in known.items()
            if len(states) > 1
            for reader in self._readers_for(PypiName(name))[1 : len(states)]
            if reader.has_states and not reader.is_at_hand(PypiName(name))
        ]
        for task in tasks:
            _page_or_none(task)

    def _states_of(self, name: PypiName, least: int) -> tuple[bytes, ...] | None:
        """Return the states of a project's pages, of so many indexes or more; None where they can't be told.

        A later index that fails is as one that has nothing: it would only be named.
        """
        states: list[bytes] = []
        is_decided = False
        for reader in self._readers_for(name):
            if is_decided and len(states) >= least and name not in self._looked_over:
                break
            if not reader.has_states:
                return None
            try:
                states.append(reader.state(name))
            except SourceError:
                if not is_decided:
                    raise
                states.append(b"")
            if reader.is_private(name):
                return None
            is_decided |= bool(states[-1]) and self._strategy is IndexStrategy.FIRST_INDEX
        return tuple(states)

    def index_of(self, file: DistFile, project: PypiName | None = None) -> str | None:
        """Return the name of the index that gave ``file``; None for a file of no page read here.

        ``project``: whose candidates the file is among, where that is known.
        """
        if project is not None:
            with self._lock:
                own = self._read_pages.get(project, ())
            if len(own) == 1:
                return own[0].index
        from resolver.metadata.file_names import parse_file_name

        parsed = parse_file_name(file.file_name)
        with self._lock:
            pages = self._read_pages.get(parsed[0], ()) if parsed else ()
        for page in pages:
            if any(known.url == file.url for known in files_of(page, file.version)):
                return page.index
        with self._lock:
            every = [page for read in self._read_pages.values() for page in read]
        # An sdist's name may leave open where the project's ends: then any page may be its own.
        for page in (*pages, *every):
            if any(known.url == file.url for known in page.files):
                return page.index
        return None

    def _page_task(self, name: PypiName) -> Task[Page | None]:
        with self._lock:
            task = self._page_tasks.get(name)
            if task is None:
                task = self._fetcher.begin(partial(self._read_project, name), at_hand=self._is_at_hand(name))
                self._page_tasks[name] = task
            return task

    def _begin_page(self, reader: IndexReader, name: PypiName, *, at_hand: bool) -> Task[Page | None]:
        return self._fetcher.begin(partial(reader.page, name), at_hand=at_hand)

    def _is_at_hand(self, name: PypiName) -> bool:
        try:
            return all(reader.is_at_hand(name) for reader in self._readers_for(name))
        except SourceError:  # met by who asks
            return True

    def _read_project(self, name: PypiName) -> Page | None:
        pages, answers = [], []
        for reader in self._readers_for(name):
            page = reader.page(name)
            answers.append((reader.index.name, page is not None))
            if page is not None:
                pages.append(page)
                if self._strategy is IndexStrategy.FIRST_INDEX:
                    break
        self._watch.note(name, answers)
        links = [page for reader in self._links if (page := reader.page(name)) is not None]
        if not pages and not links:
            return None
        with self._lock:
            self._read_pages[name] = (*links, *pages)
        page = combine_pages(pages, links)
        if name in self._asked_hashes.algorithms:
            page = self._asked_hashes.complete(whole_page(page), self._files.digests)
        rules = self._formats
        if not rules.no_binary and not rules.only_binary:
            return page
        from resolver.metadata.page_rules import limit_formats

        return limit_formats(whole_page(page), rules)

    def _readers_for(self, name: PypiName) -> list[IndexReader]:
        wanted = self._per_package.get(name)
        if wanted is None:
            return self._for_all
        if wanted in self._readers:
            return [self._readers[wanted]]
        clean = self._fetcher.credentials.learn(wanted)
        if clean in self._readers:
            return [self._readers[clean]]
        known = self._by_url.get(_address(clean))
        if known is None and not is_remote(clean) and "/" not in clean:
            raise SourceError(
                f"`{name}` is to come from an index of this name, but none is configured",
                clean,
                hint=f"Configured: {', '.join(f'`{index}`' for index in self._readers) or 'none'}.",
            )
        return [known or self._reader(Index(name=clean, url=clean))]

    def _reader(self, index: Index) -> IndexReader:
        """Hand the credentials of an address over to the fetcher, and keep it without them."""
        url = self._fetcher.credentials.learn_index(index.name, index.url)
        name = self._fetcher.credentials.learn(index.name)
        clean = msgspec.structs.replace(index, name=name, url=url)
        return IndexReader(clean, self._pages_fetcher, self._pack)

    # ------------------------------------------------------------ metadata

    def metadata(self, file: DistFile, *, may_build: bool = True) -> CoreMetadata | Unusable:
        """Return what a wheel or sdist says of itself, or why it can't be used.

        ``may_build`` False: an sdist is read, never built. Raises SourceError,
        AuthenticationError or OfflineError where the source fails.
        """
        return self._files.metadata(file, may_build=may_build)

    def prefetch_metadata(self, files: Iterable[DistFile]) -> None:
        """Begin to read the metadata of wheels in the background, first one first; sdists wait."""
        self._files.prefetch(files)

    def with_hash(self, file: DistFile) -> DistFile:
        """Return ``file`` with a SHA-256: as the index gives it, else computed from the whole file."""
        return self._files.with_hash(file)


def _page_or_none(task: Task[Page | None]) -> Page | None:
    try:
        return task.result()
    except SourceError:
        return None


def _address(url: str) -> str:
    return url.rstrip("/").lower() if is_remote(url) else url.rstrip("/")
