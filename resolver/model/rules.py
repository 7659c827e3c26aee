"""Rules of any verb: registered with an id, a severity and one line; listed, told and silenced alike.

`lock check` looks at resolutions (``resolver.checks``), `lock hash` at definitions
(``lockfiles.identity.lint``). Neither may import the other, so what a rule is stands below both.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from resolver.model.findings import Fact, Finding, Severity, sort_findings

#: Yields what a rule saw; its argument is the verb's own subject.
Check = Callable[..., Iterable[Any]]
_Registered = TypeVar("_Registered", bound=Check)


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule: ``line`` says in one sentence what is wrong when it speaks."""

    id: str
    severity: Severity
    line: str
    check: Check
    facts: tuple[str, ...] = ()  #: tables of facts it reads
    fact: Fact | None = None  #: the one sentence it rests on, where it is always the same

    @property
    def explanation(self) -> str:
        """The rule's docstring: what it looks at, why it matters, what to do."""
        import inspect

        return inspect.getdoc(self.check) or ""


class RuleBook:
    """The rules of one verb; each of ``modules`` registers those of one family when it is imported."""

    def __init__(self, verb: str, modules: Sequence[str]) -> None:
        self.verb = verb
        self._modules = tuple(modules)
        self._rules: dict[str, Rule] = {}
        self._all: tuple[Rule, ...] | None = None

    def rule(
        self,
        id: str,  # noqa: A002
        severity: Severity,
        line: str,
        *,
        facts: tuple[str, ...] = (),
        fact: Fact | None = None,
    ) -> Callable[[_Registered], _Registered]:
        """Register a rule; two rules never share an id."""

        def register(check: _Registered) -> _Registered:
            if id in self._rules:
                raise ValueError(f"two rules are named `{id}`")
            self._rules[id] = Rule(id=id, severity=severity, line=line, check=check, facts=facts, fact=fact)
            return check

        return register

    def all(self) -> tuple[Rule, ...]:
        """Return every rule, sorted by id."""
        if self._all is None:
            for module in self._modules:
                importlib.import_module(module)
            self._all = tuple(self._rules[key] for key in sorted(self._rules))
        return self._all


class RuleReport(msgspec.Struct, frozen=True, kw_only=True):
    """Findings, worst first, and those that settings silence, each with the reason given."""

    findings: tuple[Finding, ...]
    silenced: tuple[tuple[Finding, str], ...] = ()


def report_of(findings: Iterable[Finding], silence: Mapping[str, str] | None = None) -> RuleReport:
    """Return the findings sorted; ``silence`` maps rule ids to the reason why they don't count."""
    silence = silence or {}
    ordered = sort_findings(findings)
    return RuleReport(
        findings=tuple(finding for finding in ordered if finding.rule not in silence),
        silenced=tuple((finding, silence[finding.rule]) for finding in ordered if finding.rule in silence),
    )
