"""The PyPI half of the universe: which releases are candidates, and what they require."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from itertools import groupby
from typing import Protocol

import msgspec
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from resolver.constraints.bridge import Bridge, NameMapping
from resolver.constraints.clauses import Incompatibility
from resolver.constraints.conda_side import CondaPackage
from resolver.constraints.pypi_domain import PypiDomain, Release
from resolver.constraints.pypi_rows import Judged, RowsDomain
from resolver.constraints.python_view import PythonView
from resolver.constraints.registry import Key, Kind, Package, Registry
from resolver.metadata.page_rows import SDIST, YANKED, LazyPage, Page, whole_page
from resolver.metadata.page_rules import exclude_newer
from resolver.metadata.specifiers import Unusable, parse_requirement, parse_specifier
from resolver.metadata.wheel_tags import WheelTags, wheel_tag_text
from resolver.model.names import PypiName, pypi_name
from resolver.model.records import CoreMetadata, DistFile, ProjectPage
from resolver.model.requirements import PypiRequirement
from resolver.model.target import Target


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


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """Rules of the user's that decide which files are candidates."""

    exclude_newer: int | None = None  #: seconds since 1970, UTC
    pre: bool = False
    pre_projects: frozenset[PypiName] = frozenset()  #: named with a pre-release by the user
    pinned: Mapping[PypiName, frozenset[str]] | None = (
        None  #: ``==`` pins of the user's: a yanked one stays possible
    )
    no_build: bool = False
    build_python: tuple[int, int] | None = None  #: what an sdist would be built with here; None: any
    hashes: Mapping[PypiName, frozenset[str]] | None = (
        None  #: ``algorithm:hex`` of which a file must have one
    )
    require_hashes: bool = False  #: projects without ``hashes`` have no candidates on an index
    prefer_binary: bool = False  #: releases with wheels before newer ones without
    preferred: Mapping[PypiName, str] | None = None  #: versions to try first

    @classmethod
    def from_requirements(cls, requirements: Sequence[PypiRequirement], **rest: object) -> Policy:
        """Read out of the user's requirements what they permit."""
        pre: set[PypiName] = set()
        pinned: dict[PypiName, set[str]] = {}
        hashes: dict[PypiName, set[str]] = {}
        for requirement in requirements:
            if requirement.name is None:
                continue
            parsed = parse_specifier(requirement.specifier)
            if not isinstance(parsed, Unusable):
                if parsed.prereleases:
                    pre.add(requirement.name)
                exact = {
                    c.version for c in parsed if c.operator in ("==", "===") and not c.version.endswith(".*")
                }
                pinned.setdefault(requirement.name, set()).update(exact)
            if requirement.hashes:
                hashes.setdefault(requirement.name, set()).update(requirement.hashes)
        return cls(
            pre_projects=frozenset(pre),
            pinned={name: frozenset(versions) for name, versions in pinned.items()},
            hashes={name: frozenset(values) for name, values in hashes.items()},
            **rest,  # type: ignore[arg-type]
        )


class FileFault(StrEnum):
    """Why a file may not be selected."""

    YANKED = "yanked"
    HASH = "its hash is not among those given"
    NO_HASH = "no hash is given for it, and `--require-hashes` asks for one"
    BUILD_FORBIDDEN = "an sdist, and building is forbidden"
    PLATFORM = "no wheel tag fits the platform"
    PYTHON = "no Python that is available fits"


