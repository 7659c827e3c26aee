"""The PyPI half of the universe: which releases are candidates, and what they require."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import compress, repeat
from typing import TYPE_CHECKING, Protocol

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from resolver.constraints.bridge import Bridge, NameMapping
from resolver.constraints.clauses import Incompatibility
from resolver.constraints.conda_package import CondaPackage
from resolver.constraints.conda_side import is_settled
from resolver.constraints.pypi_domain import PinDomain, PypiDomain, Release, pypi_version
from resolver.constraints.pypi_files import FileJudge
from resolver.constraints.pypi_policy import LeftOutFile, Policy
from resolver.constraints.pypi_rows import RowsDomain
from resolver.constraints.python_view import PythonView
from resolver.constraints.registry import Key, Kind, Package, Registry
from resolver.constraints.wheels_apart import ToldApart, iter_taken, may_differ
from resolver.errors import SourceError
from resolver.metadata.page_rows import LazyPage, Page, whole_page
from resolver.metadata.page_rules import exclude_newer
from resolver.metadata.wheel_tags import WheelTags
from resolver.model.names import PypiName, pypi_name
from resolver.model.patterns import pattern
from resolver.model.pep508 import parse_requirement
from resolver.model.records import CoreMetadata, DistFile, ProjectPage
from resolver.model.requirements import Override
from resolver.model.target import Target
from resolver.model.unusable import Cause, Unusable
from resolver.model.version_forms import is_pre_release

if TYPE_CHECKING:
    from resolver.constraints.kept_answers import KeptAnswers
    from resolver.constraints.overrides import Overrides
    from resolver.sources.cache.pack import Pack


class PypiSource(Protocol):
    """Indexes, as the sources give them."""

    def project(self, name: PypiName) -> Page | None:
        """Return the project's files; None where no index has it."""
        ...

    def prefetch_projects(self, names: Iterable[PypiName]) -> None:
        """Begin to fetch pages."""
        ...

    def metadata(self, file: DistFile, *, may_build: bool = True) -> CoreMetadata | Unusable:
        """Return what a file says of itself, or why nothing can be known; waits for it."""
        ...

    def prefetch_metadata(self, files: Iterable[DistFile]) -> None:
        """Begin to fetch metadata."""
        ...


class Project(Package, Protocol):
    """A PyPI project, as far as it is asked for when something requires it."""

    def introduction(self) -> Sequence[Incompatibility]:
        """Return what ties the project to the conda packages that ship it."""
        ...

    def foresee(self, admitted: int) -> None:
        """Begin to fetch what is likely to be asked for first."""
        ...


