"""One subdir of a channel once it is open: names, records, addresses."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urljoin, urlsplit
from weakref import ref

from resolver.errors import OfflineError, SourceError
from resolver.metadata import record_index, shards
from resolver.metadata.record_rows import RecordRows, decode_rows, encode_rows, find_row
from resolver.model.channels import Channel
from resolver.model.digests import blake2b
from resolver.model.loggers import lazy_logger
from resolver.model.records import CondaRecord
from resolver.model.redaction import is_remote, strip
from resolver.sources.cache.folder import Cache, Entry
from resolver.sources.cache.tables import KeptTable
from resolver.sources.http.fetching import Fetcher, Task
from resolver.sources.http.local import local_path
from resolver.sources.http.packed import unpack_zstd
from resolver.sources.limits import ResourceKind, Unpacking

if TYPE_CHECKING:
    from typing import NamedTuple
else:
    from resolver.model.named_tuples import NamedTuple

_log = lazy_logger(__name__)
Value = TypeVar("Value")
#: Of one name; what is published has a few thousand at most. A search takes the square of it.
_MOST_RECORDS = 20_000
_SHARD_BUCKET = f"shard-{record_index.FORMAT}"
_NO_ROWS = decode_rows(encode_rows(()))


def directory_url(base: str, subdir: str) -> str:
    """Return the address of a subdir with a trailing slash; a path becomes a ``file:`` address."""
    if is_remote(base) or base[:5].lower() == "file:":
        return f"{base}/{subdir}/"
    return (Path(local_path(base)).absolute() / subdir).as_uri() + "/"


def join_address(home: str, address: str | None) -> str:
    """Return where a subdir at ``home`` says that its files lie; raises SourceError for what is none.

    A server can't name files of this machine.
    """
    try:
        found = urljoin(home, address or "")
        is_good = not is_remote(home) or (is_remote(found) and urlsplit(found).port != 0)
    except ValueError:
        is_good = False
    if not is_good:
        raise SourceError(
            "says that its files lie at an address that is not http, or none at all", strip(home)
        )
    return found


def _sha256(data: bytes) -> str:
    import hashlib  # OpenSSL's, for what comes from a network

    return hashlib.sha256(data).hexdigest()


def _digest(data: bytes) -> bytes:
    return blake2b(data, digest_size=16).digest()


class OneRecord(NamedTuple):
    """Whether a subdir has anything of a name, and the record that was asked for, if it is there."""

    has_name: bool
    record: CondaRecord | None


class ChannelSubdir:
    """A subdir without any record; the base of those that have some.

    ``base_url`` is where its packages lie, without trailing slash and credentials.
    """

    def __init__(
        self, channel: Channel, subdir: str, *, exists: bool = False, base_url: str | None = None
    ) -> None:
        """``base_url`` is taken as the repodata writes it: relative to the subdir, or absolute (CEP 15)."""
        self.channel, self.subdir = channel, subdir
        self.exists = exists  #: False: the channel does not have this subdir
        home = directory_url(channel.base_url, subdir)
        self.base_url = strip(join_address(home, base_url)).rstrip("/")
        self._known: dict[str, Sequence[CondaRecord]] = {}
        self._faulty: dict[str, Sequence[CondaRecord]] = {}
        self._looked: set[str] = set()  # names that :meth:`find` or :meth:`look_at` was asked for
        #: whether records may be kept longer than this opening, so that they don't hold a table open
        self.are_kept = False

    def names(self) -> Collection[str]:
        """Return the package names, in sorted order; looking one up costs about a microsecond."""
        return ()

    def records(self, name: str) -> Sequence[CondaRecord]:
        """Return the usable records of ``name``, best first (``order_records``); none for an unknown name.

        Each is read once it is asked for. Raises SourceError where they can't be fetched or read, and so does
        what is returned.
        """
        known = self._known.get(name)
        if known is None:
            known = self._load(name)
            if known is _NO_ROWS:
                self._known[name] = known
                return known
            if known.faulty:
                self._faulty[name] = known.faulty
            if len(known) > _MOST_RECORDS:
                reason = (
                    f"has {len(known):,} builds of `{name}`; more than {_MOST_RECORDS:,} are no channel's"
                )
                raise SourceError(reason, self.base_url)
            self._known[name] = known
        return known

    def find(self, name: str, file_name: str) -> OneRecord | None:
        """Return one usable record of ``name``; None where :meth:`records` has to be asked."""
        known = self._known.get(name)
        if known is None or name in self._faulty:
            return None
        return OneRecord(bool(known), next((one for one in known if one.file_name == file_name), None))

    def faulty(self, name: str) -> Sequence[CondaRecord]:
        """Return the records of ``name`` that can't be used, once :meth:`records` was asked for it."""
        return self._faulty.get(name, ())

    def adopt(self, name: str, records: Sequence[CondaRecord], faulty: Sequence[CondaRecord]) -> None:
        """Take what an earlier opening of the same state gave for a name, as if it had been asked for."""
        if name not in self._known:
            self._known[name] = records
            if faulty:
                self._faulty[name] = faulty

    def look_at(self, names: Iterable[str]) -> None:
        """Take names that an answer rests on, though their records needn't be read."""
        self._looked.update(names)

    @property
    def fetches(self) -> bool:
        """Whether :meth:`prefetch` does anything."""
        return False

    def prefetch(self, names: Iterable[str]) -> None:
        """Begin to fetch the records of ``names`` in the background, where that takes a while."""

    @property
    def state(self) -> bytes:
        """What tells this state of the subdir from every other; empty for one without records."""
        return b""

    @property
    def whole_state(self) -> bytes:
        """What tells all that this opening gives from every other: its state, and where its files lie."""
        return self.state + self.base_url.encode() + bytes([self.exists])

    def digest(self, name: str) -> bytes:  # noqa: ARG002
        """Return what tells the records of ``name`` from all others; empty for an unknown name."""
        return b""

    def consulted(self) -> Collection[str]:
        """Return the names that were asked for, or that :meth:`look_at` was told."""
        return self._known.keys() | self._looked if self._looked else self._known

    def url_of(self, record: CondaRecord) -> str:
        """Return the package's address, without credentials."""
        return record.url or f"{self.base_url}/{record.file_name}"

    def _load(self, name: str) -> RecordRows:  # noqa: ARG002
        return _NO_ROWS

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.channel.name}/{self.subdir}>"


