"""Small universes of the oracle, put before the search at two levels: as bits, and as records and pages."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from msgspec.structs import replace
from packaging.requirements import Requirement

from resolver.constraints.bits import ABSENT
from resolver.constraints.clauses import Incompatibility
from resolver.constraints.conda_side import CondaSide
from resolver.constraints.crossing import Crossings
from resolver.constraints.protocol import Conditions
from resolver.constraints.pypi_domain import Release
from resolver.constraints.pypi_policy import Policy
from resolver.constraints.python_view import PythonView
from resolver.constraints.registry import Kind
from resolver.constraints.support import unfounded
from resolver.constraints.universe import JointUniverse
from resolver.constraints.version_order import VersionOrder
from resolver.metadata.page_rows import LazyPage, Page, decode_rows, encode_rows
from resolver.metadata.record_index import order_records
from resolver.metadata.wheel_tags import WheelTags, wheel_tag_text
from resolver.model.channels import Channel
from resolver.model.names import CondaName, PypiName, pypi_name
from resolver.model.origin import Origin
from resolver.model.pins import pins_of
from resolver.model.records import CondaRecord, CoreMetadata, DistFile
from resolver.model.requirements import CondaRequirement, DirectKind, DirectReference, PypiRequirement
from resolver.model.target import ResolutionMode, Target, VirtualPackage
from resolver.model.unusable import Unusable
from tests.oracles import universe_text
from tests.oracles.universes import Candidate, Need, Universe
from tests.oracles.universes import Kind as OracleKind

#: Of a direct reference that no line names, only a release's metadata.
_NOWHERE = DirectReference(kind=DirectKind.ARCHIVE, url="https://files.example.org/x.whl")
ORIGIN = Origin(file="environment.yml", line=1, column=1)


class BitUniverse:
    """The universe's evaluated needs as incompatibilities; no parsing takes part."""

    def __init__(self, universe: Universe) -> None:
        self.data = universe
        self.keys = list(universe.packages)
        for need in self._all_needs():
            if need.package not in self.keys:
                self.keys.append(need.package)
        self._clauses: dict[tuple[int, int], list[Incompatibility]] = {}

    def _all_needs(self) -> list[Need]:
        packages = self.data.packages.values()
        return [*self.data.root, *(n for p in packages for c in p.candidates for n in c.needs)]

    def root(self) -> Sequence[Incompatibility]:
        made = [self._clause(need) for need in self.data.root]
        if self.data.has_projects and "python" in self.keys:
            made.append(Incompatibility((self.keys.index("python"),), (ABSENT,), fact="an interpreter"))
        for project in sorted(self.data.asked_of_pip) if self.data.pip_from_conda == "never" else ():
            known = self.data.packages.get(f"pypi:{project}")
            provided = sum(2 << n for n, c in enumerate(known.candidates) if c.is_provided) if known else 0
            pythons = self.data.packages["python"].candidates if "python" in self.data.packages else ()
            under = [n for n in range(len(pythons)) if self.data.is_asked_of_pip(project, {"python": n})]
            if provided and under:
                numbers = (self.keys.index("python"), self.keys.index(f"pypi:{project}"))
                sets = (sum(2 << n for n in under), provided)
                made.append(Incompatibility(numbers, sets, fact="never"))
        return made

    def size(self, package: int) -> int:
        known = self.data.packages.get(self.keys[package])
        return len(known.candidates) if known else 0

    def clauses(self, package: int, candidate: int) -> Sequence[Incompatibility]:
        key = (package, candidate)
        if key not in self._clauses:
            needs = self.data.packages[self.keys[package]].candidates[candidate].needs
            made = [self._clause(need, (package, candidate)) for need in needs]
            self._clauses[key] = [*made, *self._bridge(package, candidate)]
        return self._clauses[key]

    def parts(self, package: int, candidate: int) -> Sequence[Sequence[Incompatibility]]:
        return (self.clauses(package, candidate),)

    def _clause(self, need: Need, owner: tuple[int, int] | None = None) -> Incompatibility:
        number = self.keys.index(need.package)
        everything = ((1 << self.size(number)) - 1) << 1
        known = self.data.packages.get(need.package)
        binding = not need.optional or (known is not None and known.kind is OracleKind.VIRTUAL)
        outside = everything & ~sum(2 << n for n in need.allowed) | (ABSENT if binding else 0)
        terms = {number: outside}
        if owner is not None:
            terms[owner[0]] = (2 << owner[1]) & terms.get(owner[0], -1)
        if need.when is not None:
            python = self.keys.index("python")
            when = sum(2 << n for n in need.when)
            terms[python] = terms[python] & when if python in terms else when
        return Incompatibility(tuple(terms), tuple(terms.values()), fact=need.text)

    def _bridge(self, package: int, candidate: int) -> list[Incompatibility]:
        """Return rules 3 and 4 of the universe for one candidate."""
        chosen = self.data.packages[self.keys[package]].candidates[candidate]
        made = []
        for project, version in chosen.provides:
            if f"pypi:{project}" not in self.data.packages:
                continue
            other = self.keys.index(f"pypi:{project}")
            releases = self.data.packages[f"pypi:{project}"].candidates
            wrong = sum(
                2 << n for n, r in enumerate(releases) if not (r.is_provided and r.version == version)
            )
            made.append(Incompatibility((package, other), (2 << candidate, wrong), fact="provides"))
        if chosen.is_provided and "[" not in self.keys[package]:
            project = self.keys[package].removeprefix("pypi:")
            packages, sets = [package], [2 << candidate]
            for key, other in self.data.packages.items():
                ships = sum(
                    2 << n for n, c in enumerate(other.candidates) if (project, chosen.version) in c.provides
                )
                if ships:
                    packages.append(self.keys.index(key))
                    sets.append(((1 << (len(other.candidates) + 1)) - 1) & ~ships)
            made.append(Incompatibility(packages, sets, fact="provided"))
        return made

    def support(self) -> BitSupport:
        return BitSupport(self)

    def conditions(self) -> Conditions | None:
        under = {
            self.keys.index(key): sum(2 << n for n in pythons)
            for key, pythons in self.data.asked_under.items()
        }
        return Conditions(python=self.keys.index("python"), under=under) if under else None

    def pre_releases(self) -> None:
        """Its versions are all final."""

    @property
    def late_count(self) -> int:
        return 0

    def late(self, place: int) -> Incompatibility:
        raise IndexError(place)

    def links(self, package: int) -> Sequence[int]:
        known = self.data.packages.get(self.keys[package])
        if known is None:
            return ()
        if known.base:
            return (self.keys.index(known.base),)
        return [n for n, key in enumerate(self.keys) if key.startswith(f"{known.key}[")]

    def is_extra(self, package: int) -> bool:
        return "[" in self.keys[package]

    def priority(self, package: int) -> tuple[int, int]:
        key = self.keys[package]
        group = 0 if key == "python" else 3 if "[" in key else 2 if ":" in key else 1
        requested = self.data.requested
        return group, requested.index(key) if key in requested else 1 << 30

    def levels(self, package: int) -> Sequence[int]:
        return range(self.size(package))

    def version_ranks(self, package: int) -> Sequence[int]:
        return range(self.size(package))

    def best_version(self, package: int, domain: int) -> int:
        return domain & -domain

    def prefer(self, package: int, domain: int) -> int:
        return domain & -domain

    def requested(self) -> Sequence[int]:
        return [self.keys.index(key) for key in self.data.requested]

    def name(self, package: int) -> str:
        return self.keys[package]

    def assignment(self, selected: Mapping[int, int]) -> dict[str, int]:
        return {self.keys[package]: candidate for package, candidate in selected.items()}


