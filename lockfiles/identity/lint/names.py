"""Names of environments."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lockfiles.identity.lint.registry import LintSubject, Seen, rule
from lockfiles.identity.lint.sources import SDK
from resolver.model.findings import Fact, Severity

_RESERVED = re.compile(r"^(?:AzureML|Microsoft)")


@rule(
    "azureml/inline-name",
    Severity.WARNING,
    "an inline environment carries a name that is not used",
    fact=Fact(
        text="The SDK drops name and version of an inline environment; where they were sent, an "
        "existing environment of that name and version was used silently.",
        source=f"{SDK}; azureml-previews issue 119",
        date="2026-09",
    ),
)
def inline_name(subject: LintSubject) -> Iterator[Seen]:
    """Find environments inside a job that have a name or version.

    The job runs, and registers the environment under its hash instead.
    """
    definition = subject.definition
    if definition.name is None or not definition.anonymous:
        return
    version = f":{definition.version}" if definition.version else ""
    yield Seen(
        message=f"an inline environment carries the name `{definition.name}{version}`, which is not used",
        origin=definition.origin("name"),
        fix="Drop them, or refer to the registered environment: "
        f"`azureml:{definition.name}{version or '@latest'}`.",
    )


@rule(
    "azureml/reserved-name",
    Severity.ERROR,
    "a name begins with a reserved word",
    fact=Fact(
        text="Names that begin with AzureML or Microsoft are reserved for curated environments.",
        source="azureml-core 1.61.0, documentation of `Environment`",
    ),
)
def reserved_name(subject: LintSubject) -> Iterator[Seen]:
    """Find names that only curated environments may have: registering one is refused."""
    definition = subject.definition
    if definition.name is not None and _RESERVED.match(definition.name):
        yield Seen(
            message=f"the name `{definition.name}` begins with a reserved word",
            origin=definition.origin("name"),
            fix="Choose a name that doesn't begin with `AzureML` or `Microsoft`.",
        )