class PypiSide:
    """Candidates of PyPI projects under one target."""

    def __init__(
        self,
        source: PypiSource,
        target: Target,
        registry: Registry[CondaPackage, Project],
        python: PythonView,
        names: NameMapping,
        *,
        policy: Policy,
        likely_pythons: int,
        passes_over: Callable[[str], bool],
        direct: Mapping[PypiName, Release] | None = None,
        overrides: Overrides | None = None,
        lenient: bool = False,
        apart: bool = False,
        told_apart: ToldApart | None = None,
        pack: Pack | None = None,
        whole: frozenset[PypiName] | None = None,
    ) -> None:
        """Take what is asked; ``lenient``: a project or file that can't be read says nothing.

        ``apart``: lines about python may be left out, so that any of its candidates may come in.
        ``told_apart``: the releases whose wheels are read one by one. ``pack``: what earlier searches
        over the same files took from pages. ``passes_over`` tells which conda packages needn't be read.
        ``whole`` (None: all): projects that are read whole, while of others a pin of an earlier lockfile is
        the only release if it can stay.
        """
        self._passes_over, self._whole = passes_over, whole
        self.source = source
        self.registry = registry
        self.python = python
        self.names = names
        self.tags = WheelTags(target)
        self.policy = policy
        self.likely = likely_pythons  # python candidates that the user's own lines leave
        self.possible = python.all if apart else likely_pythons
        #: releases whose builds came to nothing, by project, in the order in which they were tried
        self.unbuilt: dict[PypiName, list[str]] = {}
        self.direct = {} if direct is None else direct
        self.overrides = overrides
        self.lenient = lenient
        self.told_apart = told_apart or ToldApart()
        #: gives what the user's constraints say of a project
        self.find_limits: Callable[[PypiName], Sequence[Incompatibility]] = lambda _: ()
        self._limits: dict[PypiName, Sequence[Incompatibility]] = {}
        self._unread: dict[PypiName, SourceError] = {}  # projects that nothing is known of
        self._wild: set[PypiName] = set()  # projects of which conda's builds are known alone
        self.pages: dict[PypiName, Page | None] = {}
        self._domains: dict[PypiName, tuple[PypiDomain, Bridge]] = {}
        self.bridged: set[int] = set()  # conda packages that ship a project that has come up
        self._judge = FileJudge(python, self.tags, policy, likely_pythons)
        self._kept: KeptAnswers | None = None
        if pack is not None:
            from resolver.constraints.kept_answers import KeptAnswers

            self._kept = KeptAnswers(pack, target, python, likely=likely_pythons, no_build=policy.no_build)
        #: names of projects that were found to be near no popular one's
        self.far_names = set[str]() if self._kept is None else self._kept.far_names
        self._whens: dict[str, dict[str, int]] = {}  # by extra, then by text
        self._whens_of_all = self._whens_by("")
        self._holding: dict[tuple[str, ...], list[str]] = {}  # of all that a release requires what may hold
        self._foreseen: set[tuple[str, str]] = set()

    def domain(self, name: PypiName) -> tuple[PypiDomain, Bridge]:
        """Return the candidates of a project, and the conda packages that ship it."""
        known = self._domains.get(name)
        if known is None:
            bridge = Bridge(name, self.registry, self.names, self._passes_over)
            for builds in bridge.by_version.values():
                self.bridged.update(builds)
            build = self._build_leniently if self.lenient else self._build
            known = self._domains[name] = build(name, bridge), bridge
        return known

    def _build_leniently(self, name: PypiName, bridge: Bridge) -> PypiDomain:
        """Return the candidates of a project of which not all may be known.

        Where its page can't be read one release stands for all that may be there: whatever is asked, it
        will do. Where that is so of a conda package that may ship it, requirements on it say nothing.
        """
        for conda in self.names.conda_names_of(name):
            if not is_settled(self.registry.conda(self.registry.number(Key(Kind.CONDA, conda))).domain):
                self._unread[name] = SourceError(f"`{conda}` can't be read, which may ship `{name}`", conda)
                return PypiDomain(name, ())
        try:
            return self._build(name, bridge)
        except SourceError:
            self._wild.add(name)
            metadata = CoreMetadata(name=name, version="0")
            wild = Release(version="0", pythons=self.python.all, metadata=metadata)
            return PypiDomain(name, [wild, *bridge.releases()])

    def pass_over(self, error: SourceError) -> None:
        """Raise what a source raised, unless what can't be read is to say nothing."""
        if not self.lenient:
            raise error

    def _build(self, name: PypiName, bridge: Bridge) -> PypiDomain:
        policy = self.policy
        pre, preferred = policy.admits_pre_releases(name), policy.preferred_version(name)
        ascending = policy.order.is_lowest_project(name)
        if name in self.direct:
            releases = [self.direct[name]]
        else:
            page = self.source.project(name)
            if isinstance(page, LazyPage) and not self._must_look_at_each(name, page):
                self.pages[name] = page
                if self._whole is not None and name not in self._whole:
                    alone = self._stand_alone(name, page, preferred, bridge)
                    if alone is not None:
                        return alone
                given, judge = bridge.releases(), self._judge

                def make() -> RowsDomain:
                    judged = judge.judge_rows(page)
                    return RowsDomain(
                        name, page, judged, given, pre=pre, preferred=preferred, ascending=ascending
                    )

                if self._kept is None:
                    return make()
                return self._kept.domain(
                    name, page, given, make, pre=pre, preferred=preferred, ascending=ascending
                )
            provided = sorted(bridge.releases(), key=_provided_version, reverse=True)
            releases = [*self._index_releases(name, page), *provided]
        return PypiDomain(
            name,
            releases,
            pre=pre,
            preferred=preferred,
            wheels_first=policy.prefer_binary,
            ascending=ascending,
        )

    def _stand_alone(
        self, name: PypiName, page: LazyPage, preferred: str | None, bridge: Bridge
    ) -> PypiDomain | None:
        """Return the pin of an earlier lockfile as the only release, or what conda provides in its place.

        None where it takes the whole page: there is no pin, or it is a pre-release, which final releases
        may rule out.
        """
        provided = sorted(bridge.releases(), key=_provided_version, reverse=True)
        if preferred is None:
            return PypiDomain(name, provided) if provided else None
        if is_pre_release(preferred):
            return None

        def judge() -> Release | None:
            place = page.place_of(preferred)
            if place is None:
                return None
            judged = self._judge.judge_form(page, page.kinds[place])
            return None if judged is None else judged.release(preferred, page.files_at(place))

        kept = self._kept
        release = judge() if kept is None else kept.pins.release(name, page, preferred, judge)
        if release is None:
            return None
        if not provided:
            return PinDomain(name, release)
        return PypiDomain(name, [release, *provided], preferred=preferred)

    def note_taken(self, name: PypiName, release: Release) -> None:
        """Note a release of an index that a search has taken: a relock asks for it alone."""
        page = self.pages.get(name)
        if self._kept is not None and isinstance(page, LazyPage) and not is_pre_release(release.version):
            self._kept.pins.note(name, page, release)

    def _must_look_at_each(self, name: PypiName, page: LazyPage) -> bool:
        """Tell whether releases of one form may be judged or ordered differently: date, hash, pin, kind."""
        policy = self.policy
        if policy.exclude_newer is not None or policy.prefer_binary:
            return True
        if policy.judges_hashes_of(name):
            return True
        return bool(page.facts.yanked) and page.has_yanked(policy.pins(name))

    def _index_releases(self, name: PypiName, found: Page | None) -> list[Release]:
        page = None if found is None else self._old_enough(whole_page(found))
        self.pages[name] = page
        return [] if page is None else self._judge.judge_page(page, [])

    def _old_enough(self, page: ProjectPage) -> ProjectPage:
        policy = self.policy
        if policy.exclude_newer is None or policy.exempt.covers_project(page.name):
            return page
        return exclude_newer(page, policy.exclude_newer, admit_undated=policy.admit_undated)

    def releases_of(self, page: Page) -> list[Release]:
        """Return what a page that no candidate comes from would give, newest first."""
        return self._judge.judge_page(self._old_enough(whole_page(page)), [])

    def left_out(self, name: PypiName) -> Sequence[LeftOutFile]:
        """Return the files of a project that has come up which may not be selected."""
        page, out = self.pages.get(name), list[LeftOutFile]()
        if page is not None:
            self._judge.judge_page(whole_page(page), out)
        return out

    def admitted(
        self,
        name: PypiName,
        versions: SpecifierSet | str | None,
        extras: Iterable[str],
        introduce: list[Incompatibility],
    ) -> list[tuple[int, int, int]]:
        """Return (number, admitted bits, all bits) of the project and of each extra that is asked for.

        ``versions``: a specifier set, or one by its text, which is sound; None: any, as an address is asked
        for. What always holds for a project that comes up is added to ``introduce``. Raises SourceError for a
        project that can't be read.
        """
        number = self.registry.number(Key(Kind.PYPI, name))
        project = self.registry.pypi(number)
        introduce.extend(project.introduction())
        introduce.extend(self._limits_of(name))
        domain = self.domain(name)[0]
        if name in self._unread:
            raise self._unread[name]
        bits = domain.all if versions is None else domain.bits(versions)
        if name in self._wild:
            bits |= domain.all & -domain.all  # the release that stands for all of the index, which is first
        project.foresee(bits)
        result = [(number, bits, domain.all)]
        for extra in sorted(map(pypi_name, extras)):
            other = self.registry.number(Key(Kind.EXTRA, name, extra))
            self.registry.pypi(other)
            result.append((other, bits, domain.all))
        return result

    def _limits_of(self, name: PypiName) -> Sequence[Incompatibility]:
        """Return what constraints say of a project; they are read when it comes up, as its page is."""
        if name not in self._limits:
            self._limits[name] = ()  # reading them comes by here
            self._limits[name] = self.find_limits(name)
        return self._limits[name]

    def when(self, text: str, extra: str = "") -> int:
        """Return the Pythons under which a project has a requirement, or gets it by an extra.

        All for a faulty requirement, so that it is met.
        """
        whens = self._whens_by(extra)
        known = whens.get(text)
        return self._find_when(whens, text, extra) if known is None else known

    def _whens_by(self, extra: str) -> dict[str, int]:
        """Return what is known of conditions; ``extra`` empty: of what no extra brings."""
        known = self._whens.get(extra)
        if known is None:
            known = self._whens[extra] = {} if self._kept is None else self._kept.conditions(extra)
        return known

    def _find_when(self, whens: dict[str, int], text: str, extra: str) -> int:
        known = 0
        if _may_hold(text.partition(";")[2], extra):
            requirement = parse_requirement(text)
            if isinstance(requirement, Unusable):
                known = self.python.all
            else:
                known = self.python.where(requirement.marker, extra)
                if extra:
                    known &= ~self.python.where(requirement.marker)
        whens[text] = known
        return known

    def may_hold(self, text: str) -> bool:
        """Tell whether a requirement that no extra brings may hold, as far as is known."""
        return self._whens_of_all.get(text) != 0

    def maybe_holding(self, texts: tuple[str, ...]) -> Iterable[str]:
        """Return the requirements of which :meth:`may_hold` is true."""
        known = self._holding.get(texts)
        return compress(texts, map(self._whens_of_all.get, texts, repeat(1))) if known is None else known

    def holding(self, texts: Sequence[str], extra: str, pythons: int) -> list[str]:
        """Return the requirements that a project has, or gets by an extra, under one of some Pythons."""
        whens = self._whens_by(extra)
        if extra or not isinstance(texts, tuple):
            held = self._ever_holding(texts, extra, whens)
        else:  # asked when the search reads a release, and again for its pin
            known = self._holding.get(texts)
            held = self._ever_holding(texts, extra, whens) if known is None else known
            self._holding[texts] = held
        return [text for text in held if whens[text] & pythons]

    def _ever_holding(self, texts: Sequence[str], extra: str, whens: dict[str, int]) -> list[str]:
        """Return the requirements that hold under some Python."""
        try:  # nearly all are known, and there are thousands
            return list(compress(texts, map(whens.__getitem__, texts)))
        except KeyError:
            for text in texts:
                if text not in whens:
                    self._find_when(whens, text, extra)
            return list(compress(texts, map(whens.__getitem__, texts)))

    def foresee(self, texts: Sequence[str], extra: str = "") -> list[str]:
        """Return the requirements that may hold, and begin to fetch the pages of projects that these name.

        They are asked for one by one.
        """
        names, foreseen = list[PypiName](), self._foreseen
        holding = self.holding(texts, extra, self.possible)
        for text in holding if self.possible == self.likely else self.holding(holding, extra, self.likely):
            if (text, extra) in foreseen:
                continue
            foreseen.add((text, extra))
            requirement = parse_requirement(text)
            if not isinstance(requirement, Unusable):
                name = pypi_name(requirement.name)
                if name not in self._domains and name not in self.direct:
                    names.append(name)
        if names:
            self.source.prefetch_projects(names)
        return holding

    def metadata(self, file: DistFile, *, may_build: bool = True) -> CoreMetadata | Unusable:
        """Return what a file says of itself, as the user's overrides put it; waits for it."""
        return self.overridden(self.source.metadata(file, may_build=may_build))

    def given_up(self, name: PypiName) -> Unusable | None:
        """Return why no further release of a project is built; None as long as one may be.

        Installers end with the first build that fails. Here others are tried, but where the newest releases
        can't be built, older ones hardly can, and each takes a download and up to minutes.
        """
        failed = self.unbuilt.get(name, [])
        if len(failed) < MOST_UNBUILT or name in self.policy.by_hand:
            return None
        words = f"{', '.join(failed[:-1])} and {failed[-1]}"
        return Unusable(
            f"it isn't built, as {words} can't be (a line `{name}==VERSION` has that release tried)",
            Cause.GIVEN_UP,
        )

    def overridden(self, said: CoreMetadata | Unusable) -> CoreMetadata | Unusable:
        """Return what a release says of itself as the user's overrides put it."""
        if self.overrides is None or isinstance(said, Unusable):
            return said
        return self.overrides.apply(said)

    def override_behind(self, text: str) -> Override | None:
        """Return the override that a requirement comes from; None for one that is as its release has it."""
        return None if self.overrides is None else self.overrides.behind(text)

    def file_for_metadata(self, release: Release) -> DistFile:
        """Return the file whose metadata stands for the release.

        Of several wheels it is the one that is likely taken: they may ask for different things.
        """
        return release.told_by or release.files[0]

    def taken_file(self, release: Release, python: int) -> DistFile | None:
        """Return the file that is installed under one python candidate (its bit); None: none fits."""
        if release.told_by is not None and len(release.files) == 1:  # the one wheel of most releases
            return release.told_by if release.pythons & python else None
        return next((file for file, _ in iter_taken(release, self.python, self.tags, python)), None)

    def voices(self, name: PypiName, release: Release) -> tuple[tuple[DistFile, int], ...]:
        """Return the wheels of a release that is told apart, each with the Pythons that take it.

        Empty where one file speaks for it under all Pythons, as far as is known.
        """
        found: dict[str, int] = {}
        if release.told_by is None:
            return ()
        if not (may_differ(release) or self.told_apart.covers(name, release.version)):
            return ()
        for file, pythons in iter_taken(release, self.python, self.tags, release.pythons & self.possible):
            found[file.file_name] = found.get(file.file_name, 0) | pythons
        return tuple((f, found[f.file_name]) for f in release.files if f.file_name in found)

    def may_build(self, release: Release) -> bool:
        """Tell whether building the release here says anything of the target.

        A project that has wheels for this platform, if for other Pythons,
        depends on which one builds it; one that has none is taken to say the
        same under all.
        """
        wanted = self.policy.build_python
        if not release.is_compiled or wanted is None:
            return True
        return bool(self.python.minor(wanted) & self.likely)


#: Releases of a project whose builds may come to nothing before it is left alone.
MOST_UNBUILT = 3
#: `extra == "test"`, and what else a marker may say that a text search can't judge
_EXTRA = pattern(r"""\bextra\s*==\s*["']([^"']*)["']""")
_BEYOND = pattern(r"""\bor\b|\bnot\b|["']\s*==\s*extra\b|\bextra\s*(?:!=|in\b|[<>~])""")


@lru_cache(maxsize=1 << 12)
def _may_hold(marker: str, extra: str) -> bool:
    """Tell whether a requirement may hold for a project (or for its extra), without parsing it.

    Most of what old releases list stands under extras that nobody asks for.
    """
    names = _EXTRA.findall(marker)
    if not names or _BEYOND.search(marker):
        return True
    return all(pypi_name(name) == extra for name in names)


def _provided_version(release: Release) -> Version:
    return pypi_version(release.version)
