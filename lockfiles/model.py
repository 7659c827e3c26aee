"""A lockfile as values: packages with address and hash for every platform, and how they were found."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

#: Start of every key of ``custom_metadata`` that belongs to this project.
KEY_PREFIX = "lockstack."


class LockedChannel(msgspec.Struct, frozen=True, kw_only=True):
    """A channel as a lockfile names it.

    ``url`` is a name or an address; a credential in it is a reference to an
    environment variable (``${TOKEN}``), never a value. ``used_env_vars`` lists
    those variables, sorted.
    """

    url: str
    used_env_vars: tuple[str, ...] = ()


class LockedPackage(msgspec.Struct, frozen=True, kw_only=True):
    """One file to install on one platform."""

    name: str
    version: str
    manager: str  #: ``conda`` or ``pip``
    platform: str  #: the target's subdir, also for noarch packages
    url: str  #: absolute; ``file:`` and a relative path for local ones
    hashes: dict[str, str] = {}  #: algorithm -> hex digest
    dependencies: dict[str, str] = {}  #: name -> version part of the spec, sorted by name
    categories: frozenset[str] = frozenset({"main"})
    source_url: str | None = None  #: pip: the direct reference that was asked for

    @property
    def key(self) -> tuple[str, str, str]:
        """Manager, name and platform: no two packages of a lockfile share it."""
        return (self.manager, self.name, self.platform)

    @property
    def file_name(self) -> str:
        """Last part of the address, without query and fragment."""
        return self.url.split("#", 1)[0].split("?", 1)[0].rstrip("/").rsplit("/", 1)[-1]

    @property
    def build(self) -> str:
        """Build string of a conda package, taken from its file name; empty for pip."""
        if self.manager != "conda":
            return ""
        return strip_extension(self.file_name).rsplit("-", 1)[-1]


class LockMetadata(msgspec.Struct, frozen=True, kw_only=True):
    """What a lockfile says of itself.

    ``custom`` holds free text under free keys: the user's own, and this
    project's under ``lockstack.*``.
    """

    content_hash: Mapping[str, str] = msgspec.field(default_factory=dict)  #: subdir -> 64 hex digits
    channels: tuple[LockedChannel, ...] = ()
    platforms: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()  #: input files, relative to the lockfile's folder, with ``/``
    custom: Mapping[str, str] = msgspec.field(default_factory=dict)


class CondaLock(msgspec.Struct, frozen=True, kw_only=True):
    """A whole lockfile; packages are sorted by manager, name and platform."""

    metadata: LockMetadata
    packages: tuple[LockedPackage, ...]

    def of_platform(self, platform: str) -> tuple[LockedPackage, ...]:
        """Return the packages of one platform, in order."""
        return tuple(package for package in self.packages if package.platform == platform)


def strip_extension(file_name: str) -> str:
    """Return a conda package's file name without ``.conda`` or ``.tar.bz2``."""
    for extension in (".conda", ".tar.bz2"):
        if file_name.endswith(extension):
            return file_name[: -len(extension)]
    return file_name


def split_conda_file_name(file_name: str) -> tuple[str, str, str] | None:
    """Return name, version and build of a conda package's file name; None where it has another form."""
    parts = strip_extension(file_name).rsplit("-", 2)
    return (parts[0], parts[1], parts[2]) if len(parts) == 3 and all(parts) else None
