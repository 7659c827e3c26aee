"""What became of each file of a fleet: one frozen record a file, as JSON and back."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from lockfiles.difference import Difference
from lockfiles.fleet.causes import ClashingLine, Failure
from resolver.model.json_text import decode_named, encode_named

#: Version of the JSON form; grows when a key changes its meaning or goes away.
SCHEMA_VERSION = 1
#: What an exit code says of one file.
OUTCOMES = {
    0: "done",
    1: "unexpected error",
    2: "bad input",
    3: "a source failed",
    4: "no solution",
    5: "found something",
    6: "not written",
}
#: Exit code of a file that no worker brought to an end: it died, or took longer than it may.
LOST = 1


class PackageRow(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One package of a lockfile. Stored as a row: append new fields at the end only."""

    ecosystem: str  #: ``conda`` or ``pypi``
    name: str
    version: str
    build: str = ""  #: of conda: the build string
    source: str = ""  #: channel or index, by its name or address without credentials
    size: int | None = None  #: bytes of the file; None where its source doesn't say
    is_asked: bool = False  #: a line of the input asks for it
    file: str = ""  #: file name: what tells a build from all others of its name
    needs: tuple[int, ...] = ()  #: packages that it needs, as places in the rows of its target


class TargetRow(msgspec.Struct, frozen=True, kw_only=True):
    """What one platform got."""

    platform: str
    python: str | None = None
    packages: tuple[PackageRow, ...] = ()
    unproven: tuple[str, ...] = ()  #: stages of the search that ended at their limit


class FactRow(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule rests on."""

    text: str
    source: str


class FindingRow(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule of `lock check` found in what was locked, or one of `lock hash` in the definition."""

    rule: str
    severity: str
    message: str
    fix: str | None = None
    evidence: tuple[str, ...] = ()
    line: int | None = None
    platform: str | None = None
    file: str | None = None  #: where the line stands; None: in the record's own file
    fact: FactRow | None = None


class ImageRow(msgspec.Struct, frozen=True, kw_only=True):
    """One identifier of an image that is built of the file."""

    kind: str
    value: str
    certainty: str


class NoticeRow(msgspec.Struct, frozen=True, kw_only=True):
    """What was chosen for the user, or decided unseen."""

    code: str
    severity: str
    text: str
    platform: str | None = None


class MovedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A package that had to move, and did; ``new`` None: nothing needs it any more."""

    ecosystem: str
    name: str
    old: str
    new: str | None
    platforms: tuple[str, ...]
    reasons: tuple[str, ...]


class HeldRow(msgspec.Struct, frozen=True, kw_only=True):
    """A package that should move, and can't: ``by`` are the lines that hold it, ``told`` says how."""

    ecosystem: str
    name: str
    version: str
    platforms: tuple[str, ...]
    reasons: tuple[str, ...]
    by: tuple[ClashingLine, ...] = ()
    told: str = ""
    must: bool = True  #: it may not stay; False: a newer one was asked for


class UpkeepRow(msgspec.Struct, frozen=True, kw_only=True):
    """What relocking did for what must move; ``difference`` None: the lockfile stays as it is."""

    moved: tuple[MovedRow, ...] = ()
    held: tuple[HeldRow, ...] = ()
    difference: Difference | None = None
    was_fresh: bool = True  #: the lockfile answered its file and settings before


class FleetRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one file.

    ``digest`` is the SHA-256 of the lockfile's text, 64 hex digits, whether it was written or not.
    ``key`` tells the job from every other one: bytes of the file, work, settings (for ``--resume``).
    """

    file: str
    code: int  #: exit code that the file would give alone
    outcome: str  #: in words
    schema_version: int = SCHEMA_VERSION
    work: tuple[str, ...] = ("lock",)
    output: str | None = None  #: the lockfile's place, also where the work failed; None where there is none
    digest: str | None = None
    is_written: bool = (
        False  #: the lockfile was written; False: it held these bytes already, or nothing may be
    )
    changes: int | None = None  #: packages that differ from the earlier lockfile; None: there was none
    seconds: float = 0.0
    cpu: float = 0.0  #: seconds of processor time, all threads of the worker together
    stages: Mapping[str, float] = msgspec.field(default_factory=dict)  #: name -> seconds
    requests: int = 0  #: asked of servers
    fetched: int = 0  #: bytes of their answers
    targets: tuple[TargetRow, ...] = ()
    findings: tuple[FindingRow, ...] = ()
    images: tuple[ImageRow, ...] = ()
    notices: tuple[NoticeRow, ...] = ()
    failures: tuple[Failure, ...] = ()  #: why it didn't end well
    reasons: tuple[str, ...] = ()  #: of a lockfile that isn't fresh
    same_as: str | None = None  #: the file of the same bytes and settings whose failure this is
    worker: str = ""
    attempts: int = 1
    memory: int = 0  #: bytes that the worker held when the job had ended
    read: Mapping[str, str] = msgspec.field(
        default_factory=dict
    )  #: file that was read -> SHA-256 of its bytes
    key: str = ""
    upkeep: UpkeepRow | None = None
    settings_files: tuple[str, ...] = ()  #: that hold for the file: of the nearest folder that has some

    @property
    def is_done(self) -> bool:
        """Whether the file's work ended well."""
        return self.code == 0


def record_to_json(record: FleetRecord) -> bytes:
    """Return the record as one line of JSON, without its end."""
    return encode_named(record)


def record_from_json(line: bytes) -> FleetRecord:
    """Return the record of a line; raises ValueError for what is none."""
    found = decode_named(line, FleetRecord)
    if found.schema_version != SCHEMA_VERSION:
        raise msgspec.ValidationError(f"a record of version {found.schema_version}")
    return found
