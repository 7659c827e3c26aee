"""What of the settings is in a lock's request hash: all that can change its answer, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from lockfiles.request.request_hash import request_hashes
from lockfiles.session import SessionRequest, open_session
from lockfiles.settings.definition import Decides
from lockfiles.settings.table import BY_NAME, DEFINITIONS
from lockfiles.surroundings import Surroundings
from resolver.errors import InputError
from resolver.inputs.channels import DEFAULT_ALIAS

INPUT = """\
channels: [corp, defaults]
dependencies:
- python=3.12
- numpy
- pip:
"""
INPUT_WITH_HASHES = f"{INPUT}  - tool==1.0 --hash=sha256:{'0' * 64}\n"
PIP = "https://i.example.org/simple"

#: Setting -> what it is changed to, with what else has to be set for it to matter.
CHANGES: dict[str, list[tuple[Any, Mapping[str, Any]]]] = {
    "platforms": [(["osx-arm64"], {})],
    "python": [("3.11", {})],
    "virtual_packages": [(["__cuda=12.4"], {})],
    "this_machine": [(True, {})],
    "channels": [(["conda-forge"], {})],
    "channel_alias": [("https://c.example.org", {}), ("mirror/channels", {})],
    "channel_priority": [("flexible", {})],
    "default_channels": [(["pkgs/main"], {}), (["https://c.example.org/main"], {})],
    "custom_channels": [({"corp": "https://c.example.org"}, {}), ({"corp": "folder/channels"}, {})],
    "custom_multichannels": [({"corp": ["a", "b"]}, {})],
    "mirrors": [({"corp": ["https://m.example.org/corp"]}, {})],
    "index_url": [(PIP, {})],
    "extra_index_urls": [([PIP], {})],
    "indexes": [({"corp": PIP}, {}), ({"corp": "https://j.example.org"}, {"indexes": {"corp": PIP}})],
    "package_indexes": [({"tool": "corp"}, {"indexes": {"corp": PIP}})],
    "torch_backend": [("cpu", {}), ("cu124", {})],
    "index_strategy": [("unsafe-best-match", {})],
    "find_links": [(["https://w.example.org/"], {}), (["wheels"], {})],
    "no_index": [(True, {})],
    "pip_from_conda": [("prefer", {}), ("never", {})],
    "resolution": [("lowest", {}), ("lowest-direct", {})],
    "pre": [(True, {})],
    "no_build": [(True, {})],
    "build_network": [(True, {})],
    "build_timeout": [(60.0, {})],
    "admit_undated": [(True, {})],
    "exclude_newer_except": [(["tool"], {})],
    "override_dependencies": [(["tool>=2"], {})],
    "exclude_dependencies": [(["tool"], {})],
    "no_build_isolation_package": [(["tool"], {})],
    "extra_build_dependencies": [({"tool": ["torch"]}, {})],
    "extra_build_variables": [({"tool": {"SKIP": "1"}}, {})],
    "dependency_metadata": [({"tool==1.0": ["torch"]}, {})],
    "no_binary": [(["tool"], {}), ([":all:"], {})],
    "only_binary": [(["tool"], {})],
    "prefer_binary": [(True, {})],
    "require_hashes": [(True, {})],
    "exclude_newer": [("2026-01-31", {})],
    "name_map": [("names.toml", {})],
    "engine": [("resolvelib", {})],
    "search_limit": [(5, {})],
    "offline": [(True, {})],
    "cache_dir": [("cache", {})],
    "ssl_verify": [(False, {})],
    "cert": [("ca.pem", {})],
    "client_cert": [("client.pem", {})],
    "client_key": [("key.pem", {})],
    "trusted_hosts": [(["i.example.org"], {})],
    "proxies": [({"https": "http://p.example.org:3128"}, {})],
    "timeout": [(5.0, {})],
    "retries": [(9, {})],
    "size_limits": [({"page": "1 MiB"}, {})],
    "download_deadline": [(60.0, {})],
    "least_rate": [(0, {})],
    "output": [("other.yml", {})],
    "silenced": [({"channel/python": "it is fine"}, {})],
    "progress": [("off", {})],
    "processes": [(1, {})],
}
ROWS = [
    pytest.param(name, value, beside, id=f"{name}={value}")
    for name, rows in CHANGES.items()
    for value, beside in rows
]

pytestmark = pytest.mark.usefixtures("folder")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "environment.yml").write_text(INPUT_WITH_HASHES)
    (tmp_path / "names.toml").write_text('"tool" = "tool-of-conda"\n')
    return tmp_path


def hashes(settings: Mapping[str, Any], environ: Mapping[str, str] | None = None) -> dict[str, str]:
    around = Surroundings(cwd=Path.cwd(), home=Path.cwd() / "home", environ=environ or {})
    session = open_session(SessionRequest(files=("environment.yml",), settings=settings, surroundings=around))
    return request_hashes(session.requirements, session.targets, settings=session.fingerprint())


def test_every_setting_is_here_and_has_its_side() -> None:
    assert sorted(CHANGES) == sorted(BY_NAME)
    for row in DEFINITIONS:
        assert (row.decides is None) is bool(row.because), f"{row.name}: either decides, or says why not"


@pytest.mark.parametrize(
    ("name", "value", "beside"), ROWS, ids=[f"{name}={value}" for name, value, _ in ROWS]
)
def test_a_setting_changes_the_hash_if_it_can_change_the_answer(
    name: str, value: Any, beside: Mapping[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    if name == "this_machine":
        from lockfiles import session
        from resolver.model.target import VirtualPackage

        facts = VirtualPackage(name="__glibc", version="2.99", build="0")
        monkeypatch.setattr(session, "_machine_facts", lambda _: (facts,))
    before, after = hashes(beside), hashes({**beside, name: value})
    assert (before != after) is (BY_NAME[name].decides is not None)


def test_a_lock_with_no_such_setting_keeps_its_hash() -> None:
    """Entries of settings at their defaults would change every lockfile that was written before."""
    around = Surroundings(cwd=Path.cwd(), home=Path.cwd() / "home")
    session = open_session(SessionRequest(files=("environment.yml",), surroundings=around))
    assert set(session.fingerprint()) == {"channels", "indexes", "index-strategy", "package-indexes", "pre"}
    assert {row.key for row in DEFINITIONS if row.decides is Decides.ALWAYS} == {
        "index-strategy",
        "package-indexes",
        "pre",
    }


def test_defaults_written_out_change_nothing() -> None:
    written = {"engine": "lockstack", "no_build": False, "default_channels": ["pkgs/main", "pkgs/r"]}
    assert hashes(written) == hashes({})
    assert hashes({"custom_channels": {"corp": DEFAULT_ALIAS}}) == hashes({})


def test_a_name_map_counts_by_content(folder: Path) -> None:
    before = hashes({"name_map": "names.toml"})
    (folder / "moved.toml").write_bytes((folder / "names.toml").read_bytes())
    assert hashes({"name_map": "moved.toml"}) == before
    (folder / "moved.toml").write_text('"tool" = "other"\n')
    assert hashes({"name_map": "moved.toml"}) != before


def test_a_name_map_that_is_not_there() -> None:
    with pytest.raises(InputError, match=r"none\.toml: can't be read: No such file"):
        hashes({"name_map": "none.toml"})


def test_a_checkout_may_lie_anywhere() -> None:
    settings = {"channel_alias": "a/channels", "find_links": ["a/wheels"], "indexes": {"corp": "a/simple"}}
    elsewhere = {
        "channel_alias": "/b/channels",
        "find_links": ["/b/wheels"],
        "indexes": {"corp": "/b/simple"},
    }
    assert hashes(settings) == hashes(elsewhere)


def test_secrets_are_no_part_of_it() -> None:
    def told(secret: str) -> dict[str, str]:
        return hashes(
            {
                "channel_alias": f"https://c.example.org/t/{secret}",
                "find_links": [f"https://me:{secret}@w.example.org/"],
                "indexes": {"corp": f"https://me:{secret}@i.example.org"},
                "package_indexes": {"tool": f"https://me:{secret}@i.example.org"},
            }
        )

    assert told("hush-one") == told("hush-two")


def test_prefer_binary_of_a_requirements_file_counts_too(folder: Path) -> None:
    before = hashes({})
    (folder / "environment.yml").write_text(INPUT_WITH_HASHES + "  - --prefer-binary\n")
    assert hashes({}) != before
