"""Pins of an earlier lockfile whose packages come from the other ecosystem now.

::

    earlier lockfile    now
    numpy 1.26 (pip)    conda's numpy is asked for     its builds that ship numpy 1.26 are the pin
    numpy 1.26 (conda)  the project numpy is asked for its release 1.26 is the pin

The file is another one, so all that can stay is the version: a line that goes from one list to the other
is no wish for a new version. Which package ships which project is the name map's word. Where both the
project and a conda package that ships it are there, one of them alone counts: the project where the
earlier lockfile had it from an index, else the conda package.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from resolver.constraints.bits import bits_of
from resolver.constraints.conda_package import CondaPackage
from resolver.constraints.conda_side import CondaSide
from resolver.constraints.registry import Key, Kind, Numbers
from resolver.model.names import CondaName, PypiName

if TYPE_CHECKING:
    from resolver.constraints.bridge import NameMapping
    from resolver.constraints.pypi_package import PypiPackage


class Crossed(msgspec.Struct, frozen=True, kw_only=True):
    """What an earlier lockfile held of a package in the other ecosystem."""

    name: str  #: as it was called there
    version: str
    bits: int  #: the candidates of this version; 0: there is none


class Crossings:
    """Finds what an earlier lockfile held of a package under the other ecosystem's name.

    ``projects``: the earlier lockfile's projects from an index, with their versions. ``names`` gives the
    name map, which is read only where it is needed.
    """

    def __init__(
        self, conda: CondaSide, names: Callable[[], NameMapping], projects: Mapping[PypiName, str]
    ) -> None:
        self._conda, self._names, self._projects = conda, names, projects
        self._known: dict[tuple[Kind, str], Crossed | None] = {}

    @cached_property
    def _shippers(self) -> Mapping[CondaName, PypiName]:
        """The conda names that may ship an earlier project, with the first such project."""
        found: dict[CondaName, PypiName] = {}
        for project in self._projects:
            for name in self._names().conda_names_of(project):
                found.setdefault(name, project)
        return found

    def of_conda(self, package: CondaPackage, numbers: Numbers) -> Crossed | None:
        """Return what there was of a conda package as a project; None: nothing, or the project is asked."""
        if not self._projects or package.name in self._conda.preferred:
            return None
        project = self._shippers.get(CondaName(package.name))
        if project is None or numbers.find(Key(Kind.PYPI, project)) is not None:
            return None
        key = Kind.CONDA, package.name
        if key not in self._known:
            self._known[key] = self._builds(package, project)
        return self._known[key]

    def _builds(self, package: CondaPackage, project: PypiName) -> Crossed | None:
        names, version = self._names(), self._projects[project]
        shipped = [dict(names.pypi_of(record)).get(project) for record in package.domain.records]
        if all(one is None for one in shipped):
            return None
        bits = bits_of(n for n, one in enumerate(shipped) if one is not None and _is_same(one, version))
        return Crossed(name=project, version=version, bits=bits)

    def of_project(self, project: PypiPackage, conda: Callable[[int], CondaPackage]) -> Crossed | None:
        """Return what there was of a project as a conda package; its own pin is none.

        The candidates are those of the index at this version, and whatever conda provides now: of that
        the conda package's own pin says what stays.
        """
        if not self._conda.preferred or project.name in self._projects:
            return None
        key = Kind.PYPI, project.name
        if key not in self._known:
            self._known[key] = self._releases(project, conda)
        return self._known[key]

    @staticmethod
    def _releases(project: PypiPackage, conda: Callable[[int], CondaPackage]) -> Crossed | None:
        from packaging.specifiers import SpecifierSet

        domain = project.domain
        for version, builds in project.bridge.by_version.items():
            for number, bits in builds.items():
                package = conda(number)
                if package.domain.is_pinned and bits & 2:
                    # found by bisection; `==` without a local part leaves out that of a candidate
                    same = domain.bits(SpecifierSet(f"=={version.partition('+')[0]}")) & ~domain.provided
                    kept = same | domain.provided if same else 0
                    return Crossed(name=package.name, version=version, bits=kept)
        return None


def _is_same(one: str, other: str) -> bool:
    """Tell whether two versions are one, but for a build's own mark (``2.6.0+cu126``)."""
    from packaging.version import Version

    return Version(one.partition("+")[0]) == Version(other.partition("+")[0])