class KeptSubdir(ChannelSubdir):
    """A subdir whose names stand in a table on disk.

    ``renew`` makes the table anew from its source, once it is out of the cache: only what is read of it is
    proved, so damage shows late. None: the source isn't there any more.
    """

    def __init__(
        self, channel: Channel, subdir: str, table: KeptTable, renew: Callable[[], KeptTable | None]
    ) -> None:
        super().__init__(channel, subdir, exists=True, base_url=table.text("base_url"))
        self.table, self._renew = table, renew
        self._state = _digest(table.names.facts)

    def names(self) -> Collection[str]:
        """Return the package names, in sorted order; looking one up costs about a microsecond."""
        return self.table.names

    @property
    def state(self) -> bytes:
        """The table's facts: they say which state of the source (its file, its list) it was made from."""
        return self._state

    def _block(self, name: str, decode: Callable[[bytes | None], Value]) -> Value:
        """Return what the block of ``name`` means, None for an unknown one; a damaged table is made anew.

        Raises SourceError where that can't be, or gives something else than what this run has seen.
        """
        try:
            return decode(self.table.names.block(name))
        except ValueError as error:
            self._mend(name, error)
        try:
            return decode(self.table.names.block(name))
        except ValueError as error:
            raise SourceError(_damaged(name, error), self.base_url) from None

    def _mend(self, name: str, error: ValueError) -> None:
        self.table.discard()
        _log.info("%s; they are read anew", _damaged(name, error))
        try:
            table = self._renew()
        except OfflineError:
            hint = "It is taken out of the cache: run the command without `--offline`."
            raise SourceError(_damaged(name, error), self.base_url, hint) from None
        if table is None or not table.is_like(self.table):
            reason = f"{_damaged(name, error)}, and the channel has changed since then"
            raise SourceError(reason, self.base_url, "Run the command again.")
        self.table = table


def _damaged(name: str, error: ValueError) -> str:
    return f"the cached records of `{name}` are damaged: {error}"


def _as_it_is(block: bytes | None) -> bytes | None:
    return block


def _late_damage(
    name: str, place: str, discard: Callable[[], None] | None = None
) -> Callable[[ValueError], SourceError]:
    """Return what makes the error of rows that were proved and yet are none; it may outlive the table."""

    def damaged(error: ValueError) -> SourceError:
        if discard is not None:
            discard()
        return SourceError(_damaged(name, error), place, "Run the command again.")

    return damaged


