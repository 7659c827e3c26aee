"""Rules: small functions over a context, registered with an id, a severity and one line."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Iterable, Iterator, Mapping

import msgspec

from resolver.checks.context import CheckContext
from resolver.model.findings import Fact, Finding, Severity, sort_findings
from resolver.model.origin import Origin
from resolver.model.resolution import CondaPin, PypiPin

#: Modules under ``resolver.checks.rules``; each registers the rules of one family.
FAMILIES = (
    "channels",
    "shared_libraries",
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


Check = Callable[[CheckContext], Iterable[Found]]


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule: ``line`` says in one sentence what is wrong when it speaks."""

    id: str
    severity: Severity
    line: str
    check: Check
    facts: tuple[str, ...] = ()  #: tables of facts it reads

    @property
    def explanation(self) -> str:
        """The rule's docstring: what it looks at, why it matters, what to do."""
        import inspect

        return inspect.getdoc(self.check) or ""


#: Tries a proposal of a rule: the words for the fix when it solves and the rule is silent then, else None.
TryFix = Callable[[Proposal, Rule], str | None]
_RULES: dict[str, Rule] = {}


def rule(id: str, severity: Severity, line: str, *, facts: tuple[str, ...] = ()) -> Callable[[Check], Check]:  # noqa: A002
    """Register a rule; two rules never share an id."""

    def register(check: Check) -> Check:
        if id in _RULES:
            raise ValueError(f"two rules are named `{id}`")
        _RULES[id] = Rule(id=id, severity=severity, line=line, check=check, facts=facts)
        return check

    return register


@functools.cache
def all_rules() -> tuple[Rule, ...]:
    """Return every rule, sorted by id."""
    for family in FAMILIES:
        importlib.import_module(f"resolver.checks.rules.{family}")
    return tuple(_RULES[key] for key in sorted(_RULES))


def _finding(rule: Rule, found: Found, context: CheckContext, try_fix: TryFix | None) -> Finding:
    fix = found.fix
    if fix is None and try_fix is not None:
        tried = (try_fix(proposal, rule) for proposal in found.proposals)
        fix = next((words for words in tried if words is not None), None)
    evidence = tuple(item if isinstance(item, str) else context.show(item) for item in found.evidence)
    return Finding(
        rule=rule.id,
        severity=found.severity or rule.severity,
        message=found.message,
        evidence=evidence,
        fact=found.fact,
        fix=fix,
        origin=found.origin,
    )


def iter_findings(
    context: CheckContext, rules: Iterable[Rule], try_fix: TryFix | None = None
) -> Iterator[Finding]:
    """Yield the findings of the rules, in the order of the rules."""
    for item in rules:
        for found in item.check(context):
            yield _finding(item, found, context, try_fix)


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """Findings, worst first, and those that settings silence, each with the reason given."""

    findings: tuple[Finding, ...]
    silenced: tuple[tuple[Finding, str], ...] = ()


def run_checks(
    context: CheckContext, *, silence: Mapping[str, str] | None = None, try_fix: TryFix | None = None
) -> Report:
    """Check a resolution with every rule; ``silence`` maps rule ids to the reason why they don't count."""
    silence = silence or {}
    spoken = [item for item in all_rules() if item.id not in silence]
    quiet = [item for item in all_rules() if item.id in silence]
    hidden = sort_findings(iter_findings(context, quiet))
    return Report(
        findings=sort_findings(iter_findings(context, spoken, try_fix)),
        silenced=tuple((finding, silence[finding.rule]) for finding in hidden),
    )
