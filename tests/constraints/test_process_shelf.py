"""Candidates that an earlier question left on the shelf are those that would be worked out anew."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.constraints.conda_domain import CondaDomain
from resolver.constraints.conda_package import CondaPackage
from resolver.constraints.conda_side import CondaSide, candidate_rules
from resolver.constraints.kept_domains import (
    MOST_FACTS,
    DomainShelf,
    KeptDomains,
    KeptNames,
    MachineFacts,
    NoarchShelf,
    ProcessShelf,
)
from resolver.constraints.registry import Key, Kind, Numbers
from resolver.constraints.version_order import VersionOrder
from resolver.metadata.record_index import order_records
from resolver.metadata.record_rows import RecordRows, decode_rows, encode_rows
from resolver.model.channels import Channel, ChannelPriority
from resolver.model.exemptions import Exemptions
from resolver.model.records import CondaRecord
from resolver.model.target import ResolutionMode, Target, VirtualPackage
from resolver.sources.conda.subdirs import ChannelSubdir
from tests.support.amount import examples
from tests.support.records import conda_record

NAMES = ("a", "b", "python")
TARGET = Target(subdir="linux-64")
SPECS = ("a >=2", "a 1.*|>3", "b =1.0=1", "python <3.12", "b !=2")


class Subdir(ChannelSubdir):
    """A subdir of records in memory, whose state is told by a number."""

    def __init__(
        self, channel: str, records: Sequence[CondaRecord], number: int, subdir: str = "linux-64"
    ) -> None:
        super().__init__(Channel(name=channel, base_url=f"https://c.example/{channel}"), subdir, exists=True)
        self._held, self._number = records, number

    @property
    def state(self) -> bytes:
        return bytes([self._number])

    def _load(self, name: str) -> RecordRows:
        return decode_rows(encode_rows(order_records(record for record in self._held if record.name == name)))


versions = st.sampled_from(["1.0", "1.5", "2.0", "3.0", "4.0"])
records = st.builds(
    lambda name, version, build, date, depends: conda_record(
        name, version, build, build_number=int(build), timestamp=date * 1000, depends=tuple(depends)
    ),
    st.sampled_from(NAMES), versions, st.sampled_from("01"), st.integers(0, 9),
    st.lists(st.sampled_from(SPECS), max_size=2, unique=True),
)  # fmt: skip
channels = st.lists(records, max_size=8, unique_by=lambda r: r.file_name).map(
    lambda held: sorted(held, key=lambda r: (r.name, [-ord(c) for c in r.version], -r.build_number))
)
own_channels = st.sampled_from(["one", "two"]).map(lambda name: frozenset({name}))
questions = st.fixed_dictionaries(
    {
        "priority": st.sampled_from(list(ChannelPriority)),
        "exclude_newer": st.none() | st.integers(2, 6),
        "mode": st.sampled_from(list(ResolutionMode)),
        "own": st.dictionaries(st.sampled_from(NAMES), own_channels, max_size=1),
        "pin": st.dictionaries(st.sampled_from(NAMES), versions.map(lambda v: f"a-{v}-0.conda"), max_size=1),
        "exempt": st.sampled_from([(), ("b",)]),
        "apart": st.booleans(),
        "cuda": st.booleans(),
        "channels": st.sampled_from([(0, 1), (1, 0), (0,), (1,)]),
        "names": st.permutations(NAMES),
    }
)  # fmt: skip


def side_of(question: dict[str, object], subdirs: Sequence[Subdir], shelf: ProcessShelf | None) -> CondaSide:
    return side_under(question, subdirs, DomainShelf(shelf), has_plain=shelf is not None)


def side_under(
    question: dict[str, object], subdirs: Sequence[Subdir], of_run: DomainShelf, *, has_plain: bool
) -> CondaSide:
    facts = (VirtualPackage(name="__cuda", version="12"),) if question["cuda"] else ()
    target = Target(
        subdir="linux-64",
        channel_priority=question["priority"],
        virtual_packages=facts,
        exclude_newer=question["exclude_newer"],
    )
    mode = question["mode"]
    assert isinstance(mode, ResolutionMode)
    order = VersionOrder(mode=mode, conda=frozenset({"a"}))
    exempt, apart = Exemptions(question["exempt"]), bool(question["apart"])
    rules, plain = (
        candidate_rules(
            target, question["own"], apart=apart, admit_undated=False, exempt=exempt, lenient=False,
            ranks=ranks,
        )
        for ranks in (True, False)
    )  # fmt: skip
    return CondaSide(
        subdirs, target, own_channels=question["own"], preferred=question["pin"], apart=apart, exempt=exempt,
        order=order, kept=of_run.under(subdirs, rules, of_process=not question["cuda"]),
        plain=of_run.under(subdirs, plain) if question["cuda"] and has_plain else None,
    )  # fmt: skip


def seen(side: CondaSide, subdirs: Sequence[Subdir], names: Sequence[str]) -> list[object]:
    """Return all that a question sees of packages."""
    found: list[object] = []
    for name in names:
        domain = side.domain(name)
        found += [
            list(domain.records), _places(domain), domain.groups(), domain.levels(),
            [domain.bits(text) for text in SPECS if text.startswith(name)], domain.is_pinned,
            domain.version_kept, [one.record for one in side.left_out.get(name, ())],
            [one.fault for one in side.left_out.get(name, ())], side.foreign(name),
        ]  # fmt: skip
    said = [_said(side, name) for name in names]
    return [*found, *said, [sorted(subdir.consulted()) for subdir in subdirs]]


def _places(domain: CondaDomain) -> list[object]:
    """Return each candidate's channel, with its place among those of the package."""
    ranks = sorted({source.rank for source in domain.sources})
    return [(source.channel, source.subdir, ranks.index(source.rank)) for source in domain.sources]


