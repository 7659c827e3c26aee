"""The whole of "best", step by step, against every solution of random worlds; ten thousand by a setting."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence

import pytest
from packaging.version import Version

from resolver.constraints.conda_side import CondaSide
from resolver.constraints.pypi_policy import Policy
from resolver.constraints.registry import Kind
from resolver.constraints.universe import JointUniverse
from resolver.metadata.record_index import order_records
from resolver.model.channels import Channel, ChannelPriority
from resolver.model.names import CondaName, PypiName
from resolver.model.origin import Origin
from resolver.model.records import CondaRecord, CoreMetadata, DistFile, ProjectPage
from resolver.model.requirements import CondaRequirement, PypiRequirement
from resolver.model.target import Target, VirtualPackage
from resolver.solving.engines import solve_best
from resolver.solving.search import Search
from tests.oracles.order import Order
from tests.oracles.ordered_worlds import (
    CHANNELS,
    PYPI,
    Assignment,
    Build,
    Need,
    World,
    make_world,
    solutions,
)
from tests.support.amount import IS_WHOLE
from tests.support.records import conda_record

#: worlds a run; all ten thousand: LOCKSTACK_UNIVERSES=10000
COUNT = int(os.environ.get("LOCKSTACK_UNIVERSES", "150"))
BLOCK = 250
ORIGIN = Origin(file="environment.yml", line=1, column=1)


class Subdir:
    """A channel's records of a world."""

    subdir = "linux-64"

    def __init__(self, world: World, place: int) -> None:
        self.channel = Channel(name=CHANNELS[place], base_url=f"https://conda.example.org/{CHANNELS[place]}")
        self._world, self._place = world, place

    def records(self, name: str) -> Sequence[CondaRecord]:
        found = [b for b in self._world.builds.get(name, ()) if b.channel == self._place]
        return order_records(record_of(build) for build in found)

    def find(self, name: str, file_name: str) -> None:
        pass

    def faulty(self, name: str) -> Sequence[CondaRecord]:
        return ()

    def prefetch(self, names: Sequence[str]) -> None:
        pass

    def url_of(self, record: CondaRecord) -> str:
        return f"{self.channel.base_url}/{self.subdir}/{record.file_name}"


def record_of(build: Build) -> CondaRecord:
    return conda_record(
        build.name,
        build.version,
        build.build,
        build_number=build.number,
        timestamp=build.timestamp,
        track_features=" ".join(f"{build.name}{n}" for n in range(build.features)),
        depends=tuple(spec_of(need) for need in build.needs if not need.optional),
        constrains=tuple(spec_of(need) for need in build.needs if need.optional),
    )


def spec_of(need: Need) -> str:
    return f"{need.name} {need.text}".strip()


class Index:
    """The projects of a world."""

    def __init__(self, world: World) -> None:
        self._world = world

    def project(self, name: PypiName) -> ProjectPage | None:
        files = tuple(
            DistFile(f"{name}-{b.version}-py3-none-any.whl", b.version, True, f"https://example.org/{b}", {})
            for b in sorted(self._world.builds.get(name, ()), key=lambda b: Version(b.version), reverse=True)
        )
        return ProjectPage(name=name, index="index", files=files) if files else None

    def metadata(self, file: DistFile, *, may_build: bool = True) -> CoreMetadata:
        name = file.file_name.partition("-")[0]
        build = next(b for b in self._world.builds[name] if b.version == file.version)
        needs = tuple(f"{need.name}{need.text}" for need in build.needs)
        return CoreMetadata(name=name, version=file.version, requires_dist=needs)

    def is_ready(self, file: DistFile) -> bool:
        return True

    def prefetch_projects(self, names: Iterable[PypiName]) -> None:
        pass

    def prefetch_metadata(self, files: Iterable[DistFile]) -> None:
        pass