class LeftOutFile(msgspec.Struct, frozen=True, gc=False):
    """A file that may not be selected, and why."""

    file: DistFile
    fault: FileFault

    @property
    def words(self) -> str:
        """The reason for people; a yanked file's with what its owners say."""
        said = self.file.yanked if self.fault is FileFault.YANKED else None
        return f"{self.fault}: {said}" if said else str(self.fault)


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
        direct: Mapping[PypiName, Release] | None = None,
    ) -> None:
        self.source = source
        self.registry = registry
        self.python = python
        self.names = names
        self.tags = WheelTags(target)
        self.policy = policy
        self.likely = likely_pythons  # python candidates that the user's own lines leave
        self.direct = direct or {}
        self.pages: dict[PypiName, Page | None] = {}
        self._domains: dict[PypiName, tuple[PypiDomain, Bridge]] = {}
        self.bridged: set[int] = set()  # conda packages that ship a project that has come up
        self._fits: dict[tuple[str, str | None], int] = {}
        self._combo_bits: _ComboBits | None = None
        self._whens: dict[tuple[str, str], int] = {}

    def domain(self, name: PypiName) -> tuple[PypiDomain, Bridge]:
        """Return the candidates of a project, and the conda packages that ship it."""
        known = self._domains.get(name)
        if known is None:
            bridge = Bridge(name, self.registry, self.names)
            for builds in bridge.by_version.values():
                self.bridged.update(builds)
            if name in self.direct:
                releases = [self.direct[name]]
            else:
                lazy = self._lazy_domain(name, bridge)
                if lazy is not None:
                    known = self._domains[name] = lazy, bridge
                    return known
                releases = [
                    *self._index_releases(name),
                    *sorted(bridge.releases(), key=_provided_key, reverse=True),
                ]
            pre = self.policy.pre or name in self.policy.pre_projects
            preferred = (self.policy.preferred or {}).get(name)
            wheels_first = self.policy.prefer_binary
            domain = PypiDomain(name, releases, pre=pre, preferred=preferred, wheels_first=wheels_first)
            known = self._domains[name] = domain, bridge
        return known

    def admitted(
        self, requirement: Requirement, name: PypiName, introduce: list[Incompatibility]
    ) -> list[tuple[int, int, int]]:
        """Return (number, admitted bits, all bits) of the project and of each extra that is asked for.

        What always holds for a project that comes up is added to ``introduce``.
        """
        number = self.registry.number(Key(Kind.PYPI, name))
        project = self.registry.pypi(number)
        introduce.extend(project.introduction())
        domain = self.domain(name)[0]
        bits = domain.all if requirement.url else domain.bits(requirement.specifier)
        project.foresee(bits)
        result = [(number, bits, domain.all)]
        for extra in sorted(canonicalize_name(e) for e in requirement.extras):
            other = self.registry.number(Key(Kind.EXTRA, name, extra))
            self.registry.pypi(other)
            result.append((other, bits, domain.all))
        return result

    def when(self, text: str, extra: str = "") -> int:
        """Return the Pythons under which a project has a requirement, or gets it by an extra.

        All for a faulty requirement, so that it is met.
        """
        known = self._whens.get((text, extra))
        if known is None:
            known = 0
            if _may_hold(text, extra):
                requirement = parse_requirement(text)
                if isinstance(requirement, Unusable):
                    known = self.python.all
                else:
                    known = self.python.where(requirement.marker, extra)
                    if extra:
                        known &= ~self.python.where(requirement.marker)
            self._whens[text, extra] = known
        return known

    def foresee(self, texts: Iterable[str], extra: str = "") -> None:
        """Begin to fetch the pages of projects that requirements name: they are asked for one by one."""
        names = []
        for text in texts:
            requirement = parse_requirement(text) if self.when(text, extra) & self.likely else None
            if requirement is not None and not isinstance(requirement, Unusable):
                name = pypi_name(requirement.name)
                if name not in self._domains and name not in self.direct:
                    names.append(name)
        self.source.prefetch_projects(names)

    def file_for_metadata(self, release: Release) -> DistFile:
        """Return the file whose metadata stands for the release: a wheel the index describes, if any."""
        return next(
            (f for f in release.files if f.is_wheel and f.metadata_hashes is not None), release.files[0]
        )

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

    def _index_releases(self, name: PypiName) -> list[Release]:
        found = self.source.project(name)
        page = None if found is None else whole_page(found)
        self.pages[name] = page
        if page is None:
            return []
        if self.policy.exclude_newer is not None:
            page = self.pages[name] = exclude_newer(page, self.policy.exclude_newer)
        return self._releases_of(page, [])

    def _releases_of(self, page: ProjectPage, out: list[LeftOutFile]) -> list[Release]:
        rules = _Rules.of(self.policy, page.name)
        releases = []
        for _, files in groupby(page.files, _version_of):
            release = self._release(list(files), rules, out)
            if release is not None:
                releases.append(release)
        return releases

    def left_out(self, name: PypiName) -> Sequence[LeftOutFile]:
        """Return the files of a project that has come up which may not be selected."""
        page, out = self.pages.get(name), list[LeftOutFile]()
        if page is not None:
            self._releases_of(whole_page(page), out)
        return out

    def _lazy_domain(self, name: PypiName, bridge: Bridge) -> PypiDomain | None:
        """Return the domain made of a page's rows; None where files must be looked at one by one."""
        rules = _Rules.of(self.policy, name)
        if rules.hashes is not None or rules.pinned or self.policy.exclude_newer is not None:
            return None
        if self.policy.prefer_binary:
            return None
        page = self.source.project(name)
        if not isinstance(page, LazyPage):
            return None
        self.pages[name] = page
        if self._combo_bits is None:
            self._combo_bits = _ComboBits(self)
        bits = list(map(self._combo_bits.__getitem__, page.rows.combos))
        judged = [self._judge(form, page.rows.combos, bits) for _, form in page.rows.forms]
        pre = self.policy.pre or name in self.policy.pre_projects
        preferred = (self.policy.preferred or {}).get(name)
        return RowsDomain(name, page, judged, bridge.releases(), pre=pre, preferred=preferred)

    def bits_of_combo(self, combo: tuple[str, str | None, int]) -> int:
        """Return the Pythons that a kind of file fits; -1: it is left out under every one."""
        tags, required, flags = combo
        key = tags if not flags & SDIST else "", required
        if flags & YANKED or (flags & SDIST and self.policy.no_build):
            return -1
        found = self._fits.get(key)
        if found is None:
            found = self.python.required(required)
            if not flags & SDIST:
                found &= self.python.with_minors(self.tags.supported_minors(tags))
            self._fits[key] = found
        return found

    def _judge(
        self, form: Sequence[int], combos: Sequence[tuple[str, str | None, int]], bits: Sequence[int]
    ) -> Judged | None:
        """Judge all releases whose files are of these kinds; see :meth:`_release`."""
        hint: int | None = None
        wheels: list[int] = []
        sdists: list[int] = []
        pythons = 0
        for place, combo in enumerate(form):
            fitting, flags = bits[combo], combos[combo][2]
            if flags & SDIST:
                if fitting >= 0:
                    sdists.append(place)
            elif fitting > 0:
                wheels.append(place)
                pythons |= fitting
            elif hint is None and not flags & YANKED:
                hint = place
        by_wheel, is_compiled = 0, False
        if not pythons & self.likely and sdists:
            hint = wheels[0] if wheels else hint
            by_wheel = pythons
            is_compiled = any(
                not combos[c][2] & SDIST
                and not combos[c][0].endswith("-any")
                and self.tags.fits_platform(combos[c][0])
                for c in form
            )
            wheels, pythons = sdists, pythons | bits[form[sdists[0]]]
        elif wheels:
            hint = None
        if not wheels or not pythons:
            return None
        return Judged(tuple(wheels), pythons, hint, by_wheel, is_compiled)

    def _release(self, files: Sequence[DistFile], rules: _Rules, out: list[LeftOutFile]) -> Release | None:
        """Make one release of the files of one version, if any of them can be used.

        An sdist counts only where no wheel fits any Python that the user's own
        lines leave: what has to be built comes last. A wheel for other Pythons
        then serves as a hint.
        """
        hint: DistFile | None = None
        wheels: list[DistFile] = []
        sdists: list[DistFile] = []
        pythons = 0
        for file in files:
            if file.is_wheel and file.yanked is None and rules.hashes is None:
                fitting, fault = self._fitting(file), None
            else:
                fitting, fault = 0, rules.against(file)
                if fault is None:
                    fitting = (
                        self._fitting(file) if file.is_wheel else self.python.required(file.requires_python)
                    )
            if fault is None and not file.is_wheel:
                sdists.append(file)
            elif fitting:
                wheels.append(file)
                pythons |= fitting
            else:
                out.append(LeftOutFile(file, fault or self._misfit(file)))
                if hint is None and file.is_wheel and file.yanked is None:
                    hint = file
        by_wheel, is_compiled = 0, False
        if not pythons & self.likely and sdists:
            hint = wheels[0] if wheels else hint
            by_wheel = pythons
            is_compiled = any(f.is_wheel and self._fits_platform(f) for f in files)
            wheels, pythons = sdists, pythons | self.python.required(sdists[0].requires_python)
        elif wheels:
            hint = None
        if not wheels or not pythons:
            return None
        return Release(
            version=files[0].version,
            files=tuple(wheels),
            pythons=pythons,
            hint=hint,
            wheel_pythons=by_wheel,
            is_compiled=is_compiled,
        )

    def _fits_platform(self, file: DistFile) -> bool:
        tags = wheel_tag_text(file.file_name)
        return not tags.endswith("-any") and self.tags.fits_platform(tags)

    def _fitting(self, file: DistFile) -> int:
        """Return the python candidates that a wheel fits; thousands of wheels share a few dozen tags."""
        name = file.file_name
        end = name.rfind("-", 0, name.rfind("-"))
        key = name[name.rfind("-", 0, end) :], file.requires_python
        found = self._fits.get(key)
        if found is None:
            minors = self.tags.supported_minors(wheel_tag_text(name))
            found = self._fits[key] = self.python.with_minors(minors) & self.python.required(
                file.requires_python
            )
        return found

    def _misfit(self, file: DistFile) -> FileFault:
        if not self.tags.supported_minors(wheel_tag_text(file.file_name)):
            return FileFault.PLATFORM
        return FileFault.PYTHON


