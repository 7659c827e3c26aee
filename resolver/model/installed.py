"""What is installed in an environment: packages, and whether their files are those that were installed."""

from __future__ import annotations

import msgspec

from resolver.model.choices import StrEnum
from resolver.model.names import PypiName
from resolver.model.requirements import DirectReference
from resolver.model.resolution import CondaPin


class InstalledProject(msgspec.Struct, frozen=True, kw_only=True):
    """A Python project, as its metadata folder (``*.dist-info``, ``*.egg-info``) describes it."""

    name: PypiName
    version: str  #: as its metadata writes it
    folder: str  #: its metadata folder, relative to the prefix, with ``/``
    requires_dist: tuple[str, ...] = ()  #: PEP 508 strings, as written
    requires_python: str | None = None
    tags: tuple[str, ...] = ()  #: what its wheel was for: ``cp312-cp312-manylinux_2_17_x86_64``
    owner: str | None = None  #: the conda package that installed it; None: pip and its like
    direct: DirectReference | None = None  #: where it came from, if not from an index (PEP 610)
    commit: str | None = None  #: VCS: the full revision


class UnmetNeed(msgspec.Struct, frozen=True, kw_only=True):
    """What an installed package asks of another one (or of Python) and doesn't get."""

    manager: str  #: ``conda`` or ``pip``: whose package asks
    name: str
    version: str
    requirement: str  #: as its record or metadata writes it
    needed: str  #: name of what is asked for: a package, a project, ``python``
    found: str | None  #: the version that is there; None: it isn't there
    extra: str | None = None  #: asked for by this extra of it, which another project wants
    by_conda: bool = False  #: conda installed the project whose metadata asks


class FileState(StrEnum):
    """How a file differs from what was installed."""

    MISSING = "missing"
    CHANGED = "changed"
    UNREADABLE = "unreadable"  #: it can't be looked at


class DamagedFile(msgspec.Struct, frozen=True, kw_only=True):
    """One file that isn't as it was installed; ``path`` is relative to the prefix, with ``/``."""

    path: str
    state: FileState


class DamagedPackage(msgspec.Struct, frozen=True, kw_only=True):
    """A package whose files aren't all as they were installed; ``faults`` has one or more, by path.

    ``overwritten_by``: the packages (``pip numpy 2.1.0``) that installed the same files, or whose
    project took the place of this one; empty where nothing explains the faults.
    """

    manager: str  #: ``conda`` or ``pip``
    name: str
    version: str
    listed: int  #: files that its record lists
    faults: tuple[DamagedFile, ...]
    overwritten_by: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        """Return the package and its faults as JSON values."""
        return {
            "manager": self.manager,
            "name": self.name,
            "version": self.version,
            "listed": self.listed,
            "overwritten_by": list(self.overwritten_by),
            "faults": [{"path": fault.path, "state": fault.state.value} for fault in self.faults],
        }


class FilesLookedAt(msgspec.Struct, frozen=True, kw_only=True):
    """Which files were compared, and how far."""

    files: int = 0  #: that are listed, bytecode left out
    by_hash: int = 0
    by_size: int = 0  #: large ones, of which the size alone was compared
    by_name: int = 0  #: ones of which nothing but the name is recorded
    unlisted: tuple[str, ...] = ()  #: projects that list no files
    outside: int = 0  #: that lie outside the prefix, which weren't looked at


class Installation(msgspec.Struct, frozen=True, kw_only=True):
    """An environment as it is on disk.

    ``conda`` and ``projects`` are sorted by name; of a project that is there twice each stands.
    """

    subdir: str
    python: str | None  #: full version, or ``3.12`` where nothing says more; None where there is none
    conda: tuple[CondaPin, ...] = ()
    projects: tuple[InstalledProject, ...] = ()
    damaged: tuple[DamagedPackage, ...] = ()  #: conda's first, then by name
    looked_at: FilesLookedAt = FilesLookedAt()
    unmet: tuple[UnmetNeed, ...] = ()  #: conda's first, then by name
    remains: tuple[str, ...] = ()  #: folders of projects that were not removed whole
    other_pythons: tuple[tuple[str, tuple[str, ...]], ...] = ()
    #: folders of packages that this Python doesn't look at -> the projects in each
    has_system_packages: bool = False  #: whether packages outside the prefix count too

    def files_to_json(self) -> dict[str, object]:
        """Return what was compared of the files, and what differs, as JSON values."""
        seen = self.looked_at
        return {
            "files": seen.files,
            "by_hash": seen.by_hash,
            "by_size": seen.by_size,
            "by_name": seen.by_name,
            "outside": seen.outside,
            "unlisted": list(seen.unlisted),
            "damaged": [package.to_json() for package in self.damaged],
        }
