"""Verify: a lockfile in, what became of its packages at their sources out. Nothing is solved or written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from lockfiles.listener import Listener
from lockfiles.session import SessionRequest, read_settings
from lockfiles.usual_lockfile import usual_lockfile
from lockfiles.verification.model import Looked, SourceFinding
from resolver.errors import InputError

if TYPE_CHECKING:
    from lockfiles.locked_file import OpenedLock
    from lockfiles.settings.model import Settings
    from lockfiles.verification.advisories import Advisory
    from resolver.model.indexes import Index
    from resolver.pipeline import Reporter


class SourcesRequest(SessionRequest, frozen=True, kw_only=True):
    """A lockfile of any format that is read (``files``: one, or none for the usual one).

    ``only_platforms``: those to look at; empty: all. ``download``: fetch and hash every archive.
    ``advisories``: files in OSV's form; ``ask_sources`` False: these alone are looked at.
    """

    only_platforms: tuple[str, ...] = ()
    environment: str | None = None  #: of a pixi.lock
    python: str | None = None  #: of a lockfile for several: the one to read it for
    download: bool = False
    advisories: tuple[str, ...] = ()
    ask_sources: bool = True


class SourcesReport(msgspec.Struct, frozen=True, kw_only=True):
    """What was found; ``looked`` counts packages at channels and indexes, ``hashed`` archives."""

    lockfile: str
    findings: tuple[SourceFinding, ...]  #: the worst first, then by manager and name
    unanswered: tuple[str, ...]  #: sources that failed, with why
    unlisted: tuple[str, ...]  #: packages that no source lists: references, folders
    packages: int
    looked: int
    hashed: int | None  #: None: not asked for
    advisories: int | None  #: read from files; None: none was given


def verify_sources(request: SourcesRequest, listener: Listener | None = None) -> SourcesReport:
    """Look at every package of the lockfile where it came from. Raises InputError for files."""
    from lockfiles.verification.advisories import match_advisories
    from lockfiles.verification.packages import conda_packages, pypi_packages

    settings = read_settings(request)
    opened = _open(request, settings)
    advisories = _read_advisories(request)
    conda, pypi = conda_packages(opened.resolutions), pypi_packages(opened.resolutions)
    looks: list[Looked] = []
    hashed: Looked | None = None
    with (listener or Listener()).solving(settings) as reporter:
        if request.ask_sources:
            looks = _look(request, settings, opened, reporter)
        if request.download:
            hashed = _hash(request, settings, opened, reporter)
            looks.append(hashed)
    findings = [finding for look in looks for finding in look.findings]
    if advisories is not None:
        findings += match_advisories(advisories, conda, pypi, opened.resolutions)
    return SourcesReport(
        lockfile=opened.name,
        findings=_sorted(findings),
        unanswered=tuple(dict.fromkeys(line for look in looks for line in look.unanswered)),
        unlisted=tuple(sorted({name for look in looks for name in look.unlisted})),
        packages=len(conda) + len(pypi),
        looked=sum(look.seen for look in looks if look is not hashed),
        hashed=hashed.seen if hashed is not None else None,
        advisories=len(advisories) if advisories is not None else None,
    )


def _open(request: SourcesRequest, settings: Settings) -> OpenedLock:
    from lockfiles.formats.reading import LockReadOptions
    from lockfiles.locked_file import open_lockfile

    if len(request.files) > 1:
        raise InputError("one lockfile is meant", hint=f"Given: {', '.join(request.files)}.")
    name = request.files[0] if request.files else usual_lockfile(settings.output.value)
    options = LockReadOptions(
        environment=request.environment, platforms=request.only_platforms, python=request.python
    )
    return open_lockfile(name, options, request.surroundings, beside=request.advisories)


def _read_advisories(request: SourcesRequest) -> list[Advisory] | None:
    from lockfiles.files import read_bytes
    from lockfiles.verification.advisories import parse_advisories

    if not request.advisories:
        return None
    return [one for name in request.advisories for one in parse_advisories(read_bytes(name), name)]


def _look(
    request: SourcesRequest, settings: Settings, opened: OpenedLock, reporter: Reporter | None
) -> list[Looked]:
    from lockfiles.environments.building import open_fetcher
    from lockfiles.verification.conda_side import look_at_channels
    from lockfiles.verification.packages import conda_packages, pypi_packages
    from lockfiles.verification.pypi_side import look_at_indexes
    from resolver.sources.cache.folder import Cache

    around = request.surroundings
    cache = Cache(settings.cache_dir.value or around.cache_folder())
    conda, pypi = conda_packages(opened.resolutions), pypi_packages(opened.resolutions)
    with open_fetcher(settings, around, reporter) as fetcher:
        return [
            look_at_channels(conda, fetcher, cache, settings.mirrors.value),
            look_at_indexes(pypi, _indexes(settings), fetcher),
        ]


def _indexes(settings: Settings) -> Sequence[Index]:
    """Return the indexes of the settings and their folders of links, without credentials."""
    from lockfiles.session_sources import find_indexes
    from resolver.model.indexes import Index
    from resolver.model.redaction import strip
    from resolver.model.requirements import Requirements

    found = find_indexes(Requirements(), settings)
    links = [Index(name=strip(url), url=url, is_flat=True) for url in settings.find_links.value]
    return [msgspec.structs.replace(index, url=strip(index.url)) for index in (*found, *links)]


def _hash(
    request: SourcesRequest, settings: Settings, opened: OpenedLock, reporter: Reporter | None
) -> Looked:
    from lockfiles.environments.building import open_fetcher
    from lockfiles.verification.archives import hash_archives
    from lockfiles.verification.packages import conda_packages, pypi_packages

    folder = request.surroundings.cwd / Path(opened.folder)
    conda, pypi = conda_packages(opened.resolutions), pypi_packages(opened.resolutions)
    with open_fetcher(settings, request.surroundings, reporter) as fetcher:
        return hash_archives(conda, pypi, folder, fetcher)


def _sorted(findings: Sequence[SourceFinding]) -> tuple[SourceFinding, ...]:
    """Return each finding once, the worst first; what both looks saw of an archive is one."""
    seen: dict[tuple[str, str, str, str | None], SourceFinding] = {}
    for finding in findings:
        seen.setdefault((finding.kind, finding.manager, finding.name, finding.advisory), finding)
    return tuple(
        sorted(
            seen.values(), key=lambda f: (f.severity.rank, f.manager, f.name, f.version, f.kind, f.message)
        )
    )
