"""Fetching through the cache: fresh entries unasked, older ones revalidated (RFC 9111)."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping

import msgspec

from resolver.errors import OfflineError
from resolver.model.patterns import pattern
from resolver.model.redaction import is_remote
from resolver.sources.cache.folder import Cache, Entry
from resolver.sources.http.fetching import Fetcher
from resolver.sources.http.response import Response, header_number

_MAX_AGE = pattern(r"(?i)(?:^|[,\s])max-age\s*=\s*\"?([0-9]{1,18})")


class Private(bytes):
    """What was parsed of an answer whose addresses open doors (signed links): used, and never kept."""


class CachePolicy(msgspec.Struct, frozen=True, kw_only=True):
    """When a cached answer will do; times in seconds.

    offline: whatever is there will do, and nothing else may be asked for.
    refresh: every answer is revalidated with its server at least.
    """

    offline: bool = False
    refresh: bool = False
    longest_age: int = 3600  #: no server may vouch for longer than this
    age_of_absence: int = 600  #: how long a 404 is remembered

    def is_fresh(self, entry: Entry, now: float) -> bool:
        """Tell whether ``entry`` may be used at ``now`` (seconds since 1970) without asking."""
        if self.offline:
            return True
        allowed = self.age_of_absence if entry.status != 200 else entry.max_age or 0
        # A clock that was set back makes an age negative: ask rather than trust it for long.
        is_fresh = not self.refresh and 0 <= now - entry.stored < min(allowed, self.longest_age)
        if is_fresh:
            sys.audit("lockstack.fresh", entry.stored + min(allowed, self.longest_age))
        return is_fresh


def validators(entry: Entry | None) -> dict[str, str]:
    """Return the headers that ask whether ``entry`` still holds."""
    if entry is None or entry.status != 200:
        return {}
    found = {"if-none-match": entry.etag, "if-modified-since": entry.last_modified}
    return {name: value for name, value in found.items() if value}


def entry_of(response: Response, payload: bytes, now: float) -> Entry:
    """Return a cache entry for ``payload``, made from ``response``."""
    headers = response.headers
    return Entry(
        payload=payload,
        stored=now,
        max_age=parse_max_age(headers),
        etag=headers.get("etag"),
        last_modified=headers.get("last-modified"),
        status=response.status,
        url=response.url,
    )


def renewed(entry: Entry, response: Response, now: float) -> Entry:
    """Return ``entry`` as a 304 ``response`` vouches for it anew."""
    import msgspec

    age = parse_max_age(response.headers)
    return msgspec.structs.replace(entry, stored=now, max_age=entry.max_age if age is None else age)


def parse_max_age(headers: Mapping[str, str]) -> int | None:
    """Read ``Cache-Control``: seconds, 0 for no-cache and no-store, None where nothing is said."""
    control = headers.get("cache-control", "")
    if "no-cache" in control or "no-store" in control:
        return 0
    found = _MAX_AGE.search(control)
    if found is None:
        return None
    return max(0, int(found[1]) - (header_number(headers.get("age", "")) or 0))


class CachedFetcher:
    """Fetches addresses, parses them once, and keeps what was parsed."""

    def __init__(
        self,
        fetcher: Fetcher,
        cache: Cache,
        policy: CachePolicy | None = None,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """``clock`` gives seconds since 1970."""
        self.fetcher, self.cache, self.clock = fetcher, cache, clock
        self.policy = policy or CachePolicy(offline=fetcher.settings.offline)

    def is_likely_fresh(self, bucket: str, url: str, age: int) -> bool:
        """Guess, without reading the entry, whether :meth:`get` will ask nobody.

        ``age`` (seconds) stands for a freshness that the entry does not state.
        """
        if self.policy.offline or not is_remote(url):
            return True
        found = None if self.policy.refresh else self.cache.age(bucket, url)
        return found is not None and found < age

    def is_fresh(self, entry: Entry) -> bool:
        """Tell whether an entry may be used now without asking."""
        return self.policy.is_fresh(entry, self.clock())

    def get_parts(
        self,
        bucket: str,
        url: str,
        parse: Callable[[Response], tuple[bytes, bytes, bool]],
        *,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[Entry, bytes | memoryview]:
        """Return what :meth:`get` does in two parts; ``parse`` also says whether it may be kept."""
        url = self.fetcher.credentials.learn(url)
        found, now = self.cache.read_parts(bucket, url), self.clock()
        known = found[0] if found else None
        if found and self.policy.is_fresh(found[0], now):
            return found
        if self.policy.offline:
            reason = "is not in the cache, and the network may not be used"
            raise OfflineError(reason, url, "Lock once without `--offline`.")
        response = self.fetcher.get(url, headers={**(headers or {}), **validators(known)})
        rest: bytes | memoryview = b""
        if response.status == 304 and found:
            entry, rest = renewed(found[0], response, now), found[1]
        elif response.found:
            head, rest, kept = parse(response)
            entry = entry_of(response, head, now)
            if not kept:
                self.cache.forget(bucket, url)
                return entry, rest
        else:
            entry = Entry(payload=b"", stored=now, status=404, url=response.url)
        self.cache.write_parts(bucket, url, entry, rest)
        return entry, rest

    def get(
        self,
        bucket: str,
        url: str,
        parse: Callable[[Response], bytes],
        *,
        headers: Mapping[str, str] | None = None,
        immutable: bool = False,
    ) -> Entry:
        """Return the entry of ``url``: status 200 with what ``parse`` made of the body, or 404 and empty.

        ``bucket`` names the parsed form and its version: a change of ``parse`` needs
        a new one; :class:`Private` is not kept. ``immutable``: once there, the entry is
        never asked for again. Files are not cached as absent. Raises as :meth:`Fetcher.get` does, and
        whatever ``parse`` raises; OfflineError where only the network could tell.
        """
        url = self.fetcher.credentials.learn(url)
        remote, known, now = is_remote(url), self.cache.read(bucket, url), self.clock()
        # A file is asked each time, also offline: comparing its time and size costs nothing.
        if known and remote and (self.policy.is_fresh(known, now) or (immutable and known.status == 200)):
            return known
        if self.policy.offline and remote:
            reason = "is not in the cache, and the network may not be used"
            raise OfflineError(reason, url, "Lock once without `--offline`.")
        response = self.fetcher.get(url, headers={**(headers or {}), **validators(known)})
        if response.status == 304 and known:
            if not remote:
                return known
            entry = renewed(known, response, now)
        elif response.found:
            payload = parse(response)
            entry = entry_of(response, payload, now)
            if isinstance(payload, Private):
                self.cache.forget(bucket, url)
                return entry
        else:
            entry = Entry(payload=b"", stored=now, status=404, url=response.url)
        if entry.status == 200 or remote:
            self.cache.write(bucket, url, entry)
        return entry
