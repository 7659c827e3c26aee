"""Requirements in, resolutions out: the only file that sees every stage."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from resolver.answers import question_key, recall, remember
from resolver.errors import InputError
from resolver.inputs.draft import put_overrides
from resolver.model.builds import BuildRules
from resolver.model.channels import Channel
from resolver.model.exemptions import Exemptions
from resolver.model.findings import Severity
from resolver.model.indexes import FormatRules, Index, IndexStrategy
from resolver.model.names import PypiName
from resolver.model.notices import Notice
from resolver.model.requirements import CondaRequirement, PypiRequirement, Requirements
from resolver.model.resolution import Resolution
from resolver.model.target import ResolutionMode, Target
from resolver.solving.reporter import SearchReporter
from resolver.sources.cache.fetching import CachePolicy
from resolver.sources.cache.folder import Cache
from resolver.sources.conda.opening import open_channels
from resolver.sources.conda.subdirs import ChannelSubdir
from resolver.sources.http.credentials import Credentials
from resolver.sources.http.fetching import Fetcher
from resolver.sources.http.response import FetchReporter
from resolver.sources.http.settings import HttpSettings
from resolver.sources.pypi.asked_hashes import AskedHashes
from resolver.sources.pypi.indexes import IndexSet
from resolver.sources.pypi.project_pages import PagePolicy

if TYPE_CHECKING:
    from resolver.constraints.name_map import NameMap
    from resolver.constraints.pypi_domain import Release
    from resolver.constraints.python_view import PythonView
    from resolver.constraints.universe import JointUniverse
    from resolver.metadata.passed_over import PassedOver
    from resolver.model.requirements import DirectReference
    from resolver.sources.pypi.direct import DirectCandidate
    from resolver.sources.pypi.sdist_metadata import SdistReader


class Reporter(FetchReporter, SearchReporter):
    """Hears of progress; every method does nothing, override what is wanted.

    Fetches are reported from any thread, the rest from the caller's.
    """

    def target_started(self, target: Target) -> None:
        """Note that a target is being resolved."""

    def stage_done(self, what: str) -> None:
        """Note that a part of a target's work is over; ``what`` in words."""

    def target_done(self, target: Target) -> None:
        """Note that a target is resolved."""


class ResolveOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a resolution depends on besides the requirements.

    ``indexes`` in the order in which they are asked. ``preferred``: subdir ->
    ``conda:NAME`` -> file name, or ``pypi:NAME`` -> version; tried first (the
    pins of an earlier lockfile, which stay where that is possible). ``updated``:
    names that take their newest instead. ``cache_dir`` None: nothing is kept.
    ``base_folder``: where relative paths of direct references start.
    """

    targets: tuple[Target, ...]
    channels: tuple[Channel, ...] = ()
    mirrors: Mapping[str, Sequence[str]] = msgspec.field(default_factory=dict)
    indexes: tuple[Index, ...] = ()
    find_links: tuple[str, ...] = ()
    index_strategy: IndexStrategy = IndexStrategy.FIRST_INDEX
    per_package: Mapping[PypiName, str] = msgspec.field(default_factory=dict)
    formats: FormatRules = msgspec.field(default_factory=FormatRules)
    pip_from_conda: str = "if-present"  #: or ``prefer``, ``never``
    pre: bool = False
    no_build: bool = False
    #: what a limit in time (of a target) does not hold for: names, ``CHANNEL::NAME``, ``CHANNEL::*``
    exclude_newer_except: tuple[str, ...] = ()
    builds: BuildRules = msgspec.field(default_factory=BuildRules)  #: what the user says of builds
    admit_undated: bool = False  #: a limit in time (of a target) leaves what has no date in
    require_hashes: bool = False  #: index files without a hash that the user gave are no candidates
    prefer_binary: bool = False  #: releases with wheels before newer ones without
    #: the Python that builds here; None: taken to be any
    build_python: tuple[int, int] | None = sys.version_info[:2]
    http: HttpSettings = msgspec.field(default_factory=HttpSettings)
    credentials: Credentials | None = None
    environ: Mapping[str, str] = msgspec.field(default_factory=dict)
    cache_dir: Path | None = None
    refresh: bool = False
    name_map: Path | None = None
    preferred: Mapping[str, Mapping[str, str]] = msgspec.field(default_factory=dict)
    updated: tuple[str, ...] = ()
    engine: str = "lockstack"
    search_limit: int = 100_000  #: conflicts until a solution is found; 0: any number
    base_folder: Path = Path()


def resolve(
    requirements: Requirements, options: ResolveOptions, reporter: Reporter | None = None
) -> tuple[Resolution, ...]:
    """Resolve conda and PyPI requirements together, for each target.

    Returns one resolution a target, in target order. Raises InputError for
    what can't be meant, SourceError where a channel or index fails, and
    NoSolutionError (with the lines that clash) where nothing fits.
    """
    reporter = reporter or Reporter()
    with Resolver(requirements, options, reporter) as resolver:
        return tuple(resolver.resolve(target) for target in options.targets)


class Resolver:
    """Resolves targets over sources that stay open for all of them."""

    def __init__(self, requirements: Requirements, options: ResolveOptions, reporter: Reporter) -> None:
        self.requirements = put_overrides(requirements)
        self.options = options
        self.reporter = reporter
        self.fetcher = Fetcher(
            options.http, credentials=options.credentials, reporter=reporter, environ=options.environ
        )
        self.cache = Cache(options.cache_dir)
        self._names: NameMap | None = None
        self._index_set: IndexSet | None = None
        self._index_sets: dict[str, IndexSet] = {}  # with one more before them, by its address
        self._sdists: SdistReader | None = None
        self._direct: dict[PypiName, DirectCandidate] | None = None
        self._behind: list[tuple[DirectReference, DirectCandidate]] = []  # every one that was read
        self._subdirs: dict[tuple[Channel, str], ChannelSubdir] = {}

    @property
    def names(self) -> NameMap:
        """Which conda packages ship which projects; read when first needed."""
        if self._names is None:
            from resolver.constraints.name_map import NameMap

            self._names = NameMap.load(self.options.name_map)
        return self._names

    def __enter__(self) -> Resolver:
        return self

    def __exit__(self, *_: object) -> None:
        self.fetcher.close()

    # -- one target -------------------------------------------------------------------------------

    def resolve(self, target: Target) -> Resolution:
        """Return the best resolution for one target."""
        self.reporter.target_started(target)
        key = self._question(target)
        subdirs = self._subdirs_of(target)
        if subdirs:
            self.reporter.stage_done(f"channels opened: {len(subdirs)} subdirs")
        indexes = self.indexes if key and self.requirements.pypi else None
        if key:
            known = recall(self.cache, key, subdirs, indexes)
            self.reporter.stage_done(f"an answer remembered: {'no' if known is None else 'yes'}")
            if known is not None:
                self.reporter.target_done(target)
                return known
        from resolver.solving.engines import solve_with

        universe = self.universe(target)
        solved = solve_with(
            self.options.engine,
            universe,
            reporter=self.reporter,
            with_hash=self.indexes.with_hash,
            index_of=self.indexes.index_of,
            explain=self._explain,
            passed_over=self.passed_over,
            limit=self.options.search_limit,
        )
        said = (*solved.resolution.notices, *self._said_of_indexes(target))
        resolution = replace(solved.resolution, notices=said)
        if key and (solved.is_proven or self.options.engine != "lockstack"):
            projects = universe.pypi.pages if universe.pypi else ()
            remember(self.cache, key, subdirs, indexes, projects, resolution)
        self.reporter.stage_done("answer put together")
        self.reporter.target_done(target)
        return resolution

    def _said_of_indexes(self, target: Target) -> tuple[Notice, ...]:
        """Return a notice for each index that has nothing of what was asked of it."""
        return tuple(
            Notice(
                code="index-lacks-all",
                severity=Severity.WARNING,
                text=str(lacking),
                target=target.subdir,
                facts={"index": lacking.index.name, "projects": lacking.projects},
            )
            for lacking in (self._index_set.lacking() if self._index_set is not None else ())
        )

    def _question(self, target: Target) -> str | None:
        """Return the key of what is asked for one target; None where more than that decides the answer."""
        conda, pypi = self._lines_for(target, self.requirements)
        if not self.cache.is_kept or self.options.find_links:
            return None
        overrides = self.requirements.overrides
        if any(r.direct for r in (*pypi, *(o.requirement for o in overrides if o.requirement))):
            return None
        asked = replace(
            self.options,
            pre=self.options.pre or self.requirements.indexes.pre,
            require_hashes=self.options.require_hashes or self.requirements.indexes.require_hashes,
            prefer_binary=self.options.prefer_binary or self.requirements.indexes.prefer_binary,
            preferred={target.subdir: self.options.preferred.get(target.subdir, {})},
        )
        return question_key(target, (*conda, *pypi), asked, overrides)

    @staticmethod
    def _lines_for(
        target: Target, asked: Requirements
    ) -> tuple[list[CondaRequirement], list[PypiRequirement]]:
        conda = [r for r in asked.conda if r.platforms is None or target.subdir in r.platforms]
        pypi = [r for r in asked.pypi if r.platforms is None or target.subdir in r.platforms]
        return conda, pypi

    def _subdirs_of(self, target: Target) -> tuple[ChannelSubdir, ...]:
        conda, _ = self._lines_for(target, self.requirements)
        return self.open_channels(target) if conda or target.python is None else ()

    def _explain(self, universe: JointUniverse) -> Exception:
        from resolver.explain.showing.brief import no_solution

        self.check_sources()  # an index that isn't there is the reason, whatever else clashes
        return no_solution(self, universe)

    def universe(
        self,
        target: Target,
        requirements: Requirements | None = None,
        *,
        channels: Sequence[Channel] | None = None,
        wild: frozenset[str] = frozenset(),
        apart: bool = False,
        extra_index: str | None = None,
    ) -> JointUniverse:
        """Return the packages and rules of one target; nothing is searched yet.

        ``requirements`` and ``channels`` stand in place of the session's own; ``extra_index`` is the
        address of an index that is asked before its own. ``wild``:
        virtual packages that are taken to be whatever is asked of them. ``apart``: for asking
        without some of the lines (see :class:`CondaSide`).
        """
        from resolver.constraints.conda_side import CondaSide, own_channels
        from resolver.constraints.pypi_policy import Policy
        from resolver.constraints.universe import JointUniverse
        from resolver.constraints.version_order import VersionOrder

        asked = requirements or self.requirements
        channels = self.options.channels if channels is None else channels
        conda, pypi = self._lines_for(target, asked)
        preferred = self.options.preferred.get(target.subdir, {})
        subdirs = self.open_channels(target, channels) if conda or target.python is None else ()
        named = [self._named(r) for r in pypi]
        # Asking without some of the lines is about whether there is a solution, not which.
        mode = ResolutionMode.HIGHEST if apart else target.resolution_mode
        order = VersionOrder.of(mode, conda, named)
        side = CondaSide(
            subdirs,
            target,
            own_channels=own_channels(conda, channels),
            preferred=_preferred(preferred, "conda:"),
            wild=wild,
            apart=apart,
            admit_undated=self.options.admit_undated,
            exempt=Exemptions(self.options.exclude_newer_except),
            order=order,
        )
        if not pypi:
            return JointUniverse(side, conda, updated=self.options.updated)
        overriding = [o.requirement for o in asked.overrides if o.requirement is not None]
        policy = replace(
            Policy.from_requirements([*named, *overriding]),
            exclude_newer=target.exclude_newer,
            pre=self.options.pre or asked.indexes.pre,
            exempt=Exemptions(self.options.exclude_newer_except),
            admit_undated=self.options.admit_undated,
            no_build=self.options.no_build,
            require_hashes=self.options.require_hashes or asked.indexes.require_hashes,
            prefer_binary=self.options.prefer_binary or asked.indexes.prefer_binary,
            build_python=self.options.build_python,
            order=order,
            preferred={PypiName(k): v for k, v in _preferred(preferred, "pypi:").items()},
        )

        def direct(python: PythonView) -> dict[PypiName, Release]:
            return {name: _release(python, candidate, target) for name, candidate in self.direct.items()}

        return JointUniverse(
            side,
            conda,
            named,
            source=self.indexes if extra_index is None else self._indexes_behind(extra_index),
            names=self.names,
            policy=policy,
            direct=direct,
            pip_from_conda=self.options.pip_from_conda,
            overrides=asked.overrides,
            updated=self.options.updated,
        )

    # -- sources ----------------------------------------------------------------------------------

    def open_channels(
        self, target: Target, channels: Sequence[Channel] | None = None
    ) -> tuple[ChannelSubdir, ...]:
        """Return the target's subdir and noarch of every channel, in order of priority."""
        subdirs = (target.subdir, "noarch")
        channels = self.options.channels if channels is None else channels
        missing = [c for c in channels if any((c, s) not in self._subdirs for s in subdirs)]
        if missing:
            policy = CachePolicy(offline=self.options.http.offline, refresh=self.options.refresh)
            opened = open_channels(
                missing, subdirs, self.fetcher, self.cache, mirrors=self.options.mirrors, policy=policy
            )
            for found in opened:
                self._subdirs[found.channel, found.subdir] = found
        return tuple(self._subdirs[c, s] for c in channels for s in subdirs)

    @property
    def indexes(self) -> IndexSet:
        """The indexes as one; opened when first needed."""
        if self._index_set is None:
            self._index_set = self._open_indexes(self.options.indexes)
        return self._index_set

    def _indexes_behind(self, address: str) -> IndexSet:
        """Return the indexes with one more before them."""
        if address not in self._index_sets:
            more = Index(name=address, url=address)
            self._index_sets[address] = self._open_indexes((more, *self.options.indexes))
        return self._index_sets[address]

    def _open_indexes(self, indexes: Sequence[Index]) -> IndexSet:
        options = self.options
        per_package = {r.name: r.index for r in self._pip_lines if r.name and r.index}
        return IndexSet(
            indexes,
            fetcher=self.fetcher,
            cache=self.cache,
            policy=PagePolicy(offline=options.http.offline, refresh=options.refresh),
            find_links=options.find_links,
            strategy=options.index_strategy,
            per_package={**options.per_package, **per_package},
            formats=options.formats,
            sdists=lambda: self.sdists,
            asked_hashes=AskedHashes.of(self._pip_lines),
        )

    @property
    def _pip_lines(self) -> tuple[PypiRequirement, ...]:
        """The pip lines, and what overrides make of the requirements of releases, as constraints."""
        overriding = [o.requirement for o in self.requirements.overrides if o.requirement is not None]
        return (*self.requirements.pypi, *(replace(r, is_constraint=True) for r in overriding))

    @property
    def sdists(self) -> SdistReader:
        """Reads sdists and source trees; builds where that is allowed."""
        if self._sdists is None:
            from resolver.sources.pypi.builds import Builder, BuildSettings
            from resolver.sources.pypi.sdist_metadata import SdistReader

            options = self.options
            settings = BuildSettings(
                index_urls=[index.url for index in options.indexes],
                find_links=options.find_links,
                environ=options.environ,
                no_index=not options.indexes,
                http=options.http,
                cache=options.cache_dir / "build-tools" if options.cache_dir else None,
                rules=options.builds,
            )
            self._sdists = SdistReader(
                self.fetcher,
                self.cache,
                builder=Builder(settings),
                allow_build=not options.no_build,
                rules=options.builds,
            )
        return self._sdists

    def check_sources(self) -> None:
        """Raise SourceError where a source that was asked isn't there at all."""
        if self._index_set is not None:
            self._index_set.lacking()

    def where_asked(self, name: PypiName) -> str:
        """Return the indexes where a project is looked for, in words."""
        names = self.indexes.asked_for(name)
        return ", ".join(f"`{index}`" for index in names) if names else "no index (`--no-index`)"

    def passed_over(self, names: Sequence[PypiName]) -> Mapping[PypiName, PassedOver]:
        """Return what indexes have of projects that an earlier one decided alone; others are left out."""
        return self.indexes.passed_over(names)

    def other_channels(self) -> tuple[Channel, ...]:
        """Return well-known channels that aren't among the session's, below the same address."""
        from resolver.sources.conda.opening import channels_beside

        return channels_beside(self.options.channels)

    # -- direct references ------------------------------------------------------------------------

    @property
    def direct(self) -> Mapping[PypiName, DirectCandidate]:
        """What stands behind direct references, by project; read once.

        Of constraints that name different places the first one's stands: each other one
        rules it out, so the project can't come in, and need not.
        """
        if self._direct is None:
            asked = [(r, r.direct) for r in self._pip_lines if r.direct is not None]
            self._direct = self._read_direct(asked) if asked else {}
        return self._direct

    def _read_direct(
        self, asked: Sequence[tuple[PypiRequirement, DirectReference]]
    ) -> dict[PypiName, DirectCandidate]:
        from resolver.sources.pypi.direct import DirectReader
        from resolver.sources.pypi.given_hashes import check_given_hashes, given_algorithms

        reader = DirectReader(
            fetcher=self.fetcher,
            cache=self.cache,
            sdists=self.sdists,
            environ=self.options.environ,
            algorithms=given_algorithms(self._pip_lines),
        )
        found: dict[PypiName, DirectCandidate] = {}
        needed: set[PypiName] = set()  # projects of which a reference is more than a constraint
        for requirement, reference in asked:
            candidate = reader.resolve(reference, self._folder_of(requirement), requirement.origin)
            self._behind.append((reference, candidate))
            known = found.setdefault(candidate.name, candidate)
            if not requirement.is_constraint:
                needed.add(candidate.name)
            if known.reference != candidate.reference and candidate.name in needed:
                raise InputError(
                    f"`{candidate.name}` is to come from two places", requirement.origin,
                    hint="Keep one of the two direct references.",
                )  # fmt: skip
        for candidate in found.values():
            check_given_hashes(candidate, self._pip_lines)
        return found

    def _folder_of(self, requirement: PypiRequirement) -> Path:
        return self.options.base_folder / Path(requirement.origin.file).parent

    def _named(self, requirement: PypiRequirement) -> PypiRequirement:
        """Return the requirement with its project's name, if need be from its metadata."""
        if requirement.direct is None:
            return requirement
        direct = self.direct
        for reference, candidate in self._behind if direct else ():
            name = candidate.name
            if reference is requirement.direct or reference == requirement.direct:
                if requirement.name not in (None, name):
                    raise InputError(
                        f"`{requirement.text}` is named `{requirement.name}`, but holds `{name}`",
                        requirement.origin,
                    )
                return replace(requirement, name=name)
        raise AssertionError("every direct reference has been read")


def _release(python: PythonView, candidate: DirectCandidate, target: Target) -> Release:
    """Return a direct candidate as the one release of its project."""
    from resolver.constraints.pypi_domain import Release
    from resolver.metadata.wheel_tags import WheelTags, wheel_tag_text

    fitting = python.required(candidate.metadata.requires_python)
    if candidate.file is not None and candidate.file.is_wheel:
        tags = WheelTags(target)
        fitting &= python.with_minors(tags.supported_minors(wheel_tag_text(candidate.file.file_name)))
    return Release(
        version=candidate.version,
        files=() if candidate.file is None else (candidate.file,),
        pythons=fitting,
        direct=candidate.reference,
        metadata=candidate.metadata,
        commit=candidate.commit,
    )


def _preferred(pins: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {key.removeprefix(prefix): value for key, value in pins.items() if key.startswith(prefix)}
