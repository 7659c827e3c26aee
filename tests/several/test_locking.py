"""Several environments as a library: what is opened, planned, taken apart and put together."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import resolver.sources.conda.opening
from lockfiles.locking import LockRequest
from lockfiles.several.locking import lock_several
from lockfiles.several.parts import join, split
from lockfiles.several.planning import EnvironmentPart, named, plan, suffix_of
from lockfiles.surroundings import Surroundings
from resolver.model.channels import Channel
from resolver.model.records import CondaRecord
from resolver.model.resolution import CondaPin, Resolution
from resolver.model.target import Target
from tests.cli.process import SAMPLE
from tests.several.test_command import MANIFEST


@pytest.fixture
def request_of_all(tmp_path: Path) -> LockRequest:
    (tmp_path / "pixi.toml").write_text(MANIFEST)
    settings = {
        "channel_alias": str(SAMPLE / "conda"),
        "index_url": str(SAMPLE / "pypi"),
        "default_channels": ["pkgs/main"],
    }
    around = Surroundings(environ={}, home=tmp_path, cwd=tmp_path)
    return LockRequest(
        files=(str(tmp_path / "pixi.toml"),), all_environments=True, settings=settings, surroundings=around
    )


def test_sources_are_opened_once(request_of_all: LockRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[int] = []
    real = resolver.sources.conda.opening.open_channels

    def counted(channels: object, *arguments: object, **more: object) -> object:
        opened.append(len(list(channels)))  # type: ignore[call-overload]
        return real(channels, *arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(resolver.sources.conda.opening, "open_channels", counted)
    asked = plan(request_of_all)
    assert asked is not None
    assert [[part.name for part in problem.parts] for problem in asked.problems] == [
        ["default"],
        ["old", "ml"],
        ["web"],
        ["bare"],
    ]
    locked = lock_several(request_of_all)
    assert [one.name for one in locked.environments] == ["default", "old", "ml", "web", "bare"]
    assert opened == [1]


def test_names() -> None:
    assert [suffix_of(python) for python in ("3.11", "3.9", "3.12.7", None)] == [
        "py311",
        "py39",
        "py312-7",
        "",
    ]
    assert named("default", "py311") == "py311"
    assert named("test", "py311") == "test-py311"
    assert named("test", "") == "test"


def pin(name: str, *categories: str) -> CondaPin:
    record = CondaRecord(name, "1", "0", 0, f"{name}-1-0.conda")
    channel = Channel(name="c", base_url="https://c.example.org")
    url = f"https://c.example.org/noarch/{name}-1-0.conda"
    return CondaPin(
        record=record, channel=channel, subdir="noarch", url=url, categories=frozenset(categories)
    )


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from("abcdefgh"), st.sets(st.sampled_from(["main", "x", "y"]), min_size=1)))
def test_environments_together_are_the_whole(categories: dict[str, set[str]]) -> None:
    pins = tuple(pin(name, *sorted(of)) for name, of in sorted(categories.items()))
    whole = Resolution(target=Target(subdir="linux-64"), python=None, conda=pins, pypi=())
    parts = [EnvironmentPart(name=name, categories=frozenset({"main", name})) for name in ("x", "y")]
    environments = [split([whole], part) for part in parts]
    (found,) = join(environments)
    assert [one.name for one in found.conda] == [one.name for one in pins]
    for part, (environment,) in zip(parts, environments, strict=True):
        assert {one.name for one in environment.conda} == {
            name for name, of in categories.items() if of & (part.categories or set())
        }
        assert all(one.categories == {"main"} for one in environment.conda)


def test_an_environment_is_for_its_own_platforms() -> None:
    both = [
        Resolution(target=Target(subdir=subdir), python=None, conda=(), pypi=())
        for subdir in ("linux-64", "win-64")
    ]
    (only,) = split(both, EnvironmentPart(name="x", platforms=("win-64",)))
    assert only.target.subdir == "win-64"
