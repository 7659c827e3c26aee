"""Builds and files left out because what their source says of them can't be, and that may be newer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from resolver.constraints.bits import iter_candidates
from resolver.constraints.clauses import Incompatibility
from resolver.constraints.conda_domain import RecordFault
from resolver.constraints.conda_side import CondaSide
from resolver.constraints.facts import UnusableFact
from resolver.constraints.universe import JointUniverse
from resolver.model.findings import Severity
from resolver.model.match_spec import version
from resolver.model.names import PypiName
from resolver.model.notices import Notice
from resolver.model.records import SkipCause
from resolver.model.resolution import Resolution
from resolver.model.unusable import Cause

if TYPE_CHECKING:
    from resolver.metadata.page_rows import Page

#: What settings and target decide: no fault.
_SETTLED = (None, Cause.BUILD_FORBIDDEN, Cause.OTHER_PYTHON)


def left_out(
    side: CondaSide, pages: Mapping[PypiName, Page | None], resolution: Resolution
) -> Iterator[Notice]:
    """Yield a warning for each package of which something was left out that may be newer than its pin.

    ``pages``: what each project that came up was chosen from.
    """
    for conda in resolution.conda:
        record = conda.record
        files = [
            (out.record.file_name, out.record.fault or "")
            for out in side.left_out.get(record.name, ())
            if out.fault is RecordFault.FAULTY and version(out.record.version) > version(record.version)
        ]
        if files:
            yield _notice(record.name, record.version, files, resolution)
    for pin in resolution.pypi:
        files = _files_above(pages.get(pin.name), pin.version)
        if files:
            yield _notice(pin.name, pin.version, files, resolution)


def _files_above(page: Page | None, chosen: str) -> list[tuple[str, str]]:
    """Return (file name, reason) of what may be newer than the chosen version."""
    from packaging.version import Version

    from resolver.metadata.file_names import parse_file_name
    from resolver.metadata.page_rows import may_have_faults

    if page is None or not may_have_faults(page):
        return []
    found = []
    for skipped in page.skipped:
        parsed = parse_file_name(skipped.file_name) if skipped.cause is SkipCause.FAULTY else None
        if parsed is not None and Version(parsed[1]) > Version(chosen):
            found.append((skipped.file_name, skipped.reason))
    return found


def unusable_above(
    universe: JointUniverse,
    selected: Mapping[int, int],
    clauses: Iterable[Incompatibility],
    resolution: Resolution,
) -> Iterator[Notice]:
    """Yield a warning for each package that nobody requested of which a better release can't be used.

    ``clauses``: what the search has read. Of those that were requested it is told who holds them back.
    """
    requested = set(universe.requested())
    for clause in clauses:
        fact = clause.fact
        if not isinstance(fact, UnusableFact) or fact.cause in _SETTLED or fact.package in requested:
            continue
        chosen = selected.get(fact.package)
        if chosen is None or len(clause.packages) > 1:
            continue
        requested.add(fact.package)  # one is enough
        levels = universe.levels(fact.package)
        better = [place for place in iter_candidates(clause.sets[0]) if levels[place] < levels[chosen]]
        if better:
            key = universe.registry.keys[fact.package]
            yield Notice(
                code="left-out",
                severity=Severity.WARNING,
                text=f"`{key.name}`: what may be newer is left out: {fact.reason}",
                package=key.name,
                target=resolution.target.subdir,
                facts={"reason": fact.reason},
            )


def _notice(name: str, chosen: str, files: Sequence[tuple[str, str]], resolution: Resolution) -> Notice:
    first, reason = files[0]
    more = f"; {len(files) - 1} more" if len(files) > 1 else ""
    return Notice(
        code="left-out",
        severity=Severity.WARNING,
        text=f"`{name}` {chosen}: what may be newer is left out: `{first}`: {reason}{more}",
        package=name,
        target=resolution.target.subdir,
        facts={"version": chosen, "files": tuple(file for file, _ in files), "reason": reason},
    )
