"""What a lockfile's source files say that it has no place for: variables, and lines for conda's history."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from lockfiles.files import is_file
from resolver.errors import LockstackError


class SourceFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Variables that activating sets, and what was asked for of conda, as match specs."""

    variables: Mapping[str, str] = msgspec.field(default_factory=dict)
    specs: tuple[str, ...] = ()
    is_known: bool = True  #: False where a source file isn't there or can't be read


def read_asked(
    sources: tuple[str, ...],
    folder: Path,
    subdir: str,
    read: Callable[[str], bytes],
    environ: Mapping[str, str],
) -> SourceFacts:
    """Read the source files, named from the lockfile's folder; what can't be read makes all unknown."""
    from resolver.inputs.reading import parse_inputs

    names = tuple(str(folder / name) for name in sources)
    if not names or not all(is_file(name) for name in names):
        return SourceFacts(is_known=False)
    try:
        found = parse_inputs(names, read, environ=environ)
    except (LockstackError, OSError):
        return SourceFacts(is_known=False)
    specs = (
        line.spec
        for line in found.conda
        if not line.is_constraint and (line.platforms is None or subdir in line.platforms)
    )
    return SourceFacts(variables=dict(found.variables), specs=tuple(specs))
