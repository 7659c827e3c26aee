"""The forms in which a subdir offers its repodata, and how each becomes a table."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO

from resolver.metadata import record_index, shards
from resolver.metadata.repodata import RepodataReader
from resolver.sources.cache.folder import Cache
from resolver.sources.http.packed import Unpacked, unpack_zstd
from resolver.sources.limits import ResourceKind, SourceLimits, Unpacking

#: File names, the one that costs least first.
FORMS = (shards.SHARDS_FILE, "repodata.json.zst", "repodata.json", "repodata.json.bz2")


def bucket_of(form: str) -> str:
    """Return the cache's bucket for tables made from this form."""
    return shards.FORMAT if form == shards.SHARDS_FILE else record_index.FORMAT


def is_sharded(form: str) -> bool:
    """Tell whether the table holds hashes of shards rather than rows."""
    return form == shards.SHARDS_FILE


def kind_of(form: str) -> ResourceKind:
    """Return whose bounds a form is held to."""
    return ResourceKind.SHARD_LIST if is_sharded(form) else ResourceKind.REPODATA


def table_writer(
    form: str, file: IO[bytes], source: str, cache: Cache, limits: SourceLimits
) -> Callable[[IO[bytes]], None]:
    """Return what writes the table of ``file`` (packed as it came) into an open file.

    ``source`` is stored in the table. The writer raises ValueError for damaged contents, and for
    contents beyond the ``limits``.
    """

    def count() -> Unpacking:
        return Unpacking(kind_of(form), limits.bound(kind_of(form)))

    def write_shards(output: IO[bytes]) -> None:
        file.seek(0)
        shards.write_shard_table(unpack_zstd(file.read(), count()), output, {"source": source})

    def write_records(output: IO[bytes]) -> None:
        with cache.scratch() as spool:
            reader = RepodataReader(Unpacked(file, count()))
            record_index.write_record_index(reader, output, spool, {"source": source})

    return write_shards if is_sharded(form) else write_records
