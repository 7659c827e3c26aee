"""Parsed core metadata in the cache: for ever, as files of an index never change."""

from __future__ import annotations

import msgspec

from resolver.model.decoders import msgpack_decoder
from resolver.model.records import CoreMetadata
from resolver.model.unusable import Cause, Unusable
from resolver.sources.cache.folder import Cache, Entry


class _Stored(msgspec.Struct, array_like=True, gc=False):
    metadata: CoreMetadata | None
    reason: str | None = None
    cause: Cause = Cause.FAULTY


_DECODER = msgpack_decoder(_Stored)


def read_metadata(
    cache: Cache, bucket: str, key: str, *, since: float = 0.0
) -> CoreMetadata | Unusable | None:
    """Return what was stored (not before ``since``), None where there is nothing or nothing readable."""
    entry = cache.read(bucket, key)
    if entry is None or entry.stored < since:
        return None
    try:
        stored = _DECODER.decode(entry.payload)
    except msgspec.MsgspecError:
        return None
    return stored.metadata if stored.metadata is not None else Unusable(stored.reason or "", stored.cause)


def write_metadata(
    cache: Cache, bucket: str, key: str, found: CoreMetadata | Unusable, *, now: float = 0.0
) -> None:
    """Store metadata, or why the file is unusable; ``now`` (seconds since 1970) for what may change."""
    stored = _Stored(None, found.reason, found.cause) if isinstance(found, Unusable) else _Stored(found)
    cache.write(bucket, key, Entry(payload=msgspec.msgpack.encode(stored), stored=now))
