"""References to images, and the ``FROM`` lines of a Dockerfile."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

_FROM = re.compile(
    r"^[ \t]*FROM\s+(?:--platform=\S+\s+)?(?P<image>\S+)(?:\s+AS\s+(?P<stage>\S+))?[ \t]*\r?$",
    re.IGNORECASE | re.MULTILINE,
)


class FromLine(msgspec.Struct, frozen=True, kw_only=True):
    """One ``FROM``: the image as written (an earlier stage, perhaps, or with ``$ARG``), and its stage."""

    image: str
    stage: str | None
    offset: int  #: of the image in the text


def split_reference(image: str) -> tuple[str, str | None, str | None]:
    """Return (repository, tag, digest) of an image reference; tag and digest are None where not given.

    The colon of a registry's port is no tag's; a template's tag (``:{{latest}}``) is kept as it is.
    """
    if ":{{" in image:
        repository, _, template = image.partition(":")
        return repository, template, None
    rest, _, digest = image.partition("@")
    head, slash, last = rest.rpartition("/")
    name, _, tag = last.partition(":")
    return head + slash + name, tag or None, digest or None


def parse_from(line: str) -> FromLine | None:
    """Return what a line says where it is a ``FROM``, else None."""
    return next(iter_from_lines(line), None)


def iter_from_lines(text: str) -> Iterator[FromLine]:
    """Yield the ``FROM`` lines of a Dockerfile, in order."""
    for found in _FROM.finditer(text):
        yield FromLine(image=found["image"], stage=found["stage"], offset=found.start("image"))
