"""An environment's folder -> what is installed in it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from lockfiles.subjects.prefix.conda_meta import CondaInstalled, read_conda_meta
from lockfiles.subjects.prefix.files import PackageFiles, look_at_files
from lockfiles.subjects.prefix.needs import unmet_needs
from lockfiles.subjects.prefix.platform import (
    platform_of_interpreter,
    platform_of_tags,
    python_of_settings,
    pyvenv_settings,
)
from lockfiles.subjects.prefix.projects import ProjectFolder, SiteContent, read_site
from lockfiles.subjects.prefix.sites import sites_of
from resolver.errors import InputError, InputErrors
from resolver.model.installed import Installation, InstalledProject
from resolver.model.origin import Origin
from resolver.model.settled_pins import settled_pins

_SITE_VERSION = re.compile(r"(?:python|pypy)(3\.\d+)\Z")
_METADATA_FOLDER = re.compile(r"(.*\.(?:dist-info|egg-info))(?:/|\Z)", re.IGNORECASE)


def read_prefix(
    prefix: Path, subdir: str = "linux-64", *, with_files: bool = True, every_byte: bool = False
) -> Installation:
    """Return what is installed under ``prefix`` (an environment's folder, or a virtual environment).

    Conda packages come from ``conda-meta/*.json``, Python projects from the metadata folders
    in site-packages; one that a conda package lists is that package's. ``subdir`` counts
    where nothing in the prefix tells its platform. ``with_files``: look at the files too.
    Raises InputError for what is no environment, InputErrors with every file that can't be read.
    """
    if not prefix.is_dir():
        raise InputError(f"no such folder: `{prefix}`", Origin(file="--prefix"))
    faults: list[InputError] = []
    conda = read_conda_meta(prefix, faults)
    sites = sites_of(prefix)
    if not conda and not sites and not faults:
        raise InputError(
            f"`{prefix}` is no environment: neither conda-meta nor site-packages is there",
            Origin(file="--prefix"),
        )
    settings = pyvenv_settings(prefix)
    python = _python(conda, settings, sites)
    used, unused = _split_sites(sites, python)
    content = [read_site(prefix, site, faults) for site in used]
    elsewhere = [(site, read_site(prefix, site, faults)) for site in unused]
    if faults:
        raise InputErrors(faults)
    found = _Found(prefix=prefix, conda=conda, content=content)
    installation = Installation(
        subdir=_subdir(found, subdir),
        python=python,
        conda=settled_pins(sorted((one.pin for one in conda), key=lambda pin: pin.record.name)),
        projects=found.projects,
        remains=tuple(path for one in content for path in one.remains),
        other_pythons=_other_pythons(prefix, elsewhere),
        has_system_packages=settings.get("include-system-site-packages", "").lower() == "true",
    )
    installation = msgspec.structs.replace(installation, unmet=unmet_needs(installation))
    return _with_files(installation, found, every_byte=every_byte) if with_files else installation


class _Found:
    """What was read, and who installed which project."""

    def __init__(self, prefix: Path, conda: list[CondaInstalled], content: list[SiteContent]) -> None:
        self.prefix, self.conda = prefix, conda
        self.folders = [project for one in content for project in one.projects]
        self._owners = {
            folder.lower(): one.pin.record.name for one in conda for folder in _metadata_folders(one)
        }
        self.projects: tuple[InstalledProject, ...] = tuple(
            _installed(project, self.owner(project))
            for project in sorted(self.folders, key=lambda project: (project.name, project.folder))
        )

    def owner(self, project: ProjectFolder) -> str | None:
        """Return the conda package that lists a metadata folder; None where pip or its like made it.

        noarch packages may list it below ``site-packages`` alone.
        """
        path = project.folder.lower()
        return self._owners.get(path) or self._owners.get(f"site-packages/{path.rsplit('/', 1)[-1]}")


def _metadata_folders(one: CondaInstalled) -> set[str]:
    return {found[1] for file in one.files if (found := _METADATA_FOLDER.match(file.path)) is not None}


def _installed(project: ProjectFolder, owner: str | None) -> InstalledProject:
    return InstalledProject(
        name=project.name,
        version=project.version,
        folder=project.folder,
        requires_dist=project.requires_dist,
        requires_python=project.requires_python,
        tags=project.tags,
        owner=owner,
        direct=project.direct,
        commit=project.commit,
    )


def _site_version(site: Path) -> str | None:
    found = _SITE_VERSION.search(site.parent.name)
    return found[1] if found else None


def _python(conda: Sequence[CondaInstalled], settings: dict[str, str], sites: Iterable[Path]) -> str | None:
    """Return the interpreter's version: conda's, that of ``pyvenv.cfg``, or the newest folder's."""
    record = next((one.pin.record.version for one in conda if one.pin.record.name == "python"), None)
    versions = [version for site in sites if (version := _site_version(site)) is not None]
    newest = max(versions, key=lambda text: int(text.partition(".")[2]), default=None)
    return record or python_of_settings(settings) or newest


def _split_sites(sites: list[Path], python: str | None) -> tuple[list[Path], list[Path]]:
    """Return the folders that this Python looks at, and those of other versions."""
    if python is None or len(sites) < 2:
        return sites, []
    short = ".".join(python.split(".")[:2])
    used = [site for site in sites if _site_version(site) in (None, short)]
    return (used, [site for site in sites if site not in used]) if used else (sites, [])


def _subdir(found: _Found, given: str) -> str:
    """Return the platform: conda's, the interpreter's, that of most wheels, else the given one."""
    own = Counter(one.pin.subdir for one in found.conda if one.pin.subdir != "noarch")
    if own:
        return min(own, key=lambda name: (-own[name], name))
    return (
        platform_of_interpreter(found.prefix)
        or platform_of_tags(tag for project in found.folders for tag in project.tags)
        or given
    )


def _other_pythons(
    prefix: Path, elsewhere: Iterable[tuple[Path, SiteContent]]
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple(
        (site.relative_to(prefix).as_posix(), tuple(sorted(project.name for project in content.projects)))
        for site, content in elsewhere
        if content.projects
    )


def _with_files(installation: Installation, found: _Found, *, every_byte: bool) -> Installation:
    damaged, looked_at = look_at_files(found.prefix, _packages(found), every_byte=every_byte)
    unlisted = tuple(
        sorted(
            project.name
            for project in found.folders
            if project.files is None and found.owner(project) is None
        )
    )
    outside = sum(project.outside for project in found.folders)
    return msgspec.structs.replace(
        installation,
        damaged=damaged,
        looked_at=msgspec.structs.replace(looked_at, unlisted=unlisted, outside=outside),
    )


def _packages(found: _Found) -> list[PackageFiles]:
    """Return the files of all packages: those of a project that conda installed are in conda's record."""
    by_pip = [project for project in found.folders if found.owner(project) is None]
    packages = []
    for one in sorted(found.conda, key=lambda one: one.pin.record.name):
        names = {_project_of(folder) for folder in _metadata_folders(one)}
        packages.append(
            PackageFiles(
                manager="conda",
                name=one.pin.record.name,
                version=one.pin.record.version,
                files=one.files,
                replaced_by=tuple(f"pip {one.name} {one.version}" for one in by_pip if one.name in names),
            )
        )
    packages += [
        PackageFiles(manager="pip", name=project.name, version=project.version, files=project.files)
        for project in sorted(by_pip, key=lambda project: (project.name, project.folder))
        if project.files is not None
    ]
    return packages


def _project_of(folder: str) -> str:
    """Return the project whose metadata a folder holds: ``x/numpy-1.26.4.dist-info`` -> ``numpy``."""
    from resolver.model.names import pypi_name

    stem = folder.rsplit("/", 1)[-1].rpartition(".")[0]
    return pypi_name(stem.split("-")[0])
