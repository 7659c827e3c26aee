"""What looking at sources finds."""

from __future__ import annotations

import msgspec

from resolver.model.choices import StrEnum
from resolver.model.findings import Severity


class SourceFault(StrEnum):
    """What became of a locked package since."""

    REMOVED = "removed"  #: its source lists it no more, or its file is gone
    CHANGED = "changed"  #: its source has another file of that name
    METADATA = "metadata"  #: what its index says of it isn't what is in it
    YANKED = "yanked"  #: PEP 592
    QUARANTINED = "quarantined"  #: PEP 792: the index holds the project back
    ARCHIVED = "archived"  #: PEP 792: no more releases are to come
    DEPRECATED = "deprecated"  #: PEP 792: another project takes its place
    VULNERABLE = "vulnerable"  #: an advisory is about this version


SEVERITIES = {
    SourceFault.REMOVED: Severity.ERROR,
    SourceFault.CHANGED: Severity.ERROR,
    SourceFault.METADATA: Severity.ERROR,
    SourceFault.YANKED: Severity.WARNING,
    SourceFault.QUARANTINED: Severity.ERROR,
    SourceFault.ARCHIVED: Severity.WARNING,
    SourceFault.DEPRECATED: Severity.NOTE,
    SourceFault.VULNERABLE: Severity.ERROR,
}


class SourceFinding(msgspec.Struct, frozen=True, kw_only=True):
    """One locked package that isn't what it was, or wasn't what it seemed."""

    kind: SourceFault
    manager: str  #: ``conda`` or ``pip``
    name: str
    version: str
    message: str  #: one sentence without the package's name
    where: str = ""  #: address or index, without credentials
    platforms: tuple[str, ...] = ()
    advisory: str | None = None  #: its identifier
    fixed: tuple[str, ...] = ()  #: versions that the advisory calls fixed

    @property
    def severity(self) -> Severity:
        """How much it matters."""
        return SEVERITIES[self.kind]

    def __str__(self) -> str:
        return f"{self.name} {self.version} ({self.manager}): {self.message}"

    def to_json(self) -> dict[str, object]:
        """Return it as JSON values."""
        return {
            "kind": self.kind.value,
            "severity": self.severity.value,
            "manager": self.manager,
            "name": self.name,
            "version": self.version,
            "message": self.message,
            "where": self.where,
            "platforms": list(self.platforms),
            "advisory": self.advisory,
            "fixed": list(self.fixed),
        }


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """What a look at sources gave: findings, and what couldn't be asked or isn't listed anywhere."""

    findings: tuple[SourceFinding, ...] = ()
    unanswered: tuple[str, ...] = ()  #: sources that failed, with why
    unlisted: tuple[str, ...] = ()  #: packages of no channel and no index: references, folders
    seen: int = 0  #: packages that were looked at
