"""What several lint rules share: a finding with its fact, and the look at a base image."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lockfiles.identity.credentials import redact
from lockfiles.identity.lint.facts import FACTS
from lockfiles.identity.service import split_reference
from resolver.model.findings import Finding, Severity
from resolver.model.origin import Origin

_DATED_TAG = re.compile(r"^\d{8}\.v\d+$")


def make_finding(
    rule: str,
    severity: Severity,
    message: str,
    origin: Origin,
    fix: str | None = None,
    evidence: Iterable[str] = (),
) -> Finding:
    """Return a finding with its rule's fact; credentials in the words are blanked."""
    return Finding(
        rule=rule,
        severity=severity,
        message=redact(message),
        evidence=tuple(redact(text) for text in evidence),
        fact=FACTS[rule],
        fix=fix,
        origin=origin,
    )


def check_image(image: str, origin: Origin) -> Iterator[Finding]:
    """Yield what is to be said of a base image without a digest, or without a fixed tag."""
    repository, tag, digest = split_reference(image)
    if digest is not None:
        return
    shown = redact(image)
    if tag is None or tag == "latest":
        yield make_finding(
            "azureml/unpinned-image",
            Severity.WARNING,
            f"the base image `{shown}` has no fixed tag",
            origin,
            f"Write a dated tag and the digest: `{redact(repository)}:TAG@sha256:...`.",
        )
    else:
        yield make_finding(
            "azureml/image-tag-moves",
            Severity.NOTE,
            f"the base image `{shown}` has a tag without a digest",
            origin,
            "Add the digest: `@sha256:...`. It changes the image's identity once.",
            ["the tag is a dated one"] if _DATED_TAG.match(tag) else [],
        )
