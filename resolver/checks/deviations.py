"""How an environment differs from the lockfile that it was made from: compared by manager and name.

===============  =============================================================================
missing          locked, and not there
other version    there in another version
other build      conda: another build, or another file of the same name; pip: another source
foreign          there, and not locked
===============  =============================================================================

Nothing of a manager that a lockfile doesn't speak of is foreign: a requirements file
says nothing of conda's packages, and its projects may have come from conda.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from typing import TypeVar

import msgspec

from resolver.model.choices import StrEnum
from resolver.model.installed import Installation, InstalledProject
from resolver.model.names import PypiName, pypi_name
from resolver.model.requirements import DirectKind
from resolver.model.resolution import CondaPin, PypiPin, Resolution

#: What makers of virtual environments put into each, whatever is to be installed.
SEEDS = frozenset({"pip", "setuptools", "wheel"})
_EXTENSIONS = (".conda", ".tar.bz2")
_Pin = TypeVar("_Pin", CondaPin, PypiPin)


class LockedWith(msgspec.Struct, frozen=True, kw_only=True):
    """A lockfile to compare with; ``resolution`` is None where it has none for the environment's platform.

    ``wanted``: the categories that are to be installed; None: all of them.
    """

    file: str
    platforms: tuple[str, ...]  #: that the lockfile has
    resolution: Resolution | None
    wanted: frozenset[str] | None = frozenset({"main"})


class DeviationKind(StrEnum):
    """How a package differs."""

    MISSING = "missing"
    OTHER_VERSION = "other_version"
    OTHER_BUILD = "other_build"
    FOREIGN = "foreign"


class Deviation(msgspec.Struct, frozen=True, kw_only=True):
    """One package that isn't as the lockfile has it.

    ``locked`` or ``installed`` is None where it isn't there; both are version, build and place
    in words; ``note`` says what else is known.
    """

    kind: DeviationKind
    manager: str  #: ``conda`` or ``pip``
    name: str
    locked: str | None = None
    installed: str | None = None
    note: str | None = None

    def __str__(self) -> str:
        told = f"{self.name}: " if self.locked and self.installed else f"{self.name} "
        sides = [
            f"locked {self.locked}" if self.installed and self.locked else self.locked,
            f"installed {self.installed}" if self.installed and self.locked else self.installed,
        ]
        return told + ", ".join(side for side in sides if side) + (f" ({self.note})" if self.note else "")

    def to_json(self) -> dict[str, str | None]:
        """Return it as JSON values."""
        return {
            "kind": self.kind.value,
            "manager": self.manager,
            "name": self.name,
            "locked": self.locked,
            "installed": self.installed,
            "note": self.note,
        }


class Deviations(msgspec.Struct, frozen=True, kw_only=True):
    """All that differs, by manager and name; ``optional`` counts absent packages of categories not wanted.

    ``uncompared``: the manager that the lockfile says nothing of, with how many packages it has here.
    """

    file: str
    platform: str
    locked: int  #: packages that the lockfile wants here
    as_locked: int
    found: tuple[Deviation, ...]
    optional: int = 0
    uncompared: tuple[str, int] | None = None
    platforms: tuple[str, ...] = ()  #: the lockfile's, where none of them is this one's
    python: tuple[str, str] | None = None  #: locked and installed, where they differ

    def of(self, kind: DeviationKind, manager: str | None = None) -> tuple[Deviation, ...]:
        """Return those of a kind, of both managers or one."""
        return tuple(
            one for one in self.found if one.kind is kind and (manager is None or one.manager == manager)
        )

    def to_json(self) -> dict[str, object]:
        """Return them as JSON values."""
        return {
            "lockfile": self.file,
            "platform": self.platform,
            "locked": self.locked,
            "as_locked": self.as_locked,
            "optional_absent": self.optional,
            "not_compared": dict([self.uncompared]) if self.uncompared else {},
            "deviations": [one.to_json() for one in self.found],
        }


def find_deviations(installation: Installation, resolution: Resolution, locked: LockedWith) -> Deviations:
    """Compare what is installed (also as a resolution) with what is locked."""
    wanted = locked.resolution
    if wanted is None:
        return Deviations(
            file=locked.file,
            platform=installation.subdir,
            locked=0,
            as_locked=0,
            found=(),
            platforms=locked.platforms,
        )
    comparison = _SideBySide(installation, resolution, wanted, locked.wanted)
    found = tuple(sorted(comparison.iter_found(), key=lambda one: (one.manager, one.name)))
    count = comparison.count
    return Deviations(
        file=locked.file,
        platform=installation.subdir,
        locked=count,
        as_locked=count - sum(1 for one in found if one.kind is not DeviationKind.FOREIGN),
        found=found,
        optional=comparison.optional,
        uncompared=("conda", len(installation.conda))
        if comparison.is_pip_alone and installation.conda
        else None,
        python=_pythons(wanted.python, resolution.python),
    )


def _pythons(locked: str | None, installed: str | None) -> tuple[str, str] | None:
    """Return both versions where they differ as far as both are known."""
    if locked is None or installed is None:
        return None
    length = min(locked.count("."), installed.count(".")) + 1
    same = locked.split(".")[:length] == installed.split(".")[:length]
    return None if same else (locked, installed)


class _SideBySide:
    """One environment beside one resolution of a lockfile."""

    def __init__(
        self,
        installation: Installation,
        resolution: Resolution,
        locked: Resolution,
        wanted: frozenset[str] | None,
    ) -> None:
        self._locked, self._wanted = locked, wanted
        self.is_pip_alone = not locked.conda
        self._conda = {str(pin.record.name): pin for pin in resolution.conda}
        self._by_pip = {pin.name: pin for pin in resolution.pypi}
        self._owned = {
            project.name: project for project in installation.projects if project.owner is not None
        }
        self.optional = 0
        self.count = 0

    def iter_found(self) -> Iterator[Deviation]:
        """Yield every deviation; afterwards ``count`` and ``optional`` hold."""
        for pin in self._present_or_wanted(self._locked.conda, self._conda):
            yield from self._conda_deviation(pin)
        known = self._owned | self._by_pip if self.is_pip_alone else self._by_pip
        for wheel in self._present_or_wanted(self._locked.pypi, known):
            yield from self._pip_deviation(wheel)
        yield from self._foreign()

    def _present_or_wanted(self, pins: Iterable[_Pin], there: Container[str]) -> Iterator[_Pin]:
        """Yield the pins that count: absent ones of categories that aren't wanted are only counted."""
        for pin in pins:
            if pin.name not in there and self._wanted is not None and not pin.categories & self._wanted:
                self.optional += 1
                continue
            self.count += 1
            yield pin

    def _conda_deviation(self, pin: CondaPin) -> Iterator[Deviation]:
        other = self._conda.get(pin.record.name)
        if other is None:
            stand_in = self._by_pip.get(pypi_name(pin.record.name))
            yield Deviation(
                kind=DeviationKind.MISSING,
                manager="conda",
                name=pin.record.name,
                locked=_conda_text(pin),
                note=f"pip's {stand_in.version} is there instead" if stand_in else None,
            )
            return
        kind = _conda_kind(pin, other)
        if kind is None:
            return
        same_name = _stem(pin) == _stem(other)
        yield Deviation(
            kind=kind,
            manager="conda",
            name=pin.record.name,
            locked=_conda_text(pin),
            installed=_conda_text(other),
            note="the same name, another content" if same_name else None,
        )

    def _pip_deviation(self, pin: PypiPin) -> Iterator[Deviation]:
        other: PypiPin | InstalledProject | None = self._by_pip.get(pin.name)
        owned = self._owned.get(pin.name)
        if other is None and self.is_pip_alone:
            other = owned
        if other is None:
            yield Deviation(
                kind=DeviationKind.MISSING,
                manager="pip",
                name=pin.name,
                locked=_pip_text(pin),
                note=f"conda's {owned.version} is there instead" if owned else None,
            )
        elif (kind := _pip_kind(pin, other)) is not None:
            yield Deviation(
                kind=kind,
                manager="pip",
                name=pin.name,
                locked=_pip_text(pin),
                installed=_pip_text(other),
            )

    def _foreign(self) -> Iterator[Deviation]:
        if not self.is_pip_alone:
            locked = {str(pin.record.name) for pin in self._locked.conda}
            for name, pin in self._conda.items():
                if name not in locked:
                    yield Deviation(
                        kind=DeviationKind.FOREIGN, manager="conda", name=name, installed=_conda_text(pin)
                    )
        projects = {pin.name for pin in self._locked.pypi}
        for name, wheel in self._by_pip.items():
            if name not in projects:
                yield Deviation(
                    kind=DeviationKind.FOREIGN,
                    manager="pip",
                    name=name,
                    installed=_pip_text(wheel),
                    note=self._provider(name),
                )

    def _provider(self, name: PypiName) -> str | None:
        """Return what the lockfile has of a foreign project in words: it may be there as conda's package."""
        provided = self._locked.provided.get(name)
        return f"the lockfile has conda's {provided[0]} {provided[1]}" if provided else None


