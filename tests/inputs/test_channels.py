from __future__ import annotations

from pathlib import Path

import pytest

from resolver.errors import InputError, InputErrors
from resolver.inputs.channels import ChannelRules, ResolvedChannels, resolve_channels
from resolver.model.origin import Origin
from resolver.model.requirements import ChannelRequest

ALIAS = "https://conda.anaconda.org"
REPO = "https://repo.anaconda.com"


def resolve(
    *texts: str, rules: ChannelRules | None = None, subdir: str = "linux-64", **environ: str
) -> ResolvedChannels:
    requests = [ChannelRequest(text=text, origin=Origin(file="e.yml", line=2)) for text in texts]
    return resolve_channels(requests, rules, subdir=subdir, environ=environ, folder=Path("/srv/env"))


def pairs(found: ResolvedChannels) -> list[tuple[str, str]]:
    return [(channel.name, channel.base_url) for channel in found.channels]


WRITTEN = [
    ("a name", "conda-forge", "conda-forge", f"{ALIAS}/conda-forge"),
    ("a label", "conda-forge/label/rc", "conda-forge/label/rc", f"{ALIAS}/conda-forge/label/rc"),
    ("a name with a platform", "conda-forge/linux-64", "conda-forge", f"{ALIAS}/conda-forge"),
    (
        "a name with a list of platforms",
        "conda-forge[linux-64,noarch]",
        "conda-forge",
        f"{ALIAS}/conda-forge",
    ),
    ("an address under the alias", f"{ALIAS}/bioconda/", "bioconda", f"{ALIAS}/bioconda"),
    ("an address of conda's own channels", f"{REPO}/pkgs/main/noarch", "pkgs/main", f"{REPO}/pkgs/main"),
    ("a member of defaults by name", "pkgs/r", "pkgs/r", f"{REPO}/pkgs/r"),
    ("an old name of no special meaning", "main", "main", f"{ALIAS}/main"),
    ("another address", "https://c.example.org/x/", "https://c.example.org/x", "https://c.example.org/x"),
    ("a port", "http://127.0.0.1:8080/x", "http://127.0.0.1:8080/x", "http://127.0.0.1:8080/x"),
    ("a relative folder", "./chan", "./chan", "file:///srv/env/chan"),
    ("a folder above", "../chan/", "../chan", "file:///srv/chan"),
    ("an absolute folder", "/opt/chan", "/opt/chan", "file:///opt/chan"),
    ("a file address", "file:///opt/chan", "file:///opt/chan", "file:///opt/chan"),
]


@pytest.mark.parametrize(
    ("text", "name", "base"), [row[1:] for row in WRITTEN], ids=[row[0] for row in WRITTEN]
)
def test_one_channel(text: str, name: str, base: str) -> None:
    assert pairs(resolve(text)) == [(name, base)]


def test_defaults_are_several_and_one_more_on_windows() -> None:
    main_and_r = [("pkgs/main", f"{REPO}/pkgs/main"), ("pkgs/r", f"{REPO}/pkgs/r")]
    assert pairs(resolve("defaults")) == main_and_r
    assert pairs(resolve()) == main_and_r
    assert pairs(resolve("defaults", subdir="win-64")) == [*main_and_r, ("pkgs/msys2", f"{REPO}/pkgs/msys2")]


def test_nodefaults_takes_defaults_out() -> None:
    assert pairs(resolve("conda-forge", "defaults", "nodefaults")) == pairs(resolve("conda-forge"))
    with pytest.raises(InputError, match="`nodefaults` leaves no channel"):
        resolve("nodefaults", "defaults")


def test_order_stays_and_repetitions_go() -> None:
    found = resolve("b", "defaults", "a", "b/noarch", f"{ALIAS}/a", "pkgs/main")
    assert [channel.name for channel in found.channels] == ["b", "pkgs/main", "pkgs/r", "a"]


