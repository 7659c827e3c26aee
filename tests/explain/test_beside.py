"""What a universe takes from one of a like question is what it would have worked out for itself."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from resolver.constraints.conda_side import CondaSide
from resolver.constraints.kept_domains import KeptDomains
from resolver.constraints.universe import JointUniverse
from resolver.explain.core import CoreFinder
from resolver.model.channels import ChannelPriority
from resolver.model.origin import Origin
from resolver.model.requirements import CondaRequirement
from resolver.model.target import Target, VirtualPackage
from resolver.solving.search import Search
from tests.constraints.test_kept_domains import CHANNELS, Subdir

SPECS = ("torch", "torch <2", "torch >=2.1", "lib", "lib <2", "numpy <2", "numpy >=2", "python", "__cuda")
TARGET = Target(
    subdir="linux-64",
    virtual_packages=(VirtualPackage(name="__glibc", version="2.35"),),
    channel_priority=ChannelPriority.FLEXIBLE,
)
CUDA = Target(
    subdir="linux-64",
    virtual_packages=(VirtualPackage(name="__cuda", version="12.4"),),
    channel_priority=ChannelPriority.FLEXIBLE,
)
_SPECS = st.lists(st.sampled_from(SPECS), min_size=1, max_size=4, unique=True)


def _lines(specs: list[str]) -> list[CondaRequirement]:
    return [CondaRequirement.parse(text, Origin(file="x.yml", line=n)) for n, text in enumerate(specs)]


def _answer(universe: JointUniverse) -> dict[str, str] | None:
    found = Search(universe).solve().selected
    if found is None:
        return None
    names = universe.registry.keys
    return {
        names[package].name: universe.registry.conda(package).domain.records[candidate].file_name
        for package, candidate in found.items()
    }


@given(_SPECS, st.lists(_SPECS, min_size=1, max_size=3))
def test_questions_beside_one_another(first: list[str], others: list[list[str]]) -> None:
    kept = KeptDomains([Subdir(name) for name in CHANNELS])
    side = CondaSide((), TARGET, kept=kept, apart=True)
    before = JointUniverse(side, _lines(first))
    CoreFinder(before).find_all()
    for specs in others:
        anew = KeptDomains([Subdir(name) for name in CHANNELS])
        alone = JointUniverse(CondaSide((), TARGET, kept=anew), _lines(specs))
        like = CondaSide((), TARGET, kept=kept)
        assert like.is_like(before.conda)
        assert _answer(JointUniverse(before.conda, _lines(specs), beside=before)) == _answer(alone)


def test_sides_that_are_not_alike() -> None:
    kept, other = (KeptDomains([Subdir(name) for name in CHANNELS]) for _ in range(2))
    side = CondaSide((), TARGET, kept=kept)
    assert side.is_like(CondaSide((), TARGET, kept=kept, apart=True))
    assert not side.is_like(CondaSide((), TARGET, kept=other))
    assert not side.is_like(CondaSide((), TARGET, kept=kept, wild=frozenset({"__cuda"})))
    assert not side.is_like(CondaSide((), TARGET, kept=kept, preferred={"lib": "1"}))
    own = CondaSide((), TARGET, kept=kept, own_channels={"lib": frozenset({"second"})})
    assert not own.is_like(own)
    cuda = CondaSide((), CUDA, kept=kept)
    assert not cuda.is_like(cuda)


@given(_SPECS)
def test_conflicts_are_found_beside_the_search_that_failed(specs: list[str]) -> None:
    kept, anew = (KeptDomains([Subdir(name) for name in CHANNELS]) for _ in range(2))
    lines = _lines(specs)
    failed = JointUniverse(CondaSide((), TARGET, kept=kept), lines)
    Search(failed).solve()
    beside = JointUniverse(failed.conda, lines, beside=failed)
    alone = JointUniverse(CondaSide((), TARGET, kept=anew, apart=True), lines)
    (cores, is_whole), (cores_alone, is_whole_alone) = (
        CoreFinder(universe).find_all() for universe in (beside, alone)
    )
    assert is_whole is True
    assert is_whole_alone is True
    assert [core.places for core in cores] == [core.places for core in cores_alone]
