"""Pins of a solution's PyPI projects: the file that an installer would take, and what it requires."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from resolver.constraints.pypi_domain import Release
from resolver.constraints.pypi_package import PypiPackage
from resolver.constraints.universe import JointUniverse
from resolver.model.names import CondaName, PypiName, pypi_name
from resolver.model.pep508 import clauses_of, parse_requirement
from resolver.model.records import CoreMetadata, DistFile
from resolver.model.resolution import PypiPin
from resolver.model.unusable import Unusable
from resolver.solving.taken_wheels import TakenFiles


class PypiPins:
    """Reads the projects of one solution."""

    def __init__(
        self,
        universe: JointUniverse,
        selected: Mapping[int, int],
        files: TakenFiles,
        with_hash: Callable[[DistFile], DistFile],
        index_of: Callable[[DistFile, PypiName], str | None],
    ) -> None:
        self._universe, self._selected = universe, selected
        self._with_hash, self._index_of = with_hash, index_of
        self._keys = universe.registry.keys
        self._files, self._bit = files, files.bit
        assert universe.pypi is not None  # noqa: S101  (there is a PyPI project)
        self._side = universe.pypi

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
        release = package.domain.releases[place]
        file = self._files.of(number)
        metadata = self._metadata(package, place, file)
        if release.direct is None:
            self._side.note_taken(package.name, release)
        return PypiPin(
            name=package.name,
            version=release.version,
            file=None if file is None else self._with_hash(file),
            direct=release.direct,
            commit=release.commit,
            index=None if file is None or release.direct else self._index_of(file, package.name),
            extras=frozenset(self._extras_of(package)),
            dependencies=dict(sorted(self._dependencies(package, metadata))),
            requires_python=metadata.requires_python,
            categories=categories,
        )

    def _metadata(self, package: PypiPackage, place: int, file: DistFile | None) -> CoreMetadata:
        is_apart = file is not None and package.side.voices(package.name, package.domain.releases[place])
        metadata = package.side.metadata(file) if file is not None and is_apart else package.metadata(place)
        assert not isinstance(metadata, Unusable)  # noqa: S101  (such a release can't be selected)
        return metadata

    def _extras_of(self, package: PypiPackage) -> Iterator[str]:
        for number in package.extras:
            if number in self._selected:
                yield self._keys[number].extra

    def _dependencies(self, package: PypiPackage, metadata: CoreMetadata) -> Iterator[tuple[PypiName, str]]:
        """Yield each project that the release requires here, with its specifiers joined."""
        side, texts = package.side, metadata.requires_dist
        needed = side.holding(texts, "", self._bit)
        extras = tuple(self._extras_of(package))
        if extras:
            held = {text for extra in ("", *extras) for text in side.holding(texts, extra, self._bit)}
            needed = [text for text in texts if text in held]
        joined: dict[PypiName, list[str]] = {}
        for text in needed:
            requirement = parse_requirement(text)
            if not isinstance(requirement, Unusable):
                name = pypi_name(requirement.name)
                if name != package.name:
                    joined.setdefault(name, []).extend(clauses_of(requirement))
        for name, clauses in joined.items():
            yield name, ",".join(sorted(set(clauses)))
