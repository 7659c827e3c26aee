"""Whether the files of installed packages are those that were installed.

Each listed file is looked at once, whoever lists it. Where several packages
list one file, it may be as any of them left it: the others were overwritten.
"""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from lockfiles.subjects.prefix.listed import ListedFile
from resolver.model.installed import DamagedFile, DamagedPackage, FilesLookedAt, FileState

#: Larger files are compared by their size alone, unless every byte is asked for: a CUDA
#: environment has gigabytes in a few dozen libraries, and 100 MB in its other 50,000 files.
LARGEST_HASHED = 8 * 1024 * 1024


class PackageFiles(msgspec.Struct, frozen=True, kw_only=True):
    """The files of one package; ``replaced_by``: the packages that stand in the place of its project."""

    manager: str
    name: str
    version: str
    files: tuple[ListedFile, ...]
    replaced_by: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """How the package is named beside others: ``conda numpy 1.26.4``."""
        return f"{self.manager} {self.name} {self.version}"


class _Looker:
    """Looks at each file once, and counts how far."""

    def __init__(self, prefix: Path, largest: int | None) -> None:
        self._prefix, self._largest = prefix, largest
        self._sums: dict[str, str] = {}
        self.by_hash = self.by_size = self.by_name = 0

    def state(self, file: ListedFile) -> FileState | None:
        """Return how a file differs; None where it is as listed, as far as that was looked at."""
        try:
            path = self._prefix / file.path
            if file.is_link:
                path.lstat()
                self.by_name += 1
                return None
            found = path.stat()
            if not stat.S_ISREG(found.st_mode):
                return FileState.CHANGED if file.sha256 else None
            return self._compare(file, path, found.st_size)
        except (FileNotFoundError, NotADirectoryError):
            return FileState.MISSING
        except (OSError, ValueError):
            return FileState.UNREADABLE

    def _compare(self, file: ListedFile, path: Path, size: int) -> FileState | None:
        if file.size is not None and file.size != size:
            return FileState.CHANGED
        if file.sha256 is not None and (self._largest is None or size <= self._largest):
            self.by_hash += 1
            return None if self._sum(file.path, path) == file.sha256 else FileState.CHANGED
        if file.size is not None:
            self.by_size += 1
        else:
            self.by_name += 1
        return None

    def _sum(self, key: str, path: Path) -> str:
        if key not in self._sums:
            with path.open("rb") as file:  # which is known to be one
                self._sums[key] = hashlib.file_digest(file, "sha256").hexdigest()
        return self._sums[key]


def look_at_files(
    prefix: Path, packages: Sequence[PackageFiles], *, every_byte: bool = False
) -> tuple[tuple[DamagedPackage, ...], FilesLookedAt]:
    """Compare the files of packages with what they list; bytecode is left out.

    ``every_byte``: large files by their hash too. Returns the packages with faults, in the
    order given, and what was looked at.
    """
    looker = _Looker(prefix, None if every_byte else LARGEST_HASHED)
    owners = _owners(packages)
    states: dict[str, dict[str, FileState | None]] = {path: {} for path in owners}
    for package in packages:
        for file in _counted(package.files):
            states[file.path][package.label] = looker.state(file)
    damaged = [found for package in packages if (found := _damaged(package, states)) is not None]
    looked_at = FilesLookedAt(
        files=len(owners), by_hash=looker.by_hash, by_size=looker.by_size, by_name=looker.by_name
    )
    return tuple(damaged), looked_at


def _counted(files: Iterable[ListedFile]) -> Iterable[ListedFile]:
    return (file for file in files if not file.is_bytecode)


def _owners(packages: Iterable[PackageFiles]) -> set[str]:
    return {file.path for package in packages for file in _counted(package.files)}


def _damaged(
    package: PackageFiles, states: Mapping[str, Mapping[str, FileState | None]]
) -> DamagedPackage | None:
    """Return a package's faults, with those who left its files otherwise; None where it has none."""
    faults, others = [], set(package.replaced_by)
    for file in _counted(package.files):
        state = states[file.path][package.label]
        if state is None:
            continue
        others |= {label for label, other in states[file.path].items() if other is None}
        faults.append(DamagedFile(path=file.path, state=state))
    if not faults:
        return None
    return DamagedPackage(
        manager=package.manager,
        name=package.name,
        version=package.version,
        listed=sum(1 for _ in _counted(package.files)),
        faults=tuple(sorted(faults, key=lambda fault: fault.path)),
        overwritten_by=tuple(sorted(others)),
    )