class Bridged(Collection[int]):
    """All conda packages that have come up: any project may be met by one."""

    def __init__(self, support: BitSupport, keys: Sequence[str]) -> None:
        self._support, self._keys = support, keys

    def __contains__(self, package: object) -> bool:
        return isinstance(package, int) and self._support.is_bound(package)

    def __iter__(self) -> Iterator[int]:
        return filter(self._support.is_bound, range(len(self._keys)))

    def __len__(self) -> int:
        return sum(1 for _ in self)


class BitSupport:
    """The rule that conda packages are there for conda's sake, over evaluated needs."""

    def __init__(self, universe: BitUniverse) -> None:
        self._universe = universe
        self.bridged = Bridged(self, universe.keys)
        keys = [need.package for need in universe.data.root if not need.optional]
        if any(key.startswith("pypi:") for key in keys):
            keys.append("python")
        self.roots: dict[int, int] = {}
        if universe.data.pip_from_conda == "prefer":
            for key, package in universe.data.packages.items():
                asked = universe.data.asked_of_pip
                ships = [
                    n for n, c in enumerate(package.candidates) if any(x in asked for x, _ in c.provides)
                ]
                if ships:
                    self.roots[universe.keys.index(key)] = sum(2 << n for n in ships)
        for key in keys:
            if self._is_conda(key):
                number = universe.keys.index(key)
                self.roots[number] = ((1 << universe.size(number)) - 1) << 1

    def _is_conda(self, key: str) -> bool:
        known = self._universe.data.packages.get(key)
        return known is not None and known.kind is OracleKind.CONDA

    def is_bound(self, package: int) -> bool:
        return self._is_conda(self._universe.keys[package])

    def _of(self, candidate: Candidate) -> list[int]:
        keys = self._universe.keys
        return [keys.index(need.package) for need in candidate.needs if not need.optional]

    def needs(self, package: int, candidate: int) -> list[int]:
        return self._of(self._universe.data.packages[self._universe.keys[package]].candidates[candidate])

    def has_conditions(self, package: int, candidate: int) -> bool:
        return False

    def _candidates(self, package: int) -> Sequence[Candidate]:
        known = self._universe.data.packages.get(self._universe.keys[package])
        return known.candidates if known is not None and self.is_bound(package) else ()

    def edges(self, package: int) -> list[int]:
        return [other for candidate in self._candidates(package) for other in self._of(candidate)]

    def clause(self, package: int, closed: Collection[int]) -> Incompatibility:
        apart = unfounded(package, closed, self.roots, self.edges)
        packages, sets = [], []
        for other in sorted(closed):
            needing = [n for n, c in enumerate(self._candidates(other)) if apart.intersection(self._of(c))]
            if needing:
                full = (1 << (self._universe.size(other) + 1)) - 1
                packages.append(other)
                sets.append(full & ~sum(2 << n for n in needing))
        for root in sorted((apart & self.roots.keys()) - {package}):
            full = (1 << (self._universe.size(root) + 1)) - 1
            packages.append(root)
            sets.append(full & ~self.roots[root])
        wrong = (((1 << self._universe.size(package)) - 1) << 1) & ~self.roots.get(package, 0)
        return Incompatibility((*packages, package), (*sets, wrong), fact="support")


