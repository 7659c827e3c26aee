"""Credentials in definitions."""

from __future__ import annotations

from collections.abc import Iterator

from lockfiles.identity.lint.registry import LintSubject, Seen, rule
from lockfiles.identity.secret_scan import credential_places
from resolver.model.findings import Fact, Severity
from resolver.model.origin import Origin

_NOT_SHOWN = ("its value is not shown, not stored and not hashed",)


@rule(
    "azureml/secret",
    Severity.ERROR,
    "a credential stands in the definition",
    fact=Fact(
        text="Environment definitions are stored and shown in plain text, and are copied into build logs.",
        source="Azure ML documentation on private packages (workspace connections)",
    ),
)
def secret(subject: LintSubject) -> Iterator[Seen]:
    """Find credentials in addresses, variables and the files of a build context."""
    definition = subject.definition
    for place in credential_places(definition):
        yield Seen(
            message="a credential stands in the definition",
            origin=_origin_of(place),
            fix="Take it out: give the feed's credentials in a workspace connection.",
            evidence=_NOT_SHOWN,
        )
    for name in definition.secret_variables:
        yield Seen(
            message=f"the environment variable `{name}` holds a secret",
            origin=definition.origin("environmentVariables", name),
            fix="Read it from a key vault while the job runs.",
            evidence=_NOT_SHOWN,
        )


def _origin_of(place: str) -> Origin:
    parts = place.rsplit(":", 2)
    if len(parts) == 3 and parts[1].isdigit() and parts[2].isdigit():
        return Origin(file=parts[0], line=int(parts[1]), column=int(parts[2]))
    file, _, line = place.rpartition(":")
    return Origin(file=file, line=int(line)) if file and line.isdigit() else Origin(file=place)
