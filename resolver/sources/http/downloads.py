"""Whole files, with their hashes checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import IO, TYPE_CHECKING, Any, BinaryIO, cast
from urllib.parse import urlsplit

from resolver.errors import SourceError
from resolver.metadata.zip_directory import BadArchiveError
from resolver.model.records import DistFile
from resolver.model.redaction import is_remote
from resolver.sources.http.fetching import Fetcher
from resolver.sources.http.local import local_path, open_regular
from resolver.sources.limits import LimitError, ResourceKind, SourceLimits

if TYPE_CHECKING:
    import hashlib

#: How zip, gzip, bzip2 and xz begin.
_ARCHIVE_MARKS = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0")
_LONGEST_MARK = 6
#: Bytes that may come of what is no archive though a hash is known: it may mean just that.
_PATIENCE = 16 << 20


def download(
    fetcher: Fetcher,
    url: str,
    sink: BinaryIO,
    hashes: Mapping[str, str],
    kind: ResourceKind = ResourceKind.ARCHIVE,
) -> str:
    """Write the file at ``url`` to ``sink``, check its ``hashes``, and return its SHA-256 as hex.

    Raises SourceError where it is not there or its hash differs.
    """
    response = fetcher.get(url, sink=sink, kind=kind, is_link=True)
    if not response.found:
        raise SourceError(f"the file is not there ({response.status})", url, status=response.status)
    try:
        return check_file(sink, hashes)
    except BadArchiveError as error:
        raise SourceError(
            str(error), url, hint="The file was changed or damaged on its way; don't install it."
        ) from None


def check_as_published(fetcher: Fetcher, file: DistFile) -> None:
    """Fetch a file that can't be read, to learn whose fault that is; raises SourceError for the server's.

    It is the server's where the file isn't the one that its index means, by its hash; without one,
    where it is no archive of any kind: a login page, or nothing.
    """
    import tempfile

    with tempfile.TemporaryFile() as temporary:
        sink = cast("BinaryIO", ArchiveSink(temporary, file.url, file.hashes))
        download(fetcher, file.url, sink, file.hashes)
        if not file.hashes:
            check_is_archive(temporary, file.url)


def check_is_archive(file: BinaryIO, url: str) -> None:
    """Raise SourceError for what doesn't begin as any archive does."""
    file.seek(0)
    fault = _fault_of(file.read(_LONGEST_MARK), url)
    if fault is not None:
        raise fault


def _fault_of(first: bytes, url: str) -> NotAnArchiveError | None:
    """Return what is wrong with first bytes that no archive has; a few may be a mark's beginning."""
    is_beginning = 0 < len(first) < _LONGEST_MARK and any(mark.startswith(first) for mark in _ARCHIVE_MARKS)
    if is_beginning or first.startswith(_ARCHIVE_MARKS):
        return None
    return NotAnArchiveError(
        "what the server sends is no archive",
        url,
        "Open the address in a browser: it may ask for a login, or tell what is wrong.",
    )


class NotAnArchiveError(SourceError):
    """What came in place of an archive doesn't begin as one."""


class ArchiveSink:
    """A file that takes nothing but an archive: what begins otherwise isn't fetched to its end.

    Raises NotAnArchiveError at the first bytes that no archive begins with; where hashes are known, only
    beyond :data:`_PATIENCE`, as a hash may mean what is none. A plain ``.tar`` has no such mark.
    """

    def __init__(self, file: IO[bytes], url: str, hashes: Mapping[str, str]) -> None:
        self._file, self._url = file, url
        self._any = urlsplit(url).path.lower().endswith(".tar")
        self._patience = _PATIENCE if hashes else 0
        self._fault: NotAnArchiveError | None = None

    def write(self, data: bytes) -> int:
        """Write bytes, once the first of them are looked at."""
        place = self._file.tell()
        if place == 0 and data and not self._any:
            self._fault = _fault_of(data, self._url)
        if self._fault is not None and place >= self._patience:
            raise self._fault
        return self._file.write(data)

    def __getattr__(self, name: str) -> Any:
        """Do all else as the file does."""
        return getattr(self._file, name)


