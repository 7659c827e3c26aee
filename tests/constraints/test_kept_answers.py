"""What earlier searches asked of a project's candidates gives what its page gives, whatever has changed."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet

from resolver.constraints.conda_domain import CondaDomain
from resolver.constraints.kept_answers import KeptAnswers
from resolver.constraints.pypi_domain import PypiDomain, Release
from resolver.constraints.pypi_files import FileJudge
from resolver.constraints.pypi_policy import Policy
from resolver.constraints.pypi_rows import RowsDomain
from resolver.constraints.python_view import PythonView
from resolver.errors import PageMovedError
from resolver.metadata.page_rows import LazyPage, decode_rows, encode_rows
from resolver.metadata.wheel_tags import WheelTags
from resolver.model.records import CoreMetadata, ProjectPage
from resolver.model.target import Target, VirtualPackage
from resolver.sources.cache.folder import Cache, Entry
from resolver.sources.cache.pack import Pack
from tests.constraints.test_pypi_files import PYTHONS, TARGET, VERSIONS, facts, pages
from tests.support.amount import examples
from tests.support.records import conda_record

NO_WHEELS = Target(subdir="linux-64", virtual_packages=(VirtualPackage(name="__glibc", version="2.5"),))
WINDOWS = Target(subdir="win-64")
FEWER = CondaDomain("python", tuple((conda_record("python", v), None) for v in ("3.12.1", "3.11.2")))  # type: ignore[misc]
#: one more patch of a minor: its candidates are other bits
MORE = CondaDomain(
    "python", tuple((conda_record("python", v), None) for v in ("3.12.1", "3.11.2", "3.11.1", "3.9.0"))
)  # type: ignore[misc]
NOISE = st.one_of(
    st.integers(-3, 1 << 40), st.binary(max_size=9), st.text("12.ax", max_size=5), st.none(),
    st.lists(st.integers(-2, 9), max_size=3),
)  # fmt: skip
KEY, PROGRAM = "environment.yml", ("1.0", "packaging 1")
SPECIFIERS = tuple(
    map(SpecifierSet, (">=1.1", "<2", "==1.0", "!=1.0.0", ">1,<3", "===1.0", "~=1.0", "==1.*", ""))
)


class World(NamedTuple):
    """All that the candidates of a project depend on."""

    page: ProjectPage
    target: Target
    pythons: CondaDomain
    likely: int
    no_build: bool
    pre: bool
    preferred: str | None
    ascending: bool
    provided: tuple[str, ...]


def worlds() -> st.SearchStrategy[World]:
    return st.builds(
        World,
        page=pages(),
        target=st.sampled_from((TARGET, NO_WHEELS, WINDOWS)),
        pythons=st.sampled_from((PYTHONS, FEWER, MORE)),
        likely=st.sampled_from((0b1110, 2, 4)),
        no_build=st.booleans(),
        pre=st.booleans(),
        preferred=st.sampled_from((None, *VERSIONS)),
        ascending=st.booleans(),
        provided=st.lists(st.sampled_from(VERSIONS), max_size=3, unique=True).map(tuple),
    )


@st.composite
def changed(draw: st.DrawFn, world: World) -> World:
    """Return a world of which one thing is another, or none."""
    field = draw(st.sampled_from(World._fields))
    return world._replace(**{field: getattr(draw(worlds()), field)})


def both(world: World, pack: Pack) -> tuple[RowsDomain, PypiDomain]:
    """Return a project's domain as its page gives it, and as earlier searches know it."""
    view = PythonView(world.pythons, 1, world.target.marker_environment())
    policy = Policy(no_build=world.no_build)
    given = [Release(version=version, provided_by=((9, 2),)) for version in world.provided]

    def make(page: LazyPage) -> RowsDomain:
        judge = FileJudge(view, WheelTags(world.target), policy, world.likely)
        return RowsDomain(
            "x", page, judge.judge_rows(page), given,
            pre=world.pre, preferred=world.preferred, ascending=world.ascending,
        )  # fmt: skip

    fresh, page = (decode_rows(*encode_rows(world.page)) for _ in range(2))
    answers = KeptAnswers(pack, world.target, view, likely=world.likely, no_build=world.no_build)
    kept = answers.domain(
        "x", page, given, lambda: make(page),
        pre=world.pre, preferred=world.preferred, ascending=world.ascending,
    )  # fmt: skip
    return make(fresh), kept


