from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pypi_simple import PYPI_SIMPLE_ENDPOINT

from lockfiles.settings.ages import Age
from lockfiles.settings.model import Settings, load_settings
from lockfiles.settings.public_index import default_index_url
from lockfiles.settings.setting import Layer
from lockfiles.settings.show import settings_as_json, show_settings
from resolver.errors import InputErrors


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("home", "work", "root"):
        (tmp_path / name).mkdir()
    return tmp_path


def load(
    folder: Path,
    flags: Mapping[str, object] | None = None,
    environ: Mapping[str, str] | None = None,
    environment_file: str | None = None,
) -> Settings:
    return load_settings(
        flags or {},
        environ or {},
        Path(environment_file) if environment_file else None,
        folder / "home",
        folder / "work",
        root=folder / "root",
    )


def test_defaults(folder: Path) -> None:
    settings = load(folder)
    assert {getattr(settings, name).layer for name in Settings.__struct_fields__} == {Layer.DEFAULT}
    assert settings.platforms.value == ()
    assert settings.channel_priority.value == "strict"
    assert settings.index_strategy.value == "first-index"
    assert settings.index_url.value == PYPI_SIMPLE_ENDPOINT.rstrip("/")


def test_default_index_is_found_without_importing_its_client() -> None:
    code = (
        "import sys; from lockfiles.settings.public_index import default_index_url as d; d();"
        "print(sorted({'distlib', 'http', 'httpx', 'rattler', 'pypi_simple'} & set(sys.modules)))"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=240
    )
    assert found.stdout.strip() == "[]"
    assert default_index_url() == PYPI_SIMPLE_ENDPOINT.rstrip("/")


def test_the_nearest_place_wins(folder: Path) -> None:
    (folder / "home" / ".condarc").write_text("channel_priority: disabled\n")
    assert load(folder).channel_priority.value == "disabled"
    (folder / "work" / "pyproject.toml").write_text('[tool.lockstack]\nchannel-priority = "flexible"\n')
    found = load(folder).channel_priority
    assert (found.value, found.source, found.layer) == ("flexible", "pyproject.toml:2:1", Layer.FILE)
    (folder / "work" / "lockstack.toml").write_text('channel-priority = "disabled"\n')
    assert load(folder).channel_priority.source == "lockstack.toml:1:1"
    environ = {"LOCK_CHANNEL_PRIORITY": "strict"}
    assert load(folder, environ=environ).channel_priority.source == "$LOCK_CHANNEL_PRIORITY"
    found = load(folder, {"channel_priority": "flexible"}, environ).channel_priority
    assert (found.value, found.source, found.layer) == ("flexible", "--channel-priority", Layer.FLAG)


@pytest.mark.parametrize("absent", [None, (), []])
def test_flags_not_given_say_nothing(folder: Path, absent: object) -> None:
    assert load(folder, {"platforms": absent, "verbose": True}).platforms.layer is Layer.DEFAULT