def hash_file(
    fetcher: Fetcher | None,
    url: str,
    hashes: Mapping[str, str],
    look: Callable[[BinaryIO], None] | None = None,
) -> tuple[str, int]:
    """Return SHA-256 (hex) and size (bytes) of the file at ``url``, with its known ``hashes`` checked.

    ``fetcher`` may be None for files on disk; ``look`` is given a fetched file, whole. Raises SourceError.
    """
    if is_remote(url) and fetcher is not None:
        import tempfile

        with tempfile.TemporaryFile() as temporary:
            digest = download(fetcher, url, temporary, hashes)
            if look is not None:
                look(temporary)
            return digest, temporary.seek(0, 2)
    try:
        with open_regular(local_path(url), _largest(fetcher)) as file:
            return check_file(file, hashes), file.seek(0, 2)
    except LimitError as error:
        raise SourceError(f"is not read: {error.reason}", url, error.hint) from None
    except OSError as error:
        raise SourceError(f"can't be read: {error.strerror}", url) from None
    except BadArchiveError as error:
        raise SourceError(str(error), url) from None


def digest_file(
    fetcher: Fetcher, url: str, algorithms: Iterable[str], look: Callable[[BinaryIO], None] | None = None
) -> dict[str, str]:
    """Return algorithm -> hex digest of the file at ``url``; raises SourceError.

    ``look`` is given a fetched file, whole.
    """
    if is_remote(url):
        import tempfile

        with tempfile.TemporaryFile() as temporary:
            download(fetcher, url, temporary, {})
            if look is not None:
                look(temporary)
            return digests_of(temporary, algorithms)
    try:
        with open_regular(local_path(url), _largest(fetcher)) as file:
            return digests_of(file, algorithms)
    except LimitError as error:
        raise SourceError(f"is not read: {error.reason}", url, error.hint) from None
    except OSError as error:
        raise SourceError(f"can't be read: {error.strerror}", url) from None


def _largest(fetcher: Fetcher | None) -> int:
    """Return the most bytes of an archive that are read, as the settings say."""
    limits = fetcher.settings.limits if fetcher is not None else SourceLimits()
    return limits.bound(ResourceKind.ARCHIVE).sent


def digests_of(file: BinaryIO, algorithms: Iterable[str]) -> dict[str, str]:
    """Return algorithm -> hex digest of an open file."""
    import hashlib  # which loads OpenSSL

    file.seek(0)
    digests = {name: hashlib.new(name, usedforsecurity=False) for name in sorted(algorithms)}
    while chunk := file.read(1 << 20):
        for digest in digests.values():
            digest.update(chunk)
    return {name: _hex(digest) for name, digest in digests.items()}


def check_file(file: BinaryIO, hashes: Mapping[str, str], said_by: str = "the index") -> str:
    """Return the SHA-256 of a file as hex; raises BadArchiveError where one of ``hashes`` differs.

    ``said_by``: who gave these, for the message.
    """
    import hashlib
    import hmac

    file.seek(0)
    digests = {name: hashlib.new(name) for name in {"sha256", *hashes}}
    while chunk := file.read(1 << 20):
        for digest in digests.values():
            digest.update(chunk)
    for name, expected in sorted(hashes.items()):
        if not hmac.compare_digest(_hex(digests[name]), expected):
            raise BadArchiveError(f"its {name} is {_hex(digests[name])}, not {expected} as {said_by} says")
    return digests["sha256"].hexdigest()


def check_hashes(hashes: Mapping[str, str], data: bytes) -> None:
    """Raise BadArchiveError where a hash of ``data`` is not the given one."""
    import hashlib
    import hmac

    for name, expected in sorted(hashes.items()):
        found = _hex(hashlib.new(name, data))
        if not hmac.compare_digest(found, expected):
            raise BadArchiveError(f"its {name} is {found}, not {expected} as the index says")


def _hex(digest: hashlib._Hash) -> str:
    return digest.hexdigest(32) if digest.name.startswith("shake") else digest.hexdigest()  # type: ignore[call-arg]
