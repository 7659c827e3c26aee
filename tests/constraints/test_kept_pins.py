"""What is kept of pins and of conditions is what the page and the texts say; noise is as if nothing were."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet

from resolver.constraints.kept_pins import KeptConditions, KeptPins
from resolver.constraints.pypi_domain import PinDomain, PypiDomain, Release
from resolver.constraints.pypi_files import FileJudge
from resolver.constraints.pypi_policy import Policy
from resolver.constraints.python_view import PythonView
from resolver.metadata.page_rows import LazyPage, decode_rows, encode_rows
from resolver.metadata.wheel_tags import WheelTags
from resolver.model.names import pypi_name
from resolver.model.records import CoreMetadata, DistFile, ProjectPage
from resolver.model.version_forms import is_pre_release
from resolver.sources.cache.folder import Cache, Entry
from resolver.sources.cache.pack import Pack
from tests.constraints.test_kept_answers import SPECIFIERS, noisy
from tests.constraints.test_pypi_files import PYTHONS, TARGET, VERSIONS, facts, pages
from tests.support.amount import examples

KEY, PROGRAM = "environment.yml", ("1",)
VIEW = PythonView(PYTHONS, 1, TARGET.marker_environment())


def judged(page: LazyPage, version: str) -> Release | None:
    place = page.place_of(version)
    found = None
    if place is not None:
        judge = FileJudge(VIEW, WheelTags(TARGET), Policy(), VIEW.all)
        found = judge.judge_form(page, page.kinds[place])
    return None if place is None or found is None else found.release(version, page.files_at(place))


def file(name: str) -> DistFile:
    return DistFile(file_name=name, version="1", url=f"u/{name}", is_wheel=True, hashes={"sha256": "0"})


def shown(release: Release | None) -> object:
    return None if release is None else facts(release)


def with_noise(cache: Cache, change: Callable[[Any], Any]) -> None:
    stored = Pack(cache, KEY, PROGRAM)._all
    for key, data in stored.domains.items():
        stored.domains[key] = msgspec.msgpack.encode(change(msgspec.msgpack.decode(data)))
    cache.write("pack-1", KEY, Entry(payload=stored.packed()))


@settings(deadline=None, max_examples=examples(60, part=1))
@given(first=pages(), second=pages(), version=st.sampled_from(VERSIONS), data=st.data())
def test_a_kept_pin_is_what_the_page_says(
    first: ProjectPage, second: ProjectPage, version: str, data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        cache, made = Cache(Path(folder)), list[str]()
        for known in (first, first, second):
            page, pack = decode_rows(*encode_rows(known)), Pack(cache, KEY, PROGRAM)

            def make(page: LazyPage = page) -> Release | None:
                made.append(version)
                return judged(page, version)

            pins = KeptPins(pack, b"context", VIEW.all)
            assert shown(pins.release("x", page, version, make)) == shown(judged(page, version))
            pack.save()
        noting = KeptPins(pack := Pack(cache, KEY, PROGRAM), b"noted", VIEW.all)
        if (taken := judged(page, version)) is not None:
            noting.note("x", page, taken)
            pack.save()
            noted = KeptPins(Pack(cache, KEY, PROGRAM), b"noted", VIEW.all)
            assert shown(noted.release("x", page, version, lambda: None)) == shown(taken)
        assert len(made) == (1 if encode_rows(first) == encode_rows(second) else 2)
        with_noise(cache, lambda value: data.draw(noisy(value)))
        pins = KeptPins(Pack(cache, KEY, PROGRAM), b"context", VIEW.all)
        found = pins.release("x", page, version, make)
        assert found is None or (found.version == version and found.files)


def test_of_other_files_what_is_of_use_is_taken_over(tmp_path: Path) -> None:
    cache, theirs = Cache(tmp_path), Pack(Cache(tmp_path), "other.yml", PROGRAM)
    page = decode_rows(*encode_rows(ProjectPage(name=pypi_name("x"), index="i", files=(), has_dates=True)))
    release = Release(version="1", files=(file("x-1-py3-none-any.whl"),), pythons=2)
    said = CoreMetadata(name="x", version="1", requires_dist=("a",))
    pins = KeptPins(theirs, b"context", VIEW.all)
    for name in ("x", "y"):
        pins.note(name, page, release)
    KeptConditions(theirs, b"context", 0b1110).known.update(a=2, b=4)
    theirs.put_metadata("x", said)
    theirs.put_metadata("y", CoreMetadata(name="y", version="1", requires_dist=("b",)))
    theirs.save()

    def refuse() -> Release | None:
        raise AssertionError("it is known")

    ours = Pack(cache, KEY, PROGRAM)
    known = KeptConditions(ours, b"context", 0b1110).known
    assert known == {"a": 2, "b": 4}
    known["c"] = 8
    taken = KeptPins(ours, b"context", VIEW.all).release("x", page, "1", refuse)
    assert shown(taken) == shown(release)
    place = ours.place_of("x")
    assert place is not None
    assert ours.metadata_at(place) == said
    ours.save()
    theirs_place = cache.path("pack-1", "other.yml")
    assert theirs_place is not None
    theirs_place.unlink()
    ours = Pack(cache, KEY, PROGRAM)
    assert ours.metadata("x") == said
    assert ours.metadata("y") is None
    assert KeptConditions(ours, b"context", 0b1110).known == {"a": 2, "c": 8}
    pins = KeptPins(ours, b"context", VIEW.all)
    assert shown(pins.release("x", page, "1", refuse)) == shown(release)
    assert pins.release("y", page, "1", lambda: None) is None


@given(
    version=st.sampled_from((*VERSIONS, "1.0.post1", "1!2.0", "2.6.0+cu126")).filter(
        lambda v: not is_pre_release(v)
    ),
    specifier=st.sampled_from(
        (*SPECIFIERS, *map(SpecifierSet, ("!=1.*", "===2.6.0+CU126", "==2.6.0,<3", "~=1.0.post1")))
    ),
)
def test_a_pin_alone_is_a_domain_like_any_other(version: str, specifier: SpecifierSet) -> None:
    release = Release(version=version, pythons=2)
    alone, plain = PinDomain("x", release), PypiDomain("x", [release], preferred=version)
    assert (alone.bits(specifier), alone.alone(specifier)) == (plain.bits(specifier), plain.alone(specifier))
    for ask in (
        len, PypiDomain.levels, PypiDomain.provided_places, lambda d: d.all, lambda d: d.late,
        lambda d: d.finals, lambda d: d.pinned, lambda d: d.is_pinned, lambda d: list(d.version_ranks()),
        lambda d: (d.pythons_of(0), d.where_pythons(2), d.where_pythons(4), list(d.releases)),
    ):  # fmt: skip
        assert ask(alone) == ask(plain)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ([[b"\xff\xff", ["a"]]], "a Python that there isn't"),
        ([[b"\x02", ["a"]], [b"\xff\xff", []]], "a Python that there isn't, of no text"),
        ([[b"\x02", "a"]], "no texts"),
        ([[b"\x02"]], "no pair"),
        ({"a": 2}, "no texts with sets"),
    ],
)
def test_noise_among_conditions_is_none(value: object, why: str, tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    pack = Pack(cache, KEY, PROGRAM)
    KeptConditions(pack, b"context", 0b1110).known["a"] = 2
    KeptConditions(pack, b"context", 0b1110, "extra").known["a"] = 4
    pack.save()
    assert KeptConditions(Pack(cache, KEY, PROGRAM), b"context", 0b1110, "extra").known == {"a": 4}
    assert KeptConditions(Pack(cache, KEY, PROGRAM), b"context", 0b1110).known == {"a": 2}
    assert KeptConditions(Pack(cache, KEY, PROGRAM), b"other", 0b1110).known == {}
    with_noise(cache, lambda _: value)
    assert KeptConditions(Pack(cache, KEY, PROGRAM), b"context", 0b1110).known == {}, why
