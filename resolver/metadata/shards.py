"""Sharded repodata (CEP 16): an index of content hashes, and one file of records per package name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import IO, Any

import msgspec

from resolver.metadata.faulty import Named, reason_unread, unread_of
from resolver.metadata.name_table import NameTableWriter, encode_facts
from resolver.metadata.record_index import order_records
from resolver.metadata.repodata import RawRecord, records_of
from resolver.model.decoders import msgpack_decoder
from resolver.model.patterns import pattern
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


class _PlainShard(msgspec.Struct, kw_only=True):
    """One shard, decompressed, in the usual case that every record is as it should be."""

    packages: dict[str, RawRecord] = {}
    conda_packages: dict[str, RawRecord] = msgspec.field(default_factory=dict, name="packages.conda")
    removed: frozenset[str] = frozenset()


_LIST = msgpack_decoder(_ShardList)
_PLAIN = msgpack_decoder(_PlainShard)
_KEYS = msgpack_decoder(dict[str, msgspec.Raw])
_REMOVED = msgpack_decoder(frozenset[str])
_ANY = msgpack_decoder(Any)
_ONE = msgpack_decoder(RawRecord, strict=False)
_NAME = msgpack_decoder(Named)
_REVISION = pattern(r"v[1-9][0-9]*\Z")  #: CEP 48
#: What only revision 3 has, wherever it stands.
_LATER = (b"extra_depends", b"flags", b"when=", b"extras=")


def write_shard_table(data: bytes, output: IO[bytes], facts: dict[str, str | int | None]) -> None:
    """Turn a shard list (decompressed) into a table of 32-byte SHA-256 digests by name.

    ``base_url`` and ``shards_base_url`` go into the facts as they are written.
    Raises ValueError for what is no shard list, or one of a later version.
    """
    listed = _LIST.decode(data)
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
    keys = _KEYS.decode(data)
    is_classic = not any(word in data for word in _LATER) and not any(
        key == "packages.whl" or _REVISION.match(key) for key in keys
    )
    try:
        if is_classic:
            plain = _PLAIN.decode(data)
            members = (*plain.packages.items(), *plain.conda_packages.items())
            records = [raw.record(file_name) for file_name, raw in members]
            return order_records((record for record in records if record.name == name), plain.removed)
    except msgspec.ValidationError:
        pass  # one odd record must not spoil its neighbours
    removed = _REMOVED.decode(keys["removed"]) if "removed" in keys else frozenset()
    return order_records((record for record in _loosely(keys) if record.name == name), removed)


def _loosely(keys: Mapping[str, msgspec.Raw]) -> Iterator[CondaRecord]:
    """Yield the records of a shard one by one, those that can't be used with their faults."""
    for key, value in keys.items():
        if key in ("packages", "packages.conda"):
            yield from records_of(_KEYS.decode(value).items(), _ONE.decode)
        elif key == "packages.whl":
            yield from unread_of(_KEYS.decode(value).items(), _NAME.decode, str(reason_unread("", "whl")))
        elif _REVISION.match(key):
            yield from _of_revision(key, _ANY.decode(value))


def _of_revision(revision: str, sections: Any) -> Iterator[CondaRecord]:
    """Yield the records of a revision's sections; their names stand there without ending."""
    for ending, section in sections.items() if isinstance(sections, dict) else ():
        if not isinstance(section, dict):
            continue
        encoded = ((f"{stem}.{ending}", msgspec.msgpack.encode(record)) for stem, record in section.items())
        unread = reason_unread(revision, ending)
        if unread is not None:
            yield from unread_of(encoded, _NAME.decode, unread)
        else:
            yield from records_of(encoded, _ONE.decode, is_classic=False)
