"""Whatever can change an answer is part of its question; what can't is named, with the reason."""

from __future__ import annotations

import importlib.metadata
import os
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from resolver import answers
from resolver.answers import LONGEST_AGE, LOOKED_AFTER, WITHOUT_EFFECT, question_key, remember
from resolver.constraints.kept_domains import ProcessShelf
from resolver.model.builds import BuildRules
from resolver.model.channels import Channel, ChannelPriority
from resolver.model.indexes import FormatRules, Index, IndexStrategy
from resolver.model.names import CondaName, PypiName
from resolver.model.origin import Origin
from resolver.model.requirements import CondaRequirement, DirectKind, DirectReference, PypiRequirement
from resolver.model.resolution import Resolution
from resolver.model.target import ResolutionMode, Target, VirtualPackage
from resolver.options import ResolveOptions
from resolver.sources.cache import program
from resolver.sources.cache.folder import Cache
from resolver.sources.cache.program import program_state
from resolver.sources.http.credentials import Credentials
from resolver.sources.http.settings import HttpSettings

TARGET = Target(subdir="linux-64", virtual_packages=(VirtualPackage(name="__glibc", version="2.28"),))
OPTIONS = ResolveOptions(targets=(TARGET,))
CONDA = CondaRequirement(name=CondaName("numpy"), spec="numpy >=2", origin=Origin(file="e.yml", line=3))
PYPI = PypiRequirement(name=PypiName("rich"), text="rich", origin=Origin(file="e.yml", line=4))

#: another value for every setting
SETTINGS: dict[str, Any] = {
    "targets": (msgspec.structs.replace(TARGET, subdir="osx-arm64"),),
    "channels": (Channel(name="conda-forge", base_url="https://conda.example.org/conda-forge"),),
    "mirrors": {"conda-forge": ["https://mirror.example.org/conda-forge"]},
    "indexes": (Index(name="own", url="https://index.example.org/simple"),),
    "find_links": ("wheels",),
    "index_strategy": IndexStrategy.UNSAFE_BEST_MATCH,
    "per_package": {PypiName("rich"): "own"},
    "formats": FormatRules(no_binary=frozenset({"rich"})),
    "pip_from_conda": "never",
    "pre": True,
    "no_build": True,
    "builds": BuildRules(in_place=("x",)),
    "admit_undated": True,
    "exclude_newer_except": ("rich",),
    "require_hashes": True,
    "prefer_binary": True,
    "build_python": (3, 99),
    "http": HttpSettings(offline=True),
    "credentials": Credentials({}),
    "environ": {"LANG": "C"},
    "cache_dir": Path("cache"),
    "refresh": True,
    "name_map": Path(__file__),
    "preferred": {"linux-64": {"conda:numpy": "numpy-2.0-0.conda"}},
    "updated": ("numpy",),
    "engine": "resolvelib",
    "search_limit": 7,
    "seeks_fixes": False,
    "seeks_updates": False,
    "base_folder": Path("elsewhere"),
    "inputs": ("environment.yml",),
    "processes": 4,
    "shelf": ProcessShelf(),
}
TARGETS: dict[str, Any] = {
    "subdir": "osx-arm64",
    "virtual_packages": (VirtualPackage(name="__glibc", version="2.17"),),
    "channel_priority": ChannelPriority.FLEXIBLE,
    "resolution_mode": ResolutionMode.LOWEST,
    "python": "3.12.7",
    "exclude_newer": 1_700_000_000,
}
CONDA_LINES: dict[str, Any] = {
    "name": CondaName("scipy"),
    "spec": "numpy >=2.1",
    "category": "dev",
    "platforms": frozenset({"linux-64"}),
    "is_constraint": True,
}
PYPI_LINES: dict[str, Any] = {
    "name": PypiName("poor"),
    "text": "Rich",
    "extras": frozenset({"jupyter"}),
    "specifier": ">=13",
    "marker": "sys_platform == 'linux'",
    "direct": DirectReference(kind=DirectKind.ARCHIVE, url="https://example.org/rich-1-py3-none-any.whl"),
    "hashes": ("sha256:00",),
    "index": "own",
    "category": "dev",
    "platforms": frozenset({"linux-64"}),
    "is_constraint": True,
}


def key(
    target: Target = TARGET, options: ResolveOptions = OPTIONS, conda: Any = CONDA, pypi: Any = PYPI
) -> str:
    found = question_key(target, (conda, pypi), options)
    assert found is not None
    return found


