"""The lockfile that an environment was made from: its resolution for that platform and Python."""

from __future__ import annotations

from collections.abc import Iterable

from lockfiles.formats.reading import LockReadOptions, read_lockfile
from lockfiles.subjects.locks import read_text
from resolver.checks.deviations import LockedWith
from resolver.model.installed import Installation


def read_locked(
    name: str,
    installation: Installation,
    *,
    environment: str | None = None,
    categories: Iterable[str] | None = (),
) -> LockedWith:
    """Return what a lockfile of any format has for an installation.

    ``environment`` is that of a pixi.lock; ``categories`` must be there beside ``main`` (None: all).
    Raises InputError and its kin for a file that is no lockfile.
    """
    options = LockReadOptions(
        environment=environment,
        platforms=(installation.subdir,),
        python=installation.python,
        is_preference=True,
    )
    found = read_lockfile(read_text(name), name, options).resolutions
    return LockedWith(
        file=name,
        platforms=tuple(one.target.subdir for one in found),
        resolution=next((one for one in found if one.target.subdir == installation.subdir), None),
        wanted=None if categories is None else frozenset({"main", *categories}),
    )