VALUES: list[tuple[str, str, Any, Any]] = [
    ("platforms", "linux-64, osx-arm64", ["linux-64", "osx-arm64"], ("linux-64", "osx-arm64")),
    ("output", "out/x.yml", "out/x.yml", Path("out/x.yml")),
    ("channel_alias", "https://m.example.org/c/", "https://m.example.org/c/", "https://m.example.org/c"),
    ("channels", "a b", ["a", "b"], ("a", "b")),
    (
        "custom_channels",
        "corp=https://c.example.org",
        {"corp": "https://c.example.org"},
        {"corp": "https://c.example.org"},
    ),
    ("virtual_packages", "__cuda=12.4 __glibc=", ["__cuda=12.4", "__glibc="], ("__cuda=12.4", "__glibc=")),
    ("this_machine", "yes", True, True),
    ("python", "3.12", "3.12", ("3.12",)),
    ("python", "3.12, 3.11", ["3.12", "3.11,3.12"], ("3.12", "3.11")),
    (
        "index_url",
        "https://i.example.org/simple/",
        "https://i.example.org/simple/",
        "https://i.example.org/simple",
    ),
    (
        "extra_index_urls",
        "https://a.example.org https://b.example.org",
        ["https://a.example.org", "https://b.example.org"],
        ("https://a.example.org", "https://b.example.org"),
    ),
    (
        "indexes",
        "corp=https://i.example.org",
        {"corp": "https://i.example.org"},
        {"corp": "https://i.example.org"},
    ),
    ("package_indexes", "My_Pkg=corp", {"My_Pkg": "corp"}, {"my-pkg": "corp"}),
    ("index_strategy", "unsafe-best-match", "unsafe-best-match", "unsafe-best-match"),
    ("pip_from_conda", "never", "never", "never"),
    ("resolution", "lowest", "lowest", "lowest"),
    ("search_limit", "5", 5, 5),
    ("exclude_newer", "2026-01-31", "2026-01-31", 1769903999),
    ("exclude_newer", "2026-01-31T12:00:00Z", "2026-01-31T12:00:00Z", 1769860800),
    ("exclude_newer", "2026-01-31T12:00:00+01:00", "2026-01-31T12:00:00+01:00", 1769857200),
    ("exclude_newer", "7 days", "7 days", Age(seconds=604800, text="7 days")),
    ("exclude_newer_except", "foo own::* a::b", ["foo", "own::*", "a::b"], ("foo", "own::*", "a::b")),
    ("no_build", "1", True, True),
    ("build_network", "1", True, True),
    ("build_timeout", "60", 60, 60.0),
    ("admit_undated", "1", True, True),
    ("offline", "false", False, False),
    ("engine", "resolvelib", "resolvelib", "resolvelib"),
    ("timeout", "2.5", 2.5, 2.5),
    ("retries", "0", 0, 0),
    ("size_limits", "page=2MiB,shard=9", {"page": "2 MiB", "shard": 9}, {"page": 2 << 20, "shard": 9}),
    ("download_deadline", "60", 60, 60.0),
    ("least_rate", "1K", "1 KiB", 1024),
    (
        "trusted_hosts",
        "a.example.org b.example.org:80",
        ["a.example.org", "b.example.org:80"],
        ("a.example.org", "b.example.org:80"),
    ),
    ("only_binary", "My_Pkg,:none: b.c a", ["My_Pkg", ":none:", "b.c,a"], ("a", "b-c")),
    ("no_binary", ":all:", [":all:"], (":all:",)),
    (
        "proxies",
        "https=p.example.org:3128",
        {"https": "p.example.org:3128"},
        {"https": "http://p.example.org:3128"},
    ),
    ("progress", "off", "off", "off"),
    ("processes", "3", 3, 3),
]


@pytest.mark.parametrize(("name", "text", "data", "value"), VALUES, ids=[f"{v[0]}={v[1]}" for v in VALUES])
def test_each_place_writes_a_value_in_its_way(
    folder: Path, name: str, text: str, data: Any, value: Any
) -> None:
    from_variable = load(folder, environ={f"LOCK_{name.upper()}": text})
    from_flag = load(folder, {name: data})
    for settings in (from_variable, from_flag):
        found = getattr(settings, name).value
        if name in ("custom_channels", "indexes", "package_indexes"):
            assert dict(found) == value
        else:
            assert found == value


WHOLE = """\
platforms = ["linux-64"]
output = "locks/x.yml"
channel-alias = "sample/channels"
find-links = ["wheels", "https://w.example.org/"]
cache_dir = "~/cache"
extra-index-url = ["https://i.example.org"]
exclude-newer = 2026-01-31
name-map = "names.toml"

[virtual-packages]
__cuda = "12.4"
__unix = false
linux-64 = {__glibc = "2.35"}

[custom-channels]
corp = "chan"

[mirrors]
conda-forge = ["https://m.example.org/conda-forge", "./local"]

[indexes]
corp = "simple"

[package-indexes]
my_pkg = "corp"

[silence]
runtime-openmp = "only one of them is ever loaded"
"""


