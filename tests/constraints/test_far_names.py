"""Names that are near no popular one's are looked up once, and what is said of the others stays the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.constraints import known_projects
from resolver.constraints.far_names import FarNames
from resolver.constraints.known_projects import near_popular_names
from resolver.model.names import PypiName
from resolver.sources.cache.folder import Cache, Entry
from resolver.sources.cache.pack import Pack

KEY, PROGRAM = "key", ("program",)


def _near(names: list[str], far: set[str] | None = None) -> list[tuple[str, str]]:
    return [*near_popular_names({PypiName(name): () for name in names}, far)]


def test_far_names_are_kept_for_the_next_search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = Cache(tmp_path)
    names = ["requests", "reqeusts", "my-own-thing"]
    pack = Pack(cache, KEY, PROGRAM)
    kept = FarNames(pack)
    assert _near(names, kept.far) == [("reqeusts", "requests")]
    assert kept.far == {"requests", "my-own-thing"}
    pack.save()

    asked: list[str] = []
    real = known_projects.near_popular
    monkeypatch.setattr(known_projects, "near_popular", lambda name: (asked.append(name), real(name))[1])
    again = FarNames(Pack(cache, KEY, PROGRAM))
    assert _near(names, again.far) == [("reqeusts", "requests")]
    assert asked == ["reqeusts"]
    assert FarNames(Pack(cache, KEY, ("another",))).far == set()


def test_what_comes_in_later_is_kept_beside_it(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    for name in ("one-name", "another-name"):
        pack = Pack(cache, KEY, PROGRAM)
        FarNames(pack).far.add(name)
        pack.save()
    assert FarNames(Pack(cache, KEY, PROGRAM)).far == {"one-name", "another-name"}


@pytest.mark.parametrize("noise", [b"", b"\xc1", b"\x01", b"\x91\x01"])
def test_noise_is_as_if_nothing_were_kept(tmp_path: Path, noise: bytes) -> None:
    cache = Cache(tmp_path)
    pack = Pack(cache, KEY, PROGRAM)
    pack.hear(b"", lambda _: None)
    FarNames(pack).far.add("a-name")
    pack.save()
    entry = cache.read("pack-1", KEY)
    assert entry is not None
    kept = b"\x91\xa6a-name"
    assert kept in entry.payload
    damaged = entry.payload.replace(bytes([0xC4, len(kept)]) + kept, bytes([0xC4, len(noise)]) + noise)
    cache.write("pack-1", KEY, Entry(payload=damaged))
    assert FarNames(Pack(cache, KEY, PROGRAM)).far == set()


_NAMES = st.lists(
    st.sampled_from(["requests", "reqests", "numpy", "nunpy", "nump", "boto3", "boto4", "own-name", "flask"])
)


@given(_NAMES, _NAMES)
def test_what_is_said_is_the_same_whatever_is_kept(first: list[str], second: list[str]) -> None:
    far = set[str]()
    _near(first, far)
    assert _near(second, far) == _near(second)
