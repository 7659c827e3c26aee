"""Requirements in, resolutions out: the only file that sees every stage."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from resolver.answers import question_key, recall, remember
from resolver.errors import PageMovedError, SourceError
from resolver.inputs.draft import put_overrides
from resolver.model.channels import Channel
from resolver.model.exemptions import Exemptions
from resolver.model.names import PypiName
from resolver.model.notices import LACKS_ALL, Notice
from resolver.model.pins import pins_of, without_pins
from resolver.model.requirements import CondaRequirement, PypiRequirement, Requirements
from resolver.model.resolution import Resolution
from resolver.model.target import ResolutionMode, Target
from resolver.open_sources import OpenSources
from resolver.options import ResolveOptions
from resolver.question_sources import QuestionSources
from resolver.solving.reporter import Reporter as Reporter
from resolver.sources.copied import leave_if_copy

if TYPE_CHECKING:
    from resolver.constraints.bridge import NameMapping
    from resolver.constraints.conda_side import CondaSide
    from resolver.constraints.crossing import Crossings
    from resolver.constraints.kept_kinds import KeptKinds
    from resolver.constraints.pypi_domain import Release
    from resolver.constraints.pypi_side import PypiSource
    from resolver.constraints.python_view import PythonView
    from resolver.constraints.universe import JointUniverse
    from resolver.constraints.wheels_apart import ToldApart
    from resolver.side_by_side import FoundBeside, SideBySide
    from resolver.solving.engines import Solved
    from resolver.solving.pins_alone import SolvedByPins
    from resolver.sources.conda.subdirs import ChannelSubdir
    from resolver.sources.pypi.indexes import IndexSet


def resolve(
    requirements: Requirements,
    options: ResolveOptions,
    reporter: Reporter | None = None,
    sources: OpenSources | None = None,
    each: Callable[[Resolution], None] | None = None,
) -> tuple[Resolution, ...]:
    """Resolve conda and PyPI requirements together, for each target.

    ``sources``: those that other questions of the run have opened, and that stay open behind this one.
    ``each`` is called with each resolution, in their order, where there is time for it: at the end at last.
    Returns one resolution a target, in target order. Raises InputError for
    what can't be meant, SourceError where a channel or index fails, and
    NoSolutionError (with the lines that clash) where nothing fits.
    """
    reporter = reporter or Reporter()
    with Resolver(requirements, options, reporter, sources) as resolver:
        return resolver.resolve_all(each)


class Resolver(QuestionSources):
    """Resolves targets over sources that stay open for all of them."""

    def __init__(
        self,
        requirements: Requirements,
        options: ResolveOptions,
        reporter: Reporter,
        sources: OpenSources | None = None,
    ) -> None:
        super().__init__(put_overrides(requirements), options, reporter, sources)
        self.reporter = reporter
        self._told_apart: ToldApart | None = None  # releases whose wheels differ, found by searches
        self._solved: list[JointUniverse] = []  # what the last answer rests on
        self._has_resolved = False
        self._beside: SideBySide | None = None  # copies of the process, where targets are solved by some
        self._parents: object = None  # in a copy, what it need not free: most of it is its parent's memory

    def __exit__(self, *reason: object) -> None:
        if self._beside is not None:
            self._beside.close()
        if self._has_resolved:
            self.sources.save_pack()
        super().__exit__(*reason)
        if not self._closes:  # more questions come
            self._solved = []

    # -- targets ----------------------------------------------------------------------------------

    def resolve_all(self, each: Callable[[Resolution], None] | None = None) -> tuple[Resolution, ...]:
        """Return the best resolution for each target, in their order; ``each`` as in :func:`resolve`.

        From the first one on that no answer is remembered for, copies of the process search beside it.
        """
        found: list[Resolution] = []
        untold: list[Resolution] = []

        def tell() -> None:
            while each is not None and untold:
                each(untold.pop(0))

        if self._may_go_beside():
            from resolver.side_by_side import SideBySide

            options, still = self.options, self.reporter.without_threads
            self._beside = SideBySide(options.targets, options.processes, self._search_in_copy, still, tell)
        for target in self.options.targets:
            found.append(self.resolve(target))
            untold.append(found[-1])
        tell()
        return tuple(found)

    def resolve(self, target: Target) -> Resolution:
        """Return the best resolution for one target."""
        self.reporter.target_started(target)
        key, subdirs = self._begin(target)
        if subdirs:
            self.reporter.stage_done(f"channels opened: {len(subdirs)} subdirs")
        if key:
            known = self._remembered(target, key, subdirs)
            self.reporter.stage_done(f"an answer remembered: {'no' if known is None else 'yes'}")
            if known is not None:
                self.reporter.target_done(target)
                return known
        # A search reads hundreds of files: the run behind it finds the answer, and is told by that.
        sys.audit("lockstack.unrepeatable")
        beside = self._found_beside(target, subdirs) if key else None
        found, pages = (beside.resolution, beside.pages) if beside else self._search(target, lasts=bool(key))
        self.sources.note_answers()
        if self._beside is not None and not beside:
            self._go_on_beside(self._beside)
        if key and pages is not None:
            remember(self.cache, key, subdirs, pages, found, self._places_of(target))
        self._has_resolved = True
        self.reporter.stage_done("answer put together")
        self.reporter.target_done(target)
        return found

    def _begin(self, target: Target) -> tuple[str | None, tuple[ChannelSubdir, ...]]:
        """Return the key of the question, and the subdirs, opened."""
        return self._question(target), self._subdirs_of(target)

    def _remembered(self, target: Target, key: str, subdirs: tuple[ChannelSubdir, ...]) -> Resolution | None:
        """Return the answer that an earlier run found, if all that it rests on is as it was."""
        indexes = self.indexes if self.requirements.pypi else None
        known = recall(self.cache, key, subdirs, indexes, self._places_of(target))
        if known is not None and indexes is not None:
            indexes.check_there(str(n.facts["index"]) for n in known.notices if n.code == LACKS_ALL)
        return known

    def _search(
        self, target: Target, *, lasts: bool
    ) -> tuple[Resolution, Mapping[str, tuple[bytes, ...]] | None]:
        """Return what a search finds, and the states of the pages that it rests on.

        Without the second one it isn't remembered: not where ``lasts`` is False, or states can't be told.
        The search before it is let go of.
        """
        if self._closes:
            self.sources.forget_domains()
        self._solved = []
        solved, universes = self._solve_anew(target)
        self._solved = universes
        said = (*solved.resolution.notices, *self._said_of_sources(target, universes[0]))
        pages = None
        if lasts and (solved.is_proven or self.options.engine != "lockstack"):
            projects = dict.fromkeys(name for u in universes if u.pypi for name in u.pypi.pages)
            pages = self.indexes.states(projects) if self.requirements.pypi else {}
        return replace(solved.resolution, notices=said), pages

    # -- side by side -----------------------------------------------------------------------------

    def _may_go_beside(self) -> bool:
        """Tell whether copies may be made: by a run of its own, for one question, over a cache."""
        options = self.options
        may = options.processes > 1 and len(options.targets) > 1 and self._closes and options.shelf is None
        return may and options.http.tape is None and not self.reporter.hears_steps

    def _found_beside(self, target: Target, subdirs: tuple[ChannelSubdir, ...]) -> FoundBeside | None:
        """Return what a copy of this process found for a target; None: it is to be searched for here.

        What copies find holds as long as nothing has come up here that changes what a later target gets.
        """
        if self._beside is None:
            return None
        if not self._beside.has_begun:
            conda, pypi = self._lines_for(target, self.requirements)
            if not pypi or self.indexes.has_states:
                self._beside.begin(target, lines=len(conda) + len(pypi), has_pip_lines=bool(pypi))
            return None
        if self._is_alone():
            self._beside.close()
        found = self._beside.found(target)
        if found is None or found.subdirs != tuple(subdir.state for subdir in subdirs):
            return None
        for subdir, names in zip(subdirs, found.asked, strict=True):
            subdir.look_at(names)
        if found.added is not None and self.sources.pack is not None:
            self.sources.pack.add(found.added)
        found.tell(self.reporter)
        return found if self._is_lasting() else replace(found, pages=None)

    def _is_alone(self) -> bool:
        """Tell whether something has come up here that changes what a later target gets."""
        return self._told_apart is not None or self._builder is not None

    def _go_on_beside(self, beside: SideBySide) -> None:
        """Have a copy do what is next: this process has the answer to keep, and then copies to wait for."""
        if not self._is_alone():
            beside.go_on()

    def _search_in_copy(self, target: Target) -> FoundBeside | None:
        """Return what a copy of this process finds for a target; None for what is remembered."""
        from resolver.side_by_side import FoundBeside, NotingReporter

        reporter = NotingReporter()
        self.reporter = self.fetcher.reporter = reporter
        self._parents = self._parents or (self._solved, self.sources.domains)
        key, subdirs = self._begin(target)
        if key is None:
            leave_if_copy()
            return None
        if self._remembered(target, key, subdirs) is not None:
            return None
        resolution, pages = self._search(target, lasts=True)
        pack = self.sources.pack
        if self._told_apart is not None or not self._is_lasting() or (pack and not pack.is_trusted):
            leave_if_copy()  # what has come up matters to later targets, too
        return FoundBeside(
            resolution=resolution,
            pages=None if pages is None else dict(pages),
            subdirs=tuple(subdir.state for subdir in subdirs),
            asked=tuple(tuple(sorted(subdir.consulted())) for subdir in subdirs),
            added=None if pack is None else pack.additions(),
            told=tuple(reporter.told),
        )

    def _is_lasting(self) -> bool:
        """Tell whether nothing was read so far that keeps answers from being remembered."""
        return not self.requirements.pypi or self.indexes.states(()) is not None

    # -- one target -------------------------------------------------------------------------------

    def _solve_anew(self, target: Target) -> tuple[Solved, list[JointUniverse]]:
        """Return the solution and the universes that it rests on, the one that was solved first.

        The search begins anew where wheels that are taken ask for other things than those that were read,
        and where another process replaced a page of which this one knew a part.
        """
        from resolver.solving.engines import WheelsDifferError

        while True:
            universes: list[JointUniverse] = []
            if self._index_set is not None:  # an answer that didn't hold has asked it for its projects
                self._index_set.begin_question()
            try:
                return self._solve(target, universes), universes
            except PageMovedError as moved:
                self.indexes.forget_pages()
                self.reporter.stage_done(f"searched anew: {moved}")
            except WheelsDifferError as found:
                from resolver.constraints.wheels_apart import ToldApart

                self._told_apart = self._told_apart or ToldApart()
                self._told_apart.add(found.releases)
                self.reporter.stage_done(f"wheels of one release differ, searched anew: {found}")

    def _solve(self, target: Target, universes: list[JointUniverse]) -> Solved:
        """Return the solution; ``universes`` takes what it rests on, the one that was solved first."""
        from resolver.solving.engines import solve_with

        def updated(names: Sequence[str]) -> JointUniverse:
            universes.append(self.universe(target, updated=names))
            return universes[-1]

        try:
            by_pins = self._solve_by_pins(target)
            universes.append(self.universe(target) if by_pins is None else by_pins.universe)
            return solve_with(
                self.options.engine,
                universes[0],
                known=by_pins,
                reporter=self.reporter,
                with_hash=lambda file: self.indexes.with_hash(file),
                index_of=lambda file, project: self.indexes.index_of(file, project),
                explain=self._explain,
                passed_over=self.passed_over,
                all_having=lambda names: self.indexes.all_having(names),
                updated=updated if self.options.seeks_updates else None,
                limit=self.options.search_limit,
            )
        except PageMovedError:
            raise
        except SourceError as error:
            conflict = self._conflict_despite(error, target)
            if conflict is None:
                raise
            raise conflict from error

    def _solve_by_pins(self, target: Target) -> SolvedByPins | None:
        """Return the answer that the earlier pins alone give; None: the whole has to be searched."""
        options = self.options
        if (
            not options.preferred.get(target.subdir)
            or options.updated
            or options.engine != "lockstack"
            or options.pip_from_conda == "prefer"
            or target.exclude_newer is not None
            or target.resolution_mode is not ResolutionMode.HIGHEST
        ):
            return None
        from resolver.solving.pins_alone import solve_by_pins

        try:
            return solve_by_pins(self.universe(target, only_pins=True), self.reporter)
        except SourceError:
            return None  # the whole search meets it, too, if it matters

    def _said_of_sources(self, target: Target, universe: JointUniverse) -> tuple[Notice, ...]:
        """Return what is to be said of indexes, builds and overrides; mostly that is nothing."""
        lacking = self._index_set.lacking() if self._index_set is not None else ()
        unguarded = tuple(self._builder.unguarded) if self._builder is not None else ()
        if not (lacking or unguarded or self.requirements.overrides):
            return ()
        from resolver.said_of_sources import said_of_sources

        _, lines = self._lines_for(target, self.requirements)
        overrides = self.requirements.overrides
        return tuple(said_of_sources(target, universe, lacking, unguarded, overrides, lines))

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

    def _places_of(self, target: Target) -> tuple[str, ...]:
        """Return where the lines of a target stand, which notices may name."""
        conda, pypi = self._lines_for(target, self.requirements)
        return (*(str(line.origin) for line in conda), *(str(line.origin) for line in pypi))

    @staticmethod
    def _lines_for(
        target: Target, asked: Requirements
    ) -> tuple[list[CondaRequirement], list[PypiRequirement]]:
        conda = [r for r in asked.conda if r.applies_to(target)]
        pypi = [r for r in asked.pypi if r.platforms is None or target.subdir in r.platforms]
        return conda, pypi

    def _subdirs_of(self, target: Target) -> tuple[ChannelSubdir, ...]:
        conda, _ = self._lines_for(target, self.requirements)
        return self.open_channels(target) if conda or target.python is None else ()

    def _explain(self, failed: JointUniverse) -> Exception:
        leave_if_copy()
        from resolver.explain.showing.brief import no_solution

        self.check_sources()  # an index that isn't there is the reason, unless lines clash without it
        target, channels = failed.conda.target, self.options.channels
        return no_solution(self, target, channels, with_fix=self.options.seeks_fixes, failed=failed)

    def _conflict_despite(self, error: SourceError, target: Target) -> Exception | None:
        """Return the conflict of lines that clash whatever the source that failed would say."""
        leave_if_copy()
        from resolver.explain.showing.brief import conflict_despite

        return conflict_despite(error, self, target, self.options.channels)

    def _kinds(self, target: Target, subdirs: Sequence[ChannelSubdir]) -> KeptKinds | None:
        """Return what earlier searches found of packages' builds; None where that isn't kept."""
        pack = self.sources.pack
        if pack is None or target.exclude_newer is not None:
            return None
        from resolver.constraints.kept_kinds import KeptKinds

        def look(names: Iterable[str]) -> None:
            for subdir in subdirs:
                subdir.look_at(names)

        states = [(subdir.channel.name, subdir.whole_state) for subdir in subdirs]
        return KeptKinds(pack, (target.subdir, target.python, target.channel_priority, states), look)

    def universe(
        self,
        target: Target,
        requirements: Requirements | None = None,
        *,
        channels: Sequence[Channel] | None = None,
        wild: frozenset[str] = frozenset(),
        apart: bool = False,
        extra_index: str | None = None,
        admit_undated: bool = False,
        updated: Sequence[str] = (),
        lenient: bool = False,
        beside: JointUniverse | None = None,
        only_pins: bool = False,
    ) -> JointUniverse:
        """Return the packages and rules of one target; nothing is searched yet.

        ``requirements`` and ``channels`` stand in place of the session's own; ``extra_index`` is the
        address of an index that is asked before its own. ``updated``: names that are updated too. ``wild``:
        virtual packages that are taken to be whatever is asked of them. ``apart``: for asking
        without some of the lines (see :class:`CondaSide`). ``lenient``: what a source can't tell
        limits nothing, so lines that can't hold together can't whatever stands there. ``beside``: of
        another question; what its packages say isn't worked out again where that is the same. ``only_pins``:
        see :mod:`resolver.solving.pins_alone`.
        """
        from resolver.constraints.conda_side import CondaSide, candidate_rules, own_channels
        from resolver.constraints.universe import JointUniverse
        from resolver.constraints.version_order import VersionOrder

        asked = requirements or self.requirements
        channels = self.options.channels if channels is None else channels
        conda, pypi = self._lines_for(target, asked)
        preferred = without_pins(self.options.preferred.get(target.subdir, {}), updated)
        updated = (*self.options.updated, *updated)
        subdirs = self.open_channels(target, channels) if conda or target.python is None else ()
        # Asking without some of the lines is about whether there is a solution, not which.
        mode = ResolutionMode.HIGHEST if apart else target.resolution_mode
        order = VersionOrder.of(mode, conda, pypi)
        own, exempt = own_channels(conda, channels), Exemptions(self.options.exclude_newer_except)
        undated = self.options.admit_undated or admit_undated
        rules = candidate_rules(
            target, own, apart=apart, admit_undated=undated, exempt=exempt, lenient=lenient
        )
        # What CUDA builds rank above depends on which of two packages that need each other comes up first.
        has_order = target.virtual("__cuda") is None
        kept = self.sources.domains.under(subdirs, rules, of_process=has_order)
        plain = None
        if not has_order:
            rules = candidate_rules(
                target, own, apart=apart, admit_undated=undated, exempt=exempt, lenient=lenient, ranks=False
            )
            plain = self.sources.domains.under(subdirs, rules)
        side = CondaSide(
            subdirs,
            target,
            own_channels=own,
            preferred=pins_of(preferred, "conda"),
            wild=wild,
            apart=apart,
            admit_undated=undated,
            exempt=exempt,
            order=order,
            lenient=lenient,
            kept=kept,
            plain=plain,
            only_pins=only_pins,
            kinds=None if has_order or own or apart or lenient or wild else self._kinds(target, subdirs),
        )
        projects = {PypiName(k): v for k, v in pins_of(preferred, "pypi").items()}
        crossings = None if lenient else self._crossings(side, subdirs, projects, bool(pypi))
        named = self._all_named(pypi, side, conda, lenient=lenient)
        if not named:
            if beside is not None and beside.pypi is None and side.is_like(beside.conda):
                return JointUniverse(beside.conda, conda, updated=updated, crossings=crossings, beside=beside)
            return JointUniverse(side, conda, updated=updated, crossings=crossings)
        from resolver.constraints.pypi_policy import Policy

        overriding = [o.requirement for o in asked.overrides if o.requirement is not None]
        policy = replace(
            Policy.from_requirements([*named, *overriding]),
            exclude_newer=target.exclude_newer,
            pre=self.options.pre or asked.indexes.pre,
            exempt=exempt,
            admit_undated=undated,
            no_build=self.options.no_build,
            require_hashes=self.options.require_hashes or asked.indexes.require_hashes,
            prefer_binary=self.options.prefer_binary or asked.indexes.prefer_binary,
            build_python=self.options.build_python,
            by_hand=frozenset(key.partition("==")[0] for key in self.options.builds.metadata),
            order=order,
            preferred=projects,
        )

        def direct(python: PythonView) -> Mapping[PypiName, Release]:
            lines = [*named, *self._overriding_lines]
            return self.direct.releases(lines, python, target, lenient=lenient) if self._has_direct else {}

        source = self.indexes if extra_index is None else self._indexes_behind(extra_index)
        return JointUniverse(
            side,
            conda,
            named,
            source=_doubtful(source) if lenient else source,
            names=self._names_beside(subdirs),
            policy=policy,
            direct=direct,
            pip_from_conda=self.options.pip_from_conda,
            overrides=asked.overrides,
            updated=updated,
            crossings=crossings,
            told_apart=self._told_apart,
            pack=None if lenient or extra_index is not None else self.sources.pack,
        )

    def _names_beside(self, subdirs: Sequence[ChannelSubdir]) -> NameMapping:
        """Return which of the conda packages that there are ship which projects."""
        if subdirs or self.options.name_map is not None:
            return self.names
        from resolver.constraints.bridge import NoShippers

        return NoShippers()

    def _crossings(
        self,
        conda: CondaSide,
        subdirs: Sequence[ChannelSubdir],
        projects: Mapping[PypiName, str],
        has_pip_lines: bool,
    ) -> Crossings | None:
        """Return the earlier lockfile's pins that may come from the other ecosystem now; None: none may."""
        if not projects and not (conda.preferred and has_pip_lines):
            return None
        from resolver.constraints.crossing import Crossings

        return Crossings(conda, lambda: self._names_beside(subdirs), projects)


def _doubtful(indexes: IndexSet) -> PypiSource:
    from resolver.sources.pypi.doubtful import DoubtfulIndexes

    return DoubtfulIndexes(indexes)