def _conda_kind(locked: CondaPin, installed: CondaPin) -> DeviationKind | None:
    one, other = locked.record, installed.record
    if one.version != other.version:
        return DeviationKind.OTHER_VERSION
    if one.build and other.build and one.build != other.build:
        return DeviationKind.OTHER_BUILD
    if one.file_name != other.file_name:  # the same build packed as .conda and as .tar.bz2
        return None
    for algorithm in ("sha256", "md5"):
        sums = getattr(one, algorithm), getattr(other, algorithm)
        if all(sums):
            return DeviationKind.OTHER_BUILD if sums[0].lower() != sums[1].lower() else None
    return None


def _stem(pin: CondaPin) -> str:
    name = pin.record.file_name
    return next((name.removesuffix(end) for end in _EXTENSIONS if name.endswith(end)), name)


def _pip_kind(locked: PypiPin, installed: PypiPin | InstalledProject) -> DeviationKind | None:
    """Return how a project differs: by its version, else by where it came from.

    An installation keeps no hash of a file from an index, so files of one version can be told apart only
    where it was installed by its address. Of conda's own build the version alone counts.
    """
    if locked.version not in ("0", "") and not _is_same_version(locked.version, installed.version):
        return DeviationKind.OTHER_VERSION
    if isinstance(installed, InstalledProject):
        return None
    wanted = locked.direct.kind if locked.direct is not None else DirectKind.ARCHIVE
    there = installed.direct.kind if installed.direct is not None else DirectKind.ARCHIVE
    if wanted is not there or (
        wanted is DirectKind.VCS and locked.commit and locked.commit != installed.commit
    ):
        return DeviationKind.OTHER_BUILD
    hashes = {
        **(locked.direct.hashes if locked.direct else {}),
        **(locked.file.hashes if locked.file else {}),
    }
    other = installed.direct.hashes if installed.direct is not None else {}
    shared = hashes.keys() & other.keys()
    return DeviationKind.OTHER_BUILD if any(hashes[name] != other[name] for name in shared) else None


def _is_same_version(one: str, other: str) -> bool:
    from packaging.version import InvalidVersion, Version

    try:
        return Version(one) == Version(other)
    except InvalidVersion:
        return one == other


def _conda_text(pin: CondaPin) -> str:
    return f"{pin.record.version} {pin.record.build}".rstrip() + f" ({pin.channel.name})"


def _pip_text(pin: PypiPin | InstalledProject) -> str:
    if pin.direct is None:
        return pin.version
    place = pin.direct.url or pin.direct.path or ""
    return f"{pin.version} from {place}{f'@{pin.commit}' if pin.commit else ''}"
