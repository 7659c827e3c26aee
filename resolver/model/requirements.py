"""What the user asked for, typed and with its place.

A requirement is its text; what the text means stands beside it, read when it is
first asked for, and once: reading costs, and a lock that nothing has changed for
asks for little of it. Equality, hashes and what is written go by the texts.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from resolver.model.choices import StrEnum
from resolver.model.credentials import SecretAddress
from resolver.model.names import CondaName, PypiName, pypi_name
from resolver.model.notices import Notice
from resolver.model.origin import Origin
from resolver.model.redaction import redact

if TYPE_CHECKING:
    from packaging.markers import Marker
    from packaging.specifiers import SpecifierSet

    from resolver.model.images import NamedImage
    from resolver.model.match_spec import MatchSpec
    from resolver.model.plain_markers import PlainMarker
    from resolver.model.target import Target
    from resolver.model.unusable import Unusable


class CondaRequirement(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A match spec that brings a conda package in, or limits it when ``is_constraint`` is true.

    A constraint counts if something else brings the package in. ``spec`` is the text as
    written, trimmed; ``name`` is what it names, and ``match_spec`` what it means.
    """

    name: CondaName
    spec: str
    origin: Origin
    category: str = "main"
    platforms: frozenset[str] | None = None  #: subdirs it applies to (selectors); None: all
    is_constraint: bool = False

    @classmethod
    def parse(cls, spec: str, origin: Origin) -> CondaRequirement:
        """Return the requirement that a match spec makes; raises ValueError for a text that is none."""
        from resolver.model.match_spec import parse_match_spec

        return cls(name=parse_match_spec(spec).name, spec=spec, origin=origin)

    def with_spec(self, spec: str) -> CondaRequirement:
        """Return the requirement with another match spec, in its place; raises ValueError for none."""
        return msgspec.structs.replace(self, name=self.parse(spec, self.origin).name, spec=spec)

    @cached_property
    def match_spec(self) -> MatchSpec:
        """What ``spec`` means; raises ValueError where it is no match spec, which readers of files refuse."""
        from resolver.model.match_spec import parse_match_spec

        return parse_match_spec(self.spec)

    def applies_to(self, target: Target) -> bool:
        """Tell whether it counts on a target: by its platforms, and by its condition (CEP 43).

        A condition is on virtual packages: readers of files refuse any other.
        """
        if self.platforms is not None and target.subdir not in self.platforms:
            return False
        if "when" not in self.spec:  # as nearly always: nothing has to be parsed
            return True
        from resolver.model.records import CondaRecord

        there = {
            one.name: CondaRecord(one.name, one.version, one.build, 0, one.name)
            for one in target.virtual_packages
        }
        ways = self.match_spec.when
        return not ways or any(
            all(one.name in there and one.matches(there[one.name]) for one in each) for each in ways
        )


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


class PypiRequirement(msgspec.Struct, frozen=True, kw_only=True, dict=True):
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

    @classmethod
    def parse(cls, text: str, origin: Origin) -> PypiRequirement:
        """Return the requirement that a PEP 508 text makes; raises ValueError for an address, and for none.

        Addresses, and what pip takes besides, are read by :mod:`resolver.inputs.pip_requirement`.
        """
        from packaging.requirements import Requirement

        found = Requirement(text)
        if found.marker:
            from resolver.model.pep508 import check_marker

            check_marker(found.marker)
        if found.url:
            raise ValueError(f"an address in `{redact(text)}`")
        return cls(
            name=pypi_name(found.name),
            text=text,
            origin=origin,
            extras=frozenset(str(pypi_name(extra)) for extra in found.extras),
            specifier=str(found.specifier),
            marker=str(found.marker) if found.marker else None,
        )

    def with_text(self, text: str) -> PypiRequirement:
        """Return the requirement with another text, which says all; raises ValueError as :meth:`parse`."""
        new = self.parse(text, self.origin)
        return msgspec.structs.replace(
            new,
            index=self.index,
            category=self.category,
            platforms=self.platforms,
            is_constraint=self.is_constraint,
        )

    @cached_property
    def specifier_set(self) -> SpecifierSet | Unusable:
        """What ``specifier`` means, repaired as installers do."""
        from resolver.model.specifiers import parse_specifier

        return parse_specifier(self.specifier)

    @cached_property
    def condition(self) -> PlainMarker | Marker | Unusable | None:
        """What ``marker`` means; None: the requirement always holds."""
        if not self.marker:
            return None
        from resolver.model.pep508 import parse_marker

        return parse_marker(self.marker)

    def holds(self, environment: Mapping[str, str]) -> bool:
        """Tell whether the marker is true of values of its variables; one that can't be read is."""
        from resolver.model.unusable import Unusable

        condition = self.condition
        if condition is None or isinstance(condition, Unusable):
            return True
        return condition.evaluate(dict(environment))


class Override(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in place of every requirement on a project: the user's own, and those of releases.

    Several of one project hold together, each where its own marker does. uv's semantics: a requirement
    goes as a whole, its marker too; only the extra that it belongs to stays. With ``only_versions``
    extras and marker stay (PDM's).
    """

    name: PypiName
    origin: Origin
    requirement: PypiRequirement | None = None  #: None: nothing asks for the project any more
    only_versions: bool = False

    def __str__(self) -> str:
        return f"no {self.name}" if self.requirement is None else self.requirement.text


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


class OfferedEnvironment(msgspec.Struct, frozen=True, kw_only=True):
    """An environment that an input file lists beside others: it has the lines of some categories.

    ``solve_group``: environments of one name have the same version of what they share.
    """

    name: str
    categories: frozenset[str]  #: of lines, where several environments are read together
    platforms: tuple[str, ...]  #: empty: the file names none
    solve_group: str | None = None


class Requirements(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """Everything one or several input files ask for, in file order."""

    name: str | None = None
    image: NamedImage | None = None  #: that an Azure ML definition is built on: it tells the target
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
    overrides: tuple[Override, ...] = ()  #: lines of ``pypi`` are as these put them
    secrets: tuple[SecretAddress, ...] = ()  #: addresses with credentials that requirements named
    virtual_packages: tuple[str, ...] = ()  #: ``NAME=VERSION`` that the input says of the target
    environments: tuple[OfferedEnvironment, ...] = ()  #: all that the input lists, chosen or not

    @cached_property
    def python_versions(self) -> SpecifierSet | Unusable:
        """What ``requires_python`` means; any version where there is none."""
        from resolver.model.specifiers import parse_specifier

        return parse_specifier(self.requires_python or "")
