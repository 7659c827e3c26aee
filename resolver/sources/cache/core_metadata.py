"""Parsed core metadata in the cache: for ever where a hash tells the file, else for as long as a page."""

from __future__ import annotations

import time

import msgspec

from resolver.model.decoders import msgpack_decoder
from resolver.model.records import CoreMetadata, DistFile
from resolver.model.redaction import is_remote
from resolver.model.unusable import Cause, Unusable
from resolver.sources.cache.folder import Cache, Entry


class _Stored(msgspec.Struct, array_like=True, gc=False):
    metadata: CoreMetadata | None
    reason: str | None = None
    cause: Cause = Cause.FAULTY


#: Seconds for which an address alone tells a file, as where a page's server says nothing of its age.
AGE_BY_ADDRESS = 600.0
_DECODER = msgpack_decoder(_Stored)


def cache_key(file: DistFile) -> str | None:
    """Return what tells a file: a hash, strong ones first, else its address; None for a bare file on disk."""
    hashes = file.hashes
    if "sha256" in hashes:  # as nearly all have
        return f"sha256:{hashes['sha256']}"
    for algorithm in ("sha512", "blake2b", *sorted(hashes)):
        if algorithm in hashes:
            return f"{algorithm}:{hashes[algorithm]}"
    return file.url if is_remote(file.url) else None


def lasts(key: str) -> bool:
    """Tell whether a file's key means the same for ever: an address without a hash may get another file."""
    return "://" not in key


def read_metadata(
    cache: Cache, bucket: str, key: str, *, age: float | None = None
) -> CoreMetadata | Unusable | None:
    """Return what was stored, None where there is nothing, nothing readable, or what is too old.

    ``age``: seconds; None: for ever.
    """
    entry = cache.read(bucket, key)
    if entry is None or (age is not None and not 0 <= time.time() - entry.stored < age):
        return None
    try:
        stored = _DECODER.decode(entry.payload)
    except msgspec.MsgspecError:
        return None
    return stored.metadata if stored.metadata is not None else Unusable(stored.reason or "", stored.cause)


def write_metadata(cache: Cache, bucket: str, key: str, found: CoreMetadata | Unusable) -> None:
    """Store metadata, or why the file is unusable."""
    stored = _Stored(None, found.reason, found.cause) if isinstance(found, Unusable) else _Stored(found)
    cache.write(bucket, key, Entry(payload=msgspec.msgpack.encode(stored), stored=time.time()))
