"""Several indexes as one: which has a project, what its files are, what they say of themselves."""

from __future__ import annotations

import functools
import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import msgspec

from resolver.errors import SourceError
from resolver.metadata.page_rows import Page, files_of, whole_page
from resolver.model.indexes import FormatRules, Index, IndexStrategy
from resolver.model.names import PypiName
from resolver.model.records import CoreMetadata, DistFile
from resolver.model.redaction import is_remote, strip
from resolver.sources.cache.fetching import CachedFetcher
from resolver.sources.cache.folder import Cache
from resolver.sources.http.fetching import Fetcher, Task
from resolver.sources.pypi.asked_hashes import AskedHashes
from resolver.sources.pypi.index_watch import IndexWatch, Lacking, check_root
from resolver.sources.pypi.project_pages import IndexReader, PagePolicy

if TYPE_CHECKING:
    from resolver.metadata.passed_over import PassedOver
    from resolver.model.unusable import Unusable
    from resolver.sources.pypi.sdist_metadata import SdistReader
    from resolver.sources.pypi.wheel_metadata import WheelReader

_log = logging.getLogger(__name__)
T = TypeVar("T")
#: order of background work: a page is waited for sooner than metadata that may not be needed
_PAGE, _METADATA = 0, 1


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
    ) -> None:
        """``per_package`` maps projects to the name or address of the only index to take them from.

        An empty ``indexes`` is pip's ``--no-index``. ``policy`` None: pages are
        fresh for ten minutes; offline as the fetcher is. ``sdists`` gives what reads
        them, when first needed; None: sdists are read where that needs no build.
        ``asked_hashes``: files that have none of them are hashed.
        """
        self._fetcher = fetcher
        policy = policy or PagePolicy(offline=fetcher.settings.offline)
        self._pages_fetcher = CachedFetcher(fetcher, cache, policy)
        self._readers: dict[str, IndexReader] = {}
        for reader in map(self._reader, indexes):
            self._readers.setdefault(reader.index.name, reader)
        self._by_url = {_address(reader.index.url): reader for reader in self._readers.values()}
        self._links = [self._reader(Index(name=strip(url), url=url, is_flat=True)) for url in find_links]
        self._strategy, self._formats = strategy, formats or FormatRules()
        self._per_package = dict(per_package or {})
        self._cache, self._given_sdists = cache, sdists
        self._asked_hashes = asked_hashes or AskedHashes()
        self._lock = threading.Lock()
        self._page_tasks: dict[PypiName, Task[Page | None]] = {}
        self._metadata_tasks: dict[str, Task[CoreMetadata | Unusable]] = {}
        self._read_pages: dict[PypiName, tuple[Page, ...]] = {}
        self._watch = IndexWatch()
        self._looked_over: set[PypiName] = set()  # projects that later indexes were asked for too
        self._is_unproved = False  # a file was hashed that its index gives no hash of: it may change

    @functools.cached_property
    def _wheels(self) -> WheelReader:
        from resolver.sources.pypi.wheel_metadata import WheelReader

        return WheelReader(self._fetcher, self._cache)

    @functools.cached_property
    def _sdists(self) -> SdistReader:
        from resolver.sources.pypi.sdist_metadata import SdistReader

        if self._given_sdists is not None:
            return self._given_sdists()
        return SdistReader(self._fetcher, self._cache, allow_build=False)

    # ------------------------------------------------------------ projects

    def project(self, name: PypiName) -> Page | None:
        """Return the project's files, newest version first; None where no index has it.

        Raises SourceError, AuthenticationError or OfflineError where that can't be told.
        """
        page = self._page_task(name).result()
        self._watch.waited(name)
        return page

    def asked_for(self, name: PypiName) -> tuple[str, ...]:
        """Return the names of the places where a project is looked for: indexes in order, then links."""
        return tuple(reader.index.name for reader in (*self._readers_for(name), *self._links))

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
                    (reader.index, self._begin(reader.is_at_hand(name), partial(reader.page, name), _PAGE))
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

    def lacking(self) -> tuple[Lacking, ...]:
        """Return the indexes that have none of what was needed so far.

        Raises SourceError for one that isn't there at all: its own address answers 404 too.
        """
        found = self._watch.lacking([reader.index for reader in self._readers.values()])
        for lacking in found:
            check_root(lacking, self._fetcher)
        return found

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
        if self._links or not self._is_lasting():
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
            self._begin(at_hand=False, call=partial(reader.page, PypiName(name)), priority=_PAGE)
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

    def _is_lasting(self) -> bool:
        """Tell whether all that was read so far would be the same again.

        A build that failed may do better, a file without a hash may be replaced by another one.
        """
        if self._is_unproved:
            return False
        tasks = [task for key, task in self._metadata_tasks.items() if not key.endswith(".whl")]
        if not tasks:
            return True
        from resolver.sources.pypi.sdist_metadata import may_do_better

        return not any(may_do_better(task.result()) for task in tasks)

    def index_of(self, file: DistFile) -> str | None:
        """Return the name of the index that gave ``file``; None for a file of no page read here."""
        from resolver.metadata.simple_index import parse_file_name

        parsed = parse_file_name(file.file_name)
        with self._lock:
            pages = self._read_pages.get(parsed[0], ()) if parsed else ()
            every = [page for read in self._read_pages.values() for page in read]
        for page in pages:
            if any(known.url == file.url for known in files_of(page, file.version)):
                return page.index
        # An sdist's name may leave open where the project's ends: then any page may be its own.
        for page in (*pages, *every):
            if any(known.url == file.url for known in page.files):
                return page.index
        return None

    def _page_task(self, name: PypiName) -> Task[Page | None]:
        with self._lock:
            task = self._page_tasks.get(name)
            if task is None:
                task = self._begin(self._is_at_hand(name), partial(self._read_project, name), _PAGE)
                self._page_tasks[name] = task
            return task

    def _begin(self, at_hand: bool, call: Callable[[], T], priority: int) -> Task[T]:
        """Queue a call that may have to wait; one that won't runs when its result is asked for.

        Handing work to another thread and back takes longer than reading a file of the cache.
        """
        return Task(call) if at_hand else self._fetcher.submit(call, priority=priority)

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
        page = _combine(pages, links)
        if name in self._asked_hashes.algorithms:
            page = self._asked_hashes.complete(whole_page(page), self._digests)
        rules = self._formats
        if not rules.no_binary and not rules.only_binary:
            return page
        from resolver.metadata.page_rules import limit_formats

        return limit_formats(whole_page(page), rules)

    def _digests(self, file: DistFile, algorithms: frozenset[str]) -> Mapping[str, str]:
        from resolver.sources.http.downloads import digest_file

        self._is_unproved = True
        return digest_file(self._fetcher, file.url, algorithms)

    def _readers_for(self, name: PypiName) -> list[IndexReader]:
        wanted = self._per_package.get(name)
        if wanted is None:
            return [reader for reader in self._readers.values() if not reader.index.is_explicit]
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
        return IndexReader(clean, self._pages_fetcher)

    # ------------------------------------------------------------ metadata

    def metadata(self, file: DistFile, *, may_build: bool = True) -> CoreMetadata | Unusable:
        """Return what a wheel or sdist says of itself, or why it can't be used.

        ``may_build`` False: an sdist is read, never built. Raises SourceError,
        AuthenticationError or OfflineError where the source fails.
        """
        return self._metadata_task(file, may_build=may_build).result()

    def prefetch_metadata(self, files: Iterable[DistFile]) -> None:
        """Begin to read the metadata of wheels in the background, first one first; sdists wait."""
        for file in files:
            if file.is_wheel:
                self._metadata_task(file)

    def with_hash(self, file: DistFile) -> DistFile:
        """Return ``file`` with a SHA-256: as the index gives it, else computed from the whole file."""
        if "sha256" in file.hashes:
            return file
        from resolver.sources.http.downloads import hash_file

        if not file.hashes:
            self._is_unproved = True
        digest, size = hash_file(self._fetcher, file.url, file.hashes)
        return msgspec.structs.replace(file, hashes={**file.hashes, "sha256": digest}, size=size)

    def _metadata_task(self, file: DistFile, *, may_build: bool = True) -> Task[CoreMetadata | Unusable]:
        key = file.url if may_build or file.is_wheel else f"{file.url}#static"
        with self._lock:
            task = self._metadata_tasks.get(key)
            if task is None:
                if file.is_wheel:
                    read = partial(self._wheels.metadata, file)
                    task = self._begin(self._wheels.is_at_hand(file), read, _METADATA)
                else:
                    read = partial(self._sdists.metadata, file, may_build=may_build)
                    task = self._fetcher.submit(read, priority=_METADATA)
                self._metadata_tasks[key] = task
            return task


