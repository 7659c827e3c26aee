"""What searches over the same files took from hundreds of entries of the cache, in one.

::

    pages      digest of an address -> the state of its entry, and what is asked of nearly every page
    texts      requirements, each once: releases of a project say much the same
    lists      what releases require, with places among the texts, and their extras; each once
    metadata   digest of a file's key -> what it says of itself, with its place among the lists
    domains    digest of all that a project's candidates depend on -> answers about them

Whatever stands here is a copy, or follows from what its key names: a pack saves looks at the disk and
work, and never decides. One that can't be read is empty. Addresses may open doors (signed links), so keys
are digests of them, and nothing is kept of a page with such links.

So what stands in the packs of other files holds for these, too: where there is no pack yet, those written
last are looked at, and what is of use is taken over.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TypeAlias

import msgspec

from resolver.metadata.page_rows import PageFacts
from resolver.model.decoders import msgpack_decoder
from resolver.model.digests import blake2b, sha256
from resolver.model.records import CoreMetadata
from resolver.sources.cache.folder import Cache, Entry, Mark
from resolver.sources.cache.packed import Packed, read_packed

_BUCKET = "pack-1"
#: Bytes of one pack; a search of 400 projects fills 0.5 MB.
MOST_BYTES = 4 << 20
#: Bytes of all packs together, and seconds after which one that nobody renewed goes.
_MOST_BYTES_OF_ALL, _LONGEST_AGE = 64 << 20, 30 * 86_400.0
#: Packs of other files that are looked at where there is none yet.
_MOST_OTHERS = 4
_ENCODER = msgspec.msgpack.Encoder()
#: gives what is kept of a domain's answers with what came in; None: nothing did
Answers: TypeAlias = Callable[[bytes | None], bytes | None]


def _short(key: str) -> bytes:
    return blake2b(key.encode("utf-8", "surrogateescape"), digest_size=16).digest()


class KeptPage(msgspec.Struct, array_like=True, frozen=True):
    """A page's entry in the cache without its rows; ``facts`` None: the index lacks the project."""

    mark: Mark
    stored: float
    max_age: int | None
    facts: PageFacts | None

    @property
    def entry(self) -> Entry:
        """The entry as the rules of freshness see it."""
        return Entry(
            payload=b"", stored=self.stored, max_age=self.max_age, status=404 if self.facts is None else 200
        )


class Additions(msgspec.Struct, array_like=True, frozen=True):
    """What came into a pack since it was read, or since the last look; and the keys that were of use."""

    pages: dict[bytes, bytes]
    metadata: dict[bytes, CoreMetadata]
    domains: dict[bytes, bytes]
    used: tuple[set[bytes], set[bytes], set[bytes]]


_PAGES = msgpack_decoder(KeptPage)


