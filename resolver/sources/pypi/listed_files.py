"""Files that indexes list: what wheels and sdists say of themselves, and their digests."""

from __future__ import annotations

import functools
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from resolver.errors import SourceError
from resolver.model.builds import BuildRules
from resolver.model.records import CoreMetadata, DistFile
from resolver.model.redaction import is_remote
from resolver.sources.cache.core_metadata import cache_key
from resolver.sources.cache.folder import Cache
from resolver.sources.http.fetching import Fetcher, Task
from resolver.sources.pypi.given_metadata import given_metadata
from resolver.sources.pypi.kept_wheels import KeptWheels

if TYPE_CHECKING:
    from resolver.model.unusable import Unusable
    from resolver.sources.cache.pack import Pack
    from resolver.sources.pypi.sdist_metadata import SdistReader
    from resolver.sources.pypi.wheel_metadata import WheelReader

#: order of background work: after pages, as metadata that is read ahead may not be needed
_PRIORITY = 1
#: what a build said holds for the Python that ran it
_PYTHON = f"built by {sys.version_info[0]}.{sys.version_info[1]}"
_NOT_SO = "What was locked would rest on what isn't so; tell the owner of the index."
_NOT_SO_OR_REPLACED = (
    "It was replaced lately, or what stands beside it isn't so: run the command again; where that helps "
    "nothing, tell the owner of the index."
)