class _Subdir:
    def __init__(self, channel: str, subdir: str, records: Sequence[CondaRecord]) -> None:
        self.channel = Channel(name=channel, base_url=f"https://conda.example.org/{channel}")
        self.subdir = subdir
        self._records = records

    def records(self, name: str) -> Sequence[CondaRecord]:
        return order_records(record for record in self._records if record.name == name)

    def find(self, name: str, file_name: str) -> None:
        pass

    def faulty(self, name: str) -> Sequence[CondaRecord]:
        return ()

    def prefetch(self, names: Sequence[str]) -> None:
        pass

    def url_of(self, record: CondaRecord) -> str:
        return f"{self.channel.base_url}/{self.subdir}/{record.file_name}"


class _Index:
    def __init__(self, universe: Universe) -> None:
        self._pages = universe_text.project_pages(universe)
        self._metadata = universe_text.core_metadata(universe)

    def project(self, name: PypiName) -> Page | None:
        return self._pages.get(name)

    def prefetch_projects(self, names: Iterable[PypiName]) -> None:
        pass

    def metadata(self, file: DistFile, *, may_build: bool = True) -> CoreMetadata | Unusable:
        return self._metadata[file.file_name]

    def is_ready(self, file: DistFile) -> bool:
        return True

    def prefetch_metadata(self, files: Iterable[DistFile]) -> None:
        pass


class _Rows(_Index):
    """An index whose pages are rows, as the cache gives them."""

    def __init__(self, universe: Universe) -> None:
        super().__init__(universe)
        self._rows = {name: decode_rows(*encode_rows(page)) for name, page in self._pages.items()}

    def project(self, name: PypiName) -> LazyPage | None:
        return self._rows.get(name)


class _Names:
    """The pairs that the universe itself states; the name map has tests of its own."""

    def __init__(self, universe: Universe) -> None:
        self._ships: dict[str, tuple[tuple[PypiName, str | None], ...]] = {}
        self._carriers: dict[PypiName, set[CondaName]] = {}
        for package in universe.packages.values():
            if package.kind is not OracleKind.CONDA:
                continue
            for candidate in package.candidates:
                file_name = universe_text.conda_record(package, candidate).file_name
                pairs = tuple((PypiName(project), version) for project, version in candidate.provides)
                self._ships[file_name] = pairs
                for project, _ in pairs:
                    self._carriers.setdefault(project, set()).add(CondaName(package.key))

    def pypi_of(self, record: CondaRecord) -> Sequence[tuple[PypiName, str | None]]:
        return self._ships.get(record.file_name, ())

    def plain(self, name: str) -> None:
        """No project goes by its name alone: every pair is looked up."""

    def always(self, name: str) -> None:
        """Nor do all builds of a name ship the same."""

    def conda_names_of(self, project: PypiName) -> Sequence[CondaName]:
        return sorted(self._carriers.get(project, ()))


def lines_of(data: Universe) -> list[CondaRequirement | PypiRequirement]:
    """Return what the root asks for, as requirements: conda first, then pip, then pip's constraints."""
    required, constraints = universe_text.pip_requirements(data)
    return [
        *(CondaRequirement.parse(spec, ORIGIN) for spec in universe_text.conda_specs(data)),
        *(_pip(line, is_constraint=False) for line in required),
        *(_pip(line, is_constraint=True) for line in constraints),
    ]