class _ComboBits(dict[tuple[str, str | None, int], int]):
    """The Pythons that each kind of file fits, worked out when first asked for."""

    def __init__(self, side: PypiSide) -> None:
        super().__init__()
        self._side = side

    def __missing__(self, combo: tuple[str, str | None, int]) -> int:
        found = self[combo] = self._side.bits_of_combo(combo)
        return found


class _Rules(msgspec.Struct, frozen=True):
    """What the user's policy says of the files of one project."""

    pinned: frozenset[str]
    hashes: frozenset[str] | None  #: a file must have one of them; empty: no file is wanted
    no_build: bool

    @classmethod
    def of(cls, policy: Policy, name: PypiName) -> _Rules:
        """Return the rules for a project."""
        pinned = (policy.pinned or {}).get(name, frozenset())
        hashes = (policy.hashes or {}).get(name) or (frozenset() if policy.require_hashes else None)
        return cls(pinned, hashes, policy.no_build)

    def against(self, file: DistFile) -> FileFault | None:
        """Return why a file is left out under every Python; None: it is not."""
        if file.yanked is not None and file.version not in self.pinned:
            return FileFault.YANKED
        given = self.hashes
        if given is not None and not any(f"{kind}:{value}" in given for kind, value in file.hashes.items()):
            return FileFault.HASH if given else FileFault.NO_HASH
        if not file.is_wheel and self.no_build:
            return FileFault.BUILD_FORBIDDEN
        return None


#: `extra == "test"`, and what else a marker may say that a text search can't judge
_EXTRA = re.compile(r"""\bextra\s*==\s*["']([^"']*)["']""")
_BEYOND = re.compile(r"""\bor\b|\bnot\b|["']\s*==\s*extra\b|\bextra\s*(?:!=|in\b|[<>~])""")


def _may_hold(text: str, extra: str) -> bool:
    """Tell whether a requirement may hold for a project (or for its extra), without parsing it.

    Most of what old releases list stands under extras that nobody asks for.
    """
    marker = text.partition(";")[2]
    names = _EXTRA.findall(marker)
    if not names or _BEYOND.search(marker):
        return True
    return all(pypi_name(name) == extra for name in names)


def _version_of(file: DistFile) -> str:
    return file.version


def _provided_key(release: Release) -> tuple[object, ...]:
    from packaging.version import Version

    return (Version(release.version),)
