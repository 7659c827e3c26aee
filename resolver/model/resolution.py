"""The answer: pins and edges for one target."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from resolver.model.channels import Channel
from resolver.model.names import CondaName, PypiName
from resolver.model.notices import Notice
from resolver.model.records import CondaRecord, DistFile
from resolver.model.requirements import DirectReference
from resolver.model.target import Target


class CondaPin(msgspec.Struct, frozen=True, kw_only=True):
    """A chosen conda build."""

    record: CondaRecord
    channel: Channel
    subdir: str  #: the one it lies in: the target's, or ``noarch``
    url: str  #: absolute, without credentials; empty for a source
    categories: frozenset[str] = frozenset({"main"})
    #: where its source lies, of a package that is built where it is installed: it has no file
    source: str | None = None

    @property
    def name(self) -> CondaName:
        """The package's name."""
        return CondaName(self.record.name)


class PypiPin(msgspec.Struct, frozen=True, kw_only=True):
    """A chosen wheel or sdist of a PyPI project."""

    name: PypiName
    version: str  #: normalised
    file: DistFile | None  #: None for a VCS or folder reference
    direct: DirectReference | None = None
    commit: str | None = None  #: VCS: the full revision
    index: str | None = None  #: index name or address, without credentials
    extras: frozenset[str] = frozenset()
    dependencies: Mapping[PypiName, str] = msgspec.field(default_factory=dict)
    #: project -> specifier set (empty: any) of those that apply on this target, sorted by name
    requires_python: str | None = None
    categories: frozenset[str] = frozenset({"main"})


class Shared(msgspec.Struct, frozen=True, kw_only=True):
    """A project that several of its indexes have: whoever installs by name may get another one."""

    index: str  #: the one its file comes from
    indexes: tuple[str, ...]  #: all that have it, two or more, in the order in which they are configured

    @property
    def is_first(self) -> bool:
        """Whether the first of them decided, as it does but for ``unsafe-best-match``."""
        return self.index == self.indexes[0]


class Resolution(msgspec.Struct, frozen=True, kw_only=True):
    """Pins and edges for one target; every tuple is sorted by name."""

    target: Target
    python: str | None  #: full version of the interpreter chosen; None where there is none
    conda: tuple[CondaPin, ...]
    pypi: tuple[PypiPin, ...]
    provided: Mapping[PypiName, tuple[CondaName, str]] = msgspec.field(default_factory=dict)
    #: PyPI project met by a conda package -> (conda name, version as PyPI spells it)
    #: PyPI projects that several of the indexes have
    shared: Mapping[PypiName, Shared] = msgspec.field(default_factory=dict)
    notices: tuple[Notice, ...] = ()  #: what was chosen, or decided unseen; no lockfile holds them
