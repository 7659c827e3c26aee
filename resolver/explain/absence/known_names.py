"""The names that channels and indexes have, for as many names that they lack as there are."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from resolver.constraints.conda_side import CondaSide
from resolver.constraints.known_projects import well_known
from resolver.explain.absence.likely_names import PROJECTS, KnownNames
from resolver.model.names import pypi_name

_packages: WeakKeyDictionary[CondaSide, KnownNames] = WeakKeyDictionary()
_projects: WeakKeyDictionary[CondaSide, KnownNames] = WeakKeyDictionary()


def packages_of(side: CondaSide) -> KnownNames:
    """Return the names of all packages in a target's channels."""
    if side not in _packages:
        _packages[side] = KnownNames(name for _, subdir in side.subdirs for name in subdir.names())
    return _packages[side]


def likely_projects(side: CondaSide) -> KnownNames:
    """Return names that an index may have: those of the channels' packages, and well-known ones."""
    if side not in _projects:
        shipped = {str(pypi_name(name)) for _, subdir in side.subdirs for name in subdir.names()}
        _projects[side] = KnownNames(shipped | well_known() | set(PROJECTS.values()))
    return _projects[side]
