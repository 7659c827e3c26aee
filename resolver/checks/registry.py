"""Rules: small functions over a context, registered with an id, a severity and one line."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

import msgspec

from resolver.checks.context import CheckContext
from resolver.checks.coverage import Coverage, cover, unread_of
from resolver.checks.horizon import unknown_of
from resolver.graph import node_of
from resolver.model.findings import Fact, Finding, Severity, Unknown
from resolver.model.origin import Origin
from resolver.model.resolution import CondaPin, PypiPin
from resolver.model.rules import Rule, RuleBook, RuleReport, report_of

#: Modules under ``resolver.checks.rules``; each registers the rules of one family.
FAMILIES = (
    "channels",
    "shared_libraries",
    "libstdcxx",
    "openmp",
    "compute",
    "drivers",
    "cpu_builds",
    "cuda_mix",
    "cudnn",
    "variants",
    "torch_family",
    "conda_torch",
    "tensorflow",
    "jax_onnx",
    "python_wheels",
    "images",
    "vm_sizes",
    "sources",
    "supply_chain",
    "installed",
    "locked",
)


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """A change of the requirements that would remove a finding; untried until it is solved.

    ``conda`` and ``pypi`` are requirements to add (they replace those of the same name).
    """

    text: str
    conda: tuple[str, ...] = ()
    pypi: tuple[str, ...] = ()


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule saw once; the registry makes a :class:`Finding` of it.

    ``fix`` is for advice that changes no package (an image, a flag, a VM size);
    changes of packages are ``proposals``.
    """

    message: str
    evidence: tuple[CondaPin | PypiPin | str, ...] = ()
    fact: Fact | None = None
    severity: Severity | None = None  #: None: the rule's
    fix: str | None = None
    proposals: tuple[Proposal, ...] = ()
    origin: Origin | None = None


#: Tries a proposal of a rule: the words for the fix when it solves and the rule is silent then, else None.
TryFix = Callable[[Proposal, Rule], str | None]

CHECKS = RuleBook("check", [f"resolver.checks.rules.{family}" for family in FAMILIES])
rule = CHECKS.rule
all_rules = CHECKS.all


def _finding(rule: Rule, found: Found, context: CheckContext, try_fix: TryFix | None) -> Finding:
    fix = found.fix
    if fix is None and try_fix is not None:
        tried = (try_fix(proposal, rule) for proposal in found.proposals)
        fix = next((words for words in tried if words is not None), None)
    evidence = tuple(item if isinstance(item, str) else context.show(item) for item in found.evidence)
    severity = found.severity or rule.severity
    if severity is Severity.ERROR and found.fact is not None and found.fact.caution is not None:
        severity = Severity.WARNING  # a fact that wasn't seen in its source holds up no build
    return Finding(
        rule=rule.id,
        severity=severity,
        message=found.message,
        evidence=evidence,
        fact=found.fact,
        fix=fix,
        origin=found.origin,
        packages=tuple(dict.fromkeys(node_of(pin) for pin in found.evidence if not isinstance(pin, str))),
    )


def iter_findings(
    context: CheckContext, rules: Iterable[Rule], try_fix: TryFix | None = None
) -> Iterator[Finding]:
    """Yield the findings of the rules, in the order of the rules."""
    for item in rules:
        for found in item.check(context):
            yield _finding(item, found, context, try_fix)


class Report(RuleReport, frozen=True, kw_only=True):
    """The findings of a resolution, what of it the facts don't reach, and what was looked at."""

    unknown: tuple[Unknown, ...] = ()
    coverage: Coverage
    not_compared: tuple[str, ...] = ()  #: what of the machine this platform can't have, in words


def run_checks(
    context: CheckContext,
    *,
    silence: Mapping[str, str] | None = None,
    try_fix: TryFix | None = None,
    families: Collection[str] | None = None,
) -> Report:
    """Check a resolution with every rule; ``silence`` maps rule ids to the reason why they don't count.

    ``families``: those of rules (``prefix``) that are asked; None: all.
    """
    silence = silence or {}
    given, context = context, context.on_its_system()
    asked = [item for item in all_rules() if families is None or item.id.split("/")[0] in families]
    spoken = [item for item in asked if item.id not in silence]
    quiet = [item for item in asked if item.id in silence]
    found = report_of((*iter_findings(context, spoken, try_fix), *iter_findings(context, quiet)), silence)
    unknown = (*unknown_of(context), *unread_of(context))
    return Report(
        findings=found.findings,
        silenced=found.silenced,
        unknown=unknown,
        coverage=cover(context, ((item.id, item.facts) for item in spoken), unknown),
        not_compared=() if context.machine is given.machine else (_left_out(given),),
    )


def _left_out(context: CheckContext) -> str:
    machine = context.machine
    what = machine.gpu.model if machine.gpu is not None else "NVIDIA driver"
    return f"{context.target.subdir} has no such GPU: nothing of it was compared with the {what}"