def _page_or_none(task: Task[Page | None]) -> Page | None:
    try:
        return task.result()
    except SourceError:
        return None


def _combine(given: list[Page], linked: list[Page]) -> Page:
    """Return one page: of the indexes the first has the word, ``linked`` replace files of other content."""
    if len(given) == 1 and not linked:
        return given[0]
    from resolver.metadata.simple_index import merge_pages

    pages, links = [whole_page(page) for page in given], [whole_page(page) for page in linked]
    if not pages:
        return merge_pages(*links) if len(links) > 1 else links[0]
    page = merge_pages(*pages) if len(pages) > 1 else pages[0]
    if not links:
        return page
    known = {file.file_name: file for file in page.files}
    changed = []
    for link in reversed(links):  # a page that comes later replaces: the first place has the last word
        files = (file for file in link.files if not _same_content(file, known.get(file.file_name)))
        changed.append(msgspec.structs.replace(link, files=tuple(files)))
    return merge_pages(page, *changed, prefer_first=False)


def _same_content(file: DistFile, other: DistFile | None) -> bool:
    """Tell whether a file of ``find_links`` is known to be the one that the index lists."""
    if other is None:
        return False
    shared = file.hashes.keys() & other.hashes.keys()
    if shared:
        return all(file.hashes[name] == other.hashes[name] for name in shared)
    if is_remote(file.url) or "sha256" not in other.hashes:
        return False
    from resolver.sources.http.downloads import hash_file

    digest, _ = hash_file(None, file.url, {})
    return digest == other.hashes["sha256"]


def _address(url: str) -> str:
    return url.rstrip("/").lower() if is_remote(url) else url.rstrip("/")
