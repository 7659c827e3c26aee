"""A lockfile -> the definition that pins it, and its resolution."""

from __future__ import annotations

from pathlib import Path

from lockfiles.files import read_text
from lockfiles.formats.conda_lock.target_keys import INDEXES
from lockfiles.formats.reading import LockReadOptions
from lockfiles.formats.reading import read_lockfile as read_lockfile_text
from lockfiles.identity.definition import DefinitionKind, EnvironmentDefinition
from lockfiles.identity.pinned import pinned_conda
from lockfiles.model import LockMetadata
from resolver.errors import InputError
from resolver.inputs.yaml_document import YamlDocument
from resolver.model.origin import Origin
from resolver.model.redaction import is_remote
from resolver.model.resolution import Resolution


def read_lockfile(
    path: Path,
    source: YamlDocument,
    *,
    image: str | None,
    platform: str,
    python: str | None = None,
    groups: tuple[str, ...] | None = None,
) -> EnvironmentDefinition:
    """Return the pinned definition of one platform of a lockfile."""
    resolution, metadata = read_resolution(path, source.file, platform, python=python, groups=groups)
    return EnvironmentDefinition(
        kind=DefinitionKind.LOCKFILE,
        label=source.file,
        source=YamlDocument(file=source.file, data=None),
        image=image,
        conda=pinned_conda(
            resolution,
            channels=[channel.url for channel in metadata.channels],
            indexes=extra_indexes(metadata),
        ),
        lockfile=path,
    )


def extra_indexes(metadata: LockMetadata) -> list[str]:
    """Return the addresses that were asked before the default index, in that order, without credentials.

    The default index is left out: it is whatever the machine that builds has, as on the machine that locked.
    """
    return [name for name in metadata.custom.get(INDEXES, "").split()[:-1] if is_remote(name)]


def read_resolution(
    path: Path, file: str, platform: str, *, python: str | None = None, groups: tuple[str, ...] | None = None
) -> tuple[Resolution, LockMetadata]:
    """Return one platform's resolution, and what its lockfile (of any format) says of its making.

    Raises InputError where it lacks the platform.
    """
    found = read_lockfile_text(
        read_text(path), file, LockReadOptions(platforms=(platform,), python=python, groups=groups)
    )
    for resolution in found.resolutions:
        if resolution.target.subdir == platform:
            return resolution, found.metadata
    known = ", ".join(resolution.target.subdir for resolution in found.resolutions) or "none"
    raise InputError(
        f"the lockfile has no platform `{platform}`",
        Origin(file=file),
        f"It has: {known}. Choose with `--platform`.",
    )
