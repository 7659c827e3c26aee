"""Match specs as bitsets over a package's candidates."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.constraints.conda_domain import CondaDomain
from resolver.constraints.cuda_builds import CudaRanks, build_id
from resolver.constraints.record_source import Source
from resolver.metadata.record_index import order_records
from resolver.model.channels import Channel
from resolver.model.match_spec import parse_match_spec
from resolver.model.records import CondaRecord
from tests.support.amount import examples
from tests.support.records import conda_record

SOURCE = Source(
    channel=Channel(name="conda-forge", base_url="https://conda.example.org/conda-forge"),
    subdir="linux-64",
    rank=0,
)
LATER = Source(
    channel=Channel(name="pytorch", base_url="https://conda.example.org/pytorch"), subdir="linux-64", rank=1
)


def row(version: str, build: str = "0", number: int = 0, **more: object) -> CondaRecord:
    return conda_record("x", version, build, build_number=number, **more)


def domain(*rows: CondaRecord) -> CondaDomain:
    return CondaDomain("x", [(r, SOURCE) for r in order_records(rows)])


VERSIONS = st.lists(st.integers(0, 4), min_size=1, max_size=3).map(lambda parts: ".".join(map(str, parts)))
BOUND = st.tuples(st.sampled_from([">=", ">", "<", "<="]), VERSIONS).map("".join)


@settings(deadline=None, max_examples=examples(300))
@given(st.lists(VERSIONS, min_size=1, max_size=25, unique=True), st.lists(BOUND, min_size=1, max_size=3))
def test_bounds_by_bisection_are_those_found_one_by_one(versions: list[str], bounds: list[str]) -> None:
    found = domain(*(row(v, build=f"b{n}", number=n % 3) for n, v in enumerate(versions)))
    spec = parse_match_spec(f"x {','.join(bounds)}")
    expected = sum(2 << n for n, r in enumerate(found.records) if spec.matches(r))
    assert found.bits_of(spec) == expected


@pytest.mark.parametrize("kind", ["features", "a pin", "channels", "channels mixed", "CUDA", "ascending"])
@settings(deadline=None, max_examples=examples(75))
@given(versions=st.lists(VERSIONS, min_size=7, max_size=15, unique=True), bound=BOUND, data=st.data())
def test_no_order_misleads_bisection(kind: str, versions: list[str], bound: str, data: st.DataObject) -> None:
    """Candidates stand in many orders but that of versions."""
    features = st.sampled_from(("", "f", "f g") if kind == "features" else ("",))
    rows = [row(v, build=f"b{n}", track_features=data.draw(features)) for n, v in enumerate(versions)]
    later = data.draw(st.sets(st.sampled_from(versions))) if kind.startswith("channels") else ()
    pairs = [
        *((r, SOURCE) for r in order_records(r for r in rows if r.version not in later)),
        *((r, LATER) for r in order_records(r for r in rows if r.version in later)),
    ]
    cuda = (
        data.draw(st.sets(st.sampled_from([build_id(*pair) for pair in pairs]))) if kind == "CUDA" else None
    )
    found = CondaDomain(
        "x",
        pairs,
        channels_first=kind == "channels",
        preferred=data.draw(st.sampled_from([r.file_name for r in rows])) if kind == "a pin" else None,
        ranks=None if cuda is None else CudaRanks(frozenset(cuda), frozenset(sorted(cuda)[:3])),
        ascending=kind == "ascending",
    )
    spec = parse_match_spec(f"x {bound}")
    assert found.bits_of(spec) == sum(2 << n for n, r in enumerate(found.records) if spec.matches(r))
    assert found.levels() == sorted(found.levels())


def test_of_one_version_a_cuda_build_comes_first_whatever_the_build_number() -> None:
    pairs = [(row("1.0", "cpu", 3), SOURCE), (row("1.0", "cuda", 1), SOURCE), (row("0.9", "cuda", 1), SOURCE)]
    cuda = frozenset(build_id(*pair) for pair in pairs[1:])
    found = CondaDomain("x", pairs, ranks=CudaRanks(cuda, frozenset()))
    assert [(r.version, r.build) for r in found.records] == [("1.0", "cuda"), ("1.0", "cpu"), ("0.9", "cuda")]


def test_a_pin_whose_file_is_gone_keeps_its_build_in_the_other_form() -> None:
    rows = [row("1.0", "b1", 1), row("1.0", "b0"), row("0.9", "b0")]
    pairs = [(r, SOURCE) for r in rows]
    for gone, kept in (("x-1.0-b0.tar.bz2", {"b0"}), ("x-1.0-b7.conda", {"b0", "b1"})):
        bits = CondaDomain("x", pairs, preferred=gone).version_kept
        assert {(r.version, r.build) for n, r in enumerate(rows) if bits & (2 << n)} == {
            ("1.0", build) for build in kept
        }


def test_fewer_track_features_rank_above_version() -> None:
    found = domain(row("2.0", track_features="slow"), row("1.0"))
    assert [r.version for r in found.records] == ["1.0", "2.0"]
    assert found.levels() == [0, 1]


def test_subdirs_are_merged_and_channels_come_first_when_asked() -> None:
    pairs = [(row("1.0"), SOURCE), (row("3.0"), LATER), (row("2.0"), LATER)]
    first = CondaDomain("x", pairs, channels_first=True)
    mixed = CondaDomain("x", pairs)
    assert [r.version for r in first.records] == ["1.0", "3.0", "2.0"]
    assert [r.version for r in mixed.records] == ["3.0", "2.0", "1.0"]


def test_of_equal_versions_the_earlier_channel_comes_first_whatever_the_build_number() -> None:
    pairs = [(row("1.0", build="a", number=7), LATER), (row("1.0", build="b", number=1), SOURCE)]
    found = CondaDomain("x", [*pairs, (row("1.0", build="c", number=3), SOURCE)])
    assert [r.build for r in found.records] == ["c", "b", "a"]
    assert found.levels() == [0, 0, 0]


def test_builds_of_one_number_in_two_channels_are_no_run() -> None:
    pairs = [(row("1.0", build="a", number=1), LATER), (row("1.0", build="b", number=1), SOURCE)]
    found = CondaDomain("x", pairs)
    assert [found.number_run(0), found.number_run(1)] == [(0, 1), (1, 2)]


def test_a_pin_of_before_is_tried_first() -> None:
    rows = order_records([row("1.0"), row("2.0"), row("3.0")])
    found = CondaDomain("x", [(r, SOURCE) for r in rows], preferred="x-2.0-0.conda")
    assert [r.version for r in found.records] == ["2.0", "3.0", "1.0"]
    assert found.bits("x >=2") == 0b110
    assert found.levels() == [-1, 0, 2]


def test_behind_a_pin_stand_the_other_builds_of_its_level() -> None:
    rows = order_records([row("3.0"), row("2.0", build="a"), row("2.0", build="b"), row("2.00", build="c")])
    rows += [row("2.0", build="d", track_features="slow")]
    found = CondaDomain("x", [(r, SOURCE) for r in rows], preferred="x-2.0-a.conda")
    assert [r.build for r in found.records] == ["a", "b", "c", "0", "d"]
    assert found.levels() == [-1, -1, -1, 0, 2]
    assert [found.level_run(place) for place in (0, 1, 3)] == [(0, 1), (1, 3), (3, 4)]


def test_a_pin_of_an_earlier_channel_is_no_reason_for_a_later_one() -> None:
    pairs = [(row("3.0"), SOURCE), (row("2.0", build="a"), SOURCE), (row("2.0", build="b"), LATER)]
    found = CondaDomain("x", pairs, channels_first=True, preferred="x-2.0-a.conda")
    assert [r.build for r in found.records] == ["a", "0", "b"]


def test_groups_hold_all_carriers_of_a_string() -> None:
    found = domain(row("2", depends=("a", "b >=1")), row("1", depends=("a",), constrains=("c <2",)))
    assert found.groups() == {"a": 0b110, "b >=1": 0b010}
    assert found.limits() == {"c <2": 0b100}