class IndexedSubdir(KeptSubdir):
    """A subdir whose repodata.json was split into a table of rows by name."""

    def digest(self, name: str) -> bytes:
        """Return the mark of the rows of ``name``, made when the table was written."""
        return self.table.names.mark(name)

    def find(self, name: str, file_name: str) -> OneRecord | None:
        """Return one usable record of ``name``; None where :meth:`records` has to be asked."""
        if name in self._known:
            return super().find(name, file_name)
        block = self.table.names.view(name)
        self._looked.add(name)
        try:
            return OneRecord(block is not None, find_row(block, file_name) if block else None)
        except ValueError:
            return None  # one has a fault, or they are damaged: who reads all of them will say

    def _load(self, name: str) -> RecordRows:
        view = self.table.names.view(name)
        if not view:
            return _NO_ROWS
        damaged = _late_damage(name, self.base_url, self.table.discarding())
        if not self.are_kept:
            try:
                return decode_rows(view, damaged, self._written(name, damaged))
            except ValueError:
                pass  # it is made anew
        return self._block(name, lambda block: decode_rows(block, damaged) if block else _NO_ROWS)

    def _written(
        self, name: str, damaged: Callable[[ValueError], SourceError]
    ) -> Callable[[ValueError], bytes]:
        """Return what gives the block of ``name``, proved, and made anew if need be, as long as this is open.

        It raises SourceError as :meth:`_block` does, and what ``damaged`` makes once this is gone.
        """
        owner = ref(self)

        def anew(error: ValueError) -> bytes:
            subdir = owner()
            block = None if subdir is None else subdir._block(name, _as_it_is)  # noqa: SLF001 - its own
            if block is None:
                raise damaged(error)
            return block

        return anew


class ShardedSubdir(KeptSubdir):
    """A subdir with one file of records for each name (CEP 16), fetched when asked for.

    ``bases`` are the places that hold the shards (the channel, its mirrors), without the subdir.
    """

    def __init__(
        self,
        channel: Channel,
        subdir: str,
        table: KeptTable,
        renew: Callable[[], KeptTable | None],
        *,
        bases: Sequence[str],
        fetcher: Fetcher,
        cache: Cache,
    ) -> None:
        super().__init__(channel, subdir, table, renew)
        folder = (table.text("shards_base_url") or ".").rstrip("/") + "/"
        addresses = (join_address(directory_url(base, subdir), folder) for base in bases)
        self._folders = tuple(dict.fromkeys(addresses))
        self._fetcher, self._cache = fetcher, cache
        self._tasks: dict[str, Task[RecordRows]] = {}
        self._cached: set[str] = set()  #: names whose shards were seen in the cache

    def digest(self, name: str) -> bytes:
        """Return the hash of the shard of ``name``."""
        return self._block(name, _as_it_is) or b""

    @property
    def fetches(self) -> bool:
        """Whether :meth:`prefetch` does anything."""
        return is_remote(self._folders[0]) and not self._fetcher.settings.offline

    def prefetch(self, names: Iterable[str]) -> None:
        """Begin to fetch the shards of ``names`` that are neither known nor cached."""
        if not self.fetches:
            return
        for name in names:
            if name in self._known or name in self._tasks or name in self._cached:
                continue
            digest = self._block(name, _as_it_is)
            if digest is None:
                continue
            if self._cache.holds(_SHARD_BUCKET, digest.hex()):
                self._cached.add(name)
            else:
                self._tasks[name] = self._fetcher.submit(self._read, name, digest.hex())

    def _load(self, name: str) -> RecordRows:
        task = self._tasks.pop(name, None)
        if task is not None:
            return task.result()
        digest = self._block(name, _as_it_is)
        return self._read(name, digest.hex()) if digest else _NO_ROWS

    def _read(self, name: str, digest: str) -> RecordRows:
        """Take the shard from the cache, or fetch it and keep its rows there."""
        kept = self._cache.read(_SHARD_BUCKET, digest)
        if kept is not None:
            try:
                return decode_rows(kept.payload, _late_damage(name, self.base_url))
            except ValueError:
                _log.info("the cached shard of `%s` is damaged and fetched anew", name)
        data, where = self._fetch(name, digest)
        try:
            records = shards.parse_shard(name, unpack_zstd(data, self._count()))
        except ValueError as error:
            raise SourceError(f"the shard of `{name}` is damaged: {error}", where) from None
        rows = encode_rows(records)
        self._cache.write(_SHARD_BUCKET, digest, Entry(payload=rows))
        return decode_rows(rows)

    def _count(self) -> Unpacking:
        return Unpacking(ResourceKind.SHARD, self._fetcher.settings.limits.bound(ResourceKind.SHARD))

    def _fetch(self, name: str, digest: str) -> tuple[bytes, str]:
        """Return the shard's bytes, proved by their SHA-256, and where they came from."""
        fault = SourceError(f"the shard of `{name}` is nowhere", self.base_url)
        for folder in self._folders:
            where = f"{folder}{digest}.msgpack.zst"
            is_last = folder == self._folders[-1]
            try:
                answer = self._fetcher.get(
                    where, attempts=None if is_last else 2, kind=ResourceKind.SHARD, is_link=True
                )
            except SourceError as error:
                fault = error
                continue
            if not answer.found:
                hint = "The channel may have changed in the meantime: lock again."
                reason = f"the shard of `{name}` is listed but not there"
                fault = SourceError(reason, strip(where), hint, answer.status)
            elif _sha256(answer.body) != digest:
                reason = f"the shard of `{name}` is not what the channel's list promises"
                fault = SourceError(reason, strip(where))
            else:
                return answer.body, strip(where)
        raise fault