def test_whole_file_with_paths_seen_from_it(folder: Path) -> None:
    (folder / "work" / "sub").mkdir()
    (folder / "work" / "sub" / "lockstack.toml").write_text(WHOLE)
    settings = load(folder, environment_file="sub/environment.yml")
    assert settings.output.value == Path("sub/locks/x.yml")
    assert settings.channel_alias.value == "sub/sample/channels"
    assert settings.find_links.value == ("sub/wheels", "https://w.example.org")
    assert settings.cache_dir.value == folder / "home" / "cache"
    assert settings.extra_index_urls.value == ("https://i.example.org",)
    assert settings.exclude_newer.value == 1769903999
    assert settings.virtual_packages.value == ("__cuda=12.4", "__unix=", "linux-64:__glibc=2.35")
    assert settings.custom_channels.value == {"corp": "sub/chan"}
    assert settings.mirrors.value == {"conda-forge": ("https://m.example.org/conda-forge", "sub/local")}
    assert settings.indexes.value == {"corp": "sub/simple"}
    assert settings.package_indexes.value == {"my-pkg": "corp"}
    assert settings.silenced.value == {"runtime-openmp": "only one of them is ever loaded"}
    assert settings.name_map.source == "sub/lockstack.toml:8:1"


def test_virtual_packages_and_silenced_rules_add_up(folder: Path) -> None:
    (folder / "work" / "lockstack.toml").write_text(
        'virtual-packages = ["__cuda=11", "__glibc=2.17"]\n[silence]\na = "one"\nb = "two"\n'
    )
    settings = load(folder, {"virtual_packages": ["__cuda=12"], "silenced": ["a=three"]})
    assert settings.virtual_packages.value == ("__cuda=11", "__glibc=2.17", "__cuda=12")
    assert settings.virtual_packages.source == "--virtual-package, lockstack.toml:1:1"
    assert settings.silenced.value == {"a": "three", "b": "two"}


FAULTS = [
    ("exclude-newer-except = ['*']", "`*` names no package", "write `NAME`, `CHANNEL::NAME` or `CHANNEL::*`"),
    (
        "exclude-newer-except = ['::a']",
        "`::a` names no package",
        "write `NAME`, `CHANNEL::NAME` or `CHANNEL::*`",
    ),
    ("platfroms = []", "lockstack.toml:1:1: unknown setting `platfroms`", "did you mean `platforms`?"),
    ("zzz = 1", "lockstack.toml:1:1: unknown setting `zzz`", None),
    ("platforms = ['linux']", "lockstack.toml:1:1: unknown platform `linux`", "did you mean `linux-64`?"),
    ("offline = 'maybe'", "lockstack.toml:1:1: `maybe` is neither true nor false", None),
    ("channel-priority = 'strikt'", "is none of `strict`, `flexible`, `disabled`", "did you mean `strict`?"),
    ("engine = 'z3'", "`z3` is none of `lockstack`, `resolvelib`", None),
    (
        "python = 3.10",
        "the number `3.1` where a version is meant",
        'write `"3.1"`: `3.10` as a number is `3.1`',
    ),
    ("python = '3'", "`3` is not a Python version", "write it as `3.12` or `3.12.7`"),
    (
        "exclude-newer = 'soon'",
        "`soon` is not a date",
        "write it as `2026-01-31` or `2026-01-31T12:00:00Z`, or as an age: `7 days`",
    ),
    (
        "exclude-newer = '999999 days'",
        "goes back to before there were packages",
        "give a date, or fewer days",
    ),
    ("exclude-newer = 2026-01-31T12:00:00", "has no time zone", "put a `Z` behind it for UTC"),
    ("least-rate = -1", "`-1` is not a size", "write bytes, or as `64 MiB`, `2 GiB`"),
    ("size-limits = {page = 0}", "`0` is not a size", "write bytes, or as `64 MiB`, `2 GiB`"),
    ("size-limits = {cake = 9}", "`cake` is no kind of resource", None),
    ("timeout = 0", "`0` is not a number of seconds above 0", None),
    (
        "virtual-packages = ['cuda=1']",
        "`cuda` in `cuda=1` is not a virtual package",
        "did you mean `__cuda`?",
    ),
    ("silence = {a = ''}", "rule `a` is silenced without a reason", 'write `a = "why it is fine here"`'),
    ("platforms = 3", "lockstack.toml:1:1: `3` is not a list", None),
    ("proxies = {htps = 'x'}", "`htps` is no scheme", "write `http`, `https`, `all` or `https://HOST`"),
    ("mirrors = 3", "lockstack.toml:1:1: `3` is not a table", None),
    ("index-url = ''", "lockstack.toml:1:1: an empty address", None),
    ("extra-index-url = []\nextra-index-urls = []", "is another name for `extra-index-urls`", None),
    ("a = [", "lockstack.toml: not TOML: Invalid value at the end of the file", None),
]


