"""References to images, and the ``FROM`` line of a Dockerfile."""

from __future__ import annotations

import re

import msgspec

from resolver.model.origin import Origin
from resolver.model.patterns import pattern

_FROM = pattern(
    r"^[ \t]*FROM\s+(?:--platform=\S+\s+)?(?P<image>\S+)(?:\s+AS\s+(?P<stage>\S+))?\s*$",
    re.IGNORECASE,
)


class NamedImage(msgspec.Struct, frozen=True, kw_only=True):
    """An image (or an Azure ML environment, ``azureml:NAME:VERSION``) that a file or flag names."""

    reference: str
    origin: Origin
    library_path: str | None = None  #: LD_LIBRARY_PATH, where the file sets it


class FromLine(msgspec.Struct, frozen=True, kw_only=True):
    """One ``FROM``: the image as written (an earlier stage, perhaps, or with ``$ARG``), and its stage."""

    image: str
    stage: str | None
    offset: int  #: of the image in the line


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
    found = _FROM.match(line)
    if found is None:
        return None
    return FromLine(image=found["image"], stage=found["stage"], offset=found.start("image"))