class NoNames:
    """No conda package ships a project."""

    def pypi_of(self, record: CondaRecord) -> Sequence[tuple[PypiName, str | None]]:
        return ()

    def plain(self, name: str) -> None:
        pass

    def always(self, name: str) -> None:
        pass

    def conda_names_of(self, project: PypiName) -> Sequence[CondaName]:
        return ()


def universe_of(world: World) -> JointUniverse:
    target = Target(
        subdir="linux-64",
        channel_priority=ChannelPriority(world.priority),
        virtual_packages=(VirtualPackage(name="__glibc", version="2.35"),),
    )
    kept = {name: pin for name, pin in world.pins.items() if name != world.updated}
    side = CondaSide(
        [Subdir(world, place) for place in range(len(CHANNELS))],
        target,
        preferred={n: record_of(pin).file_name for n, pin in kept.items() if n not in PYPI},
    )
    conda = [CondaRequirement.parse(spec_of(n), ORIGIN) for n in world.lines if n.name not in PYPI]
    pip = [PypiRequirement.parse(f"{n.name}{n.text}", ORIGIN) for n in world.lines if n.name in PYPI]
    updated = (world.updated,) if world.updated else ()
    if not pip:
        return JointUniverse(side, conda, updated=updated)
    policy = Policy(preferred={PypiName(n): pin.version for n, pin in kept.items() if n in PYPI})
    return JointUniverse(
        side, conda, pip, source=Index(world), names=NoNames(), policy=policy, updated=updated
    )


def answer_of(world: World) -> Assignment | None:
    """Return what the search chooses, in the oracle's words."""
    universe = universe_of(world)
    best = solve_best(Search(universe), universe if universe.has_earlier else None)
    return None if best is None else dict(_chosen(world, universe, best.selected))


def _chosen(
    world: World, universe: JointUniverse, selected: Mapping[int, int]
) -> Iterable[tuple[str, Build]]:
    for number, place in selected.items():
        key, domain = universe.registry.keys[number], universe.registry.package(number).domain  # type: ignore[attr-defined]
        if key.kind is not Kind.CONDA:
            version = domain.releases[place].version
            yield str(key), next(b for b in world.builds[str(key)] if b.version == version)
        elif not key.name.startswith("__"):
            record = domain.records[place]
            yield key.name, next(b for b in world.builds[key.name] if record_of(b) == record)


def judge(seed: int) -> list[str]:
    world = make_world(seed)
    return [f"{seed}: {fault}" for fault in Order(world).faults(answer_of(world))]


@pytest.mark.parametrize("start", range(0, COUNT, BLOCK))
def test_best_step_by_step(start: int) -> None:
    assert [why for seed in range(start, min(start + BLOCK, COUNT)) for why in judge(seed)] == []


def test_the_worlds_have_something_to_decide_at_every_step() -> None:
    worlds = [make_world(seed) for seed in range(160)]
    found = [(world, list(solutions(world))) for world in worlds]
    solved = [(world, all_of) for world, all_of in found if all_of]
    assert 0.5 < len(solved) / len(worlds) < 0.97
    assert sum(len(all_of) > 3 for _, all_of in solved) > 40
    assert {world.priority for world in worlds} == {"strict", "flexible", "disabled"}
    orders = [Order(world) for world, _ in solved]
    assert sum(any(order.moves(s) for s in order.solutions) for order in orders if order.world.pins) > 24
    assert sum(len({order.requested_levels(s) for s in order.solutions}) > 1 for order in orders) > 40
    assert sum("rc" in s["x"].version for _, all_of in solved for s in all_of if "x" in s) > 8
    assert sum(world.updated is not None for world in worlds) > 8


def test_a_worse_answer_is_noticed() -> None:
    """Whatever else is a solution is faulted, but for other best points of the requested ones."""
    noticed = passed = 0
    for seed in range(20 if IS_WHOLE else 8):
        order = Order(make_world(seed))
        for other in order.solutions:
            noticed += bool(order.faults(other))
            passed += not order.faults(other)
    assert noticed > 5 * passed > 0
