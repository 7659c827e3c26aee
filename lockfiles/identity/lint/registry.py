"""The rules of `lock hash`: small functions over a definition, registered as those of `lock check` are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import msgspec

from lockfiles.identity.credentials import redact
from lockfiles.identity.definition import EnvironmentDefinition
from lockfiles.identity.docker.context import ContextEntry, walk_context
from lockfiles.identity.sdk_versions import formula_for
from resolver.model.findings import Finding
from resolver.model.origin import Origin
from resolver.model.rules import Rule, RuleBook, RuleReport, report_of

#: Modules under ``lockfiles.identity.lint``; each registers the rules of one family.
FAMILIES = ("context", "dockerfiles", "fields", "images", "names", "packages", "secrets")

LINT = RuleBook("hash", [f"lockfiles.identity.lint.{family}" for family in FAMILIES])
rule = LINT.rule


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule saw once; credentials in its words are blanked when it becomes a finding."""

    message: str
    origin: Origin
    fix: str | None = None
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True)
class LintSubject:
    """What every rule looks at; never changed."""

    definition: EnvironmentDefinition
    inference: bool = False  #: the environment is meant to serve a model

    @property
    def context(self) -> Path | None:
        """The folder of a local build context."""
        build = self.definition.build
        return build.directory if build is not None else None

    @cached_property
    def entries(self) -> tuple[ContextEntry, ...]:
        """What of the build context is hashed, in order; raises InputError for an unreadable one."""
        folder = self.context
        if folder is None:
            return ()
        return tuple(entry for entry in walk_context(folder, formula_for()) if not entry.excluded)


def lint(definition: EnvironmentDefinition, *, inference: bool = False) -> tuple[Finding, ...]:
    """Return the findings about a definition, worst first (see :func:`lint_report`)."""
    return lint_report(definition, inference=inference).findings


def lint_report(
    definition: EnvironmentDefinition, *, inference: bool = False, silence: Mapping[str, str] | None = None
) -> RuleReport:
    """Return the findings about a definition, worst first, and those that settings silence.

    ``inference``: the environment is meant to serve a model (it is known when the
    definition has an ``inference_config``). Raises InputError for an unreadable context.
    """
    if definition.reference is not None:
        return RuleReport(findings=())
    subject = LintSubject(definition=definition, inference=inference or bool(definition.inference))
    return report_of(iter_lint(subject, LINT.all()), silence)


def iter_lint(subject: LintSubject, rules: Iterable[Rule]) -> Iterator[Finding]:
    """Yield the findings of the rules, in the order of the rules."""
    for item in rules:
        for seen in item.check(subject):
            yield Finding(
                rule=item.id,
                severity=item.severity,
                message=redact(seen.message),
                evidence=tuple(redact(text) for text in seen.evidence),
                fact=item.fact,
                fix=seen.fix,
                origin=seen.origin,
            )
