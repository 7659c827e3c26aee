"""What an sdist says of itself: static where it promises so, else by a build.

::

    cache ──> PKG-INFO of metadata 2.2 or later without dynamic dependencies (PEP 643)
                └─> [project] of pyproject.toml without dynamic dependencies (PEP 621)
                      └─> the build backend (PEP 517), where allowed
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, cast

from resolver.metadata.core_metadata import check_identity, from_headers, parse_core_metadata, parse_headers
from resolver.metadata.project_table import parse_identity, parse_static_metadata
from resolver.metadata.simple_index import parse_file_name
from resolver.metadata.zip_directory import BadArchiveError
from resolver.model.builds import BuildRules
from resolver.model.names import PypiName, pypi_name
from resolver.model.records import CoreMetadata, DistFile
from resolver.model.redaction import is_remote
from resolver.model.unusable import Cause, Unusable
from resolver.sources.cache.core_metadata import read_metadata, write_metadata
from resolver.sources.cache.folder import Cache
from resolver.sources.http.downloads import ArchiveSink, cache_key, check_is_archive, download
from resolver.sources.http.fetching import Fetcher
from resolver.sources.http.local import open_regular
from resolver.sources.limits import DEFAULTS, LimitError, ResourceKind
from resolver.sources.pypi.archives import extract, read_top_members
from resolver.sources.pypi.builds import Builder
from resolver.sources.pypi.given_metadata import given_metadata, given_of_tree

_BUCKET = "sdist-metadata-2"
_DYNAMIC = "sdist-dynamic-1"  #: only a build could read them: no need to download where none is allowed
_BUILT = f"sdist-built-1-cp{sys.version_info[0]}{sys.version_info[1]}"
_FAILED = f"sdist-failed-1-cp{sys.version_info[0]}{sys.version_info[1]}"
#: seconds; a build that failed may do better once its tools have a new release
_FAILURE_AGE = 3600.0
_NO_BUILD = Unusable(
    "only a build could tell its dependencies, and builds are not allowed", Cause.BUILD_FORBIDDEN
)
_OTHER_PYTHON = Unusable(
    "no wheel fits, and to build it takes the target's own Python, which is not the one running here",
    Cause.OTHER_PYTHON,
)
#: what settings and target decide alone, so that it comes out the same next time
_SETTLED = frozenset({Cause.BUILD_FORBIDDEN, Cause.OTHER_PYTHON})
_STATIC_MEMBERS = frozenset({"PKG-INFO", "pyproject.toml"})


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
        builder: Builder | None = None,
        allow_build: bool = True,
        rules: BuildRules | None = None,
    ) -> None:
        """``allow_build`` False: nothing of an sdist is ever run. ``rules``: what the user says of builds."""
        self.rules = rules or BuildRules()
        self._fetcher, self._cache = fetcher, cache
        self._builder = (builder or Builder()) if allow_build else None

    def metadata(self, file: DistFile, *, may_build: bool = True) -> CoreMetadata | Unusable:
        """Return what the sdist says of itself, or why that can't be known.

        ``may_build`` False: building it here would say nothing of the target.
        Raises SourceError where it can't be had or its hash differs.
        """
        given = given_metadata(self.rules, file.file_name)
        if given is not None:
            return given
        key = self._key(file)
        may_build = may_build and self._builder is not None
        known = self._remembered(key, may_build=may_build) if key else None
        if known is not None:
            return known
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
            write_metadata(self._cache, bucket, place, found, now=time.time() if failed else 0.0)
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
        known = read_metadata(self._cache, _BUCKET, key)
        if known is None and may_build:
            known = read_metadata(self._cache, _BUILT, key)
            if known is None:
                known = read_metadata(
                    self._cache, _FAILED, self._failed_key(key), since=time.time() - _FAILURE_AGE
                )
        elif known is None and read_metadata(self._cache, _DYNAMIC, key) is not None:
            known = self._unbuilt
        return known

    @property
    def _unbuilt(self) -> Unusable:
        """Why an sdist that only a build could read is of no use where it may not be built."""
        return _NO_BUILD if self._builder is None else _OTHER_PYTHON

    def read(
        self, archive: BinaryIO, label: str, name: PypiName | None = None
    ) -> tuple[CoreMetadata | Unusable, bool]:
        """Return the metadata of an open archive, and whether the answer holds on every machine.

        ``name``: the project, where its line says it; the file's own name may be that of a branch.
        """
        found, bucket = self._read(archive, label, may_build=self._builder is not None, name=name)
        return found, bucket in (_BUCKET, _BUILT)

    def _read(
        self, archive: BinaryIO, label: str, *, may_build: bool, name: PypiName | None = None
    ) -> tuple[CoreMetadata | Unusable, str | None]:
        """Return the metadata and the part of the cache it belongs to (None: it is not kept)."""
        parsed = parse_file_name(label)
        given = given_metadata(self.rules, label) if parsed else given_of_tree(self.rules, name, None)
        if given is not None:
            return given, None
        try:
            members = read_top_members(archive, _STATIC_MEMBERS)
            found = parse_static(members, version=parsed[1] if parsed else None)
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
        own, version = _identity_of_folder(folder)
        name = name or own
        found = given_of_tree(self.rules, name, version) or _static_of_folder(folder)
        if found is None:
            found = self._built_folder(folder, label, name)
        if isinstance(found, Unusable):
            return found
        return given_of_tree(self.rules, pypi_name(found.name), found.version) or found

    def _built_folder(self, folder: Path, label: str, name: PypiName | None) -> CoreMetadata | Unusable:
        if not any((folder / name).is_file() for name in ("pyproject.toml", "setup.py", "setup.cfg")):
            return Unusable("it has neither pyproject.toml nor setup.py")
        if self._builder is None:
            return _NO_BUILD
        return self._build(folder, label, name)[0]

    def is_static(self, folder: Path, name: PypiName | None = None) -> bool:
        """Tell whether :meth:`read_folder` needs no build."""
        own, version = _identity_of_folder(folder)
        given = given_of_tree(self.rules, name or own, version)
        return given is not None or _static_of_folder(folder) is not None

    def _build(
        self, source: Path, label: str, name: PypiName | None = None
    ) -> tuple[CoreMetadata | Unusable, bool]:
        if self._builder is None:
            return _NO_BUILD, False
        content = self._builder.metadata(source, label, offline=self._fetcher.settings.offline, name=name)
        if isinstance(content, Unusable):
            return content, False
        return parse_core_metadata(content), True


def parse_static(members: Mapping[str, bytes], *, version: str | None) -> CoreMetadata | Unusable | None:
    """Return what PKG-INFO or pyproject.toml promise for every build; None where neither does."""
    if "PKG-INFO" in members:
        headers = parse_headers(members["PKG-INFO"])
        if headers.is_static:
            return from_headers(headers)
    if "pyproject.toml" in members:
        return parse_static_metadata(members["pyproject.toml"], version=version)
    return None


def _static_of_folder(folder: Path) -> CoreMetadata | Unusable | None:
    """Read a source tree; a PKG-INFO in it may be left over from an older state, so it doesn't count."""
    data = _project_file(folder)
    return parse_static_metadata(data) if isinstance(data, bytes) else data


def _identity_of_folder(folder: Path) -> tuple[PypiName | None, str | None]:
    """Return the name and version that a source tree's pyproject.toml says, each None where it doesn't."""
    data = _project_file(folder)
    name, version = parse_identity(data) if isinstance(data, bytes) else (None, None)
    return pypi_name(name) if name else None, version


def _project_file(folder: Path) -> bytes | Unusable | None:
    """Return a source tree's pyproject.toml; None where there is none."""
    path = folder / "pyproject.toml"
    if not path.is_file():
        return None
    if not path.resolve().is_relative_to(folder.resolve()):  # a repository may hold any link
        return Unusable("its pyproject.toml is a link that leads out of it")
    try:
        with open_regular(path, DEFAULTS[ResourceKind.METADATA].sent) as file:
            return file.read()
    except LimitError as error:
        return Unusable(f"its pyproject.toml is not read: {error.reason}")