def test_an_alias_of_the_user_s_own_holds_defaults_too() -> None:
    for alias, home in (
        ("/x/channels", "file:///x/channels"),
        ("https://m.example.org/conda", "https://m.example.org/conda"),
    ):
        found = resolve("conda-forge", "defaults", rules=ChannelRules(alias=alias))
        assert pairs(found) == [
            ("conda-forge", f"{home}/conda-forge"),
            ("pkgs/main", f"{home}/pkgs/main"),
            ("pkgs/r", f"{home}/pkgs/r"),
        ]


def test_conda_s_configured_alias_leaves_defaults_where_they_are() -> None:
    rules = ChannelRules(alias="https://m.example.org/conda", defaults_follow_alias=False)
    assert pairs(resolve("a", "defaults", rules=rules)) == [
        ("a", "https://m.example.org/conda/a"),
        ("pkgs/main", f"{REPO}/pkgs/main"),
        ("pkgs/r", f"{REPO}/pkgs/r"),
    ]


def test_custom_channels_and_multichannels() -> None:
    rules = ChannelRules(
        custom_channels={"corp": "https://c.example.org/conda", "corp/beta": "/opt/beta"},
        custom_multichannels={"ours": ("corp", "conda-forge")},
        default_channels=("https://c.example.org/main",),
    )
    assert pairs(resolve("ours", "corp/label/x", "corp/beta", "defaults", rules=rules)) == [
        ("corp", "https://c.example.org/conda/corp"),
        ("conda-forge", f"{ALIAS}/conda-forge"),
        ("corp/label/x", "https://c.example.org/conda/corp/label/x"),
        ("corp/beta", "file:///opt/beta/corp/beta"),
        ("https://c.example.org/main", "https://c.example.org/main"),
    ]


def test_a_multichannel_that_holds_itself_is_refused() -> None:
    with pytest.raises(InputErrors, match="holds itself"):
        resolve("a", rules=ChannelRules(custom_multichannels={"a": ("b",), "b": ("a",)}))


def test_two_channels_never_share_a_name() -> None:
    rules = ChannelRules(alias="https://m.example.org")
    assert pairs(resolve("x", f"{ALIAS}/x", rules=rules)) == [
        ("x", "https://m.example.org/x"),
        (f"{ALIAS}/x", f"{ALIAS}/x"),
    ]


def test_credentials_are_split_off() -> None:
    found = resolve(
        "https://me:hush@c.example.org/x",
        "https://c.example.org/t/${TOKEN}/y/linux-64",
        "z",
        rules=ChannelRules(alias="https://c.example.org/t/hush-hush"),
        TOKEN="hush",
    )
    assert [channel.base_url for channel in found.channels] == [
        "https://c.example.org/x",
        "https://c.example.org/y",
        "https://c.example.org/z",
    ]
    assert "hush" not in repr(found)
    assert {secret.url for secret in found.secrets} == {
        "https://me:hush@c.example.org/x",
        "https://c.example.org/t/hush/y",
        "https://c.example.org/t/hush-hush",
    }
    assert all(secret.is_channel for secret in found.secrets)


FAULTS = [
    ("https://c.example.org/t/${NONE}/y", "the environment variable `NONE` is not set"),
    ("{{ channel }}", "`{{ channel }}` is a template placeholder"),
    ("conda forge", "`conda forge` is not a channel"),
    ("s3://me:hush@bucket/x", "`s3://***@bucket/x`: channels over `s3` can't be read"),
    ("https:///x", "is an address without a host"),
    ("local", "belongs to one machine's conda-build"),
    ("/", "an empty channel"),
]


@pytest.mark.parametrize(("text", "message"), FAULTS, ids=[text for text, _ in FAULTS])
def test_fault(text: str, message: str) -> None:
    with pytest.raises(InputErrors) as caught:
        resolve("ok", text)
    (error,) = caught.value.errors
    assert message in error.message
    assert "hush" not in str(error)
    assert str(error.origin) == "e.yml:2"


def test_all_faults_come_together() -> None:
    with pytest.raises(InputErrors) as caught:
        resolve(*[text for text, _ in FAULTS])
    assert len(caught.value.errors) == len(FAULTS)