def joint_universe(
    data: Universe,
    mode: ResolutionMode = ResolutionMode.HIGHEST,
    *,
    asked: Sequence[CondaRequirement | PypiRequirement] | None = None,
    apart: bool = False,
    pins: Mapping[str, str] | None = None,
    only_pins: bool = False,
) -> JointUniverse:
    """Return the universe as the product sees it: records, pages and requirement strings.

    ``asked`` stand in place of what the root asks for; ``apart``: to be asked about some of them. ``pins``:
    of an earlier lockfile, by ``conda:NAME`` or ``pypi:NAME``; pages are rows. ``only_pins``: these alone.
    """
    asked = lines_of(data) if asked is None else asked
    python = data.packages.get("python")
    fixed = python.candidates[0].version if python and python.kind is OracleKind.FIXED else None
    target = Target(
        subdir=data.subdir,
        python=fixed,
        virtual_packages=(
            *(VirtualPackage(name=name, version=version) for name, version in data.virtual_packages.items()),
            *(
                ()
                if "__glibc" in data.virtual_packages
                else (VirtualPackage(name="__glibc", version="2.35"),)
            ),
        ),
    )
    subdirs = [
        _Subdir(channel, subdir, records)
        for channel, by_subdir in universe_text.conda_records(data).items()
        for subdir, records in by_subdir.items()
    ]
    conda = [line for line in asked if isinstance(line, CondaRequirement)]
    pip = [line for line in asked if isinstance(line, PypiRequirement)]
    places = {line.name: line.direct for line in pip if line.direct is not None}
    direct = {}
    for key, package in data.packages.items():
        if package.kind is OracleKind.PYPI and package.direct:
            direct[PypiName(key.removeprefix("pypi:"))] = package.candidates[0]
    lines = () if fixed else conda
    order = VersionOrder.of(mode, lines, pip)
    side = CondaSide(
        [] if fixed else subdirs,
        target,
        preferred=pins_of(pins or {}, "conda"),
        order=order,
        apart=apart,
        only_pins=only_pins,
    )
    projects = {PypiName(name): version for name, version in pins_of(pins or {}, "pypi").items()}
    names = _Names(data)
    return JointUniverse(
        side,
        lines,
        pip,
        policy=replace(Policy.from_requirements(pip, order=order), preferred=projects),
        source=_Index(data) if pins is None else _Rows(data),
        names=names,
        crossings=Crossings(side, lambda: names, projects) if pins else None,
        pip_from_conda=data.pip_from_conda,
        direct=lambda python: {
            name: Release(
                version=candidate.version,
                pythons=_pythons(python, candidate, target),
                direct=places.get(name, _NOWHERE),
                metadata=universe_text.core_metadata(data)[candidate.files[0]],
            )
            for name, candidate in direct.items()
        },
    )


def _pythons(view: PythonView, candidate: Candidate, target: Target) -> int:
    tags = WheelTags(target)
    fitting = 0
    for file_name in candidate.files:
        fitting |= view.with_minors(tags.supported_minors(wheel_tag_text(file_name)))
    return fitting & view.required(candidate.requires_python)


def _pip(line: str, *, is_constraint: bool) -> PypiRequirement:
    parsed = Requirement(line)
    return PypiRequirement(
        name=pypi_name(parsed.name),
        text=line,
        origin=ORIGIN,
        extras=frozenset(parsed.extras),
        specifier=str(parsed.specifier),
        marker=str(parsed.marker) if parsed.marker else None,
        direct=DirectReference(kind=DirectKind.ARCHIVE, url=parsed.url) if parsed.url else None,
        is_constraint=is_constraint,
    )


def joint_assignment(universe: JointUniverse, data: Universe, selected: Mapping[int, int]) -> dict[str, int]:
    """Return the selection in the oracle's keys and places, found by version and build."""
    result = {}
    for number, place in selected.items():
        key = universe.registry.keys[number]
        name = key.name if key.kind is Kind.CONDA else f"pypi:{key}"
        if name == "__glibc" and name not in data.packages:
            continue
        domain = universe.registry.package(number).domain  # type: ignore[attr-defined]
        candidates = data.packages[name].candidates
        if key.kind is Kind.CONDA:
            record = domain.records[place]
            result[name] = next(
                n
                for n, c in enumerate(candidates)
                if c.version == record.version and (c.build == record.build or not record.build)
            )
        else:
            release = domain.releases[place]
            result[name] = next(
                n
                for n, c in enumerate(candidates)
                if c.version == release.version and c.is_provided == release.is_provided
            )
    return result
