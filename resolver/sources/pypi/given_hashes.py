"""Hashes that the user gave for what a direct reference names: the file is compared with them, always."""

from __future__ import annotations

from collections.abc import Iterable

from resolver.errors import InputError
from resolver.model.redaction import redact
from resolver.model.requirements import DirectKind, PypiRequirement
from resolver.sources.pypi.direct import DirectCandidate

CHANGED = "The file was changed since the hash was written down; find out why before you use it."


def given_algorithms(requirements: Iterable[PypiRequirement]) -> frozenset[str]:
    """Return the algorithms of all hashes behind the user's lines."""
    return frozenset(text.partition(":")[0] for line in requirements for text in line.hashes)


def check_given_hashes(candidate: DirectCandidate, requirements: Iterable[PypiRequirement]) -> None:
    """Compare the file of a direct reference with the hashes of each line of its project.

    A line's own hashes and those of a constraint count, as in pip: the file must have one of each
    line's. Raises InputError with both hashes, and for a folder or repository, which has none.
    """
    for line in requirements:
        is_own = line.direct is not None and line.direct == candidate.reference
        if not line.hashes or not (is_own or line.name == candidate.name):
            continue
        if candidate.file is None:
            what = "a folder" if candidate.reference.kind is DirectKind.DIRECTORY else "a repository"
            raise InputError(
                f"`{redact(line.text)}` has a hash, and `{candidate.name}` comes from {what}, "
                "whose hash can't be checked",
                line.origin,
                "Name a wheel or sdist, or leave the hash out.",
            )
        found = {f"{kind}:{digest}" for kind, digest in candidate.digests.items()}
        if not found & set(line.hashes):
            raise InputError(_mismatch(candidate, line), line.origin, CHANGED)


def _mismatch(candidate: DirectCandidate, line: PypiRequirement) -> str:
    kinds = sorted({text.partition(":")[0] for text in line.hashes})
    found = ", ".join(f"{kind}:{candidate.digests[kind]}" for kind in kinds)
    name = candidate.file.file_name if candidate.file else candidate.name
    return f"the hash of `{name}` is {found}, not {' or '.join(line.hashes)} as required"
