"""Pins of a solution's PyPI projects: the file that an installer would take, and what it requires."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from packaging.utils import canonicalize_name

from resolver.constraints.pypi_domain import Release
from resolver.constraints.pypi_package import PypiPackage
from resolver.constraints.registry import Key, Kind
from resolver.constraints.universe import JointUniverse
from resolver.metadata.wheel_tags import wheel_tag_text
from resolver.model.names import CondaName, PypiName
from resolver.model.pep508 import parse_requirement
from resolver.model.records import CoreMetadata, DistFile
from resolver.model.resolution import PypiPin
from resolver.model.unusable import Unusable


class PypiPins:
    """Reads the projects of one solution; ``python``: the full version of its interpreter."""

    def __init__(
        self,
        universe: JointUniverse,
        selected: Mapping[int, int],
        python: str | None,
        with_hash: Callable[[DistFile], DistFile],
        index_of: Callable[[DistFile], str | None],
    ) -> None:
        self._universe, self._selected, self._python = universe, selected, python
        self._with_hash, self._index_of = with_hash, index_of
        self._keys = universe.registry.keys
        self._bit = self._python_bit()

    def _python_bit(self) -> int:
        number = self._universe.registry.find(Key(Kind.CONDA, "python"))
        place = None if number is None else self._selected.get(number)
        return 0 if place is None else 2 << place

    def name_of(self, number: int) -> PypiName:
        """Return a project's name."""
        return self._universe.registry.pypi(number).name

    def provider(self, release: Release) -> CondaName:
        """Return the first conda package by name that ships a selected release."""
        names = [
            self._keys[number].name
            for number, bits in release.provided_by
            if number in self._selected and bits & (2 << self._selected[number])
        ]
        return CondaName(min(names))

    def pin(self, number: int, categories: frozenset[str]) -> PypiPin:
        """Return the pin of a selected project that conda doesn't provide."""
        package, place = self._universe.registry.pypi(number), self._selected[number]
        release, metadata = package.domain.releases[place], self._metadata(package, place)
        file = self._best_file(release)
        return PypiPin(
            name=package.name,
            version=release.version,
            file=None if file is None else self._with_hash(file),
            direct=release.direct,
            commit=release.commit,
            index=None if file is None or release.direct else self._index_of(file),
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
        version = self._python or "0"
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
