"""A wheel's METADATA, without the wheel where the server lets us.

::

    cache ──> METADATA file beside the wheel (PEP 658, 714), where advertised
                └─> byte ranges: tail of the archive, central directory, entry
                      └─> the whole wheel into a temporary file

A file on an index never changes, so what was read is kept for ever, parsed; of one without a hash
nobody could tell, so that is trusted as long as a page.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, BinaryIO, cast
from urllib.parse import urlsplit

import msgspec

from resolver.errors import OfflineError, SourceError
from resolver.metadata.core_metadata import check_identity, parse_core_metadata
from resolver.metadata.zip_directory import (
    BadArchiveError,
    Directory,
    ZipEntry,
    find_directory,
    find_metadata,
    read_entry,
)
from resolver.model.loggers import lazy_logger
from resolver.model.records import CoreMetadata, DistFile
from resolver.model.redaction import is_remote
from resolver.model.unusable import Unusable
from resolver.sources.cache.folder import Cache
from resolver.sources.http.downloads import ArchiveSink, check_as_published, check_hashes, download
from resolver.sources.http.fetching import ByteRange, Fetcher, Response
from resolver.sources.http.response import header_number
from resolver.sources.limits import ResourceKind
from resolver.sources.pypi.kept_wheels import KeptWheels

if TYPE_CHECKING:
    from resolver.sources.cache.pack import Pack

_log = lazy_logger(__name__)
#: what servers without ranges answer to one; a fault of the server (502) is none of these
_REFUSALS = frozenset({400, 401, 403, 405, 406, 501})
#: bytes asked for of a project's first wheel; of 34 popular ones it holds directory and METADATA of a third
TAIL_SIZE = 32_768
#: bytes; the other wheels of a project are much alike, so the next tail is cut to what the last one needed
_SMALLEST_TAIL, _LARGEST_TAIL = 8_192, 262_144


class _Ranges(Enum):
    """What a server has shown to understand."""

    SUFFIX = "bytes=-N"
    EXPLICIT = "bytes=A-B"
    NONE = "none"


class _Tail(msgspec.Struct, frozen=True, kw_only=True):
    """The last bytes of an archive: ``data`` starts at byte ``start`` of ``total``."""

    start: int
    total: int
    data: bytes

    def slice(self, first: int, end: int) -> bytes | None:
        """Return bytes ``first`` up to ``end``, None where they begin before the tail."""
        return self.data[first - self.start : end - self.start] if first >= self.start else None


class WheelReader:
    """Reads the metadata of wheels; one instance may serve every thread."""

    def __init__(
        self, fetcher: Fetcher, cache: Cache, *, tail_size: int = TAIL_SIZE, pack: Pack | None = None
    ) -> None:
        self._fetcher, self._tail_size = fetcher, tail_size
        self._kept = KeptWheels(cache, pack, is_offline=fetcher.settings.offline)
        self._ranges: dict[str, _Ranges] = {}
        self._tail_sizes: dict[str, int] = {}
        #: what is recorded must be asked again alike, whichever file comes first
        self._learns = fetcher.settings.tape is None

    def metadata(self, file: DistFile) -> CoreMetadata | Unusable:
        """Return what a wheel says of itself, or why it is unusable (damaged, or of another project).

        Raises SourceError where the server fails, OfflineError where only it could tell.
        """
        known = self._kept.metadata(file)
        if known is not None:
            return known
        try:
            content = self._content(file)
        except BadArchiveError as error:
            if is_remote(file.url):
                check_as_published(self._fetcher, file)
            return Unusable(f"`{file.file_name}` can't be read: {error}")
        found = parse_core_metadata(content)
        if isinstance(found, CoreMetadata):
            found = check_identity(found, file.file_name.split("-", 1)[0], file.version)
        self._kept.keep(file, found)
        return found

    def _content(self, file: DistFile) -> bytes:
        if not is_remote(file.url):
            return self._from_tail(file, self._explicit_tail(file))
        if file.metadata_hashes is not None and (content := self._beside(file)) is not None:
            return content
        return self._through_ranges(file, _server(file.url))

    def _beside(self, file: DistFile) -> bytes | None:
        """Return the METADATA file beside the wheel; None where it is not there or not the same."""
        try:
            response = self._fetcher.get(f"{file.url}.metadata", kind=ResourceKind.METADATA, is_link=True)
        except OfflineError:
            raise
        except SourceError as error:
            _log.info("%s; reading the wheel instead", error)
            return None
        if not response.found:
            return None
        try:
            check_hashes(file.metadata_hashes or {}, response.body)
        except BadArchiveError as error:
            _log.warning("%s.metadata: %s; reading the wheel instead", file.url, error)
            return None
        if not file.metadata_hashes and isinstance(parse_core_metadata(response.body), Unusable):
            _log.info("%s.metadata is none; reading the wheel instead", file.url)
            return None
        return response.body

    # ------------------------------------------------------------ byte ranges

    def _through_ranges(self, file: DistFile, server: str) -> bytes:
        """Try the ways that the server may understand, and remember which one worked."""
        mode = self._ranges.get(server, _Ranges.SUFFIX)
        if mode is _Ranges.SUFFIX and (tail := self._suffix_tail(file)) is not None:
            return self._from_tail(file, tail)
        if mode is not _Ranges.NONE and (tail := self._explicit_tail(file)) is not None:
            if self._learns:
                self._ranges[server] = _Ranges.EXPLICIT
            return self._from_tail(file, tail)
        content = self._from_whole(file)
        if mode is not _Ranges.NONE and self._learns:
            self._ranges[server] = _Ranges.NONE
            _log.info("%s serves no byte ranges; wheels are read whole", server)
        return content

    def _suffix_tail(self, file: DistFile) -> _Tail | None:
        response = self._ask(file, (-self._wanted_tail(file), None))
        return _tail_of(response) if response else None

    def _explicit_tail(self, file: DistFile) -> _Tail | None:
        """Ask for the size first, then for the last bytes by number."""
        size = file.size
        if size is None:
            first = self._ask(file, (0, 0))
            if first is None or first.total_size is None:
                return None
            if first.status == 200:
                return _tail_of(first)
            size = first.total_size
        response = self._ask(file, (max(0, size - self._wanted_tail(file)), max(0, size - 1)))
        return _tail_of(response) if response else None

    def _wanted_tail(self, file: DistFile) -> int:
        return self._tail_sizes.get(_project_of(file), self._tail_size)

    def _learn_tail(self, project: str, directory: Directory, entry: ZipEntry, total: int) -> None:
        """Note how long a tail would have saved the second request, or the third."""
        needed = total - entry.offset
        if needed > _LARGEST_TAIL:  # METADATA at the front: it takes a request of its own
            needed = total - directory.offset
        if self._learns:
            self._tail_sizes[project] = min(max(needed * 9 // 8, _SMALLEST_TAIL), _LARGEST_TAIL)

    def _from_tail(self, file: DistFile, tail: _Tail | None) -> bytes:
        if tail is None:
            raise BadArchiveError("the file can't be read")
        directory = find_directory(tail.data, tail.total)
        end = directory.offset + directory.size
        listing = tail.slice(directory.offset, end)
        if listing is None:
            listing = self._range(file, directory.offset, min(end, tail.start))
            listing += tail.data[: max(0, end - tail.start)]
        project = _project_of(file)
        entry = find_metadata(listing, project)
        self._learn_tail(project, directory, entry, tail.total)
        data = tail.slice(entry.offset, tail.total)
        content = read_entry(data, entry) if data is not None else None
        if content is None:
            wanted = min(entry.likely_end, tail.total)
            content = read_entry(self._range(file, entry.offset, wanted), entry)
        if content is None:  # an extra field of unusual size
            wanted = min(entry.likely_end + (1 << 16), tail.total)
            content = read_entry(self._range(file, entry.offset, wanted), entry)
        if content is None:
            raise BadArchiveError("its METADATA is cut short")
        return content

    def _range(self, file: DistFile, first: int, end: int) -> bytes:
        """Return bytes ``first`` up to ``end`` of a file whose server serves ranges."""
        response = self._ask(file, (first, end - 1))
        if response is not None and response.status == 206 and len(response.body) == end - first:
            return response.body
        if response is not None and response.status == 200 and response.is_complete:
            return response.body[first:end]
        raise SourceError("the server stopped serving byte ranges", file.url)

    def _ask(self, file: DistFile, wanted: ByteRange) -> Response | None:
        """Ask for a part; None where the server refuses ranges in whatever way."""
        try:
            response = self._fetcher.get(file.url, byte_range=wanted, kind=ResourceKind.RANGE, is_link=True)
        except OfflineError:
            raise
        except SourceError as error:
            # a real refusal is met again when the whole is asked for
            if error.status in _REFUSALS:
                return None
            raise
        if response.status in (404, 410):
            reason = f"the index lists a file that is not there ({response.status})"
            raise SourceError(reason, file.url, status=response.status)
        return response if response.found and response.is_complete else None

    # ------------------------------------------------------------ whole

    def _from_whole(self, file: DistFile) -> bytes:
        import tempfile

        with tempfile.TemporaryFile() as temporary:
            sink = cast("BinaryIO", ArchiveSink(temporary, file.url, file.hashes))
            sha256 = download(self._fetcher, file.url, sink, file.hashes)
            _log.debug("read %s whole (sha256 %s)", file.url, sha256)
            return read_wheel(temporary, _project_of(file), self._tail_size)


def held_metadata(file: BinaryIO, file_name: str) -> CoreMetadata | Unusable:
    """Return what stands in an open wheel, whoever said what of it."""
    from resolver.metadata.file_names import parse_file_name  # most runs find what they need in the cache

    parsed = parse_file_name(file_name)
    try:
        return parse_core_metadata(read_wheel(file, parsed[0] if parsed else ""))
    except BadArchiveError as error:
        return Unusable(f"can't be read: {error}")


def read_wheel(file: BinaryIO, project: str, tail_size: int = TAIL_SIZE) -> bytes:
    """Return METADATA of an open wheel; raises BadArchiveError."""
    total = file.seek(0, 2)
    start = file.seek(max(0, total - max(tail_size, 66_000)))
    directory = find_directory(file.read(total - start), total)
    file.seek(directory.offset)
    entry = find_metadata(file.read(directory.size), project)
    file.seek(entry.offset)
    content = read_entry(file.read(entry.likely_end + (1 << 17) - entry.offset), entry)
    if content is None:
        raise BadArchiveError("its METADATA is cut short")
    return content


def _project_of(file: DistFile) -> str:
    """Return the normalised project of a wheel's name; empty where it has none."""
    from resolver.metadata.file_names import parse_file_name

    parsed = parse_file_name(file.file_name)
    return parsed[0] if parsed else ""


def _server(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _tail_of(response: Response) -> _Tail | None:
    """Return the bytes of a partial answer with their place, or of a whole one; None where neither fits."""
    if response.status == 200:
        return _Tail(start=0, total=len(response.body), data=response.body) if response.is_complete else None
    total = response.total_size
    first = response.headers.get("content-range", "").removeprefix("bytes").strip().partition("-")[0]
    start = header_number(first)
    if response.status != 206 or total is None or start is None:
        return None
    if start + len(response.body) != total:
        return None
    return _Tail(start=start, total=total, data=response.body)