def _said(side: CondaSide, name: str) -> list[object]:
    """Return what each candidate of a package says of others."""
    numbers = Numbers()
    for other in NAMES:
        numbers.number(Key(Kind.CONDA, other))
    package = CondaPackage(side, numbers, name, numbers.number(Key(Kind.CONDA, name)))
    return [
        [(one.packages, one.sets, one.fact) for one in package.clauses(candidate)]
        for candidate in range(package.size())
    ]


@settings(max_examples=examples(200), deadline=None)
@given(st.tuples(channels, channels), st.lists(questions, min_size=2, max_size=5))
def test_what_is_kept_is_what_would_be_worked_out(
    held: tuple[list[CondaRecord], list[CondaRecord]], asked: list[dict[str, object]]
) -> None:
    shelf = ProcessShelf()
    for question in asked:
        views = []
        for kept in (shelf, None):
            places = question["channels"]
            assert isinstance(places, tuple)
            subdirs = [Subdir(("one", "two")[place], held[place], 1) for place in places]
            side = side_of(question, subdirs, kept)
            names = question["names"]
            assert isinstance(names, list)
            views.append(seen(side, subdirs, names))
        assert views[0] == views[1]


@settings(max_examples=examples(200), deadline=None)
@given(
    st.tuples(channels, channels),
    st.lists(st.tuples(questions, st.tuples(channels, channels)), min_size=2, max_size=5),
)
def test_targets_see_what_each_sees_alone(
    noarch: tuple[list[CondaRecord], list[CondaRecord]],
    asked: list[tuple[dict[str, object], tuple[list[CondaRecord], list[CondaRecord]]]],
) -> None:
    shelf = NoarchShelf()
    for question, held in asked:
        views = []
        for kept in (shelf, None):
            of_run = DomainShelf(noarch=kept)
            places, names = question["channels"], question["names"]
            assert isinstance(places, tuple)
            assert isinstance(names, list)
            subdirs = [
                Subdir(("one", "two")[place], records[place], 1, subdir)
                for place in places
                for subdir, records in (("linux-64", held), ("noarch", noarch))
            ]
            views.append(seen(side_under(question, subdirs, of_run, has_plain=True), subdirs, names))
            of_run.close()
        assert views[0] == views[1]