class ListedFiles:
    """Reads the metadata of each file once; every method may be called from any thread."""

    def __init__(
        self,
        fetcher: Fetcher,
        cache: Cache,
        sdists: Callable[[], SdistReader] | None,
        rules: BuildRules | None = None,
        pack: Callable[[], Pack | None] = lambda: None,
        *,
        builds: bool = False,
    ) -> None:
        """``sdists`` gives what reads them, when first needed; None: those that need no build are read.

        ``rules``: what the user says by hand of releases. ``pack`` gives what earlier runs over the
        same files read. ``builds``: whether ``sdists`` may build.
        """
        self._builds = builds
        self._pack = pack
        self._fetcher, self._cache, self._given_sdists = fetcher, cache, sdists
        self._rules = rules or BuildRules()
        self._lock = threading.Lock()
        self._tasks: dict[str, Task[CoreMetadata | Unusable]] = {}
        #: of wheels, by address: what earlier runs over the same files read, or where that stands
        self._at_hand: dict[str, CoreMetadata | bytes] = {}
        self._is_unproved = False  # a file was read that its index gives no hash of: it may change

    @functools.cached_property
    def _kept(self) -> KeptWheels:
        return KeptWheels(self._cache, self._pack(), is_offline=self._fetcher.settings.offline)

    @functools.cached_property
    def _wheels(self) -> WheelReader:
        from resolver.sources.pypi.wheel_metadata import WheelReader

        return WheelReader(self._fetcher, self._cache, pack=self._pack())

    @functools.cached_property
    def _sdists(self) -> SdistReader:
        from resolver.sources.pypi.sdist_metadata import SdistReader

        if self._given_sdists is not None:
            return self._given_sdists()
        return SdistReader(self._fetcher, self._cache, allow_build=False)

    def metadata(self, file: DistFile, *, may_build: bool = True) -> CoreMetadata | Unusable:
        """Return what a wheel or sdist says of itself, or why it can't be used.

        ``may_build`` False: an sdist is read, never built. Raises SourceError,
        AuthenticationError or OfflineError where the source fails.
        """
        said = self._at_hand.get(file.url)
        if isinstance(said, bytes):
            said = self._take(file, said)
        return self._task(file, may_build=may_build).result() if said is None else said

    def _take(self, file: DistFile, place: bytes) -> CoreMetadata | None:
        """Read what is at hand; a wheel of which that is damaged is read anew."""
        said = self._kept.at(place)
        if said is None:
            del self._at_hand[file.url]
        else:
            self._at_hand[file.url] = said
        return said

    def prefetch(self, files: Iterable[DistFile]) -> None:
        """Begin to read the metadata of wheels in the background, first one first; sdists wait.

        Offline nothing is waited for: what the cache has is read once it is asked for, as a fifth never is.
        """
        is_offline = self._fetcher.settings.offline
        for file in files:
            is_known = not file.is_wheel or file.url in self._at_hand or self._is_at_hand(file)
            if not (is_known or is_offline):
                self._task(file)

    def _is_at_hand(self, file: DistFile) -> bool:
        """Tell whether earlier runs over the same files read a wheel: nothing has to be begun then."""
        if self._rules.metadata or not file.hashes or file.url in self._tasks:
            return False
        place = self._kept.place_of(file)
        if place is not None:
            self._at_hand[file.url] = place
        return place is not None

    def with_hash(self, file: DistFile) -> DistFile:
        """Return ``file`` with a SHA-256: as the index gives it, else computed from the whole file."""
        if "sha256" in file.hashes:
            return file
        from resolver.sources.http.downloads import hash_file

        if not file.hashes:
            self._is_unproved = True
        digest, size = hash_file(self._fetcher, file.url, file.hashes, partial(self._compare, file))
        return msgspec.structs.replace(file, hashes={**file.hashes, "sha256": digest}, size=size)

    def _compare(self, file: DistFile, archive: BinaryIO) -> None:
        """Raise SourceError where a wheel isn't what was said of it when it was chosen."""
        with self._lock:
            task = self._tasks.get(file.url)
        is_read = task is not None or file.url in self._at_hand
        if not is_read or not file.is_wheel or given_metadata(self._rules, file.file_name) is not None:
            return
        from resolver.metadata.core_metadata import disagreement
        from resolver.model.unusable import Unusable
        from resolver.sources.pypi.wheel_metadata import held_metadata

        said, held = self.metadata(file), held_metadata(archive, file.file_name)
        if isinstance(said, Unusable):
            return
        how = held.reason if isinstance(held, Unusable) else disagreement(said, held)
        if how is not None:
            self._kept.forget(file)
            raise SourceError(
                f"the wheel isn't what its index says of it (`core-metadata`): {how}",
                file.url,
                _NOT_SO if file.hashes else _NOT_SO_OR_REPLACED,
            )

    def _task(self, file: DistFile, *, may_build: bool = True) -> Task[CoreMetadata | Unusable]:
        key = file.url if may_build or file.is_wheel else f"{file.url}#static"
        with self._lock:
            task = self._tasks.get(key)
            if task is None:
                given = given_metadata(self._rules, file.file_name)
                task = Task.of(given) if given is not None else self._begin(file, may_build=may_build)
                self._tasks[key] = task
            return task

    def _begin(self, file: DistFile, *, may_build: bool) -> Task[CoreMetadata | Unusable]:
        self._is_unproved = self._is_unproved or not file.hashes
        if not file.is_wheel:
            return self._begin_sdist(file, may_build=may_build)
        kept = self._kept.metadata(file)
        if kept is not None:
            return Task.of(kept)
        read, at_hand = partial(self._wheels.metadata, file), not is_remote(file.url)
        return self._fetcher.begin(read, at_hand=at_hand, priority=_PRIORITY)

    def _begin_sdist(self, file: DistFile, *, may_build: bool) -> Task[CoreMetadata | Unusable]:
        """Take what an earlier run over the same files read of an sdist, as its reader takes long to load."""
        pack, key = self._pack(), self._sdist_key(file, may_build=may_build)
        known = None if pack is None or key is None else pack.metadata(key)
        if known is not None:
            return Task.of(known)
        reader = self._sdists

        def read() -> CoreMetadata | Unusable:
            found = reader.metadata(file, may_build=may_build)
            if pack is not None and key is not None and isinstance(found, CoreMetadata):
                pack.put_metadata(key, found)
            return found

        return self._fetcher.submit(read, priority=_PRIORITY)

    def _sdist_key(self, file: DistFile, *, may_build: bool) -> str | None:
        """Return what all that an sdist says of itself depends on; None where more than that decides."""
        rules, key = self._rules, cache_key(file)
        if not file.hashes or rules.extra or rules.variables or rules.in_place or rules.metadata:
            return None
        return f"sdist:{key}#{file.file_name}#{_PYTHON if may_build and self._builds else 'static'}"

    def digests(self, file: DistFile, algorithms: frozenset[str]) -> Mapping[str, str]:
        """Return digests of a whole file, by algorithm."""
        from resolver.sources.http.downloads import digest_file

        self._is_unproved = True
        return digest_file(self._fetcher, file.url, algorithms)

    def are_lasting(self) -> bool:
        """Tell whether all that was read so far would be the same again.

        A build that failed may do better, a file without a hash may be replaced by another one.
        """
        if self._is_unproved:
            return False
        tasks = [task for key, task in self._tasks.items() if not key.endswith(".whl")]
        return not any(map(_may_do_better, (task.result() for task in tasks)))


def _may_do_better(found: CoreMetadata | Unusable) -> bool:
    if isinstance(found, CoreMetadata):
        return False
    from resolver.sources.pypi.sdist_metadata import may_do_better

    return may_do_better(found)
