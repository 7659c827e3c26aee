"""Projects beside their indexes' pages of today."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from lockfiles.environments.planning import archive_of
from lockfiles.verification.model import Looked, SourceFault, SourceFinding
from lockfiles.verification.packages import LockedIn
from resolver.errors import SourceError
from resolver.metadata.project_status import ProjectStatus
from resolver.model.indexes import Index
from resolver.model.records import DistFile
from resolver.model.resolution import PypiPin
from resolver.sources.http.fetching import Fetcher
from resolver.sources.pypi.current_page import read_current_page

#: Status of a project -> what it is, in words.
_STATUS = {
    "archived": (SourceFault.ARCHIVED, "its project is archived: no more releases are to come"),
    "quarantined": (SourceFault.QUARANTINED, "its index holds the project in quarantine"),
    "deprecated": (SourceFault.DEPRECATED, "its project is deprecated"),
}
_Seen = tuple[Index, dict[str, DistFile], ProjectStatus]


def look_at_indexes(pins: Sequence[LockedIn[PypiPin]], indexes: Sequence[Index], fetcher: Fetcher) -> Looked:
    """Compare each file with what the indexes have of its project; all of them are asked, side by side."""
    listed = [locked for locked in pins if locked.pin.direct is None and archive_of(locked.pin) is not None]
    unlisted = tuple(str(locked.pin.name) for locked in pins if locked not in listed)
    tasks = {
        (number, index.name): fetcher.submit(
            read_current_page, index, locked.pin.name, locked.pin.version, fetcher
        )
        for number, locked in enumerate(listed)
        for index in indexes
    }
    findings, unanswered, seen = list[SourceFinding](), dict[str, None](), 0
    for number, locked in enumerate(listed):
        pages: list[_Seen] = []
        failed = False
        for index in indexes:
            try:
                page = tasks[number, index.name].result()
            except SourceError as error:
                unanswered[str(error)] = None
                failed = True
                continue
            if page is not None:
                pages.append((index, *page))
        judged = list(_judge(locked, pages, indexes))
        is_missing = any(finding.kind is SourceFault.REMOVED for finding in judged)
        if not (failed and is_missing):  # it may be where nobody could look
            findings += judged
            seen += 1
    return Looked(findings=tuple(findings), unanswered=tuple(unanswered), unlisted=unlisted, seen=seen)


def _judge(
    locked: LockedIn[PypiPin], pages: Sequence[_Seen], indexes: Sequence[Index]
) -> Iterator[SourceFinding]:
    file = archive_of(locked.pin)
    if file is None:
        return
    having = [
        (index, files[file.file_name], status) for index, files, status in pages if file.file_name in files
    ]
    if not having:
        yield from _missing(locked, file, pages, indexes)
        return
    agreeing = [seen for seen in having if _difference(file, seen[1]) is None]
    index, found, status = (agreeing or having)[0]
    difference = _difference(file, found)
    if difference is not None and urlsplit(file.url)[:2] != urlsplit(found.url)[:2]:
        what = (
            "no index has the locked file; one has another file of that name: was it locked from elsewhere?"
        )
        yield locked.finding(SourceFault.REMOVED, what, index.name)
        return
    if difference is not None:
        yield locked.finding(SourceFault.CHANGED, difference, index.name)
    if found.yanked is not None:
        why = f": {found.yanked}" if found.yanked else ""
        yield locked.finding(SourceFault.YANKED, f"its maintainers withdrew it{why}", index.name)
    yield from _of_status(locked, status, index)


def _missing(
    locked: LockedIn[PypiPin], file: DistFile, pages: Sequence[_Seen], indexes: Sequence[Index]
) -> Iterator[SourceFinding]:
    held = [(index, status) for index, _, status in pages if status.status == "quarantined"]
    if held:
        yield from _of_status(locked, held[0][1], held[0][0])
        return
    places = ", ".join(index.name for index in indexes) or "no index"
    what = f"`{file.file_name}` is listed no more" if pages else "its project is gone"
    yield locked.finding(SourceFault.REMOVED, what, places)


def _difference(file: DistFile, found: DistFile) -> str | None:
    """Return how a file of the same name differs; None where the strongest common hash agrees, or is none."""
    for algorithm in ("sha256", "sha512", "sha384", "blake2b", "sha1", "md5"):
        ours, theirs = file.hashes.get(algorithm), found.hashes.get(algorithm)
        if ours and theirs:
            if ours == theirs:
                return None
            return f"its {algorithm} is {theirs} on its index, not {ours} as the lockfile says"
    return None


def _of_status(locked: LockedIn[PypiPin], status: ProjectStatus, index: Index) -> Iterator[SourceFinding]:
    known = _STATUS.get(status.status)
    if known is not None:
        kind, words = known
        yield locked.finding(kind, words + (f" ({status.reason})" if status.reason else ""), index.name)
