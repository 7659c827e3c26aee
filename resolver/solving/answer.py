"""From selected candidates to a resolution: pins, edges, categories."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from packaging.utils import canonicalize_name

from resolver.constraints.conda_side import CondaPackage
from resolver.constraints.pypi_domain import Release
from resolver.constraints.pypi_package import ExtraPackage, PypiPackage
from resolver.constraints.registry import Key, Kind
from resolver.constraints.universe import JointUniverse
from resolver.errors import IncompleteAnswerError
from resolver.metadata.wheel_tags import wheel_tag_text
from resolver.model.dependency_text import dependency_name
from resolver.model.names import CondaName, PypiName
from resolver.model.pep508 import parse_requirement
from resolver.model.records import CoreMetadata, DistFile
from resolver.model.requirements import CondaRequirement, PypiRequirement
from resolver.model.resolution import CondaPin, PypiPin, Resolution
from resolver.model.unusable import Unusable

FileHook = Callable[[DistFile], DistFile]
IndexHook = Callable[[DistFile], str | None]


class Answer:
    """Reads one solution of a universe."""

    def __init__(self, universe: JointUniverse, selected: Mapping[int, int]) -> None:
        self._universe = universe
        self._selected = selected
        self._keys = universe.registry.keys
        self._bit = self._python_bit()

    def _python_bit(self) -> int:
        number = self._universe.registry.find(Key(Kind.CONDA, "python"))
        place = None if number is None else self._selected.get(number)
        return 0 if place is None else 2 << place

    def resolution(self, *, with_hash: FileHook, index_of: IndexHook) -> Resolution:
        """Return the pins, sorted by name."""
        universe, registry = self._universe, self._universe.registry
        categories = self._categories()
        conda: list[CondaPin] = []
        pypi: list[PypiPin] = []
        provided: dict[PypiName, tuple[CondaName, str]] = {}
        for number, place in self._selected.items():
            package = registry.package(number)
            if isinstance(package, CondaPackage):
                source = package.domain.sources[place]
                if not universe.conda.is_machine(source):
                    conda.append(_conda_pin(package, place, categories[number]))
            elif isinstance(package, PypiPackage) and not isinstance(package, ExtraPackage):
                release = package.domain.releases[place]
                if release.is_provided:
                    provided[package.name] = (self._provider(release), release.version)
                else:
                    pypi.append(self._pypi_pin(package, place, categories[number], with_hash, index_of))
        check_complete(conda)
        return Resolution(
            target=universe.conda.target,
            python=self.python_version(),
            conda=tuple(sorted(conda, key=lambda pin: pin.name)),
            pypi=tuple(sorted(pypi, key=lambda pin: pin.name)),
            provided=dict(sorted(provided.items())),
        )

    def python_version(self) -> str | None:
        """Return the full version of the interpreter chosen."""
        number = self._universe.registry.find(Key(Kind.CONDA, "python"))
        if number is None or number not in self._selected:
            return None
        return self._universe.registry.conda(number).domain.records[self._selected[number]].version

    def _provider(self, release: Release) -> CondaName:
        names = [
            self._keys[number].name
            for number, bits in release.provided_by
            if number in self._selected and bits & (2 << self._selected[number])
        ]
        return CondaName(min(names))

    def _pypi_pin(
        self,
        package: PypiPackage,
        place: int,
        categories: frozenset[str],
        with_hash: FileHook,
        index_of: IndexHook,
    ) -> PypiPin:
        release, metadata = package.domain.releases[place], self._metadata(package, place)
        file = self._best_file(release)
        return PypiPin(
            name=package.name,
            version=release.version,
            file=None if file is None else with_hash(file),
            direct=release.direct,
            commit=release.commit,
            index=None if file is None or release.direct else index_of(file),
            extras=frozenset(self._extras_of(package)),
            dependencies=dict(sorted(self._dependencies(package, metadata))),
            requires_python=metadata.requires_python,
            categories=categories,
        )

    def _metadata(self, package: PypiPackage, place: int) -> CoreMetadata:
        metadata = package.metadata(place)
        assert not isinstance(metadata, Unusable)  # noqa: S101  (such a release can't be selected)
        return metadata

    def _best_file(self, release: Release) -> DistFile | None:
        """Return the wheel that the target's installer would take, else the sdist."""
        side = self._universe.pypi
        assert side is not None  # noqa: S101  (there is a PyPI release)
        version = self.python_version() or "0"
        major, minor = (int(part) for part in version.split(".")[:2])
        ranked = []
        for place, file in enumerate(release.files):
            if not side.python.required(file.requires_python) & self._bit:
                continue
            rank = (
                side.tags.rank(wheel_tag_text(file.file_name), (major, minor)) if file.is_wheel else 1 << 30
            )
            if rank is not None:
                ranked.append((rank, place))
        return release.files[min(ranked)[1]] if ranked else None

    def _extras_of(self, package: PypiPackage) -> Iterator[str]:
        for number in package.extras:
            if number in self._selected:
                yield self._keys[number].extra

    def _dependencies(self, package: PypiPackage, metadata: CoreMetadata) -> Iterator[tuple[PypiName, str]]:
        """Yield each project that the release requires here, with its specifiers joined."""
        when = package.side.when
        active = ("", *self._extras_of(package))
        joined: dict[PypiName, list[str]] = {}
        for text in metadata.requires_dist:
            if not any(when(text, extra) & self._bit for extra in active):
                continue
            requirement = parse_requirement(text)
            if not isinstance(requirement, Unusable):
                name = PypiName(canonicalize_name(requirement.name))
                if name != package.name:
                    joined.setdefault(name, []).extend(str(c) for c in requirement.specifier)
        for name, clauses in joined.items():
            yield name, ",".join(sorted(set(clauses)))

    # -- categories -------------------------------------------------------------------------------

    def _categories(self) -> dict[int, frozenset[str]]:
        """Return for each selected package the categories of the requirements that reach it."""
        if all(category == "main" for _, category in self._roots()):
            return dict.fromkeys(self._selected, frozenset({"main"}))
        found: dict[int, set[str]] = {number: set() for number in self._selected}
        for number, category in self._roots():
            stack = [number]
            while stack:
                at = stack.pop()
                if at in found and category not in found[at]:
                    found[at].add(category)
                    stack.extend(self._edges(at))
        return {number: frozenset(names or {"main"}) for number, names in found.items()}

    def _roots(self) -> Iterator[tuple[int, str]]:
        registry = self._universe.registry
        implied = False
        for requirement in self._universe.requirements:
            if isinstance(requirement, CondaRequirement):
                if requirement.is_constraint:
                    continue
                number = registry.find(Key(Kind.CONDA, requirement.name))
                if number is not None:
                    yield number, requirement.category
            elif (
                isinstance(requirement, PypiRequirement)
                and not requirement.is_constraint
                and requirement.name
            ):
                implied = True
                for extra in ("", *requirement.extras):
                    kind = Kind.EXTRA if extra else Kind.PYPI
                    number = registry.find(Key(kind, requirement.name, extra))
                    if number is not None:
                        yield number, requirement.category
        if implied:
            for name in ("python", "pip"):
                number = registry.find(Key(Kind.CONDA, name))
                if number is not None:
                    yield number, "main"

    def _edges(self, number: int) -> Iterator[int]:
        """Yield what a selected package brings in."""
        registry, place = self._universe.registry, self._selected[number]
        if self._keys[number].kind is Kind.CONDA:
            for text in registry.conda(number).domain.records[place].depends:
                other = registry.find(Key(Kind.CONDA, dependency_name(text)))
                if other is not None:
                    yield other
            return
        package = registry.pypi(number)
        release = package.domain.releases[place]
        for conda, bits in release.provided_by:
            if conda in self._selected and bits & (2 << self._selected[conda]):
                yield conda
        if isinstance(package, ExtraPackage):
            yield package.base.number
        for clause in package.clauses(place):
            yield from clause.packages


def _conda_pin(package: CondaPackage, place: int, categories: frozenset[str]) -> CondaPin:
    record, source = package.domain.records[place], package.domain.sources[place]
    opened = source.opened
    assert opened is not None  # noqa: S101  (facts of the machine have no pin)
    return CondaPin(
        record=record,
        channel=source.channel,
        subdir=source.subdir,
        url=opened.url_of(record),
        categories=categories,
    )


def check_complete(pins: Sequence[CondaPin]) -> None:
    """Raise IncompleteAnswerError where a pin depends on a package that is neither pinned nor virtual.

    A search can't end so; a target that names a Python of its own beside conda packages can.
    """
    there = {pin.record.name for pin in pins}
    for pin in pins:
        for text in pin.record.depends:
            name = dependency_name(text)
            if name not in there and not name.startswith("__"):
                raise IncompleteAnswerError(pin.record.name, name)