@pytest.mark.parametrize(("text", "message", "hint"), FAULTS, ids=[row[0] for row in FAULTS])
def test_fault_of_a_settings_file(folder: Path, text: str, message: str, hint: str | None) -> None:
    (folder / "work" / "lockstack.toml").write_text(text + "\n")
    with pytest.raises(InputErrors) as caught:
        load(folder)
    (error,) = caught.value.errors
    assert message in str(error)
    if hint is not None:
        assert error.hint == hint


def test_faults_of_all_places_come_together(folder: Path) -> None:
    (folder / "work" / "lockstack.toml").write_text("a = 1\nb = 2\n")
    (folder / "home" / ".condarc").write_text("channel_priority: often\n")
    with pytest.raises(InputErrors) as caught:
        load(folder, {"engine": "z3"}, {"LOCK_OFFLINE": "x", "PIP_TIMEOUT": "x"})
    places = [str(error).split(": ")[0] for error in caught.value.errors]
    assert places == [
        "--engine",
        "$LOCK_OFFLINE",
        "lockstack.toml:1:1",
        "lockstack.toml:2:1",
        f"{folder}/home/.condarc:1:1",
        "$PIP_TIMEOUT",
    ]


def test_a_misspelt_variable_is_warned_of(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    load(folder, environ={"LOCK_PLATFORM": "linux-64", "LOCK_AUTH_HOST": "x", "LOCK_SMITH": "1"})
    assert [record.getMessage() for record in caplog.records] == [
        "the variable `LOCK_PLATFORM` is not known; did you mean `LOCK_PLATFORMS`?"
    ]


def test_a_pyproject_without_our_table_is_not_read(folder: Path) -> None:
    (folder / "work" / "pyproject.toml").write_text("[broken\n")
    assert load(folder).offline.value is False


def test_table_and_json_show_sources_and_no_secrets(folder: Path) -> None:
    settings = load(
        folder,
        {
            "index_url": "https://me:hush@i.example.org/simple",
            "channel_alias": "https://c.example.org/t/hush-token/x",
            "exclude_newer": "2026-01-31",
            "platforms": ["linux-64", "osx-64"],
        },
        {
            "LOCK_PROXIES": "https=http://me:hush@p.example.org",
            "LOCK_MIRRORS": "a=https://me:hush@m.example.org",
        },
    )
    table = show_settings(settings)
    assert "hush" not in table
    rows = {line.split()[0]: line for line in table.splitlines()}
    assert rows["index-url"].split() == ["index-url", "https://***@i.example.org/simple", "--index-url"]
    assert rows["channel-alias"].split()[1] == "https://c.example.org/t/***/x"
    assert rows["platforms"].split()[1:] == ["linux-64,", "osx-64", "--platform"]
    assert len({line.rindex("  ") for line in table.splitlines() if line.endswith("  default")}) == 1
    data = settings_as_json(settings)
    assert "hush" not in json.dumps(data)
    assert data["exclude-newer"] == {"value": "2026-01-31T23:59:59Z", "source": "--exclude-newer"}
    assert data["offline"] == {"value": False, "source": "default"}
    assert list(data) == [name.replace("_", "-") for name in Settings.__struct_fields__]


def test_faults_show_no_secrets(folder: Path) -> None:
    (folder / "work" / "lockstack.toml").write_text('offline = "https://me:hush@x.example.org"\n')
    with pytest.raises(InputErrors) as caught:
        load(folder)
    assert "hush" not in str(caught.value)


def test_an_alias_of_the_user_s_own_moves_defaults(folder: Path) -> None:
    assert load(folder, {"channel_alias": "/x"}).channel_rules().defaults_follow_alias
    (folder / "home" / ".condarc").write_text("channel_alias: https://m.example.org\n")
    rules = load(folder).channel_rules()
    assert (rules.alias, rules.defaults_follow_alias) == ("https://m.example.org", False)
