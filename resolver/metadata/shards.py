"""Sharded repodata (CEP 16): an index of content hashes, and one file of records per package name."""

from __future__ import annotations

from typing import IO, Any

import msgspec

from resolver.metadata.name_table import NameTableWriter, encode_facts
from resolver.metadata.record_index import order_records
from resolver.metadata.repodata import RawRecord, records_of
from resolver.model.records import CondaRecord

#: The file that lists the shards, in the subdir.
SHARDS_FILE = "repodata_shards.msgpack.zst"
#: Part of every name under which the list is stored.
FORMAT = "shards-1"
_HASH_SIZE = 32


class _Info(msgspec.Struct, kw_only=True):
    base_url: str | None = None
    shards_base_url: str | None = None


class _ShardList(msgspec.Struct, kw_only=True):
    """Contents of ``repodata_shards.msgpack.zst``, decompressed."""

    shards: dict[str, bytes]
    info: _Info = msgspec.field(default_factory=_Info)
    version: int = 1


class _Shard(msgspec.Struct, kw_only=True):
    """One shard, decompressed; kinds of packages that are not known here are ignored."""

    packages: dict[str, msgspec.Raw] = {}
    conda_packages: dict[str, msgspec.Raw] = msgspec.field(default_factory=dict, name="packages.conda")
    removed: frozenset[str] = frozenset()


class _PlainShard(msgspec.Struct, kw_only=True):
    """The same, for the usual case that every record is as it should be."""

    packages: dict[str, RawRecord] = {}
    conda_packages: dict[str, RawRecord] = msgspec.field(default_factory=dict, name="packages.conda")
    removed: frozenset[str] = frozenset()


_decode_list = msgspec.msgpack.Decoder(_ShardList).decode
_decode_plain = msgspec.msgpack.Decoder(_PlainShard).decode
_decode_loosely = msgspec.msgpack.Decoder(_Shard).decode
_decode_one = msgspec.msgpack.Decoder(RawRecord, strict=False).decode


def write_shard_table(data: bytes, output: IO[bytes], facts: dict[str, str | int | None]) -> None:
    """Turn a shard list (decompressed) into a table of 32-byte SHA-256 digests by name.

    ``base_url`` and ``shards_base_url`` go into the facts as they are written.
    Raises ValueError for what is no shard list, or one of a later version.
    """
    listed = _decode_list(data)
    if listed.version != 1:
        raise ValueError(f"is sharded repodata of version {listed.version}, which is not known")
    writer = NameTableWriter(output)
    for name in sorted(listed.shards):
        digest = listed.shards[name]
        if len(digest) != _HASH_SIZE:
            raise ValueError(f"the hash of the shard of `{name}` has {len(digest)} bytes, not {_HASH_SIZE}")
        writer.add(name, digest)
    info = listed.info
    writer.finish(encode_facts({**facts, "base_url": info.base_url, "shards_base_url": info.shards_base_url}))


def parse_shard(name: str, data: bytes) -> list[CondaRecord]:
    """Return the records of the package ``name`` from its shard (decompressed), ordered, faulty ones last.

    Raises ValueError for what is no shard.
    """
    records: list[CondaRecord]
    try:
        plain = _decode_plain(data)
        removed = plain.removed
        members: Any = (*plain.packages.items(), *plain.conda_packages.items())
        records = [raw.record(file_name) for file_name, raw in members]
    except msgspec.ValidationError:
        loose = _decode_loosely(data)
        removed = loose.removed
        members = (*loose.packages.items(), *loose.conda_packages.items())
        records = list(records_of(members, _decode_one))
    return order_records((record for record in records if record.name == name), removed)
