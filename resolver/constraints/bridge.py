"""Which conda builds are which PyPI releases, in bits of both sides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from resolver.constraints.clauses import Incompatibility
from resolver.constraints.conda_side import CondaPackage
from resolver.constraints.facts import ProvidesFact
from resolver.constraints.protocol import ABSENT
from resolver.constraints.pypi_domain import PypiDomain, Release
from resolver.constraints.registry import Key, Kind, Registry
from resolver.model.names import CondaName, PypiName
from resolver.model.records import CondaRecord


class NameMapping(Protocol):
    """What conda calls what PyPI calls (the name map)."""

    def pypi_of(self, record: CondaRecord) -> Sequence[tuple[PypiName, str | None]]:
        """Return the projects a record ships, each with its version as PyPI spells it."""
        ...

    def conda_names_of(self, project: PypiName) -> Sequence[CondaName]:
        """Return every conda name that may ship the project."""
        ...


class Bridge:
    """The conda packages that ship one project, and at which versions."""

    def __init__(self, project: PypiName, registry: Registry, names: NameMapping) -> None:
        self.project = project
        self.by_version: dict[str, dict[int, int]] = {}  # version -> conda package -> its bits
        self.unknown: dict[int, int] = {}  # builds that ship it at a version PyPI can't spell
        for name in names.conda_names_of(project):
            number = registry.number(Key(Kind.CONDA, name))
            package = registry.package(number)
            assert isinstance(package, CondaPackage)  # noqa: S101  (the key's kind says so)
            self._read(package, names)

    def _read(self, package: CondaPackage, names: NameMapping) -> None:
        for place, record in enumerate(package.domain.records):
            for project, version in names.pypi_of(record):
                if project != self.project:
                    continue
                bits = self.unknown if version is None else self.by_version.setdefault(version, {})
                bits[package.number] = bits.get(package.number, 0) | (2 << place)

    def releases(self) -> list[Release]:
        """Return one provided release for each version, in no promised order."""
        return [
            Release(version=version, provided_by=tuple(sorted(bits.items())))
            for version, bits in self.by_version.items()
        ]

    def clauses(
        self, number: int, domain: PypiDomain, full: Iterable[tuple[int, int]]
    ) -> list[Incompatibility]:
        """Return what ties the project ``number`` to the conda packages that ship it.

        For a conda package X with builds G at version v, and the project x:
        ``{X: G, x: neither v nor absent}``, and ``{x: v, X: not G}`` over all
        packages that ship v. ``full`` gives the whole domain of each X.
        """
        everything = dict(full)
        places = {r.version: n for n, r in enumerate(domain.releases) if r.is_provided}
        result: list[Incompatibility] = []
        for version, builds in self.by_version.items():
            bit = 2 << places[version] if version in places else 0
            fact_of = {conda: ProvidesFact(conda=conda, pypi=number) for conda in builds}
            for conda, group in builds.items():
                if domain.all & ~bit:
                    result.append(
                        Incompatibility((conda, number), (group, domain.all & ~bit), fact_of[conda])
                    )
            if bit:
                packages, sets = [number], [bit]
                for conda, group in builds.items():
                    packages.append(conda)
                    sets.append((everything[conda] & ~group) | ABSENT)
                result.append(Incompatibility(packages, sets, ProvidesFact(conda=packages[1], pypi=number)))
        for conda, group in self.unknown.items():
            if domain.all:
                fact = ProvidesFact(conda=conda, pypi=number)
                result.append(Incompatibility((conda, number), (group, domain.all), fact))
        return result
