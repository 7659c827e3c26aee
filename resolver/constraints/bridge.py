"""Which conda builds are which PyPI releases, in bits of both sides."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Protocol

from resolver.constraints.bits import ABSENT
from resolver.constraints.clauses import Incompatibility
from resolver.constraints.conda_domain import CondaDomain
from resolver.constraints.conda_package import CondaPackage
from resolver.constraints.facts import ProvidesFact
from resolver.constraints.pypi_domain import PypiDomain, Release
from resolver.constraints.registry import Key, Kind, Package, Registry
from resolver.model.names import CondaName, PypiName
from resolver.model.records import CondaRecord


class NameMapping(Protocol):
    """What conda calls what PyPI calls (the name map)."""

    def pypi_of(self, record: CondaRecord) -> Sequence[tuple[PypiName, str | None]]:
        """Return the projects a record ships, each with its version as PyPI spells it."""
        ...

    def plain(self, name: str) -> PypiName | None:
        """Return the one project that builds of a name ship if no rule speaks of it."""
        ...

    def always(self, name: str) -> Collection[PypiName] | None:
        """Return the projects that all builds of a name ship which don't say themselves what they do.

        None: that depends on the build, or no rule speaks of it.
        """
        ...

    def conda_names_of(self, project: PypiName) -> Sequence[CondaName]:
        """Return every conda name that may ship the project."""
        ...


class NoShippers:
    """The name map where there are no channels: conda's python alone is there, which ships no project."""

    def pypi_of(self, record: CondaRecord) -> Sequence[tuple[PypiName, str | None]]:  # noqa: ARG002
        """Return nothing."""
        return ()

    def plain(self, name: str) -> PypiName | None:  # noqa: ARG002
        """Return None: a rule speaks of python."""
        return None

    def always(self, name: str) -> Collection[PypiName] | None:  # noqa: ARG002
        """Return None."""
        return None

    def conda_names_of(self, project: PypiName) -> Sequence[CondaName]:  # noqa: ARG002
        """Return nothing."""
        return ()


class Bridge:
    """The conda packages that ship one project, and at which versions."""

    def __init__(
        self,
        project: PypiName,
        registry: Registry[CondaPackage, Package],
        names: NameMapping,
        passes_over: Callable[[str], bool],
    ) -> None:
        """``passes_over`` tells which conda packages needn't be read."""
        self.project = project
        self.by_version: dict[str, dict[int, int]] = {}  # version -> conda package -> its bits
        self.unknown: dict[int, int] = {}  # builds that ship it at a version PyPI can't spell
        for name in names.conda_names_of(project):
            if not passes_over(name):
                self._read(registry.conda(registry.number(Key(Kind.CONDA, name))), names)

    def _read(self, package: CondaPackage, names: NameMapping) -> None:
        shipped = self._shipped(package.domain, names)
        if shipped is not None:  # version by version: no build has to be looked at
            from resolver.constraints.name_map import pep440_version

            number, known = package.number, self.by_version
            for text, bits in package.domain.version_bits().items() if shipped else ():
                bits &= shipped
                if bits:
                    version = pep440_version(text)
                    if version is None or version in known:
                        self._add(version, number, bits)
                    else:
                        known[version] = {number: bits}
            return
        for place, record in enumerate(package.domain.records):
            for project, version in names.pypi_of(record):
                if project != self.project:
                    continue
                self._add(version, package.number, 2 << place)

    def _shipped(self, domain: CondaDomain, names: NameMapping) -> int | None:
        """Return the builds that ship the project, at their own versions; None: each has to be looked at."""
        if names.plain(domain.name) == self.project:  # its own name, under no rule
            return domain.python_bits()
        projects = names.always(domain.name)
        if projects is None or domain.has_purls:
            return None
        return domain.all if self.project in projects else 0

    def _add(self, version: str | None, package: int, bits: int) -> None:
        known = self.unknown if version is None else self.by_version.setdefault(version, {})
        known[package] = known.get(package, 0) | bits

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
        places = domain.provided_places()
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
                said = ProvidesFact(conda=packages[1], pypi=number)
                result.append(Incompatibility(tuple(packages), tuple(sets), said))
        for conda, group in self.unknown.items():
            if domain.all:
                fact = ProvidesFact(conda=conda, pypi=number)
                result.append(Incompatibility((conda, number), (group, domain.all), fact))
        return result
