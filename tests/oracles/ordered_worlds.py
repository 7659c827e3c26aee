"""Random worlds in which every step of "best" has something to decide; and all that is valid in one.

A world has conda packages in two channels under one of the three priorities, with track_features, several
builds of a version, pins of an earlier lockfile, and often projects on an index, some with pre-releases. It
is small enough that every assignment can be listed.

What is said of it here shares nothing with the search: versions are whole numbers (pre-releases behind a
comma below), a dependency is the set of versions that it admits.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from packaging.specifiers import SpecifierSet

CONDA = ("a", "b", "c", "d", "e")  #: the first two are asked for
PYPI = ("x", "y")  #: the first is asked for, where there are projects
CHANNELS = ("first", "second")


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """A dependency on some versions; ``optional``: only where something else brings the package in."""

    name: str
    versions: frozenset[str]
    text: str  #: behind the name
    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """A conda record, or (``channel`` -1) a release on the index."""

    name: str
    version: str
    channel: int = -1
    build: str = ""
    number: int = 0
    features: int = 0
    timestamp: int = 0
    needs: tuple[Need, ...] = ()

    def __str__(self) -> str:
        return f"{self.name} {self.version} {self.build}".strip()


Assignment = Mapping[str, Build]


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """``builds`` of each name in no order; ``pins``: what an earlier lockfile holds."""

    priority: str
    builds: Mapping[str, tuple[Build, ...]]
    lines: tuple[Need, ...]
    pins: Mapping[str, Build] = field(default_factory=dict)
    updated: str | None = None

    @property
    def requested(self) -> tuple[str, ...]:
        """The names that lines ask for, in file order."""
        return tuple(dict.fromkeys(line.name for line in self.lines))

    def candidates(self, name: str) -> tuple[Build, ...]:
        """Return what may be selected of a name: under strict priority only what its first channel has."""
        found = self.builds.get(name, ())
        if self.priority == "strict" and name in CONDA:
            first = min((one.channel for one in found), default=0)
            return tuple(one for one in found if one.channel == first)
        return found


def make_world(seed: int) -> World:
    """Return the world of a seed."""
    rng = random.Random(seed)  # noqa: S311 - wanted: a seed
    has_pypi = rng.random() < 0.5
    names = CONDA[: rng.randint(4, 5)] if not has_pypi else CONDA[:3]
    versions = {name: [str(n) for n in range(1, rng.randint(1, 3) + 1)] for name in names}
    builds: dict[str, tuple[Build, ...]] = {}
    for name in names:
        found = [one for version in versions[name] for one in _conda_builds(rng, name, version, versions)]
        builds[name] = tuple(found)
    if has_pypi:
        builds |= _projects(rng)
        builds["python"] = (Build(name="python", version="3", channel=0, build="h", number=0),)
    lines = [_need(rng, name, versions[name], free=0.7) for name in names[:2]]
    if has_pypi:
        lines.append(Need(name="python", versions=frozenset({"3"}), text=""))
        lines.append(_project_need(rng, "x", builds["x"], free=0.7))
    world = World(priority=rng.choice(("strict", "flexible", "disabled")), builds=builds, lines=tuple(lines))
    return _over_a_lockfile(rng, world) if rng.random() < 0.5 else world


def _over_a_lockfile(rng: random.Random, world: World) -> World:
    """Return the world with pins: mostly of builds that there are, of most packages, rarely one updated."""
    pins = {
        name: rng.choice(world.candidates(name))
        for name in world.builds
        if name != "python" and world.candidates(name) and rng.random() < 0.75
    }
    requested = [name for name in world.requested if name in pins]
    updated = rng.choice(requested) if requested and rng.random() < 0.3 else None
    return World(priority=world.priority, builds=world.builds, lines=world.lines, pins=pins, updated=updated)


def _conda_builds(
    rng: random.Random, name: str, version: str, versions: Mapping[str, list[str]]
) -> Iterator[Build]:
    """Yield one to three builds of a version, which need the same names, mostly in other words."""
    others = [other for other in versions if other > name] or [other for other in versions if other != name]
    wanted = rng.sample(others, min(len(others), rng.choice((0, 1, 1, 2))))
    optional = {other: rng.random() < 0.2 for other in wanted}
    shared = [_need(rng, other, versions[other], optional=optional[other]) for other in wanted]
    for place in range(rng.choice((1, 1, 2, 3))):
        needs = [
            _need(rng, one.name, versions[one.name], optional=one.optional) if rng.random() < 0.5 else one
            for one in shared
        ]
        yield Build(
            name=name,
            version=version,
            channel=rng.choice((0, 0, 1)),
            build=f"{rng.choice('pqr')}{place}",
            number=rng.choice((0, 0, 1)),
            features=int(rng.random() < 0.15),
            timestamp=rng.choice((5, 6)),
            needs=tuple(needs),
        )


def _need(
    rng: random.Random, name: str, versions: list[str], *, free: float = 0.3, optional: bool = False
) -> Need:
    if rng.random() < free:
        return Need(name=name, versions=frozenset(versions), text="", optional=optional)
    bound = rng.choice(versions)
    operator = rng.choice((">=", "<=", "==", "!="))
    tests = {
        ">=": lambda v: int(v) >= int(bound),
        "<=": lambda v: int(v) <= int(bound),
        "==": lambda v: v == bound,
        "!=": lambda v: v != bound,
    }
    admitted = frozenset(version for version in versions if tests[operator](version))
    return Need(name=name, versions=admitted, text=f"{operator}{bound}", optional=optional)


def _projects(rng: random.Random) -> dict[str, tuple[Build, ...]]:
    """Return project x, which may need y; each has final releases, or pre-releases, or both."""
    texts = ["1", "2", "3rc1", "3", "4a1"]
    versions = {name: sorted(rng.sample(texts, rng.randint(1, 4))) for name in PYPI}
    y = tuple(Build(name="y", version=version) for version in versions["y"])
    x = tuple(
        Build(
            name="x",
            version=version,
            needs=(_project_need(rng, "y", y),) if rng.random() < 0.7 else (),
        )
        for version in versions["x"]
    )
    return {"x": x, "y": y}


def _project_need(rng: random.Random, name: str, releases: tuple[Build, ...], *, free: float = 0.3) -> Need:
    """Return a requirement that names no pre-release: by itself it admits final releases only."""
    text = "" if rng.random() < free else f"{rng.choice(('>=', '<=', '!=', '<', '>'))}{rng.choice('1234')}"
    admitted = SpecifierSet(text).filter((one.version for one in releases), prereleases=True)
    return Need(name=name, versions=frozenset(admitted), text=text)


# --- all that is valid ---


def solutions(world: World) -> Iterator[Assignment]:
    """Yield every assignment that meets all lines and needs and has nothing that nothing needs."""
    for found in _extend(world, {}):
        if _pre_releases_hold(world, found):
            yield found


def _extend(world: World, chosen: dict[str, Build]) -> Iterator[dict[str, Build]]:
    needs = [*world.lines, *(need for one in chosen.values() for need in one.needs)]
    for need in needs:
        if need.name in chosen and chosen[need.name].version not in need.versions:
            return
    open_one = next((need.name for need in needs if not need.optional and need.name not in chosen), None)
    if open_one is None:
        yield chosen
        return
    for build in world.candidates(open_one):
        yield from _extend(world, chosen | {open_one: build})


def _pre_releases_hold(world: World, chosen: Assignment) -> bool:
    """Tell whether PEP 440 admits the releases: pre-releases where no final one meets all that is asked.

    One that an earlier lockfile holds may stay, as a yanked one may.
    """
    for name in PYPI:
        is_kept = world.pins.get(name) == chosen.get(name) and name != world.updated
        if name in chosen and not is_kept:
            needs = [*world.lines, *(need for one in chosen.values() for need in one.needs)]
            texts = ",".join(need.text for need in needs if need.name == name and need.text)
            listed = (one.version for one in world.builds[name])
            if chosen[name].version not in set(SpecifierSet(texts).filter(listed)):
                return False
    return True
