"""Findings in words, and what was compared of an installed environment: for every verb that has some."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from resolver.model.findings import Fact, Finding, Severity

if TYPE_CHECKING:
    from resolver.checks.deviations import Deviations
    from resolver.model.installed import Installation

#: Lines of evidence that are shown for a finding; JSON and SARIF have all.
MOST_EVIDENCE = 20


def finding_text(label: str, finding: Finding) -> str:
    """Return a finding as lines; ``label`` is its place where it names none."""
    place = str(finding.origin) if finding.origin else label
    lines = [f"{finding.severity.value}[{finding.rule}]: {finding.message}", f"  --> {place}"]
    shown = (
        finding.evidence if len(finding.evidence) <= MOST_EVIDENCE + 1 else finding.evidence[:MOST_EVIDENCE]
    )
    lines += [f"  - {line}" for line in shown]
    if len(shown) < len(finding.evidence):
        lines.append(f"  - and {len(finding.evidence) - len(shown)} more (`--json` has all)")
    if finding.fact:
        lines.append(f"  fact: {_fact_text(finding.fact)}")
    if finding.fix:
        lines.append(f"  fix: {finding.fix}")
    return "\n".join(lines)


def _fact_text(fact: Fact) -> str:
    """Return a fact with its source and date; one that nobody saw in its source says so."""
    date = f", {fact.date}" if fact.date and fact.date not in fact.source else ""
    caution = f"; {fact.caution}" if fact.caution else ""
    return f"{fact.text} ({fact.source}{date}{caution})"


def count_findings(findings: Iterable[Finding]) -> list[str]:
    """Return how many there are of each severity, worst first: ``2 errors``, ``1 note``."""
    counts = Counter(finding.severity for finding in findings)
    return [
        f"{counts[severity]} {severity.value}{'s' if counts[severity] != 1 else ''}"
        for severity in Severity
        if counts[severity]
    ]


def deviations_text(found: Deviations) -> str:
    """Return one line: how many packages are as locked, and what wasn't compared."""
    if found.platforms:
        return f"{found.file} wasn't compared: it is for {', '.join(found.platforms)}"
    parts = [f"{found.as_locked} of {found.locked} packages are as {found.file} has them"]
    if found.optional:
        parts.append(
            f"{found.optional} of other categories aren't installed (`--extra`, `--group` ask for them)"
        )
    if found.uncompared is not None:
        manager, count = found.uncompared
        parts.append(f"it has none of {manager}'s packages, so {count} of these weren't compared")
    return "; ".join(parts)


def files_text(found: Installation) -> str:
    """Return one line: how many files were compared, by what, and which weren't."""
    seen = found.looked_at
    parts = [f"looked at {seen.files} files, {seen.by_hash} by their hash"]
    if seen.by_size:
        parts.append(f"{seen.by_size} large ones by their size (`--every-byte` hashes them)")
    if seen.by_name:
        parts.append(f"{seen.by_name} by their name alone")
    if seen.outside:
        parts.append(f"{seen.outside} outside the environment weren't looked at")
    if seen.unlisted:
        parts.append(f"no list of files is there for {', '.join(seen.unlisted)}")
    if found.has_system_packages:
        parts.append(
            "packages outside the environment count too (include-system-site-packages), and weren't looked at"
        )
    return "; ".join(parts)
