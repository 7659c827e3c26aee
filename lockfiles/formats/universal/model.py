"""A lockfile for many Pythons and platforms, as values: uv.lock, poetry.lock, pdm.lock and pylock.toml.

Formats differ in how they say which packages belong to an environment, and each is one of three::

    told       each package names its groups and a marker      pylock.toml, poetry.lock 2.1, pdm.lock 4.4
    reached    edges lead from what was asked for              uv.lock
    unrooted   edges alone, and nothing says where they begin  poetry.lock to 2.0, pdm.lock without groups

An entry with memberships is told; a lockfile with roots is reached.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from lockfiles.formats.reading import MAIN
from resolver.model.names import CondaName, PypiName
from resolver.model.records import DistFile
from resolver.model.requirements import DirectReference


class LockedNeed(msgspec.Struct, frozen=True, kw_only=True):
    """One package's need of another, under a marker.

    ``version`` and ``source`` name the very entry where a lockfile has several of a name.
    """

    name: PypiName
    specifier: str = ""  #: PEP 440; empty: any
    marker: str | None = None
    extras: frozenset[str] = frozenset()
    version: str | None = None
    source: str | None = None


class Membership(msgspec.Struct, frozen=True, kw_only=True):
    """A category that a package belongs to where the marker holds with these extras and groups taken in."""

    category: str
    marker: str | None = None
    extras: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()


class LockedProject(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a project, with all of its files."""

    name: PypiName
    version: str
    files: tuple[DistFile, ...] = ()
    direct: DirectReference | None = None
    commit: str | None = None
    index: str | None = None  #: without credentials
    requires_python: str | None = None
    source: str | None = None  #: as :attr:`LockedNeed.source` names it
    edges: tuple[LockedNeed, ...] = ()
    edges_of_extras: Mapping[str, tuple[LockedNeed, ...]] = msgspec.field(default_factory=dict)
    extras: frozenset[str] = frozenset()  #: taken in whatever asks for it
    conditions: tuple[str, ...] = ()  #: markers of the forks that it stands for; none: all
    memberships: tuple[Membership, ...] = ()
    is_optional: bool = False  #: installed for an extra's sake alone
    is_member: bool = False  #: what the lockfile was made for: it isn't installed from it


class UniversalLock(msgspec.Struct, frozen=True, kw_only=True):
    """The whole lockfile; ``file`` is its name for messages."""

    file: str
    entries: tuple[LockedProject, ...]
    requires_python: str | None = None
    environments: tuple[str, ...] = ()  #: markers of which one has to hold; none: anywhere
    roots: Mapping[str, tuple[LockedNeed, ...]] | None = None  #: category -> what it asks for
    active: Mapping[str, frozenset[str]] = msgspec.field(default_factory=dict)
    #: category -> names of extras and groups that markers of its edges see as taken in
    optional: Mapping[str, tuple[PypiName, ...]] = msgspec.field(default_factory=dict)
    #: unrooted: extra -> the optional packages that it brings in
    provided: Mapping[PypiName, tuple[CondaName, str]] = msgspec.field(default_factory=dict)

    @property
    def groups(self) -> tuple[str, ...]:
        """Names of groups and extras beside the main one, sorted."""
        told = {one.category for entry in self.entries for one in entry.memberships}
        return tuple(sorted({*told, *(self.roots or ()), *self.optional} - {MAIN}))

    @property
    def is_told(self) -> bool:
        """Whether packages say themselves where they belong."""
        return any(entry.memberships for entry in self.entries)


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """An entry that belongs to an environment: in which categories, and with which extras."""

    entry: LockedProject
    categories: frozenset[str]
    extras: frozenset[str] = frozenset()
    needs: Mapping[PypiName, str] = msgspec.field(default_factory=dict)
    #: project -> specifier of the edges that hold, sorted by name
