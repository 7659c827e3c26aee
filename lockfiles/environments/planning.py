"""What comes, goes and stays, before anything is touched.

A package goes only if a lock put it there. What others put there stays, and is named; where the
lockfile wants another build of it, that build takes its place.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from lockfiles.environments.installed import CondaRecordFile, Present, PresentProject
from lockfiles.environments.marks import PutProject, PutThere
from resolver.model.names import PypiName, pypi_name
from resolver.model.records import DistFile
from resolver.model.requirements import DirectKind
from resolver.model.resolution import CondaPin, PypiPin, Resolution

#: Hashes that tell a changed archive from the locked one, the best first; md5 does so against accidents.
ALGORITHMS = ("sha256", "sha512", "sha384", "sha224", "blake2b", "sha1", "md5")


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What an install does; every tuple is sorted by name."""

    link: tuple[CondaPin, ...] = ()  #: conda packages that come, or come in another build
    unlink: tuple[CondaRecordFile, ...] = ()  #: those that go, also for another build
    kept_conda: tuple[CondaRecordFile, ...] = ()  #: not locked, and nobody's to remove
    same_conda: tuple[CondaPin, ...] = ()
    put: tuple[PypiPin, ...] = ()  #: projects of the pip part that come, or come in another file
    take: tuple[PresentProject, ...] = ()  #: those that go, also for another file
    kept_projects: tuple[PresentProject, ...] = ()
    same_projects: tuple[PypiPin, ...] = ()

    @property
    def is_nothing(self) -> bool:
        """Whether everything is as the lockfile has it."""
        return not (self.link or self.unlink or self.put or self.take)

    @property
    def conda(self) -> tuple[CondaPin, ...]:
        """All conda packages that the lockfile wants."""
        return tuple(sorted((*self.link, *self.same_conda), key=lambda pin: pin.record.name))


def make_plan(
    resolution: Resolution,
    present: Present,
    put_there: PutThere,
    again: frozenset[tuple[str, str]] = frozenset(),
) -> Plan:
    """Compare what is wanted with what is there; what is in ``again`` (manager, name) comes anew."""
    wanted = {pin.record.name: pin for pin in resolution.conda}
    same = {
        name
        for name, pin in wanted.items()
        if ("conda", name) not in again and name in present.conda and is_same_build(pin, present.conda[name])
    }
    gone: list[CondaRecordFile] = []
    kept: list[CondaRecordFile] = []
    for name, record in present.conda.items():
        if name in same:
            continue
        ours = put_there.conda.get(name) == record.fn
        (gone if name in wanted or ours else kept).append(record)
    projects = _plan_projects(resolution, present, put_there, again)
    return msgspec.structs.replace(
        projects,
        link=_sorted(pin for name, pin in wanted.items() if name not in same),
        same_conda=_sorted(wanted[name] for name in same),
        unlink=tuple(sorted(gone, key=lambda record: record.name)),
        kept_conda=tuple(sorted(kept, key=lambda record: record.name)),
    )


def _sorted(pins: Iterable[CondaPin]) -> tuple[CondaPin, ...]:
    return tuple(sorted(pins, key=lambda pin: pin.record.name))


def _plan_projects(
    resolution: Resolution, present: Present, put_there: PutThere, again: frozenset[tuple[str, str]]
) -> Plan:
    site = site_packages(resolution)
    wanted = {pin.name: pin for pin in resolution.pypi}
    by_conda = {pypi_name(pin.record.name) for pin in resolution.conda} | set(resolution.provided)
    same: set[PypiName] = set()
    gone: list[PresentProject] = []
    kept: list[PresentProject] = []
    for project in present.projects:
        if project.owner is not None:
            continue
        pin, ours = wanted.get(project.name), put_there.pypi.get(project.name)
        here = site is None or project.site == site
        is_new = pin is None or pin.name in same or ("pip", pin.name) in again
        if pin is not None and here and not is_new and _is_same_file(pin, project, ours):
            same.add(pin.name)
        elif ours is not None or (here and (pin is not None or project.name in by_conda)):
            gone.append(project)
        else:
            kept.append(project)
    return Plan(
        put=tuple(sorted((p for p in resolution.pypi if p.name not in same), key=lambda p: p.name)),
        same_projects=tuple(sorted((wanted[name] for name in same), key=lambda p: p.name)),
        take=tuple(sorted(gone, key=lambda project: (project.name, project.folder))),
        kept_projects=tuple(sorted(kept, key=lambda project: (project.name, project.folder))),
    )


def is_same_build(pin: CondaPin, record: CondaRecordFile) -> bool:
    """Tell whether a package that is there is the very one that is wanted."""
    if pin.record.sha256 and record.sha256:
        return pin.record.sha256 == record.sha256
    if pin.record.md5 and record.md5:
        return pin.record.md5 == record.md5
    return pin.record.file_name == record.fn


def _is_same_file(pin: PypiPin, project: PresentProject, ours: PutProject | None) -> bool:
    """Tell whether a project is as wanted; of one that no lock put there only the version is known."""
    if ours is None:
        return pin.direct is None and pin.version == project.version
    return ours.version == pin.version and ours.file == file_mark(pin)


def file_mark(pin: PypiPin) -> str:
    """Return what tells one file of a project from another: a hash, else an address."""
    if pin.file is not None and (found := best_hash(pin.file.hashes)):
        return f"{found[0]}:{found[1]}"
    if pin.direct is not None:
        return f"{pin.direct.url or pin.direct.path}@{pin.commit or ''}"
    return pin.file.url if pin.file is not None else ""


def best_hash(hashes: dict[str, str]) -> tuple[str, str] | None:
    """Return the strongest of the hashes with its algorithm; None where there is none that is known."""
    return next(((name, hashes[name]) for name in ALGORITHMS if hashes.get(name)), None)


def hashes_of(pin: CondaPin | PypiPin) -> dict[str, str]:
    """Return the hashes of a package's archive: algorithm -> hex digest."""
    if isinstance(pin, CondaPin):
        found = {"sha256": pin.record.sha256, "md5": pin.record.md5}
        return {name: value for name, value in found.items() if value}
    if pin.file is not None and pin.file.hashes:
        return dict(pin.file.hashes)
    return dict(pin.direct.hashes) if pin.direct is not None else {}


def archive_of(pin: PypiPin) -> DistFile | None:
    """Return the file of a project; None where its source is a folder or a repository."""
    if pin.direct is not None and pin.direct.kind is not DirectKind.ARCHIVE:
        return None
    return pin.file


def site_packages(resolution: Resolution) -> str | None:
    """Return the folder of modules of the locked Python, relative to the environment; None without one."""
    if not resolution.python:
        return None
    minor = ".".join(resolution.python.split(".")[:2])
    python = next((pin.record for pin in resolution.conda if pin.record.name == "python"), None)
    is_free_threaded = python is not None and python.build.endswith(f"cp{minor.replace('.', '')}t")
    return f"lib/python{minor}{'t' if is_free_threaded else ''}/site-packages"
