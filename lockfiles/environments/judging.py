"""What was made, beside the lockfile: the comparison of `lock check --prefix --against`, before it counts."""

from __future__ import annotations

from pathlib import Path

import msgspec

from lockfiles.environments.planning import Plan
from lockfiles.subjects.verifying import VerifyRequest, verify
from resolver.checks.deviations import Deviation, DeviationKind
from resolver.model.findings import Finding
from resolver.model.resolution import Resolution

#: Rules about what stands beside the locked packages, which the plan tells of itself.
_KEPT = frozenset({"locked/foreign-conda", "locked/foreign-pip"})
#: Rules whose findings an install mends, or that make it fail.
_FILES = frozenset({"prefix/files-missing", "prefix/files-changed"})


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """How an environment differs from its lockfile."""

    #: Manager and name of locked packages with missing or changed files, or that aren't as locked though
    #: nothing was done about them.
    damaged: frozenset[tuple[str, str]]
    wrong: tuple[Deviation, ...]  #: packages that were put in, and aren't as locked
    findings: tuple[Finding, ...]  #: everything else, but for what stays on purpose


def judge(resolution: Resolution, place: Path, lockfile: str, plan: Plan) -> Judgement:
    """Compare the environment at ``place`` with what is locked. Raises InputError where it can't be read."""
    request = VerifyRequest(prefix=place, locked=resolution, lockfile=lockfile, wanted=None)
    found = verify(request)
    locked = {("conda", pin.record.name) for pin in resolution.conda}
    locked |= {("pip", str(pin.name)) for pin in resolution.pypi}
    kept = {record.name for record in plan.kept_conda} | {str(p.name) for p in plan.kept_projects}
    deviations = found.deviations.found if found.deviations is not None else ()
    damaged = frozenset(
        (package.manager, package.name)
        for package in found.installation.damaged
        if not package.overwritten_by and (package.manager, package.name) in locked
    )
    came = {("conda", pin.record.name) for pin in plan.link} | {("pip", str(pin.name)) for pin in plan.put}
    differ = [one for one in deviations if one.kind is not DeviationKind.FOREIGN]
    stayed = {(one.manager, one.name) for one in differ} - came
    damaged |= frozenset(stayed)
    return Judgement(
        damaged=damaged,
        wrong=tuple(one for one in differ if (one.manager, one.name) in came),
        findings=tuple(
            finding
            for finding in found.report.findings
            if not (finding.rule in _KEPT and kept) and not (finding.rule in _FILES and damaged)
        ),
    )