def ask(fresh: RowsDomain, kept: PypiDomain, questions: Sequence[int]) -> None:
    """Ask some of all questions of two domains that must say the same."""
    assert (len(kept), kept.all, kept.late, kept.provided) == (
        len(fresh), fresh.all, fresh.late, fresh.provided,
    )  # fmt: skip
    assert (kept.is_pinned, kept.finals, kept.pinned) == (fresh.is_pinned, fresh.finals, fresh.pinned)
    asked: list[Callable[[PypiDomain], object]] = [
        *(lambda d, s=one: (d.bits(s), d.alone(s)) for one in SPECIFIERS),  # type: ignore[misc]
        *(lambda d, n=n: facts(d.releases[n]) for n in range(len(fresh))),  # type: ignore[misc]
        *(lambda d, n=n: d.pythons_of(n) for n in range(len(fresh))),  # type: ignore[misc]
        *(lambda d, n=n: d.where_pythons(fresh.pythons_of(n)) for n in range(len(fresh))),  # type: ignore[misc]
        lambda d: list(d.version_ranks()),
        lambda d: d.levels(),
        lambda d: d.provided_places(),
        lambda d: [facts(release) for release in d.releases],
    ]
    for number in questions:
        one = asked[number % len(asked)]
        assert one(kept) == one(fresh)


@settings(deadline=None, max_examples=examples(60))
@given(data=st.data())
def test_answers_of_earlier_searches_are_those_of_the_page(data: st.DataObject) -> None:
    world = data.draw(worlds())
    questions = st.lists(st.integers(0, 60), max_size=12)
    with tempfile.TemporaryDirectory() as folder:
        cache = Cache(Path(folder))
        for _ in range(4):
            pack = Pack(cache, data.draw(st.sampled_from((KEY, "other.yml"))), PROGRAM)
            # Two searches of one run ask different things of the same domain.
            pairs = [both(world, pack) for _ in range(data.draw(st.integers(1, 2)))]
            for fresh, kept in pairs:
                ask(fresh, kept, data.draw(questions))
            pack.save()
            world = data.draw(changed(world))


@settings(deadline=None, max_examples=examples(30))
@given(world=worlds())
def test_what_was_asked_before_needs_no_page(world: World) -> None:
    """Nothing of it is read; and where nothing comes in nothing is written."""
    everything = range(60)
    with tempfile.TemporaryDirectory() as folder:
        cache = Cache(Path(folder))
        pack = Pack(cache, KEY, PROGRAM)
        fresh, kept = both(world, pack)
        ask(fresh, kept, everything[:-1])
        pack.save()
        place = cache.path("pack-1", KEY)
        assert place is not None
        written = place.stat().st_mtime_ns
        pack = Pack(cache, KEY, PROGRAM)
        view = PythonView(world.pythons, 1, world.target.marker_environment())
        answers = KeptAnswers(pack, world.target, view, likely=world.likely, no_build=world.no_build)
        given_ = [Release(version=version, provided_by=((9, 2),)) for version in world.provided]

        def refuse() -> RowsDomain:
            raise AssertionError("the page was read")

        known = answers.domain(
            "x", decode_rows(*encode_rows(world.page)), given_, refuse,
            pre=world.pre, preferred=world.preferred, ascending=world.ascending,
        )  # fmt: skip
        assert known.bits(SpecifierSet(">=1.1")) == fresh.bits(SpecifierSet(">=1.1"))
        assert [facts(known.releases[n]) for n in range(len(fresh))] == [facts(r) for r in fresh.releases]
        assert known.levels() == fresh.levels()
        pack.save()
        assert place.stat().st_mtime_ns == written


@settings(deadline=None, max_examples=examples(60))
@given(world=worlds(), data=st.data())
def test_a_damaged_pack_is_none(world: World, data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        cache = Cache(Path(folder))
        pack = Pack(cache, KEY, PROGRAM)
        fresh, kept = both(world, pack)
        ask(fresh, kept, range(60))
        pack.put_metadata("sha256:1", CoreMetadata(name="x", version="1", requires_dist=("a", "b", "a")))
        pack.save()
        place = cache.path("pack-1", KEY)
        assert place is not None
        whole = place.read_bytes()
        at = data.draw(st.integers(0, len(whole) - 1))
        damaged = data.draw(
            st.sampled_from((whole[:at], whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :], b""))
        )
        place.write_bytes(damaged)
        pack = Pack(cache, KEY, PROGRAM)
        assert pack.metadata("sha256:1") is None
        ask(*both(world, pack), range(60))


