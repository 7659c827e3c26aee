"""Failure signatures in a job's log: what is matched, why it happened, what to do."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

import msgspec
from msgspec.structs import replace

from resolver.checks import facts
from resolver.checks.context import CheckContext
from resolver.checks.registry import all_rules, iter_findings
from resolver.model.findings import Fact, Finding, sort_findings

#: Colours and cursor movements of terminals (ECMA-48), and a carriage return's overwritten text.
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07]*\x07|\x1b[@-Z\\-_]")
_SPACE = re.compile(r"\s+")
#: Lines a message may be wrapped over.
_WINDOW = 3
#: What stands before the message in a job's log: times, ranks, process names, levels.
_PREFIX = re.compile(
    r"^(?:\s*(?:"
    r"\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?"
    r"|\d\d:\d\d:\d\d(?:[.,]\d+)?"
    r"|\[(?!WinError|E:|W:)[^\]\s][^\]]{0,60}\]:?"
    r"|\((?:\w+ )?(?:rank|worker|pid)[^)]{0,60}\):?"
    r"|(?:INFO|WARNING|WARN|ERROR|DEBUG|CRITICAL)\b:?"
    r"|(?:stderr|stdout)(?: [FP])?\b:?"
    r"|(?:rank|worker)[ =:]?\d+:"
    r"|\|"
    r")\s*)*"
)


class LogMatch(msgspec.Struct, frozen=True, kw_only=True):
    """One signature found in a log; ``line`` counts from 1, ``count`` is how often it stands there."""

    id: str
    line: int
    text: str
    cause: str
    remedy: str
    fact: Fact
    count: int = 1
    findings: tuple[Finding, ...] = ()

    def to_json(self) -> dict[str, object]:
        """Return the match as JSON values."""
        return {
            "signature": self.id,
            "line": self.line,
            "text": self.text,
            "count": self.count,
            "cause": self.cause,
            "remedy": self.remedy,
            "fact": self.fact.to_json(),
            "findings": [finding.to_json() for finding in self.findings],
        }


def clean_line(line: str) -> str:
    """Return a log line without colours, overwritten text, and its prefix of time and rank."""
    text = _CONTROL.sub("", line).rstrip("\r\n")
    text = text.rsplit("\r", 1)[-1]
    return _PREFIX.sub("", text, count=1).strip()


@functools.cache
def _signatures() -> tuple[tuple[facts.Signature, re.Pattern[str]], ...]:
    """Return the signatures with their patterns; a blank in a pattern stands for any white space."""
    return tuple(
        (row, re.compile(_SPACE.sub(r"\\s+", row.pattern.replace(r"\s+", " "))))
        for row in facts.table(facts.Signature).rows
    )


@functools.cache
def _any_signature() -> re.Pattern[str]:
    """One pattern for all: most lines of a log match none of them."""
    return re.compile("|".join(f"(?:{pattern.pattern})" for _, pattern in _signatures()))


def match_log(lines: Iterable[str]) -> tuple[LogMatch, ...]:
    """Return the signatures found, in the order of the log; each stands once, with its count.

    A message may be wrapped over three lines.
    """
    found: dict[str, LogMatch] = {}
    window: list[str] = []
    for number, line in enumerate(lines, 1):
        text = clean_line(line)
        window = [*window[-(_WINDOW - 1) :], text]
        joined = " ".join(part for part in window if part)
        if not _any_signature().search(joined):
            continue
        for row, pattern in _signatures():
            # A match that ends before this line was counted with the line it ends in.
            hit = next((hit for hit in pattern.finditer(joined) if hit.end() > len(joined) - len(text)), None)
            if hit is None:
                continue
            before = found.get(row.id)
            if before is not None:
                found[row.id] = replace(before, count=before.count + 1)
            else:
                found[row.id] = LogMatch(
                    id=row.id,
                    line=number,
                    text=hit.group(0),
                    cause=row.cause,
                    remedy=row.remedy,
                    fact=row.fact(f"signature `{row.id}`, confidence {row.confidence}"),
                )
    return tuple(sorted(found.values(), key=lambda match: (match.line, match.id)))


def explain_match(match: LogMatch, context: CheckContext) -> LogMatch:
    """Return the match with the findings of the rules that see its cause in the environment."""
    row = next(row for row in facts.table(facts.Signature).rows if row.id == match.id)
    rules = [rule for rule in all_rules() if rule.id in row.rules]
    return replace(match, findings=sort_findings(iter_findings(context.on_its_system(), rules)))
