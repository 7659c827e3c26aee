"""A channel on servers: revalidation, choice of the form, failover between mirrors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import IO, TYPE_CHECKING, cast

import msgspec

from resolver.errors import AuthenticationError, OfflineError, SourceError
from resolver.model.channels import Channel
from resolver.model.loggers import lazy_logger
from resolver.model.redaction import strip
from resolver.sources.cache.fetching import CachePolicy, entry_of, renewed, validators
from resolver.sources.cache.folder import Cache, Entry
from resolver.sources.cache.tables import KeptTable, make_table, open_table
from resolver.sources.conda.body_sink import RepodataSink
from resolver.sources.conda.forms import FORMS, bucket_of, is_sharded, kind_of, table_writer
from resolver.sources.conda.subdirs import (
    ChannelSubdir,
    IndexedSubdir,
    KeptSubdir,
    ShardedSubdir,
    directory_url,
)
from resolver.sources.http.fetching import Fetcher
from resolver.sources.http.mirrors import Mirrors

if TYPE_CHECKING:
    from typing import NamedTuple
else:
    from resolver.model.named_tuples import NamedTuple

_log = lazy_logger(__name__)
_BUCKET = "subdir-1"
#: Seconds after which all forms are tried again: a channel may have begun to offer a better one.
_CHOICE_HOLDS = 86_400


class _Choice(msgspec.Struct, frozen=True, array_like=True):
    """Which file a subdir was read from, and the state of it that the table was made of."""

    form: str
    base: str  #: the mirror
    source: str
    chosen: float  #: seconds since 1970


class _Kept(NamedTuple):
    """A decided answer; without a subdir: it is not there."""

    subdir: ChannelSubdir | None


def is_at_hand(
    channel: Channel, subdir: str, cache: Cache, policy: CachePolicy, clock: Callable[[], float]
) -> bool:
    """Tell whether opening a subdir likely asks no server: a wrong guess costs time only."""
    if policy.offline:
        return True
    entry = cache.read(_BUCKET, directory_url(channel.base_url, subdir))
    return entry is not None and policy.is_fresh(entry, clock())


class RemoteOpener:
    """Opens one subdir of a channel through the cache, anew where what is kept shows damage late."""

    def __init__(
        self,
        channel: Channel,
        subdir: str,
        fetcher: Fetcher,
        cache: Cache,
        mirrors: Mirrors,
        policy: CachePolicy,
        clock: Callable[[], float],
    ) -> None:
        self._channel, self._subdir = channel, subdir
        self._fetcher, self._cache, self._mirrors = fetcher, cache, mirrors
        self._policy, self._clock = policy, clock
        self._key = directory_url(channel.base_url, subdir)

    def open(self) -> ChannelSubdir | None:
        """Return the subdir, None where every place says that it is not there.

        1. a kept answer that is fresh (or any, offline) is taken as it is
        2. else one process at a time asks: the file chosen before, if that is recent
        3. else all forms of each mirror, until one is there
        """
        if kept := self._fresh():
            return kept.subdir
        if self._policy.offline:
            reason = f"its `{self._subdir}` is not in the cache, and the network may not be used"
            raise OfflineError(reason, strip(self._channel.base_url), "Lock once without `--offline`.")
        with self._cache.lock(_BUCKET, self._key):
            kept = self._fresh()  # another process may have asked meanwhile
            return kept.subdir if kept else self._ask()

    def _fresh(self) -> _Kept | None:
        """Return what is kept if it is fresh; None: a server must be asked."""
        entry = self._cache.read(_BUCKET, self._key)
        if entry is None or not self._policy.is_fresh(entry, self._clock()):
            return None
        if entry.status != 200:
            return _Kept(None)
        choice = _decode_choice(entry)
        if choice and choice.base not in tuple(self._mirrors) and not self._policy.offline:
            return None  # what a place says that is asked no more
        table = self._kept_table(choice) if choice else None
        return _Kept(self._made(choice, table)) if choice and table else None

    def _ask(self) -> ChannelSubdir | None:
        entry = self._cache.read(_BUCKET, self._key)
        choice = _decode_choice(entry) if entry else None
        table = self._kept_table(choice) if choice else None
        refused: AuthenticationError | None = None
        fault: SourceError | None = None
        for base in self._mirrors:
            try:
                for form in self._forms(base, choice):
                    known = entry if choice and (choice.base, choice.form) == (base, form) and table else None
                    try:
                        found = self._try(base, form, known, choice, table)
                    except AuthenticationError as error:
                        refused = refused or error  # some servers say 403 for what is not there
                        continue
                    if found is not None:
                        return found
            except SourceError as error:
                if len(self._mirrors) > 1:
                    _log.warning("a mirror fails: %s", error)
                fault = error
                self._mirrors.mark_failed(base)
        if failure := fault or refused:
            raise failure
        absent = Entry(payload=b"", stored=self._clock(), status=404)
        self._cache.write(_BUCKET, self._key, absent)
        return None

    def _forms(self, base: str, choice: _Choice | None) -> Iterator[str]:
        """Yield the form chosen lately, then all others in order."""
        lately = choice and 0 <= self._clock() - choice.chosen < _CHOICE_HOLDS
        if choice and lately and choice.base == base and choice.form in FORMS:
            yield choice.form
            yield from (form for form in FORMS if form != choice.form)
        else:
            yield from FORMS

    def _try(
        self, base: str, form: str, known: Entry | None, choice: _Choice | None, table: KeptTable | None
    ) -> ChannelSubdir | None:
        """Ask one mirror for one form; None where it is not there."""
        url = directory_url(base, self._subdir) + form
        with self._cache.scratch() as body:
            answer = self._fetcher.get(
                url,
                headers=validators(known),
                sink=cast("IO[bytes]", RepodataSink(body, strip(url), is_json=not is_sharded(form))),
                attempts=self._mirrors.attempts(base),
                kind=kind_of(form),
            )
            now = self._clock()
            if answer.status == 304 and known and choice and table:
                self._cache.write(_BUCKET, self._key, renewed(known, answer, now))
                return self._made(choice, table)
            if not answer.found:
                return None
            state = answer.headers.get("etag") or answer.headers.get("last-modified") or ""
            choice = _Choice(form=form, base=base, source=f"{url} {state} {now}", chosen=now)
            table = self._make_table(choice, body, url)
        self._cache.write(_BUCKET, self._key, entry_of(answer, msgspec.msgpack.encode(choice), now))
        return self._made(choice, table)

    def _make_table(self, choice: _Choice, body: IO[bytes], url: str) -> KeptTable:
        write = table_writer(choice.form, body, choice.source, self._cache, self._fetcher.settings.limits)
        self._fetcher.reporter.index_started(url)
        try:
            return make_table(self._cache, bucket_of(choice.form), self._key, choice.source, write)
        except ValueError as error:
            raise SourceError(f"is damaged: {error}", strip(url)) from None
        finally:
            self._fetcher.reporter.index_done(url)

    def _kept_table(self, choice: _Choice) -> KeptTable | None:
        return open_table(self._cache, bucket_of(choice.form), self._key, choice.source)

    def _made(self, choice: _Choice, table: KeptTable) -> ChannelSubdir:
        if not is_sharded(choice.form):
            return IndexedSubdir(self._channel, self._subdir, table, self._renewed)
        bases = tuple(dict.fromkeys((choice.base, *self._mirrors)))
        return ShardedSubdir(
            self._channel, self._subdir, table, self._renewed,
            bases=bases, fetcher=self._fetcher, cache=self._cache,
        )  # fmt: skip

    def _renewed(self) -> KeptTable | None:
        """Return the table as it is made of what the channel has now, or of what another process got."""
        found = self.open()
        return found.table if isinstance(found, KeptSubdir) else None


def _decode_choice(entry: Entry) -> _Choice | None:
    with suppress(msgspec.DecodeError):
        return msgspec.msgpack.decode(entry.payload, type=_Choice)
    return None