@st.composite
def noisy(draw: st.DrawFn, value: Any) -> Any:
    """Return a value of msgpack in which one thing is another, maybe of another kind."""
    if isinstance(value, dict) and value and draw(st.booleans()):
        key = draw(st.sampled_from(sorted(value, key=str)))
        return value | {key: draw(noisy(value[key]))}
    if isinstance(value, list) and value and draw(st.integers(0, 3)):
        place = draw(st.integers(0, len(value) - 1))
        return [*value[:place], draw(noisy(value[place])), *value[place + 1 :]]
    return draw(NOISE)


@settings(deadline=None, max_examples=examples(150, part=1))
@given(world=worlds(), data=st.data())
def test_noise_in_a_pack_is_an_answer_or_a_page_read_anew(world: World, data: st.DataObject) -> None:
    """Its digest holds, so somebody has put it there: what is told then may be wrong, but it is told."""
    with tempfile.TemporaryDirectory() as folder:
        cache = Cache(Path(folder))
        pack = Pack(cache, KEY, PROGRAM)
        fresh, kept = both(world, pack)
        ask(fresh, kept, range(60))
        pack.save()
        stored = Pack(cache, KEY, PROGRAM)._all
        for key, answers in stored.domains.items():
            found = data.draw(noisy(msgspec.msgpack.decode(answers, strict=False)))
            stored.domains[key] = msgspec.msgpack.encode(found)
        cache.write("pack-1", KEY, Entry(payload=stored.packed()))
        pack = Pack(cache, KEY, PROGRAM)
        fresh, kept = both(world, pack)
        for question in range(60):
            with contextlib.suppress(AssertionError, PageMovedError):
                ask(fresh, kept, [question])
        pack.distrust()
        ask(*both(world, pack), range(60))
        pack.save()
        ask(*both(world, Pack(cache, KEY, PROGRAM)), range(60))


def test_texts_stand_once_and_other_programs_see_nothing(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    said = [
        CoreMetadata(name="x", version=v, requires_dist=("numpy>=1; extra == 'a'", f"y=={v}"), extras=("a",))
        for v in ("1", "2")
    ]
    pack = Pack(cache, KEY, PROGRAM)
    for one in said:
        pack.put_metadata(one.version, one)
    pack.save()
    again = Pack(cache, KEY, PROGRAM)
    assert [again.metadata(one.version) for one in said] == said
    assert again._all.texts == ["numpy>=1; extra == 'a'", "y==1", "y==2"]
    assert Pack(cache, KEY, ("1.1",)).metadata("1") is None
    assert Pack(cache, "other.yml", ("1.1",)).metadata("1") is None


def test_what_is_too_much_goes_but_for_what_was_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = Cache(tmp_path)
    pack = Pack(cache, KEY, PROGRAM)
    for number in range(100):
        pack.put_metadata(str(number), CoreMetadata(name="x", version="1", requires_dist=(f"y=={number}",)))
    pack.save()
    monkeypatch.setattr("resolver.sources.cache.pack.MOST_BYTES", 2000)
    again = Pack(cache, KEY, PROGRAM)
    wanted = again.metadata("7")
    again.put_metadata("new", CoreMetadata(name="z", version="1", requires_dist=("y==7", "w")))
    again.save()
    last = Pack(cache, KEY, PROGRAM)
    assert last.metadata("7") == wanted
    assert last.metadata("8") is None
    assert last._all.texts == ["y==7", "w"]


@pytest.mark.parametrize(
    ("lists", "why"),
    [
        ([], "there is none"),
        ([b""], "nothing"),
        ([msgspec.msgpack.encode((b"abc", ()))], "no whole numbers"),
        ([msgspec.msgpack.encode((b"\x09\x00\x00\x00", ()))], "a text that there isn't"),
        ([msgspec.msgpack.encode((b"", "extra"))], "no extras"),
    ],
)
def test_a_list_that_can_be_none_is_read_anew(lists: list[bytes], why: str, tmp_path: Path) -> None:
    cache, said = Cache(tmp_path), CoreMetadata(name="x", version="1", requires_dist=("y",), extras=("a",))
    pack = Pack(cache, KEY, PROGRAM)
    pack.put_metadata("1", said)
    pack.save()
    stored = Pack(cache, KEY, PROGRAM)._all
    stored.lists[:] = lists
    cache.write("pack-1", KEY, Entry(payload=stored.packed()))
    assert Pack(cache, KEY, PROGRAM).metadata("1") is None, why
    assert Pack(cache, KEY, PROGRAM).place_of("1") is not None
