"""Base images: of the definition, and of every stage of a build context's Dockerfile."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from lockfiles.identity.credentials import redact
from lockfiles.identity.definition import Definition, DefinitionKind
from lockfiles.identity.lint.registry import LintSubject, Seen, rule
from lockfiles.identity.lint.sources import CONCEPT
from resolver.model.findings import Fact, Severity
from resolver.model.images import iter_from_lines, split_reference
from resolver.model.origin import Origin

_DATED_TAG = re.compile(r"^\d{8}\.v\d+$")
#: Kinds of files that name their image themselves.
_NAMING = frozenset({DefinitionKind.AZUREML_V2, DefinitionKind.AZUREML_JOB, DefinitionKind.AZUREML_V1})


@rule(
    "azureml/unpinned-image",
    Severity.WARNING,
    "a base image has no fixed tag",
    fact=Fact(
        text="An image without a fixed tag or digest may be rebuilt whenever the tag moves.",
        source=f"{CONCEPT}; azure-docs issue 79815",
        date="2026-09",
    ),
)
def unpinned_image(subject: LintSubject) -> Iterator[Seen]:
    """Find base images without a tag, or with `latest`: another image may stand under it tomorrow."""
    for image, origin in _images(subject):
        repository, tag, digest = split_reference(image)
        if digest is None and tag in (None, "latest"):
            yield Seen(
                message=f"the base image `{redact(image)}` has no fixed tag",
                origin=origin,
                fix=f"Write a dated tag and the digest: `{redact(repository)}:TAG@sha256:...`.",
            )


@rule(
    "azureml/image-tag-moves",
    Severity.NOTE,
    "a base image has a tag without a digest",
    fact=Fact(
        text="A base image was pushed again under the same tag; only a digest names one image.",
        source="azureml-sdk-for-r issue 260",
        date="2026-09",
    ),
)
def image_tag_moves(subject: LintSubject) -> Iterator[Seen]:
    """Find base images that a tag names and no digest: a tag can be pushed again."""
    for image, origin in _images(subject):
        _, tag, digest = split_reference(image)
        if digest is None and tag not in (None, "latest"):
            yield Seen(
                message=f"the base image `{redact(image)}` has a tag without a digest",
                origin=origin,
                fix="Add the digest: `@sha256:...`. It changes the image's identity once.",
                evidence=("the tag is a dated one",) if _DATED_TAG.match(tag or "") else (),
            )


def _images(subject: LintSubject) -> Iterator[tuple[str, Origin]]:
    """Yield the images that are pulled, with their places: the definition's, then those of a Dockerfile."""
    definition = subject.definition
    if definition.image is not None:
        yield definition.image, _origin(definition)
    build = definition.build
    path = build.dockerfile if build is not None else None
    if build is None or path is None or not path.is_file():
        return
    text = path.read_text(encoding="utf-8", errors="replace")
    shown = str(Path(build.path) / (build.dockerfile_path or "Dockerfile"))
    stages: set[str] = set()
    for line in iter_from_lines(text):
        known = line.image in stages or line.image == "scratch" or "$" in line.image
        stages |= {line.stage} if line.stage else set()
        if not known:
            yield line.image, Origin.at(shown, text, line.offset)


def _origin(definition: Definition) -> Origin:
    """Return the image's place; a file that can't name its image got it from a flag."""
    if definition.kind not in _NAMING:
        return Origin(file=definition.label)
    v1 = definition.kind is DefinitionKind.AZUREML_V1
    return definition.origin("docker", "baseImage") if v1 else definition.origin("image")
