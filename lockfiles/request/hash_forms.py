"""Do the hashes of pins have the form of their algorithm? A cut or edited one fits no file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from resolver.model.resolution import Resolution

#: Hex digits of a digest, for the algorithms that lockfiles give.
DIGITS = {"md5": 32, "sha1": 40, "sha224": 56, "sha256": 64, "sha384": 96, "sha512": 128}
_HEX = re.compile(r"[0-9a-fA-F]*")


def iter_hash_faults(resolution: Resolution) -> Iterator[str]:
    """Yield a sentence for each hash of a pin that has another form, conda packages first."""
    for conda in resolution.conda:
        told = {"md5": conda.record.md5, "sha256": conda.record.sha256}
        yield from _faults(
            conda.record.name, {key: value for key, value in told.items() if value is not None}
        )
    for pypi in resolution.pypi:
        if pypi.file is not None:
            yield from _faults(pypi.name, pypi.file.hashes)


def _faults(name: str, hashes: Mapping[str, str]) -> Iterator[str]:
    for algorithm, digest in sorted(hashes.items()):
        digits = DIGITS.get(algorithm)
        if digits and not (len(digest) == digits and _HEX.fullmatch(digest)):
            yield f"`{name}`: its {algorithm} `{digest}` is no hash of {digits} hex digits"
