"""Archives, whole and hashed by us: whoever installs them gets a file that was checked, never an address.

Ones from servers stay in the cache and are hashed anew for each install; ones on disk are copied first
and the copy is hashed, as what lies there may change meanwhile.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from lockfiles.environments.planning import archive_of, best_hash, hashes_of
from resolver.errors import InputError, OutputError, SourceError
from resolver.metadata.zip_directory import BadArchiveError
from resolver.model.origin import Origin
from resolver.model.redaction import is_remote
from resolver.model.resolution import CondaPin, PypiPin
from resolver.sources.http.downloads import check_file
from resolver.sources.http.fetching import Fetcher
from resolver.sources.http.local import local_path
from resolver.sources.limits import ResourceKind

#: Names of a message before "and N more".
_SHOWN = 5


class Archive(msgspec.Struct, frozen=True, kw_only=True):
    """A file to fetch: whose it is, where it lies, and what it must hash to."""

    package: str  #: as it is called in messages
    url: str  #: an address, or the absolute path of a file
    file_name: str
    hashes: Mapping[str, str]


class Fetched(msgspec.Struct, frozen=True, kw_only=True):
    """A file on disk that has been checked."""

    path: Path
    sha256: str


def archives_of(pins: Iterable[CondaPin | PypiPin], folder: Path, lockfile: str) -> dict[str, Archive]:
    """Return the archives of packages by ``manager name``, those of folders and repositories left out.

    ``folder``: where relative addresses of the lockfile start. Raises InputError where a package has no
    address, or no hash.
    """
    found: dict[str, Archive] = {}
    bare: list[str] = []
    for pin in pins:
        if isinstance(pin, CondaPin):
            key, url, file_name = f"conda {pin.record.name}", pin.url, pin.record.file_name
        elif (file := archive_of(pin)) is not None:
            key, url, file_name = f"pip {pin.name}", file.url, file.file_name
        elif pin.direct is not None:
            continue
        else:
            raise InputError(f"names no file of `{pin.name}`", Origin(file=lockfile), _LOCK_WITH_FILES)
        hashes = hashes_of(pin)
        if best_hash(hashes) is None:
            bare.append(key.partition(" ")[2])
            continue
        known = {name: value for name, value in hashes.items() if name in _KNOWN}
        package = key.partition(" ")[2]
        found[key] = Archive(
            package=package, url=absolute_address(url, folder), file_name=file_name, hashes=known
        )
    if bare:
        raise InputError(
            f"has no hash of {names_in_words(bare)}: what would be installed can't be checked",
            Origin(file=lockfile),
            "Lock again: `lock` writes the hash of every file.",
        )
    return found


_KNOWN = frozenset({"md5", "sha1", "sha224", "sha256", "sha384", "sha512", "blake2b"})
_LOCK_WITH_FILES = "A lockfile with addresses is needed; `lock FILE` makes one of requirements with pins."


def names_in_words(names: Sequence[str]) -> str:
    """Return names in backticks, the first few of many."""
    shown = ", ".join(f"`{name}`" for name in names[:_SHOWN])
    return shown if len(names) <= _SHOWN else f"{shown} and {len(names) - _SHOWN} more"


def fetch_archives(
    archives: Mapping[str, Archive], fetcher: Fetcher, cache: Path | None, work: Path
) -> dict[str, Fetched]:
    """Fetch and check every archive; the files lie in ``cache``, copies of local ones in ``work``.

    Raises SourceError for the first that isn't there, isn't what was locked, or is out of bounds.
    """
    folder = work / "archives"
    folder.mkdir(parents=True, exist_ok=True)
    tasks = {
        key: fetcher.submit(_fetch, fetcher, archive, cache, folder / key.replace(" ", "-"))
        for key, archive in sorted(archives.items())
    }
    return {key: task.result() for key, task in tasks.items()}


def _fetch(fetcher: Fetcher, archive: Archive, cache: Path | None, folder: Path) -> Fetched:
    kept = None
    if cache is not None and is_remote(archive.url):
        kept = _cached_place(archive, cache)
        if kept.is_file():
            try:
                with kept.open("rb") as file:
                    return Fetched(path=kept, sha256=check_file(file, archive.hashes))
            except (BadArchiveError, OSError):
                kept.unlink(missing_ok=True)  # damaged: fetched anew
    place = kept or folder / _safe_name(archive.file_name)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".part-", dir=place.parent)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "w+b") as sink:
                response = fetcher.get(archive.url, sink=sink, kind=ResourceKind.ARCHIVE)
                if not response.found:
                    raise SourceError(
                        f"the file of `{archive.package}` is not there ({response.status})",
                        archive.url,
                        status=response.status,
                    )
                digest = _checked(sink, archive)
            temporary.replace(place)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(str(place), error.strerror or str(error)) from error
    return Fetched(path=place, sha256=digest)


def _checked(sink: object, archive: Archive) -> str:
    try:
        return check_file(sink, archive.hashes, said_by="the lockfile")  # type: ignore[arg-type]
    except BadArchiveError as error:
        raise SourceError(
            f"the file of `{archive.package}` is not the one that was locked: {error}",
            archive.url,
            "It was changed or damaged: nothing was installed.",
        ) from None


def _cached_place(archive: Archive, cache: Path) -> Path:
    algorithm, digest = best_hash(dict(archive.hashes)) or ("", "")
    return cache / "archives" / algorithm / digest[:2] / digest / _safe_name(archive.file_name)


def _safe_name(name: str) -> str:
    """Return the last part of a name that a lockfile gives."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return last if last not in ("", ".", "..") else "archive"


def absolute_address(url: str, folder: Path) -> str:
    """Return an address, or the path of a file that the lockfile names from its own folder."""
    if is_remote(url) or ("://" in url and url[:5].lower() != "file:"):
        return url
    if url.startswith("file:") and not url.startswith("file:/"):
        from urllib.parse import unquote

        return str((folder / unquote(url.removeprefix("file:"))).absolute())
    path = local_path(url)
    return str(path if path.is_absolute() else (folder / path).absolute())


def copy_for_installer(fetched: Fetched, folder: Path, file_name: str) -> Path:
    """Put a checked archive under its own name into ``folder``, linked where that can be."""
    place = folder / _safe_name(file_name)
    if not place.exists():
        try:
            os.link(fetched.path, place)
        except OSError:
            shutil.copyfile(fetched.path, place)
    return place
