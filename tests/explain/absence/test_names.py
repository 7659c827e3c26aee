"""Names that were probably meant, and ranges that nothing can be in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from resolver.constraints.conda_side import CondaSide
from resolver.explain.absence.known_names import likely_projects, packages_of
from resolver.explain.absence.likely_names import KnownNames, meant, near_names, slips_between
from resolver.explain.core import hitting_sets
from resolver.explain.empty_range import empty_range
from resolver.model.channels import Channel
from resolver.model.match_spec import version
from resolver.model.target import Target
from resolver.sources.conda.opening import channels_beside

WORLD = (
    "azure-core", "azureml-core", "azure-mgmt-core", "numpy", "sunpy", "mpi", "pytorch", "orch",
    "scikit-learn", "tensorflow", "tensorflow-hub", "opencv", "pandas", "pyyaml", "typing_extensions",
    "request", "requests",
)  # fmt: skip


@pytest.mark.parametrize(
    ("written", "names", "why"),
    [
        ("azureml-croe", ("azureml-core",), "two letters swapped, not a shorter product"),
        ("numpi", ("numpy",), "one wrong letter; two missing ones make another short name"),
        ("nunpy", ("numpy",), "equally near: the well-known one"),
        ("torch", ("pytorch",), "what it is called here, though `orch` is one letter away"),
        ("sklearn", ("scikit-learn",), "what is imported"),
        ("tensorflow-gpu", ("tensorflow",), "no add-on of the same product"),
        ("opencv-python", ("opencv",), "the name of the other world"),
        ("typing-extensions", ("typing_extensions",), "spelt otherwise"),
        ("yaml", ("pyyaml",), "without py"),
        ("reqeusts", ("requests",), "nearer than `request`"),
        ("azureml-cores-xyz", (), "nothing within two slips"),
        ("zzz", (), "nothing near"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_only_what_a_slip_makes_may_stand_in_its_place(
    written: str, names: tuple[str, ...], why: str
) -> None:
    assert meant(near_names(written, WORLD)) == names, why


@pytest.mark.parametrize(
    ("one", "other", "slips"),
    [
        ("core", "croe", 1),
        ("numpy", "numpi", 1),
        ("ab", "ba", 1),
        ("abc", "abc", 0),
        ("abcd", "ab", 2),
        ("ab", "cdef", None),
    ],
)
def test_slips_are_counted(one: str, other: str, slips: int | None) -> None:
    assert slips_between(one, other, 3) == slips


@given(one=st.text("abc", max_size=7), other=st.text("abc", max_size=7))
def test_slips_are_counted_as_by_the_definition(one: str, other: str) -> None:
    def plain(i: int, j: int) -> int:
        if not i or not j:
            return i or j
        least = min(
            plain(i - 1, j) + 1, plain(i, j - 1) + 1, plain(i - 1, j - 1) + (one[i - 1] != other[j - 1])
        )
        if i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
            least = min(least, plain(i - 2, j - 2) + 1)
        return least

    expected = plain(len(one), len(other)) if len(one) + len(other) <= 9 else None
    found = slips_between(one, other, 9)
    assert found is not None
    assert expected is None or found == expected
    assert found == slips_between(other, one, 9)
    assert slips_between(one, other, found - 1) is None


@pytest.mark.parametrize(
    ("text", "order", "said"),
    [
        (">=2,<1", version, "no version is both >=2 and <1"),
        ("<1,>=2", version, "no version is both >=2 and <1"),
        (">=2,<2", Version, "no version is both >=2 and <2"),
        ("==1.0,==2.0", Version, "no version is both ==2.0 and ==1.0"),
        (">=1,<2", version, None),
        (">=2,<=2", version, None),
        ("==1.0,==1.0.0", Version, None),
        (">=2,<1|>=3", version, None),
        ("~=2.0,<1", Version, None),
        ("", version, None),
    ],
)
def test_a_range_that_nothing_can_be_in(text: str, order: Callable[[str], Any], said: str | None) -> None:
    assert empty_range(text, order) == said


def test_lines_that_fail_by_themselves_cost_no_combinations() -> None:
    conflicts = [(n,) for n in range(40)] + [(50, 51), (51, 52), (3, 50)]
    assert [sorted(found - set(range(40))) for found in hitting_sets(conflicts)] == [[51], [50, 52]]


def test_beside_the_default_channels_are_those_of_the_alias() -> None:
    main = Channel(name="pkgs/main", base_url="https://repo.anaconda.com/pkgs/main")
    assert {channel.base_url for channel in channels_beside([main])} >= {
        "https://conda.anaconda.org/conda-forge",
        "https://conda.anaconda.org/bioconda",
    }
    assert not any(channel.base_url.startswith("https://repo") for channel in channels_beside([main]))


def test_names_that_are_kept_answer_as_asked_afresh() -> None:
    kept = KnownNames(WORLD)
    for name in (*WORLD, "numpi", "croe", "azureml-croe", "typing-extensions", "numpi"):
        assert kept.near(name) == near_names(name, WORLD)


class _Named:
    """A subdir in one state, with names."""

    subdir = "linux-64"

    def __init__(self, state: bytes | None, *names: str) -> None:
        self.channel = Channel(name="c", base_url="https://c.example")
        self._names = names
        if state is not None:
            self.whole_state = state

    def names(self) -> tuple[str, ...]:
        return self._names


def test_names_of_channels_are_kept_by_their_states() -> None:
    def known(state: bytes | None, *names: str) -> KnownNames:
        return packages_of(CondaSide((_Named(state, *names),), Target(subdir="linux-64")))

    first = known(b"1", "numpy")
    assert known(b"1", "numpy") is first
    assert [one.name for one in known(b"2", "pandas").near("pandsa")] == ["pandas"]
    assert known(None, "numpy") is not known(None, "numpy")  # what tells no state is read each time
    assert known(b"1") is first
    assert likely_projects(CondaSide((_Named(b"1", "numpy"),), Target(subdir="linux-64"))) is not first
