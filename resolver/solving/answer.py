"""From selected candidates to a resolution: pins, edges, categories."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from resolver.constraints.conda_package import CondaPackage
from resolver.constraints.registry import Key, Kind
from resolver.constraints.universe import JointUniverse
from resolver.errors import IncompleteAnswerError
from resolver.model.dependency_text import dependency_name
from resolver.model.names import CondaName, PypiName
from resolver.model.records import CondaRecord, DistFile
from resolver.model.requirements import CondaRequirement, PypiRequirement
from resolver.model.resolution import CondaPin, PypiPin, Resolution

if TYPE_CHECKING:
    from resolver.solving.conditions import Settled
    from resolver.solving.taken_wheels import TakenFiles

FileHook = Callable[[DistFile], DistFile]
IndexHook = Callable[[DistFile, PypiName], str | None]


class Answer:
    """Reads one solution of a universe."""

    def __init__(
        self, universe: JointUniverse, selected: Mapping[int, int], files: TakenFiles | None = None
    ) -> None:
        """``files``: those of PyPI's releases, where some have been looked for."""
        self._universe = universe
        self._selected = selected
        self._files = files
        self._keys = universe.registry.keys
        self._settled: Settled | None = None
        if any(record.more is not None for record in map(self._published, selected) if record is not None):
            from resolver.solving.conditions import Settled

            self._settled = Settled(universe, selected)

    def resolution(self, *, with_hash: FileHook, index_of: IndexHook) -> Resolution:
        """Return the pins, sorted by name."""
        universe, registry = self._universe, self._universe.registry
        categories = self._categories()
        conda: list[CondaPin] = []
        pypi: list[PypiPin] = []
        projects: list[int] = []
        provided: dict[PypiName, tuple[CondaName, str]] = {}
        for number, place in self._selected.items():
            kind = self._keys[number].kind
            if kind is Kind.CONDA:
                package = registry.conda(number)
                if not universe.conda.is_machine(package.domain.sources[place]):
                    record = self._record(number)
                    conda.append(_conda_pin(package, place, record, categories[number]))
            elif kind is Kind.PYPI:
                projects.append(number)
        if projects:
            from resolver.solving.pypi_pins import PypiPins

            pins = PypiPins(universe, self._selected, self._taken_files(), with_hash, index_of)
            for number in projects:
                release = registry.pypi(number).domain.releases[self._selected[number]]
                if release.is_provided:
                    provided[pins.name_of(number)] = (pins.provider(release), release.version)
                else:
                    pypi.append(pins.pin(number, categories[number]))
        check_complete(conda)
        return Resolution(
            target=universe.conda.target,
            python=self.python_version(),
            conda=tuple(sorted(conda, key=lambda pin: pin.name)),
            pypi=tuple(sorted(pypi, key=lambda pin: pin.name)),
            provided=dict(sorted(provided.items())),
        )

    def _taken_files(self) -> TakenFiles:
        from resolver.solving.taken_wheels import TakenFiles

        side = self._universe.pypi
        assert side is not None  # noqa: S101  (there is a PyPI project)
        return self._files or TakenFiles(self._universe, side, self._selected)

    def _published(self, number: int) -> CondaRecord | None:
        """Return the record of a selected conda package; None for anything else."""
        if self._keys[number].kind is not Kind.CONDA:
            return None
        return self._universe.registry.conda(number).domain.records[self._selected[number]]

    def _record(self, number: int) -> CondaRecord:
        """Return the record of a selected conda package with what its conditions come to."""
        if self._settled is not None:
            return self._settled.record(number)
        record = self._published(number)
        assert record is not None  # noqa: S101  (asked of conda packages alone)
        return record

    def python_version(self) -> str | None:
        """Return the full version of the interpreter chosen."""
        number = self._universe.registry.find(Key(Kind.CONDA, "python"))
        if number is None or number not in self._selected:
            return None
        return self._universe.registry.conda(number).domain.records[self._selected[number]].version

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
            for text in self._record(number).depends:
                other = registry.find(Key(Kind.CONDA, dependency_name(text)))
                if other is not None:
                    yield other
            return
        package = registry.pypi(number)
        release = package.domain.releases[place]
        for conda, bits in release.provided_by:
            if conda in self._selected and bits & (2 << self._selected[conda]):
                yield conda
        if self._keys[number].kind is Kind.EXTRA:
            yield from package.links()
        for clause in package.clauses(place):
            yield from clause.packages


def _conda_pin(
    package: CondaPackage, place: int, record: CondaRecord, categories: frozenset[str]
) -> CondaPin:
    source = package.domain.sources[place]
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
