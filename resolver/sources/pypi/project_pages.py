"""One project's page on one index, cached as parsed rows."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from resolver.errors import PageMovedError, SourceError
from resolver.metadata.page_rows import (
    LazyPage,
    Page,
    PageFacts,
    PageRows,
    decode_rows,
    encode_rows,
    state_of,
)
from resolver.model.indexes import ACCEPT, Index
from resolver.model.names import PypiName
from resolver.model.records import ProjectPage
from resolver.model.redaction import are_open, is_remote
from resolver.sources.cache.fetching import CachedFetcher, CachePolicy
from resolver.sources.cache.folder import Entry
from resolver.sources.http.local import local_path
from resolver.sources.http.response import Response

if TYPE_CHECKING:
    from resolver.metadata.simple_links import PageLink
    from resolver.sources.cache.pack import Pack

#: the parsed form and its version
_BUCKET = "project-page-8"
#: seconds a page may be used unasked where its server says nothing: what public indexes say themselves
_DEFAULT_AGE = 600
#: what to do about a page that another process replaced
AGAIN = "Run the command again."


class PagePolicy(CachePolicy, msgspec.Struct, frozen=True, kw_only=True):
    """Freshness of index pages; a server that says nothing is trusted for ten minutes."""

    def is_fresh(self, entry: Entry, now: float) -> bool:
        """Tell whether a page may be used at ``now`` without asking."""
        if entry.max_age is None:
            entry = msgspec.structs.replace(entry, max_age=_DEFAULT_AGE)
        return CachePolicy.is_fresh(self, entry, now)


class IndexReader:
    """Reads one index; safe for several threads."""

    def __init__(
        self, index: Index, fetcher: CachedFetcher, pack: Callable[[], Pack | None] = lambda: None
    ) -> None:
        """``index.url`` must be free of credentials: the fetcher knows them.

        ``pack`` gives what earlier runs over the same files know of pages.
        """
        self.index, self._fetcher, self._pack = index, fetcher, pack
        self._flat: list[PageLink] | None = None
        self._states: dict[PypiName, bytes] = {}
        self._private: set[PypiName] = set()
        self._is_remote, self._base = is_remote(index.url), f"{index.url.rstrip('/')}/"
        self._root = None if self._is_remote else local_path(index.url).absolute()

    def is_at_hand(self, name: PypiName) -> bool:
        """Tell whether :meth:`page` likely waits for nobody: a wrong guess costs time only."""
        if self._root is not None or self._fetcher.policy.offline:
            return True
        return self._fetcher.is_likely_fresh(_BUCKET, self._address(name), _DEFAULT_AGE)

    def page(self, name: PypiName) -> Page | None:
        """Return the project's page; None where the index does not have it, or no file of it.

        Raises SourceError (AuthenticationError, OfflineError) where that can't be told.
        """
        if self.index.is_flat:
            return self._flat_page(name)
        if self._root is not None:
            return self._local_page(self._root, name)
        return self._fetch(self._address(name), name)

    @property
    def has_states(self) -> bool:
        """Whether :meth:`state` can be told: not of folders and flat pages."""
        return self._root is None and not self.index.is_flat

    def state(self, name: PypiName) -> bytes:
        """Return what tells this state of a project's page from every other; empty: there is no page.

        Asks as :meth:`page` does, but once only.
        """
        known = self._states.get(name)
        if known is None:
            self._entry(self._address(name), name)
            known = self._states[name]
        return known

    def is_private(self, name: PypiName) -> bool:
        """Whether the page that was read has links that open doors: nothing of it is kept on the disk."""
        return name in self._private

    def _address(self, name: PypiName) -> str:
        return f"{self._base}{name}/"

    def _fetch(self, url: str, name: PypiName) -> LazyPage | None:
        cache, pack = self._fetcher.cache, self._pack() if self._is_remote else None
        mark = None if pack is None else cache.mark(_BUCKET, url)
        kept = None if pack is None or mark is None else pack.page(url)
        is_offline = self._fetcher.policy.offline  # then all is fresh
        if kept is not None and kept.mark == mark and (is_offline or self._fetcher.is_fresh(kept.entry)):
            self._states[name] = b"" if kept.facts is None else kept.facts.state
            return None if kept.facts is None else self._known_page(name, kept.facts, self._read, url, name)
        entry, rest = self._entry(url, name)
        if kept is not None and kept.facts is not None and kept.facts.state == self._states[name]:
            page: LazyPage | None = self._known_page(name, kept.facts, self._page_of, url, name, entry, rest)
        else:
            page = self._page_of(url, name, entry, rest)
        # What has just been written has another mark: the next run will know the page by it.
        if pack is not None and mark is not None and cache.mark(_BUCKET, url) == mark:
            from resolver.sources.cache.pack import KeptPage

            facts = None if page is None else page.facts
            pack.put_page(url, KeptPage(mark, entry.stored, entry.max_age, facts))
        return page

    def _known_page(
        self, name: PypiName, facts: PageFacts, read: Callable[..., LazyPage | None], *asked: object
    ) -> LazyPage:
        """Return a page of which nothing is read until more is asked than what the pack knows."""

        def load() -> LazyPage:
            page = read(*asked)
            if page is None or page.state != facts.state:
                reason = f"the page of `{name}` was replaced while it was read"
                raise PageMovedError(reason, self.index.name, AGAIN)
            return page

        return LazyPage(None, b"", self.index.name, name=name, facts=facts, load=load)

    def _read(self, url: str, name: PypiName) -> LazyPage | None:
        return self._page_of(url, name, *self._entry(url, name))

    def _page_of(self, url: str, name: PypiName, entry: Entry, rest: bytes | memoryview) -> LazyPage | None:
        if entry.status != 200:
            return None
        try:
            # the name of an index is the user's; the cached page may have been read under another
            renew = functools.partial(self._renew, url, name)
            return decode_rows(
                entry.payload, rest, index=self.index.name, renew=renew, is_kept=name not in self._private
            )
        except msgspec.MsgspecError:  # whole, but of another program
            self._fetcher.cache.forget(_BUCKET, url)
            return self._read(url, name)

    def _entry(self, url: str, name: PypiName) -> tuple[Entry, bytes | memoryview]:
        parse = functools.partial(self._parse, url, name)
        found = self._fetcher.get_parts(_BUCKET, url, parse, headers={"accept": ACCEPT})
        entry = found[0]
        self._states[name] = state_of(entry.payload) if entry.status == 200 else b""
        return found

    def _renew(self, url: str, name: PypiName, rows: PageRows) -> LazyPage:
        """Read a page anew whose files are damaged in the cache: that shows late, and it must be the same."""
        self._fetcher.cache.forget(_BUCKET, url)
        page = self._read(url, name)
        if page is None or (page.rows.versions, page.rows.sums) != (rows.versions, rows.sums):
            reason = f"the cached page of `{name}` is damaged, and it was replaced since then"
            raise PageMovedError(reason, self.index.name, AGAIN)
        return page

    def _parse(self, asked: str, name: PypiName, response: Response) -> tuple[bytes, bytes, bool]:
        from resolver.metadata.simple_index import parse_project_page

        page = parse_project_page(
            response.body,
            content_type=response.headers.get("content-type", "text/html"),
            url=response.url or asked,
            name=name,
            index=self.index.name,
            is_framed=response.is_framed,
        )
        head, rest = encode_rows(page)
        kept = are_open(file.url for file in page.files)
        if not kept:
            self._private.add(name)
        return head, rest, kept

    def _flat_page(self, name: PypiName) -> ProjectPage | None:
        from resolver.metadata.simple_index import build_page
        from resolver.sources.pypi.flat_files import read_flat

        if self._flat is None:
            self._flat = read_flat(self.index.url, self._fetcher)
        page = build_page(self._flat, name=name, index=self.index.name, flat=True, url=self.index.url)
        return page if page.files or page.skipped else None

    def _local_page(self, root: Path, name: PypiName) -> Page | None:
        """Read ``PROJECT/index.html``, the archives in ``PROJECT/``, or those in the folder itself."""
        from resolver.metadata.simple_index import build_page
        from resolver.sources.pypi.flat_files import list_folder

        folder = root / name
        if (folder / "index.html").is_file():
            return self._fetch(f"{folder.as_uri()}/", name)
        if folder.is_dir():
            return build_page(list_folder(folder), name=name, index=self.index.name)
        if not root.is_dir():
            raise SourceError("there is no such folder", self.index.name)
        return self._flat_page(name)
