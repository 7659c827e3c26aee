"""What the user asked for, typed and with its place."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from resolver.model.credentials import SecretAddress
from resolver.model.names import CondaName, PypiName
from resolver.model.notices import Notice
from resolver.model.origin import Origin


class CondaRequirement(msgspec.Struct, frozen=True, kw_only=True):
    """A match spec that brings a conda package in, or limits it when ``is_constraint`` is true.

    A constraint counts if something else brings the package in. ``spec`` is the text as
    written, trimmed; ``name`` is what it names. The meaning is taken from ``spec`` by
    :mod:`resolver.model.match_spec`.
    """

    name: CondaName
    spec: str
    origin: Origin
    category: str = "main"
    platforms: frozenset[str] | None = None  #: subdirs it applies to (selectors); None: all
    is_constraint: bool = False


class DirectKind(StrEnum):
    """What a direct reference points to (PEP 508 ``name @ url``, PEP 610)."""

    ARCHIVE = "archive"  #: a wheel or sdist at a URL or path
    VCS = "vcs"  #: ``git+https://...@rev``
    DIRECTORY = "directory"  #: a local folder


class DirectReference(msgspec.Struct, frozen=True, kw_only=True):
    """A place that a requirement names instead of an index.

    ``url`` has no credentials; a local path stays as written (relative to the
    file that names it) in ``path`` and has ``url`` None.
    """

    kind: DirectKind
    url: str | None = None
    path: str | None = None
    revision: str | None = None  #: VCS: what stands behind ``@``
    subdirectory: str | None = None
    hashes: Mapping[str, str] = msgspec.field(default_factory=dict)  #: algorithm -> hex digest
    editable: bool = False

    def __hash__(self) -> int:
        return hash(self.url)


class PypiRequirement(msgspec.Struct, frozen=True, kw_only=True):
    """A PEP 508 requirement, or a constraint when ``is_constraint`` is true.

    A constraint (pip's ``-c``) limits a project if something else brings it in.
    ``name`` is None only for a direct reference whose metadata is not read yet.
    """

    name: PypiName | None
    text: str  #: as written, trimmed
    origin: Origin
    extras: frozenset[str] = frozenset()  #: normalised
    specifier: str = ""  #: PEP 440 specifier set; empty: any
    marker: str | None = None  #: PEP 508 marker
    direct: DirectReference | None = None
    hashes: tuple[str, ...] = ()  #: ``algorithm:hex`` from ``--hash``; any of them will do
    index: str | None = None  #: the only index to take it from (name or address)
    category: str = "main"
    platforms: frozenset[str] | None = None  #: subdirs it applies to (selectors); None: all
    is_constraint: bool = False


class ChannelRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A channel as written in a file or flag."""

    text: str
    origin: Origin


class IndexOptions(msgspec.Struct, frozen=True, kw_only=True):
    """pip options found in the input, in file order; addresses may hold credentials until resolved."""

    index_url: str | None = None
    extra_index_urls: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    no_index: bool = False
    pre: bool = False
    no_binary: frozenset[str] = frozenset()  #: normalised names, ``:all:``
    only_binary: frozenset[str] = frozenset()
    require_hashes: bool = False
    trusted_hosts: tuple[str, ...] = ()  #: ``host`` or ``host:port``
    prefer_binary: bool = False


class Requirements(msgspec.Struct, frozen=True, kw_only=True):
    """Everything one or several input files ask for, in file order."""

    name: str | None = None
    channels: tuple[ChannelRequest, ...] = ()
    conda: tuple[CondaRequirement, ...] = ()
    pypi: tuple[PypiRequirement, ...] = ()  #: constraints included
    platforms: tuple[str, ...] = ()
    variables: Mapping[str, str] = msgspec.field(default_factory=dict)
    indexes: IndexOptions = IndexOptions()
    files: tuple[str, ...] = ()  #: as the user typed them, ``-r``/``-c`` targets after those that name them
    has_pip_section: bool = False
    requires_python: str | None = None  #: PEP 440 specifier set that the input asks of the interpreter
    notices: tuple[Notice, ...] = ()  #: what reading has to say of the files
    secrets: tuple[SecretAddress, ...] = ()  #: addresses with credentials that requirements named