@pytest.mark.parametrize(("own", "number"), [("a", 1), ("b", 1), ("b", 2)])
def test_candidates_of_noarch_alone_are_those_of_all_targets(own: str, number: int) -> None:
    shelf, found = NoarchShelf(), []
    for name, state in (("b", 1), (own, number)):
        of_run = DomainShelf(noarch=shelf)
        subdirs = [
            Subdir("one", [conda_record(name)], 1),
            Subdir("one", [conda_record("a", "2.0")], state, "noarch"),
        ]
        found.append(side_under(PLAIN, subdirs, of_run, has_plain=True).domain("a"))
        of_run.close()
    assert (found[0] is found[1]) is (own == "b" and number == 1)


PLAIN = {
    "priority": ChannelPriority.STRICT, "exclude_newer": None, "own": {}, "pin": {}, "exempt": (),
    "mode": ResolutionMode.HIGHEST, "apart": False, "cuda": False,
}  # fmt: skip


@pytest.mark.parametrize("number", [1, 2])
def test_another_state_of_a_channel_is_looked_at_anew(number: int) -> None:
    shelf = ProcessShelf()
    first = side_of(PLAIN, [Subdir("one", [conda_record("a")], 1)], shelf).domain("a")
    second = side_of(PLAIN, [Subdir("one", [conda_record("a", "2.0")], number)], shelf).domain("a")
    assert (first is second) is (number == 1)


@pytest.mark.parametrize("beside", ["a", "b"])
def test_a_channel_beside_it_changes_nothing_of_a_package_that_it_has_not(beside: str) -> None:
    shelf = ProcessShelf()
    one = [conda_record("a"), conda_record("a", "2.0")]
    alone = side_of(PLAIN, [Subdir("one", one, 1)], shelf).domain("a")
    second = [Subdir("two", [conda_record(beside, "3.0")], 1), Subdir("one", one, 1)]
    asked = PLAIN | {"priority": ChannelPriority.FLEXIBLE}
    assert (side_of(asked, second, shelf).domain("a") is alone) is (beside == "b")


def test_a_driver_changes_nothing_of_a_package_with_builds_of_one_kind() -> None:
    shelf = ProcessShelf()
    held = [conda_record("a"), conda_record("b", depends=("__cuda",)), conda_record("b", "2.0")]
    plain, cuda = (
        side_of(PLAIN | {"cuda": has_driver}, [Subdir("one", held, 1)], shelf) for has_driver in (False, True)
    )
    assert cuda.domain("a") is plain.domain("a")
    assert cuda.domain("b") is not plain.domain("b")


def test_a_fact_about_the_machine_is_one_for_all() -> None:
    shelf = ProcessShelf()
    one, two = (side_of(PLAIN | {"cuda": True}, [Subdir(name, [], 1)], shelf) for name in ("one", "two"))
    assert one.domain("__cuda") is two.domain("__cuda")
    assert one.domain("__glibc") is two.domain("__glibc")
    assert one.is_machine(two.domain("__cuda").sources[0])
    assert side_of(PLAIN, [], shelf).domain("__cuda") is not one.domain("__cuda")


def test_facts_about_machines_are_bounded() -> None:
    facts = MachineFacts()
    first = facts.lacking("__first")
    for number in range(MOST_FACTS):
        facts.lacking(f"__{number}")
    assert facts.lacking("__first") is not first


def test_a_name_alone_finds_what_nothing_else_tells_apart() -> None:
    held, names = (conda_record("a", "1.0", "0"),), KeptNames()
    first, later = (Subdir("one", held, 1) for _ in range(2))
    before = KeptDomains([first], process=names)
    pinned = CondaSide([], TARGET, kept=before, preferred={"a": "a-1.0-0.conda"}).domain("a")
    assert before.plain("a") is None
    plain = CondaSide([], TARGET, kept=before).domain("a")
    assert plain is not pinned
    after = KeptDomains([later], process=names)
    assert not later.consulted()
    found = after.plain("a")
    assert found is not None
    assert found.domain is plain
    assert list(later.consulted()) == ["a"]
    assert KeptDomains([later]).plain("a") is None