@pytest.mark.parametrize("name", ResolveOptions.__struct_fields__)
def test_a_setting_is_part_of_the_question_or_has_no_effect(name: str) -> None:
    """A new setting needs a value above; it is in the key by itself, unless it is listed with a reason."""
    changed = msgspec.structs.replace(OPTIONS, **{name: SETTINGS[name]})
    assert (key(options=changed) == key()) is (name in WITHOUT_EFFECT)


def test_what_has_no_effect_is_there_and_has_a_reason() -> None:
    assert set(WITHOUT_EFFECT) <= set(ResolveOptions.__struct_fields__)
    assert all(WITHOUT_EFFECT.values())


@pytest.mark.parametrize("name", Target.__struct_fields__)
def test_the_target_is_part_of_the_question(name: str) -> None:
    assert key(target=msgspec.structs.replace(TARGET, **{name: TARGETS[name]})) != key()


@pytest.mark.parametrize("line", [CONDA, PYPI], ids=["conda", "pypi"])
def test_all_of_a_line_but_its_place_is_part_of_the_question(line: Any) -> None:
    kind, others = ("conda", CONDA_LINES) if line is CONDA else ("pypi", PYPI_LINES)
    for name in line.__struct_fields__:
        if name != "origin":
            changed = msgspec.structs.replace(line, **{name: others[name]})
            assert key(**{kind: changed}) != key(), name
    moved = msgspec.structs.replace(line, origin=Origin(file="other.yml", line=99))
    assert key(**{kind: moved}) == key()


def test_the_order_of_lines_is_part_of_the_question() -> None:
    assert question_key(TARGET, (PYPI, CONDA), OPTIONS) != key()


def test_the_name_map_counts_as_its_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "first.toml", tmp_path / "second.toml"
    first.write_text("a = 'b'\n")
    second.write_text("a = 'b'\n")
    one, other = (msgspec.structs.replace(OPTIONS, name_map=path) for path in (first, second))
    assert key(options=one) == key(options=other)
    second.write_text("a = 'c'\n")
    assert key(options=one) != key(options=other)
    second.unlink()
    assert question_key(TARGET, (CONDA, PYPI), other) is None


def test_no_secret_takes_part() -> None:
    plain, secret = (
        msgspec.structs.replace(
            OPTIONS,
            indexes=(Index(name="own", url=f"https://{user}index.example.org/simple"),),
            mirrors={"conda-forge": [f"https://mirror.example.org/{token}conda-forge"]},
        )
        for user, token in (("", ""), ("me:hunter2@", "t/hunter2/"))
    )
    assert key(options=plain) == key(options=secret)


def test_another_program_asks_another_question(monkeypatch: pytest.MonkeyPatch) -> None:
    before = key()
    state = program_state()
    for place in range(len(state)):
        other = (*state[:place], f"{state[place]} changed", *state[place + 1 :])
        monkeypatch.setattr(answers, "program_state", lambda other=other: other)
        assert key() != before


def test_a_library_without_a_version_is_no_part_of_a_question(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(program._JUDGES, "no-such-distribution", "json")
    program_state.cache_clear()
    assert question_key(TARGET, (CONDA, PYPI), OPTIONS) is None
    monkeypatch.undo()
    program_state.cache_clear()
    assert key()


def test_the_program_is_told_by_versions_and_files(root: Path) -> None:
    state = program_state()
    for name in ("msgspec", "packaging", "py-rattler", "resolvelib"):
        assert f"{name} {importlib.metadata.version(name)}" in state
    files = {path for path in (root / "resolver").rglob("*") if path.is_file() and path.suffix != ".pyc"}
    assert {Path(line.rsplit(" ", 2)[0]) for line in state[5:]} == files


def test_old_answers_go_behind_one_new_one_in_so_many(tmp_path: Path) -> None:
    cache, answer = Cache(tmp_path), Resolution(target=TARGET, python=None, conda=(), pypi=())
    gone_behind = []
    for number in range(2 * LOOKED_AFTER):
        old = f"{1 + (number << 16):08x}" + "f" * 56
        remember(cache, old, (), {}, answer, ())
        place = cache.path("answer-1", old)
        assert place is not None
        before = time.time() - LONGEST_AGE - 60
        os.utime(place, (before, before))
        remember(cache, f"{number:08x}" + "0" * 56, (), {}, answer, ())
        if not place.exists():
            gone_behind.append(number)
    assert gone_behind == [0, LOOKED_AFTER]
