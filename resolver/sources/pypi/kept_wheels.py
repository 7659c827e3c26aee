"""What the cache has of wheels' metadata: most runs find all of it there, and load nothing that reads one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resolver.model.digests import blake2b
from resolver.model.records import CoreMetadata, DistFile
from resolver.model.unusable import Unusable
from resolver.sources.cache.core_metadata import (
    AGE_BY_ADDRESS,
    cache_key,
    lasts,
    read_metadata,
    write_metadata,
)
from resolver.sources.cache.folder import Cache

if TYPE_CHECKING:
    from resolver.sources.cache.pack import Pack

_BUCKET = "wheel-metadata-1"


class KeptWheels:
    """Metadata by file, in the cache and in the pack; one instance may serve every thread."""

    def __init__(self, cache: Cache, pack: Pack | None, *, is_offline: bool) -> None:
        """``is_offline``: what may be too old is taken, too."""
        self._cache, self._pack = cache, pack
        self._age = None if is_offline else AGE_BY_ADDRESS

    def metadata(self, file: DistFile) -> CoreMetadata | Unusable | None:
        """Return what a wheel says of itself, or why it is unusable; None where that isn't known."""
        key = _key(file)
        if key is None:
            return None
        if not lasts(key):
            return read_metadata(self._cache, _BUCKET, key, age=self._age)
        known = None if self._pack is None else self._pack.metadata(_words(file))
        if known is not None:
            return known
        found = read_metadata(self._cache, _BUCKET, key)
        if self._pack is not None and isinstance(found, CoreMetadata):
            self._pack.put_metadata(_words(file), found)
        return found

    def place_of(self, file: DistFile) -> bytes | None:
        """Return where the pack has what a wheel with a hash says of itself; None: it hasn't."""
        return None if self._pack is None else self._pack.place_of(_words(file))

    def at(self, place: bytes) -> CoreMetadata | None:
        """Return what stands there; None where that is damaged."""
        return None if self._pack is None else self._pack.metadata_at(place)

    def keep(self, file: DistFile, found: CoreMetadata | Unusable) -> None:
        """Keep what was read of a wheel."""
        key = _key(file)
        if key:
            write_metadata(self._cache, _BUCKET, key, found)
            if self._pack is not None and isinstance(found, CoreMetadata) and lasts(key):
                self._pack.put_metadata(_words(file), found)

    def forget(self, file: DistFile) -> None:
        """Let go of what is kept of a wheel: it isn't so."""
        key = _key(file)
        if key is not None:
            self._cache.forget(_BUCKET, key)


def _key(file: DistFile) -> str | None:
    """Return what tells what was read of a wheel; None for a bare file on disk.

    Neither the METADATA beside a wheel nor a part of it proves to be what the wheel's hash stands for: who
    says it, and which METADATA it is said to be, take part, so that no index speaks for another.
    """
    key = cache_key(file)
    if key is None or not lasts(key):
        return key
    said = f"{file.url.partition('?')[0]} {sorted((file.metadata_hashes or {}).items())}"
    return f"{key} {blake2b(said.encode('utf-8', 'surrogateescape'), digest_size=16).hexdigest()}"


def _words(file: DistFile) -> str:
    """Return the same of a wheel with a hash, for a pack, which makes digests of what it is given."""
    said = file.metadata_hashes
    hashes = " ".join(map(":".join, sorted(said.items()))) if said else ""
    return f"{cache_key(file)} {file.url.partition('?')[0]} {hashes}"
