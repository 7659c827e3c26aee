"""Every archive fetched from its source and hashed; nothing of it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from lockfiles.environments.fetching import absolute_address
from lockfiles.environments.planning import archive_of, best_hash, hashes_of
from lockfiles.verification.model import Looked, SourceFault, SourceFinding
from lockfiles.verification.packages import LockedIn
from resolver.errors import SourceError
from resolver.model.records import CoreMetadata, DistFile
from resolver.model.resolution import CondaPin, PypiPin
from resolver.model.unusable import Unusable
from resolver.sources.http.fetching import Fetcher, Task
from resolver.sources.limits import ResourceKind

_Either = LockedIn[CondaPin] | LockedIn[PypiPin]
_Difference = tuple[SourceFault, str]
_Begun = tuple[_Either, str, Task[_Difference | None] | None]


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
            difference = task.result()
        except SourceError as error:
            if error.status in (404, 410) or "no such file" in error.message.lower():
                findings.append(locked.finding(SourceFault.REMOVED, "its file is gone", url))
            else:
                unanswered.append(str(error))
            continue
        seen += 1
        if difference is not None:
            findings.append(locked.finding(*difference, url))
    return Looked(findings=tuple(findings), unanswered=tuple(unanswered), seen=seen)


def _begin(locked: _Either, url: str | None, folder: Path, fetcher: Fetcher) -> _Begun:
    """Begin to hash one archive; None in place of the task where it has no address or no hash."""
    hashes = hashes_of(locked.pin)
    if url is None or best_hash(hashes) is None:
        return locked, url or "", None
    address = absolute_address(url, folder)
    file = archive_of(locked.pin) if isinstance(locked.pin, PypiPin) else None
    return locked, address, fetcher.submit(_compare, fetcher, address, hashes, file)


def _compare(fetcher: Fetcher, url: str, hashes: dict[str, str], file: DistFile | None) -> _Difference | None:
    """Return how the archive differs; None where it is the locked one. Raises SourceError.

    ``file``: a project's. A wheel is also compared with the METADATA that its index has beside it (PEP 658).
    """
    from resolver.sources.http.downloads import digest_file

    held: list[CoreMetadata | Unusable] = []

    def look(archive: BinaryIO) -> None:
        from resolver.sources.pypi.wheel_metadata import held_metadata

        if file is not None and file.is_wheel:
            held.append(held_metadata(archive, file.file_name))

    algorithm, expected = best_hash(hashes) or ("sha256", "")
    found = digest_file(fetcher, url, [algorithm], look)[algorithm]
    if found != expected:
        return SourceFault.CHANGED, f"its {algorithm} is {found}, not {expected} as the lockfile says"
    how = _other_metadata(fetcher, url, file, held[0]) if file is not None and held else None
    return None if how is None else (SourceFault.METADATA, how)


def _other_metadata(fetcher: Fetcher, url: str, file: DistFile, held: CoreMetadata | Unusable) -> str | None:
    """Return how a wheel's METADATA differs from its name or from what lies beside it; None: it doesn't."""
    from resolver.metadata.core_metadata import check_identity, disagreement, parse_core_metadata

    if isinstance(held, Unusable):
        return f"its METADATA {held.reason}"
    own = check_identity(held, file.file_name.split("-", 1)[0], file.version)
    if isinstance(own, Unusable):
        return own.reason
    beside = fetcher.get(f"{url}.metadata", kind=ResourceKind.METADATA, is_link=True)
    if not beside.found:
        return None
    said = parse_core_metadata(beside.body)
    how = said.reason if isinstance(said, Unusable) else disagreement(said, held)
    return None if how is None else f"what its index says of it (`core-metadata`) isn't what is in it: {how}"
