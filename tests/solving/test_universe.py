"""What the search asks of the joint universe: questions that change nothing, levels, the order of builds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from resolver.constraints.conda_side import CondaSide
from resolver.constraints.registry import Key, Kind
from resolver.constraints.universe import JointUniverse
from resolver.metadata.record_index import order_records
from resolver.model.channels import Channel, ChannelPriority
from resolver.model.names import CondaName
from resolver.model.records import CondaRecord
from resolver.model.requirements import CondaRequirement
from resolver.model.target import Target
from tests.oracles.universe_generator import make_universe
from tests.solving.data_universe import ORIGIN, joint_universe


class Subdir:
    """One subdir's records."""

    subdir = "linux-64"

    def __init__(self, channel: str, records: Sequence[CondaRecord]) -> None:
        self.channel = Channel(name=channel, base_url=f"https://conda.example.org/{channel}")
        self._records = records

    def records(self, name: str) -> Sequence[CondaRecord]:
        return order_records(record for record in self._records if record.name == name)

    def find(self, name: str, file_name: str) -> None:
        pass

    def faulty(self, name: str) -> Sequence[CondaRecord]:
        return ()

    def prefetch(self, names: Sequence[str]) -> None:
        pass

    def url_of(self, record: CondaRecord) -> str:
        return record.file_name


def record(name: str, version: str, build: str = "0", *depends: str, track_features: str = "") -> CondaRecord:
    return CondaRecord(
        name=name,
        version=version,
        build=build,
        build_number=0,
        file_name=f"{name}-{version}-{build}.conda",
        depends=depends,
        track_features=track_features,
    )


def universe_of(*channels: Sequence[CondaRecord], priority: str = "strict") -> JointUniverse:
    target = Target(subdir="linux-64", channel_priority=ChannelPriority(priority))
    subdirs = [Subdir(f"channel{n}", records) for n, records in enumerate(channels)]
    line = CondaRequirement(name=CondaName("x"), spec="x", origin=ORIGIN)
    return JointUniverse(CondaSide(subdirs, target), [line])


@pytest.mark.parametrize("seed", range(40))
def test_asking_what_a_line_says_changes_nothing(seed: int) -> None:
    universe = joint_universe(make_universe(seed))
    asked = universe.requested()
    universe.root()
    line = CondaRequirement(name=CondaName("never-heard-of"), spec="never-heard-of >=2", origin=ORIGIN)
    for requirement in (*universe.requirements, line):
        universe.clauses_of(requirement)
    universe.guarded()
    assert universe.requested() == asked
    assert [universe.priority(package)[1] for package in asked] == list(range(len(asked)))
    number = universe.registry.number(Key(Kind.CONDA, "never-heard-of"))
    assert number not in asked


def test_a_number_is_asked_for_by_its_kind() -> None:
    universe = universe_of([record("x", "1")])
    number = universe.registry.number(Key(Kind.CONDA, "x"))
    guard = universe.registry.number(Key(Kind.GUARD, "0"))
    assert universe.registry.conda(number) is universe.registry.package(number)
    with pytest.raises(TypeError, match="`x`, of kind CONDA"):
        universe.registry.pypi(number)
    with pytest.raises(TypeError, match="`0`, of kind GUARD"):
        universe.registry.conda(guard)


PYTHONS = [record("python", "3.12"), record("python", "3.11"), record("python", "3.9")]
LIBRARIES = [record("lib", "2"), record("lib", "1")]
BUILDS = [
    ("the newest python", [("a", "python 3.9.*"), ("b", "python 3.12.*"), ("c", "python 3.11.*")], "bca"),
    ("the newest of what differs, whatever the name's pattern",
     [("cuda118", "lib 1.*"), ("cpu", "lib 2.*")], "cpu,cuda118"),
    ("python before anything else",
     [("a", "python 3.9.*", "lib 2.*"), ("b", "python 3.12.*", "lib 1.*")], "ba"),
    ("a name that not all depend on doesn't count", [("a",), ("b", "lib 1.*")], "ab"),
    ("what nothing admits comes last", [("a", "lib 7.*"), ("b", "lib 1.*")], "ba"),
    ("what is no spec comes last", [("a", "lib >=,<"), ("b", "lib 1.*")], "ba"),
    ("other interpreters after the usual one",
     [("a", "python 3.12.*", "python_abi * *_cp312t"), ("b", "python 3.11.*", "python_abi * *_cp311")],
     "ba"),
]  # fmt: skip


@pytest.mark.parametrize(("builds", "expected"), [c[1:] for c in BUILDS], ids=[c[0] for c in BUILDS])
def test_of_equal_builds_the_one_whose_dependencies_are_newest(
    builds: list[tuple[str, ...]], expected: str
) -> None:
    records = [record("x", "1", name, *depends) for name, *depends in builds]
    universe = universe_of([*records, *PYTHONS, *LIBRARIES])
    number = universe.requested()[0]
    known = universe.registry.conda(number).domain
    left, order = known.all, []
    while left:
        best = universe.prefer(number, left)
        order.append(known.records[best.bit_length() - 2].build)
        left &= ~best
    assert order == (expected.split(",") if "," in expected else list(expected))


LEVELS = [
    ("a channel outranks a version", "strict", [["1"], ["2"]], [("1", 0)]),
    ("also where both are candidates", "flexible", [["1"], ["2"]], [("1", 0), ("2", 1)]),
    ("not where priority is off", "disabled", [["1"], ["2"]], [("2", 0), ("1", 1)]),
]


@pytest.mark.parametrize(
    ("priority", "channels", "expected"), [c[1:] for c in LEVELS], ids=[c[0] for c in LEVELS]
)
def test_levels(priority: str, channels: list[list[str]], expected: list[tuple[str, int]]) -> None:
    universe = universe_of(
        *([record("x", version) for version in versions] for versions in channels), priority=priority
    )
    number = universe.requested()[0]
    known = universe.registry.conda(number).domain
    assert list(zip([r.version for r in known.records], universe.levels(number), strict=True)) == expected
    newest_first = sorted({r.version for r in known.records}, reverse=True)
    assert list(universe.version_ranks(number)) == [newest_first.index(r.version) for r in known.records]


def test_track_features_make_another_level_of_the_same_version() -> None:
    universe = universe_of(
        [record("x", "2", "debug", track_features="debug"), record("x", "2"), record("x", "1")]
    )
    number = universe.requested()[0]
    builds = [r.build for r in universe.registry.conda(number).domain.records]
    levels = dict(
        zip(zip(builds, universe.version_ranks(number), strict=True), universe.levels(number), strict=True)
    )
    assert levels == {("0", 0): 0, ("0", 1): 1, ("debug", 0): 2}


def test_direct_references_are_made_with_the_pythons_there_are() -> None:
    data = next(
        data
        for data in map(make_universe, range(2000))
        if any(package.direct for package in data.packages.values())
    )
    universe = joint_universe(replace(data, pip_from_conda="if-present"))
    assert universe.pypi is not None
    name = next(iter(universe.pypi.direct))
    release = universe.pypi.domain(name)[0].releases[0]
    assert release.direct is not None
    assert release.pythons & ~universe.pypi.python.all == 0
