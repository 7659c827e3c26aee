"""Pre-releases are judged for all that is asked of a project together: against every assignment there is."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from resolver.constraints.conda_side import CondaSide
from resolver.constraints.registry import Kind
from resolver.constraints.universe import JointUniverse
from resolver.model.channels import Channel
from resolver.model.names import CondaName, PypiName
from resolver.model.origin import Origin
from resolver.model.records import CondaRecord, CoreMetadata, DistFile, ProjectPage
from resolver.model.requirements import PypiRequirement
from resolver.model.target import Target, VirtualPackage
from resolver.solving.engines import solve_best
from resolver.solving.provider import solve_with_resolvelib
from resolver.solving.search import Search
from tests.support.amount import sampled
from tests.support.records import conda_record

PYTHONS = ("3.12.1", "3.11.2")  # best first
TARGET = Target(subdir="linux-64", virtual_packages=(VirtualPackage(name="__glibc", version="2.28"),))


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Projects: version -> what it requires; ``only``: (project, version) -> the one Python that fits."""

    lines: tuple[str, ...]
    projects: Mapping[str, Mapping[str, tuple[str, ...]]]
    only: Mapping[tuple[str, str], str]


# -- the engine -----------------------------------------------------------------------------------


class Index:
    """Serves a world's projects; remembers whose metadata was read."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.read: list[tuple[str, str]] = []

    def project(self, name: PypiName) -> ProjectPage | None:
        versions = self.world.projects.get(name)
        if versions is None:
            return None
        files = tuple(
            DistFile(f"{name}-{v}-{self._tag(name, v)}.whl", v, True, f"https://example.org/{name}-{v}", {})
            for v in sorted(versions, key=Version, reverse=True)
        )
        return ProjectPage(name=name, index="index", files=files)

    def _tag(self, name: str, version: str) -> str:
        python = self.world.only.get((name, version))
        minor = "cp311" if python == PYTHONS[1] else "cp312"
        return "py3-none-any" if python is None else f"{minor}-{minor}-manylinux_2_17_x86_64"

    def metadata(self, file: DistFile, *, may_build: bool = True) -> CoreMetadata:
        name = file.file_name.partition("-")[0]
        self.read.append((name, file.version))
        return CoreMetadata(
            name=name, version=file.version, requires_dist=self.world.projects[name][file.version]
        )

    def prefetch_projects(self, names: Iterable[PypiName]) -> None:
        pass

    def prefetch_metadata(self, files: Iterable[DistFile]) -> None:
        pass


class Pythons:
    """The channel that has the interpreters."""

    channel = Channel(name="conda-forge", base_url="https://conda.example.org/conda-forge")
    subdir = "linux-64"

    def records(self, name: str) -> Sequence[CondaRecord]:
        return [conda_record("python", v) for v in PYTHONS] if name == "python" else []

    def find(self, name: str, file_name: str) -> None:
        pass

    def faulty(self, name: str) -> Sequence[CondaRecord]:
        return ()

    def prefetch(self, names: Sequence[str]) -> None:
        pass

    def url_of(self, record: CondaRecord) -> str:
        return record.file_name


class NoNames:
    """No conda package ships a project."""

    def pypi_of(self, record: CondaRecord) -> Sequence[tuple[PypiName, str | None]]:
        return ()

    def conda_names_of(self, project: PypiName) -> Sequence[CondaName]:
        return ()


def universe_of(world: World, index: Index | None = None) -> JointUniverse:
    lines = [Requirement(line) for line in world.lines]
    pip = [
        PypiRequirement(
            name=PypiName(line.name), text=str(line), specifier=str(line.specifier),
            origin=Origin(file="requirements.txt", line=number), marker=str(line.marker or "") or None,
        )
        for number, line in enumerate(lines, 1)
    ]  # fmt: skip
    side = CondaSide([Pythons()], TARGET)
    return JointUniverse(side, [], pip, source=index or Index(world), names=NoNames())


def chosen(universe: JointUniverse, selected: Mapping[int, int] | None) -> dict[str, str] | None:
    """Return the version of each package."""
    if selected is None:
        return None
    found = {}
    for number, place in selected.items():
        key = universe.registry.keys[number]
        if key.kind is Kind.CONDA and not key.name.startswith("__"):
            found[key.name] = universe.registry.conda(number).domain.records[place].version
        elif key.kind is Kind.PYPI:
            found[key.name] = universe.registry.pypi(number).domain.releases[place].version
    return found


def solved(world: World) -> dict[str, str] | None:
    universe = universe_of(world)
    best = solve_best(Search(universe))
    return None if best is None else chosen(universe, best.selected)


# -- every assignment, with nothing of the engine's -----------------------------------------------


def asks(texts: Iterable[str], python: str) -> Iterator[Requirement]:
    """Yield the requirements whose marker holds."""
    environment = {"python_version": python.rpartition(".")[0]}
    for text in texts:
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate(environment):
            yield requirement


def assignments(world: World, python: str) -> Iterator[dict[str, str]]:
    """Yield every way to meet all requirements by some release, pre-releases like any other."""

    def extend(picked: dict[str, str]) -> Iterator[dict[str, str]]:
        every = [*world.lines, *(t for name, v in picked.items() for t in world.projects[name][v])]
        wanted = list(asks(every, python))
        for requirement in wanted:
            version = picked.get(requirement.name)
            if version is not None and not requirement.specifier.contains(version, prereleases=True):
                return
        name = next((r.name for r in wanted if r.name not in picked), None)
        if name is None:
            yield picked
            return
        for version in world.projects.get(name, {}):
            if world.only.get((name, version), python) == python:
                yield from extend({**picked, name: version})

    yield from extend({})


def is_admissible(world: World, python: str, picked: Mapping[str, str], name: str) -> bool:
    """Tell whether PEP 440 admits a release beside all that is asked of it without its own help."""
    asked: list[SpecifierSet] = []
    seen, stack = {name}, [world.lines]
    while stack:
        for requirement in asks(stack.pop(), python):
            if requirement.name == name:
                asked.append(requirement.specifier)
            elif requirement.name not in seen:
                seen.add(requirement.name)
                stack.append(world.projects[requirement.name][picked[requirement.name]])
    together = SpecifierSet(",".join(str(one) for one in asked))
    usable = [v for v in world.projects[name] if world.only.get((name, v), python) == python]
    # the user's own lines speak whatever their marker says
    explicit = any(Requirement(t).specifier.prereleases for t in world.lines if Requirement(t).name == name)
    return picked[name] in together.filter(usable, prereleases=True if explicit else None)


def valid(world: World) -> list[dict[str, str]]:
    return [
        {**picked, "python": python}
        for python in PYTHONS
        for picked in assignments(world, python)
        if all(is_admissible(world, python, picked, name) for name in picked)
    ]


def ranks(world: World, found: Mapping[str, str]) -> tuple[int, ...]:
    """Return how far each named project is from its best: finals, newest first, then pre-releases."""
    named = dict.fromkeys(Requirement(line).name for line in world.lines)
    explicit = {Requirement(t).name for t in world.lines if Requirement(t).specifier.prereleases}
    result = []
    for name in named:

        def key(version: str, name: str = name) -> tuple[bool, Version]:
            return (name in explicit or not Version(version).is_prerelease, Version(version))

        order = sorted(world.projects.get(name, {}), key=key, reverse=True)
        result.append(order.index(found[name]))
    return tuple(result)


def dominates(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return one != other and all(a <= b for a, b in zip(one, other, strict=True))


# -- random worlds --------------------------------------------------------------------------------

VERSIONS = ("0.9", "1.0", "1.1rc1", "1.1", "2.0a1", "2.0rc1")
ASKED = ("", "", "", ">=1.0", ">1.0", "<2", "!=1.1", "==1.1rc1", ">=1.1", "<=1.0", ">=2.0a1", "==2.0a1")
MARKERS = ("", "", "", "", "; python_version < '3.12'", "; python_version >= '3.12'")


def random_world(seed: int) -> World:
    draw = random.Random(seed)  # noqa: S311
    names = "abcde"[: draw.randint(2, 5)]

    def some(count: int, among: str) -> tuple[str, ...]:
        picked = draw.sample(among, min(count, len(among)))
        return tuple(f"{n}{draw.choice(ASKED)}{draw.choice(MARKERS)}" for n in picked)

    projects = {
        name: {
            version: some(draw.choice((0, 0, 1, 1, 2)), names.replace(name, ""))
            for version in sorted(draw.sample(VERSIONS, draw.randint(1, 4)))
        }
        for name in names
    }
    only = {
        (name, version): draw.choice(PYTHONS)
        for name, versions in projects.items()
        for version in versions
        if draw.random() < 0.15
    }
    lines = [line.partition(";")[0] for line in some(draw.randint(1, 3), names)]
    if draw.random() < 0.3:
        lines.append(f"{Requirement(lines[0]).name}{draw.choice(ASKED)}{draw.choice(MARKERS)}")
    return World(lines=tuple(lines), projects=projects, only=only)


def check(seed: int) -> str:
    """Compare one random world; return what it was like."""
    world = random_world(seed)
    answers, found = valid(world), solved(world)
    if found is None:
        assert not answers
        return "unsolvable"
    assert found in answers
    vector = ranks(world, found)
    assert not any(dominates(ranks(world, other), vector) for other in answers)
    return "pre-release" if any(Version(v).is_prerelease for v in found.values()) else "final"


@pytest.mark.parametrize("block", sampled(range(6), 3))
def test_random_worlds_against_every_assignment(block: int) -> None:
    met = [check(seed) for seed in range(block * 50, block * 50 + 50)]
    assert set(met) == {"unsolvable", "pre-release", "final"}


@pytest.mark.parametrize("seed", [320, 683, 1353])
def test_what_counted_once_is_judged_again_where_the_reason_is_gone(seed: int) -> None:
    check(seed)


def test_resolvelib_keeps_to_the_rule() -> None:
    for seed in range(100):
        world = random_world(seed)
        universe = universe_of(world)
        found = chosen(universe, solve_with_resolvelib(universe))
        answers = valid(world)
        assert (found is None) == (not answers)
        assert found is None or found in answers


# -- by hand --------------------------------------------------------------------------------------

BY_HAND: list[tuple[str, World, dict[str, str] | None]] = [
    (
        "a dependency names one, a line asks for any",
        World(
            lines=("t", "x"),
            projects={"t": {"1.0": ("x==1.1rc1",)}, "x": {"1.0": (), "1.1rc1": ()}},
            only={},
        ),
        {"t": "1.0", "x": "1.1rc1"},
    ),
    (
        "the bounds of two dependencies leave no final release",
        World(
            lines=("a", "b"),
            projects={
                "a": {"1.0": ("x>1.0",)}, "b": {"1.0": ("x<1.2",)},
                "x": {"1.0": (), "1.1rc1": (), "1.2": ()},
            },
            only={},
        ),
        {"a": "1.0", "b": "1.0", "x": "1.1rc1"},
    ),
    (
        "a final release that can't be had for its own needs still speaks against them",
        World(lines=("x",), projects={"x": {"1.0": ("missing",), "1.1rc1": ()}}, only={}),
        None,
    ),
    (
        "where a dependency names one they count like any other",
        World(
            lines=("t",),
            projects={"t": {"1.0": ("x>=1.1rc1",)}, "x": {"1.1": ("missing",), "1.1rc1": ()}},
            only={},
        ),
        {"t": "1.0", "x": "1.1rc1"},
    ),
    (
        "a final release for another Python says nothing",
        World(
            lines=("x", "y"), projects={"x": {"1.0": (), "1.1rc1": ()}, "y": {"1.0": ()}},
            only={("x", "1.0"): PYTHONS[1], ("y", "1.0"): PYTHONS[0]},
        ),
        {"x": "1.1rc1", "y": "1.0"},
    ),
    (
        "what a pre-release brings in is no reason for it",
        World(
            lines=("x",),
            projects={"x": {"1.0": ("missing",), "1.1rc1": ("y",)}, "y": {"1.0": ("x>1.0",)}},
            only={},
        ),
        None,
    ),
]  # fmt: skip


@pytest.mark.parametrize(("world", "expected"), [row[1:] for row in BY_HAND], ids=[row[0] for row in BY_HAND])
def test_by_hand(world: World, expected: dict[str, str] | None) -> None:
    found = solved(world)
    if found is not None:
        del found["python"]
    assert found == expected


def test_a_pre_release_that_does_not_count_is_not_read() -> None:
    world = World(
        lines=("x", "y"),
        projects={"x": {"1.0": ("missing",), "1.1rc1": (), "1.1rc2": ()}, "y": {"1.0": ()}},
        only={},
    )
    index = Index(world)
    assert solve_best(Search(universe_of(world, index))) is None
    assert not [pair for pair in index.read if pair[0] == "x" and "rc" in pair[1]]
