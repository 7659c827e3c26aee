"""Packages that come from the other ecosystem than in the earlier lockfile: whether their versions stay."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from resolver.constraints.registry import Kind
from resolver.constraints.universe import JointUniverse
from resolver.model.notices import Notice

_PLACES = {"conda": "an index", "an index": "conda"}  # where packages are now -> where they were


class _Package(msgspec.Struct, frozen=True, kw_only=True):
    """One that crossed; ``why`` says what became of its earlier version, if that didn't stay."""

    now: str
    name: str
    version: str
    earlier: str
    why: str

    def __str__(self) -> str:
        moved = f" (in place of {self.earlier}, which {self.why})" if self.why else ""
        return f"`{self.name}` {self.version}{moved}"


def crossed(universe: JointUniverse, selected: Mapping[int, int]) -> Iterator[Notice]:
    """Yield a notice for each direction in which packages of the earlier lockfile went."""
    packages = sorted(_packages(universe, selected), key=lambda p: p.name)
    for now, before in _PLACES.items():
        found = [p for p in packages if p.now == now]
        if found:
            yield Notice(
                code="other-ecosystem",
                text=f"from {now} now, from {before} before: {', '.join(map(str, found))}",
                target=universe.conda.target.subdir,
                facts={
                    "source": now.split()[-1],
                    "packages": tuple(p.name for p in found),
                    "versions": tuple(p.version for p in found),
                    "earlier": tuple(p.earlier for p in found),
                },
            )


def _packages(universe: JointUniverse, selected: Mapping[int, int]) -> Iterator[_Package]:
    for package, place in selected.items():
        kind = universe.registry.keys[package].kind
        if kind is Kind.CONDA:
            found = universe.crossed(package)
            if found is not None:
                conda = universe.registry.conda(package).domain
                version = conda.records[place].version
                yield _package("conda", conda.name, version, found.version, found.bits, place)
        elif kind is Kind.PYPI:
            yield from _of_project(universe, package, place)


def _of_project(universe: JointUniverse, package: int, place: int) -> Iterator[_Package]:
    project = universe.registry.pypi(package)
    release, found = project.domain.releases[place], universe.crossed(package)
    if found is not None and not release.is_provided:
        yield _package("an index", project.name, release.version, found.version, found.bits, place)
    earlier = universe.pypi.policy.preferred_version(project.name) if universe.pypi else None
    if earlier is not None and release.is_provided:
        there = universe.pinned(package) & project.domain.provided
        yield _package("conda", project.name, release.version, earlier, there, place)


def _package(now: str, name: str, version: str, earlier: str, kept: int, place: int) -> _Package:
    why = "" if kept & (2 << place) else "doesn't fit" if kept else "isn't there"
    return _Package(now=now, name=name, version=version, earlier=earlier, why=why)
