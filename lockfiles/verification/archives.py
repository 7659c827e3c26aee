"""Every archive fetched from its source and hashed; nothing of it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lockfiles.environments.fetching import absolute_address
from lockfiles.environments.planning import archive_of, best_hash, hashes_of
from lockfiles.verification.model import Looked, SourceFault, SourceFinding
from lockfiles.verification.packages import LockedIn
from resolver.errors import SourceError
from resolver.model.resolution import CondaPin, PypiPin
from resolver.sources.http.fetching import Fetcher, Task

_Either = LockedIn[CondaPin] | LockedIn[PypiPin]
_Begun = tuple[_Either, str, Task[str | None] | None]


def hash_archives(
    conda: Sequence[LockedIn[CondaPin]], pypi: Sequence[LockedIn[PypiPin]], folder: Path, fetcher: Fetcher
) -> Looked:
    """Fetch and hash each archive that has an address and a hash.

    ``folder``: where relative addresses of the lockfile start.
    """
    found: list[_Begun] = [_begin(package, package.pin.url, folder, fetcher) for package in conda]
    for project in pypi:
        file = archive_of(project.pin)
        found.append(_begin(project, file.url if file is not None else None, folder, fetcher))
    findings, unanswered, seen = list[SourceFinding](), list[str](), 0
    for locked, url, task in found:
        if task is None:
            continue
        try:
            digest = task.result()
        except SourceError as error:
            if error.status in (404, 410) or "no such file" in error.message.lower():
                findings.append(locked.finding(SourceFault.REMOVED, "its file is gone", url))
            else:
                unanswered.append(str(error))
            continue
        seen += 1
        if digest is not None:
            findings.append(locked.finding(SourceFault.CHANGED, digest, url))
    return Looked(findings=tuple(findings), unanswered=tuple(unanswered), seen=seen)


def _begin(locked: _Either, url: str | None, folder: Path, fetcher: Fetcher) -> _Begun:
    """Begin to hash one archive; None in place of the task where it has no address or no hash."""
    hashes = hashes_of(locked.pin)
    if url is None or best_hash(hashes) is None:
        return locked, url or "", None
    address = absolute_address(url, folder)
    return locked, address, fetcher.submit(_compare, fetcher, address, hashes)


def _compare(fetcher: Fetcher, url: str, hashes: dict[str, str]) -> str | None:
    """Return how the file differs; None where it is the locked one. Raises SourceError."""
    from resolver.sources.http.downloads import digest_file

    algorithm, expected = best_hash(hashes) or ("sha256", "")
    found = digest_file(fetcher, url, [algorithm])[algorithm]
    return None if found == expected else f"its {algorithm} is {found}, not {expected} as the lockfile says"
