"""The names that channels and indexes have, for as many names that they lack as there are."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from weakref import WeakKeyDictionary

from resolver.constraints.conda_side import CondaSide
from resolver.constraints.kept_domains import states_of
from resolver.constraints.known_projects import well_known
from resolver.explain.absence.likely_names import PROJECTS, KnownNames
from resolver.model.names import pypi_name

#: Lists of channels whose names a process keeps, some 1 MB each.
_MOST_LISTS = 8

_packages: WeakKeyDictionary[CondaSide, KnownNames] = WeakKeyDictionary()
_projects: WeakKeyDictionary[CondaSide, KnownNames] = WeakKeyDictionary()
#: By the states of all subdirs, what the process has asked for before; those used last stay.
_of_states: dict[Hashable, KnownNames] = {}


def packages_of(side: CondaSide) -> KnownNames:
    """Return the names of all packages in a target's channels."""
    if side not in _packages:
        _packages[side] = _kept(
            side,
            "packages",
            lambda: KnownNames(name for _, subdir in side.subdirs for name in subdir.names()),
        )
    return _packages[side]


def likely_projects(side: CondaSide) -> KnownNames:
    """Return names that an index may have: those of the channels' packages, and well-known ones."""
    if side not in _projects:
        _projects[side] = _kept(side, "projects", lambda: _projects_of(side))
    return _projects[side]


def _projects_of(side: CondaSide) -> KnownNames:
    shipped = {str(pypi_name(name)) for name in _names(side)}
    return KnownNames(shipped | well_known() | set(PROJECTS.values()))


def _names(side: CondaSide) -> Iterator[str]:
    return (name for _, subdir in side.subdirs for name in subdir.names())


def _kept(side: CondaSide, kind: str, make: Callable[[], KnownNames]) -> KnownNames:
    """Return names that are kept under the states of a side's subdirs; made where these can't be told."""
    states = states_of([subdir for _, subdir in side.subdirs])
    if states is None:
        return make()
    found = _of_states.pop((kind, states), None)
    _of_states[kind, states] = found = make() if found is None else found
    if len(_of_states) > _MOST_LISTS:
        del _of_states[next(iter(_of_states))]
    return found
