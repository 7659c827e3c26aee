"""What an sdist says of itself: static where it promises so, else by a build.

::

    cache ──> PKG-INFO of metadata 2.2 or later without dynamic dependencies (PEP 643)
                └─> [project] of pyproject.toml without dynamic dependencies (PEP 621)
                      └─> the build backend (PEP 517), where allowed
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from resolver.metadata.core_metadata import check_identity, parse_core_metadata
from resolver.metadata.file_names import parse_file_name
from resolver.metadata.zip_directory import BadArchiveError
from resolver.model.builds import BuildRules
from resolver.model.names import PypiName, pypi_name
from resolver.model.records import CoreMetadata, DistFile
from resolver.model.redaction import is_remote
from resolver.model.unusable import Cause, Unusable
from resolver.sources.cache.core_metadata import (
    AGE_BY_ADDRESS,
    cache_key,
    lasts,
    read_metadata,
    write_metadata,
)
from resolver.sources.cache.folder import Cache
from resolver.sources.http.downloads import ArchiveSink, check_is_archive, download
from resolver.sources.http.fetching import Fetcher
from resolver.sources.limits import ResourceKind
from resolver.sources.pypi.given_metadata import given_metadata, given_of_tree

# What opens archives, reads tables of pyproject.toml and builds is loaded where a file is read: most runs
# find what they need in the cache, and it takes twice as long to load as a small lock to make.
if TYPE_CHECKING:
    from resolver.sources.pypi.builds import Builder

_BUCKET = "sdist-metadata-2"
_DYNAMIC = "sdist-dynamic-1"  #: only a build could read them: no need to download where none is allowed
_BUILT = f"sdist-built-1-cp{sys.version_info[0]}{sys.version_info[1]}"
_FAILED = f"sdist-failed-1-cp{sys.version_info[0]}{sys.version_info[1]}"
#: seconds; a build that failed may do better once its tools have a new release
_FAILURE_AGE = 3600.0
_NOT_AGAIN = "(so it was less than an hour ago; it is built again after that, or with another `--cache-dir`)"
_NO_BUILD = Unusable(
    "only a build could tell its dependencies, and builds are not allowed", Cause.BUILD_FORBIDDEN
)
_OTHER_PYTHON = Unusable(
    "no wheel fits, and to build it takes the target's own Python, which is not the one running here",
    Cause.OTHER_PYTHON,
)
#: what settings and target decide alone, so that it comes out the same next time
_SETTLED = frozenset({Cause.BUILD_FORBIDDEN, Cause.OTHER_PYTHON})


def may_do_better(found: CoreMetadata | Unusable) -> bool:
    """Tell whether the same sdist may be read to another end later, under the same settings."""
    return isinstance(found, Unusable) and found.cause not in _SETTLED


class SdistReader:
    """Reads the metadata of sdists and source trees; one instance may serve every thread."""

    def __init__(
        self,
        fetcher: Fetcher,
        cache: Cache,
        *,
        builder: Callable[[], Builder] | None = None,
        allow_build: bool = True,
        rules: BuildRules | None = None,
    ) -> None:
        """``builder`` gives what builds, when first needed. ``allow_build`` False: nothing is ever run.

        ``rules``: what the user says of builds.
        """
        self.rules = rules or BuildRules()
        self._fetcher, self._cache = fetcher, cache
        self._make_builder, self._allow_build = builder, allow_build
        self._made_builder: Builder | None = None
        self._lock = threading.Lock()  # one builder: it says how many builds run at once

    def _builder(self) -> Builder:
        with self._lock:
            if self._made_builder is None:
                from resolver.sources.pypi.builds import Builder

                self._made_builder = (self._make_builder or Builder)()
            return self._made_builder

    def metadata(self, file: DistFile, *, may_build: bool = True) -> CoreMetadata | Unusable:
        """Return what the sdist says of itself, or why that can't be known.

        ``may_build`` False: building it here would say nothing of the target.
        Raises SourceError where it can't be had or its hash differs.
        """
        given = given_metadata(self.rules, file.file_name)
        if given is not None:
            return given
        key = self._key(file)
        may_build = may_build and self._allow_build
        known = self._remembered(key, may_build=may_build) if key else None
        if known is not None:
            return known
        import tempfile

        with tempfile.TemporaryFile() as temporary:
            sink = cast("BinaryIO", ArchiveSink(temporary, file.url, file.hashes))
            if not is_remote(file.url):
                sink = temporary
            download(self._fetcher, file.url, sink, file.hashes, ResourceKind.SDIST)
            if not file.hashes and is_remote(file.url) and not file.file_name.lower().endswith(".tar"):
                check_is_archive(temporary, file.url)
            found, bucket = self._read(temporary, file.file_name, may_build=may_build)
        if isinstance(found, CoreMetadata):
            parsed = parse_file_name(file.file_name)
            found = check_identity(found, parsed[0] if parsed else found.name, file.version)
        if key and bucket:
            failed = bucket == _FAILED
            place = self._failed_key(key) if failed else key
            write_metadata(self._cache, bucket, place, found)
        return found

    def _failed_key(self, key: str) -> str:
        """Return the key of a failure: with the network, or more time, the same build may do better."""
        return f"{key}#{self.rules.network}#{self.rules.timeout:g}"

    def _key(self, file: DistFile) -> str | None:
        """Return the key of an sdist; another one where the user's rules may change its build."""
        key, parsed = cache_key(file), parse_file_name(file.file_name)
        state = self.rules.state(parsed[0], parsed[1]) if parsed else ""
        return f"{key}#{state}" if key and state else key

    def _remembered(self, key: str, *, may_build: bool) -> CoreMetadata | Unusable | None:
        """Return what an earlier run learned; what a build said holds for the Python that ran it alone."""
        age = None if lasts(key) or self._fetcher.settings.offline else AGE_BY_ADDRESS
        known = read_metadata(self._cache, _BUCKET, key, age=age)
        if known is None and may_build:
            known = read_metadata(self._cache, _BUILT, key, age=age)
            if known is None:
                failed = min(_FAILURE_AGE, age or _FAILURE_AGE)
                known = read_metadata(self._cache, _FAILED, self._failed_key(key), age=failed)
                if isinstance(known, Unusable):
                    known = Unusable(f"{known.reason} {_NOT_AGAIN}", known.cause)
        elif known is None and read_metadata(self._cache, _DYNAMIC, key, age=age) is not None:
            known = self._unbuilt
        return known

    @property
    def _unbuilt(self) -> Unusable:
        """Why an sdist that only a build could read is of no use where it may not be built."""
        return _OTHER_PYTHON if self._allow_build else _NO_BUILD

    def read(
        self, archive: BinaryIO, label: str, name: PypiName | None = None
    ) -> tuple[CoreMetadata | Unusable, bool]:
        """Return the metadata of an open archive, and whether the answer holds on every machine.

        ``name``: the project, where its line says it; the file's own name may be that of a branch.
        """
        found, bucket = self._read(archive, label, may_build=self._allow_build, name=name)
        return found, bucket in (_BUCKET, _BUILT)

    def _read(
        self, archive: BinaryIO, label: str, *, may_build: bool, name: PypiName | None = None
    ) -> tuple[CoreMetadata | Unusable, str | None]:
        """Return the metadata and the part of the cache it belongs to (None: it is not kept)."""
        parsed = parse_file_name(label)
        given = given_metadata(self.rules, label) if parsed else given_of_tree(self.rules, name, None)
        if given is not None:
            return given, None
        import tempfile

        from resolver.sources.pypi.archives import extract
        from resolver.sources.pypi.sdist_reading import static_metadata

        try:
            found = static_metadata(archive, version=parsed[1] if parsed else None)
            if found is not None:
                return found, _BUCKET
            if not may_build:
                return self._unbuilt, _DYNAMIC
            with tempfile.TemporaryDirectory(prefix="lockstack-sdist-") as folder:
                source = extract(archive, Path(folder))
                built, is_lasting = self._build(source, label, parsed[0] if parsed else name)
                if isinstance(built, Unusable) and built.cause is Cause.NETWORK:
                    return built, None
                return built, _BUILT if is_lasting else _FAILED
        except BadArchiveError as error:
            return Unusable(f"`{label}` can't be unpacked: {error}"), None

    def read_folder(self, folder: Path, label: str, name: PypiName | None = None) -> CoreMetadata | Unusable:
        """Return the metadata of a source tree: given by hand, else static, else built.

        ``name``: the project, where its line says it; else the tree may.
        """
        from resolver.sources.pypi.sdist_reading import identity_of_folder, static_of_folder

        own, version = identity_of_folder(folder)
        name = name or own
        found = given_of_tree(self.rules, name, version) or static_of_folder(folder)
        if found is None:
            found = self._built_folder(folder, label, name)
        if isinstance(found, Unusable):
            return found
        return given_of_tree(self.rules, pypi_name(found.name), found.version) or found

    def _built_folder(self, folder: Path, label: str, name: PypiName | None) -> CoreMetadata | Unusable:
        if not any((folder / name).is_file() for name in ("pyproject.toml", "setup.py", "setup.cfg")):
            return Unusable("it has neither pyproject.toml nor setup.py")
        if not self._allow_build:
            return _NO_BUILD
        return self._build(folder, label, name)[0]

    def is_static(self, folder: Path, name: PypiName | None = None) -> bool:
        """Tell whether :meth:`read_folder` needs no build."""
        from resolver.sources.pypi.sdist_reading import identity_of_folder, static_of_folder

        own, version = identity_of_folder(folder)
        given = given_of_tree(self.rules, name or own, version)
        return given is not None or static_of_folder(folder) is not None

    def _build(
        self, source: Path, label: str, name: PypiName | None = None
    ) -> tuple[CoreMetadata | Unusable, bool]:
        if not self._allow_build:
            return _NO_BUILD, False
        reporter = self._fetcher.reporter
        reporter.build_started(label)
        try:
            content = self._builder().metadata(
                source, label, offline=self._fetcher.settings.offline, name=name
            )
        finally:
            reporter.build_done(label)
        if isinstance(content, Unusable):
            return content, False
        return parse_core_metadata(content), True