class Pack:
    """One pack, read when first asked; :meth:`save` writes it where something new came in.

    Every method but :meth:`save` may be called from any thread.
    """

    def __init__(self, cache: Cache, key: str, program: tuple[str, ...]) -> None:
        """``key``: whose pack it is; ``program``: what alone understands it."""
        self._cache, self._key = cache, key
        self.program = sha256(_ENCODER.encode(program)).digest()
        self._stored: Packed | None = None
        self._others: Sequence[Packed] = ()  # of other files, where there is none yet
        self._taken_over: set[bytes] = set()  # domains that came from there
        self._used: tuple[set[bytes], set[bytes], set[bytes]] = set(), set(), set()
        self._lock = threading.Lock()  # held while texts are added
        self._new: tuple[set[bytes], set[bytes], set[bytes]] = set(), set(), set()  # of those: not saved
        self._is_trusted = True  # of pages, and of domains
        #: what gives the answers about a domain once the search is over, over those that are kept by then
        self._answering: list[tuple[bytes, Answers]] = []

    @property
    def _all(self) -> Packed:
        if self._stored is None:
            entry = self._cache.read(_BUCKET, self._key)
            found = None if entry is None else read_packed(entry.payload, self.program)
            if found is None:
                last = self._cache.newest(_BUCKET, most=_MOST_OTHERS, most_bytes=MOST_BYTES)
                others = (read_packed(entry.payload, self.program) for entry in last)
                self._others = tuple(other for other in others if other is not None)
                found = Packed.empty(self.program)
            self._stored = found
        return self._stored

    # -- pages ------------------------------------------------------------------------------------

    def page(self, url: str) -> KeptPage | None:
        """Return what is known of a page; whether its entry is still the same is the caller's to see."""
        key = _short(url)
        data = self._all.pages.get(key) or self._page_of_others(key) if self._is_trusted else None
        if data is None:
            return None
        self._used[0].add(key)
        try:
            return _PAGES.decode(data)
        except msgspec.MsgspecError:
            return None

    def _page_of_others(self, key: bytes) -> bytes | None:
        for other in self._others:
            if (data := other.pages.get(key)) is not None:
                self._all.pages[key] = data
                self._new[0].add(key)
                return data
        return None

    def put_page(self, url: str, page: KeptPage) -> None:
        """Keep what is known of a page."""
        key = _short(url)
        self._all.pages[key] = _ENCODER.encode(page)
        self._used[0].add(key)
        self._new[0].add(key)

    @property
    def is_trusted(self) -> bool:
        """Whether it still says something of pages and domains."""
        return self._is_trusted

    def distrust(self) -> None:
        """Say nothing of pages and domains any more: a page isn't, or is no longer, what was said of it."""
        self._is_trusted = False

    # -- metadata ---------------------------------------------------------------------------------

    def metadata(self, key: str) -> CoreMetadata | None:
        """Return what a file says of itself."""
        return self._unpacked(_short(key))

    def place_of(self, key: str) -> bytes | None:
        """Return where the same stands, for :meth:`metadata_at`; None: it isn't there."""
        short = _short(key)
        if short not in self._all.metadata and not any(short in other.metadata for other in self._others):
            return None
        self._used[1].add(short)
        return short

    def metadata_at(self, place: bytes) -> CoreMetadata | None:
        """Return what a file says of itself; None where that is damaged, or is gone."""
        return self._unpacked(place)

    def _unpacked(self, key: bytes) -> CoreMetadata | None:
        found = self._all.unpacked(key)
        if found is None:
            for other in self._others:
                if (found := other.unpacked(key)) is not None:
                    self._put(key, found)
                    return found
            return None
        self._used[1].add(key)
        return found

    def put_metadata(self, key: str, said: CoreMetadata) -> None:
        """Keep what a file says of itself."""
        self._put(_short(key), said)

    def _put(self, short: bytes, said: CoreMetadata) -> None:
        with self._lock:
            self._all.put(short, said)
            self._used[1].add(short)
            self._new[1].add(short)

    @property
    def texts(self) -> Sequence[str]:
        """The requirements of all metadata."""
        return self._all.texts

    # -- domains ----------------------------------------------------------------------------------

    def domain(self, key: bytes) -> bytes | None:
        """Return answers about a domain."""
        data = self._all.domains.get(key) or self._domain_of_others(key) if self._is_trusted else None
        if data is not None:
            self._used[2].add(key)
        return data

    def _domain_of_others(self, key: bytes) -> bytes | None:
        for other in self._others:
            if (data := other.domains.get(key)) is not None:
                self._all.domains[key] = data
                self._new[2].add(key)
                self._taken_over.add(key)
                return data
        return None

    def is_taken_over(self, key: bytes) -> bool:
        """Tell whether answers are those of other files' packs still, with what isn't of use here."""
        return key in self._taken_over

    def hear(self, key: bytes, answers: Answers) -> None:
        """Ask for the answers about a domain when they are noted, or the pack is saved."""
        self._answering.append((key, answers))

    # -- writing ----------------------------------------------------------------------------------

    def forget_domains(self) -> None:
        """Let go of the domains that are heard: what they rest on may go with the search."""
        self._answering = []

    def save(self) -> None:
        """Write what is new, with what was there before as long as that is not too much."""
        self.note_answers()
        if not any(self._new):
            return
        packed = self._all.packed()
        if len(packed) > MOST_BYTES:
            self._leave_unused_out()
            packed = self._all.packed()
        self._forget_new()
        if len(packed) <= MOST_BYTES and self._cache.write(_BUCKET, self._key, Entry(payload=packed)):
            self._cache.trim(_BUCKET, most_bytes=_MOST_BYTES_OF_ALL, longest_age=_LONGEST_AGE)

    def additions(self) -> Additions:
        """Return what came in, for the pack of the process that this one is a copy of."""
        self.note_answers()
        stored, (pages, metadata, domains) = self._all, self._new
        found = Additions(
            {key: stored.pages[key] for key in sorted(pages)},
            {key: said for key in sorted(metadata) if (said := self._unpacked(key)) is not None},
            {key: stored.domains[key] for key in sorted(domains)},
            self._used,
        )
        self._forget_new()
        return found

    def add(self, more: Additions) -> None:
        """Take what came into the pack of a copy of this process."""
        stored = self._all
        stored.pages |= more.pages
        stored.domains |= more.domains
        with self._lock:
            for key, said in more.metadata.items():
                stored.put(key, said)
        for ours, theirs in zip(self._used, more.used, strict=True):
            ours |= theirs
        self._new[0].update(more.pages)
        self._new[1].update(more.metadata)
        self._new[2].update(more.domains)

    def note_answers(self) -> None:
        """Take the answers about domains that are heard, which may go with their search then."""
        stored = self._all
        for key, answers in self._answering:
            data = answers(stored.domains.get(key) if self._is_trusted else None)
            if data is not None:
                stored.domains[key] = data
                self._used[2].add(key)
                self._new[2].add(key)
                self._taken_over.discard(key)
        self.forget_domains()

    def _forget_new(self) -> None:
        for keys in self._new:
            keys.clear()

    def _leave_unused_out(self) -> None:
        stored, (pages, metadata, domains) = self._all, self._used
        kept = {key: said for key in metadata if (said := stored.unpacked(key)) is not None}
        smaller = Packed.empty(self.program)
        smaller.pages = {key: data for key, data in stored.pages.items() if key in pages}
        smaller.domains = {key: data for key, data in stored.domains.items() if key in domains}
        for key, said in sorted(kept.items()):
            smaller.put(key, said)
        self._stored = smaller
