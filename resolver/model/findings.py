"""What a check found: one fault, its evidence, and the fact behind it."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from resolver.model.choices import StrEnum
from resolver.model.origin import Origin

#: Version of the JSON form; grows when a key changes its meaning or goes away.
SCHEMA_VERSION = 1
#: Certainty of a fact that nobody saw in its source -> what is said of it.
CAUTIONS = {"secondary": "by a secondary source", "unverified": "not verified"}


class Severity(StrEnum):
    """How much a finding matters, worst first.

    error: it will not work, or not as written. warning: it works, and will
    surprise. note: worth knowing.
    """

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return tuple(Severity).index(self)


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule rests on: a sentence, who says so, and since when or as of when."""

    text: str
    source: str  #: name or address of the document; never a credential
    date: str | None = None  #: ISO date (or year, or year and month) of the source; None where it has none
    certainty: str | None = None  #: how sure it is, in the words of the tables of facts; None: not assessed

    @property
    def caution(self) -> str | None:
        """What is told of a fact that wasn't seen in its source; None: nothing."""
        return CAUTIONS.get(self.certainty or "")

    def to_json(self) -> dict[str, str | None]:
        """Return the fact as JSON values: ``text``, ``source``, ``date``, ``certainty``."""
        return {"text": self.text, "source": self.source, "date": self.date, "certainty": self.certainty}


class Unknown(msgspec.Struct, frozen=True, kw_only=True):
    """Something that the facts don't reach: nothing is said of it, neither good nor bad."""

    subject: str  #: ``torch 2.16.0``, ``driver 620.10``
    text: str  #: one line: what isn't known of it, and up to where the facts go
    date: str  #: ISO date of the facts
    tables: tuple[str, ...] = ()  #: names of the tables of facts that end before it

    def __str__(self) -> str:
        return f"{self.text} (facts of {self.date})"

    def to_json(self) -> dict[str, str]:
        """Return it as JSON values: ``subject``, ``text``, ``facts_of``."""
        return {"subject": self.subject, "text": self.text, "facts_of": self.date}


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One fault that a check found.

    ``rule`` is a stable identifier in kebab case with its family before a slash
    (``azureml/unpinned-package``); ``message`` is one sentence; ``evidence`` holds
    the observations that decide, in the order in which they convince; ``fix`` says
    what to do.
    """

    rule: str
    severity: Severity
    message: str
    evidence: tuple[str, ...] = ()
    fact: Fact | None = None
    fix: str | None = None
    origin: Origin | None = None
    packages: tuple[str, ...] = ()  #: nodes of :mod:`resolver.graph` that the evidence is about

    def to_json(self) -> dict[str, object]:
        """Return the finding as JSON values; every key is always there (7; ``packages`` is none)."""
        origin = self.origin
        return {
            "rule": self.rule,
            "severity": self.severity.value,
            "message": self.message,
            "evidence": list(self.evidence),
            "fact": self.fact.to_json() if self.fact else None,
            "fix": self.fix,
            "origin": {"file": origin.file, "line": origin.line, "column": origin.column} if origin else None,
        }


def sort_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings worst first, then by place, rule and message (a total order)."""

    def key(finding: Finding) -> tuple[object, ...]:
        origin = finding.origin or Origin(file="")
        place = (origin.file, origin.line or 0, origin.column or 0)
        return (finding.severity.rank, place, finding.rule, finding.message, finding.evidence)

    return tuple(sorted(findings, key=key))


def worst_severity(findings: Iterable[Finding]) -> Severity | None:
    """Return the worst severity among the findings, None where there are none."""
    return min((finding.severity for finding in findings), key=lambda severity: severity.rank, default=None)
