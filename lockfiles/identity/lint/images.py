"""Base images: of the definition, and of every stage of a build context's Dockerfile."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lockfiles.files import text_if_there
from lockfiles.identity.credentials import redact
from lockfiles.identity.lint.registry import LintSubject, Seen, rule
from lockfiles.identity.lint.sources import CONCEPT
from lockfiles.identity.read.image import image_origin
from resolver.inputs.dockerfile import parse_stages
from resolver.model.findings import Fact, Severity
from resolver.model.images import split_reference
from resolver.model.origin import Origin

_DATED_TAG = re.compile(r"^\d{8}\.v\d+$")


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
        yield definition.image, image_origin(definition)
    build = definition.build
    path = build.dockerfile if build is not None else None
    text = text_if_there(path) if path is not None else None
    if build is None or text is None:
        return
    for stage in parse_stages(text, build.shown):
        if stage.image is not None and "$" not in stage.image:
            yield stage.image, stage.origin
