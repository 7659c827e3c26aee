"""Candidates as their sources describe them: conda records, files of an index."""

from __future__ import annotations

import msgspec

from resolver.model.choices import StrEnum
from resolver.model.names import PypiName


class RevisionThree(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What revision 3 of repodata adds to a record (CEP 43, 44, 45, 48); texts are as published."""

    depends: tuple[str, ...] = ()  #: that hold under conditions, or bring in extras of what they name
    constrains: tuple[str, ...] = ()  #: that hold under conditions
    extras: tuple[tuple[str, tuple[str, ...]], ...] = ()  #: (group, what it depends on), by name
    flags: tuple[str, ...] = ()


class CondaRecord(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One built conda package, as a channel's repodata lists it (CEP 34; repodata.json).

    Field names are those of repodata. Two records are the same build exactly
    when channel, subdir and ``file_name`` agree. Stored as a row: append new
    fields at the end only.
    """

    name: str
    version: str
    build: str  #: build string, for example ``py311h64a7726_0``
    build_number: int
    file_name: str  #: ends in ``.conda`` or ``.tar.bz2``
    depends: tuple[str, ...] = ()
    constrains: tuple[str, ...] = ()
    md5: str | None = None  #: 32 hex digits
    sha256: str | None = None  #: 64 hex digits
    size: int | None = None  #: bytes
    timestamp: int = 0  #: milliseconds since 1970, UTC; 0 where repodata has none
    track_features: str = ""  #: blank-separated; more of them rank lower
    noarch: str | None = None  #: ``python``, ``generic`` or None
    license: str | None = None
    purls: tuple[str, ...] | None = None  #: package URLs (CEP 63); None where repodata says nothing
    features: str = ""  #: legacy
    url: str | None = None  #: only where the package lies elsewhere than its repodata
    indexed_timestamp: int = 0  #: when the channel took it in, as ``timestamp``; 0 where repodata has none
    #: the same build as ``.tar.bz2``, where that is of an earlier date than this one, a ``.conda``
    twin: CondaRecord | None = None
    #: why it can't be used, in one line; name, version and build are then those of its file's name
    fault: str | None = None
    #: what ``depends`` and ``constrains``, which hold always, don't say, or ask flags for; mostly None
    more: RevisionThree | None = None

    @property
    def flags(self) -> tuple[str, ...]:
        """What it was built with (CEP 45)."""
        return self.more.flags if self.more is not None else ()

    @property
    def published(self) -> int:
        """When it was there for all: milliseconds since 1970, UTC; 0: nobody knows."""
        return self.indexed_timestamp or self.timestamp


class DistFile(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One file of a project on an index (PEP 503, PEP 691, PEP 700).

    ``version`` is normalised (PEP 440). Stored as a row: append new fields at
    the end only.
    """

    file_name: str
    version: str
    is_wheel: bool
    url: str  #: absolute, without credentials and fragment
    hashes: dict[str, str]  #: algorithm -> hex digest; may be empty
    requires_python: str | None = None  #: a specifier set, as the index gives it
    yanked: str | None = None  #: None: not yanked; else the reason, which may be empty
    size: int | None = None  #: bytes
    upload_time: int | None = None  #: seconds since 1970, UTC; None where the index has no dates
    metadata_hashes: dict[str, str] | None = (
        None  #: PEP 658/714: None: no such file; else its hashes, may be empty
    )


class SkipCause(StrEnum):
    """Which kind of rule leaves a file of an index out."""

    NAME = "name"  #: it isn't named as the standards say
    FAULTY = "faulty"  #: what the page says of it can't be, so it may be any release
    FORMAT = "format"  #: wheels or sdists are excluded
    DATE = "date"  #: it came later than the date allowed
    UNDATED = "undated"  #: nobody knows whether it did
    QUARANTINE = "quarantine"  #: its index holds the project back


class SkippedFile(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A file of an index that can't be used, and why: for people, and as a fact to decide by."""

    file_name: str
    reason: str
    cause: SkipCause = SkipCause.NAME


class ProjectStatus(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A project's status on an index (PEP 792), and why; ``active`` where the index says nothing."""

    status: str = "active"  #: ``active``, ``archived``, ``quarantined`` or ``deprecated``
    reason: str | None = None

    @property
    def is_active(self) -> bool:
        """Whether there is nothing to say."""
        return self.status == "active"

    @property
    def is_quarantined(self) -> bool:
        """Whether no file of it may be offered."""
        return self.status == "quarantined"

    @property
    def reason_words(self) -> str:
        """The reason behind a colon, empty where none is given."""
        return f": {self.reason}" if self.reason else ""


class ProjectPage(msgspec.Struct, frozen=True):
    """All usable files of one project on one index, newest version first.

    Files of one version stand together, wheels before sdists, each group by
    file name. ``index`` is the index's name or address without credentials.
    """

    name: PypiName
    index: str
    files: tuple[DistFile, ...]
    has_dates: bool = False  #: True when every file has an ``upload_time``
    skipped: tuple[SkippedFile, ...] = ()  #: files left out, in page order
    status: ProjectStatus = ProjectStatus()


class CoreMetadata(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a distribution says of itself (PEP 566, 643), cut to what resolving needs."""

    name: str
    version: str
    requires_dist: tuple[str, ...] = ()  #: PEP 508 strings, as written
    requires_python: str | None = None
    extras: tuple[str, ...] = ()  #: normalised names, sorted
