"""conda-lock's own parser reads our files, and we read conda-lock's."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from lockfiles.formats.conda_lock.assemble import lock_of_resolutions, split_match_specs
from lockfiles.formats.conda_lock.drafts import Drafts
from lockfiles.formats.conda_lock.entries import EntryTexts
from lockfiles.formats.conda_lock.restore import resolutions_of_lock
from lockfiles.formats.conda_lock.text import format_conda_lock, read_conda_lock, write_conda_lock
from lockfiles.model import CondaLock, LockedChannel, LockedPackage, LockMetadata
from resolver.errors import InputError, InputErrors
from resolver.model.channels import Channel
from resolver.model.requirements import DirectKind, DirectReference
from resolver.model.resolution import Resolution
from tests.lockfiles.make import LINUX, MACOS, conda, digest, pypi, resolution
from tests.lockfiles.oracle import parse_text, render_lockfile_for_platform
from tests.support.amount import examples

METADATA = LockMetadata(
    content_hash={"linux-64": digest("sha256", "linux"), "osx-arm64": digest("sha256", "osx")},
    channels=(LockedChannel(url="conda-forge"),),
    sources=("environment.yml",),
    custom={"lockstack.tool": "lockstack 0.1.0", "owner": "team: fraud"},
)
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def sample() -> tuple[Resolution, ...]:
    linux = resolution(
        conda("python", "3.11.9", "hb806964_0_cpython", "__glibc >=2.17,<3.0.a0", "openssl >=3.2.1,<4.0a0"),
        conda("openssl", "3.3.1", "h4ab18f5_0", "ca-certificates", "__unix"),
        conda("ca-certificates", "2024.6.2", "hbcca054_0", subdir="noarch"),
        conda("blas", "2.122", "openblas", "libblas 3.9.0 22_linux64_openblas", extension=".tar.bz2"),
        conda(
            "pytest",
            "8.2",
            "pyhd8ed1ab_0",
            "python >=3.8",
            subdir="noarch",
            categories=frozenset({"dev", "test"}),
        ),
        pypi(
            "azure-identity", "1.16.1", {"msal": ">=1.24", "cryptography": ""}, extras=frozenset({"b", "a"})
        ),
        pypi("msal", "1.28.0", {"requests": "<3,>=2.0"}),
        provided={"torch": ("pytorch", "2.3.1")},
    )
    macos = resolution(conda("python", "3.11.9", "h932a869_0_cpython", subdir="osx-arm64"), target=MACOS)
    return linux, macos


def test_conda_lock_reads_the_file(tmp_path: Path) -> None:
    lock = parse_text(write_conda_lock(sample(), METADATA), tmp_path)
    assert lock.metadata.content_hash == METADATA.content_hash
    assert [channel.url for channel in lock.metadata.channels] == ["conda-forge"]
    assert lock.metadata.platforms == ["linux-64", "osx-arm64"]
    assert lock.metadata.sources == ["environment.yml"]
    assert lock.metadata.custom_metadata["owner"] == "team: fraud"
    assert lock.metadata.custom_metadata["lockstack.virtual-packages.osx-arm64"] == "__osx=11.0=0"
    packages = {(p.name, p.platform): p for p in lock.package}
    assert len(packages) == 8
    python = packages["python", "linux-64"]
    assert python.dependencies == {"__glibc": ">=2.17,<3.0.a0", "openssl": ">=3.2.1,<4.0a0"}
    assert python.url.endswith("/linux-64/python-3.11.9-hb806964_0_cpython.conda")
    assert (len(python.hash.md5), len(python.hash.sha256)) == (32, 64)
    assert packages["pytest", "linux-64"].categories == {"dev", "test"}
    assert packages["blas", "linux-64"].dependencies == {"libblas": "3.9.0 22_linux64_openblas"}
    identity = packages["azure-identity", "linux-64"]
    assert (identity.manager, identity.dependencies) == ("pip", {"cryptography": "", "msal": ">=1.24"})
    assert identity.hash.md5 is None


def test_any_version_was_written_as_a_star_once(tmp_path: Path) -> None:
    """A lockfile of before is read as one of today, and rattler reads today's: it takes no star there."""
    from rattler import LockFile

    text = write_conda_lock(sample(), METADATA)
    before = text.replace('      cryptography: ""', '      cryptography: "*"').replace(
        "    created_by: lockstack\n", ""
    )
    assert before != text
    old, new = (read_conda_lock(one, "f") for one in (before, text))
    assert resolutions_of_lock(old) == resolutions_of_lock(new)
    assert old.metadata == new.metadata
    (tmp_path / "conda-lock.yml").write_text(text)
    assert LockFile.from_path(tmp_path / "conda-lock.yml").default_environment() is not None


def test_conda_s_plugin_wants_to_know_who_made_it() -> None:
    text = write_conda_lock(sample(), METADATA)
    assert yaml.safe_load(text)["metadata"]["custom_metadata"]["created_by"] == "lockstack"
    assert "created_by" not in read_conda_lock(text, "f").metadata.custom
    theirs = text.replace("created_by: lockstack", "created_by: me")
    assert read_conda_lock(theirs, "f").metadata.custom["created_by"] == "me", "a user's own key stays"


def test_conda_lock_renders_what_installers_need(tmp_path: Path) -> None:
    """The explicit form that conda-lock makes of our file: what its installer hands to conda and pip."""
    lines = render_lockfile_for_platform(
        lockfile=parse_text(write_conda_lock(sample(), METADATA), tmp_path),
        include_dev_dependencies=False,
        extras=None,
        kind="explicit",
        platform="linux-64",
        suppress_warning_for_pip_and_explicit=True,
    )
    urls = [line for line in lines if line.startswith("https:")]
    assert [url.rsplit("/", 1)[-1].split("-")[0] for url in urls] == ["ca", "blas", "openssl", "python"]
    assert all(len(url.rpartition("#")[2]) == 32 for url in urls)
    name = "msal-1.28.0-py3-none-any.whl"
    assert f"# pip msal @ https://example.org/files/{name}#sha256={digest('sha256', name)}" in lines


DIRECT = [
    pytest.param(
        DirectReference(kind=DirectKind.VCS, url="git+https://example.org/a/b.git", revision="main"),
        {"commit": COMMIT, "file": False},
        f"git+https://example.org/a/b.git@{COMMIT}",
        id="a branch is locked at its commit",
    ),
    pytest.param(
        DirectReference(kind=DirectKind.VCS, url="git+ssh://git@example.org/a/b.git", subdirectory="src/x"),
        {"commit": COMMIT, "file": False},
        f"git+ssh://git@example.org/a/b.git@{COMMIT}#subdirectory=src/x",
        id="a folder of a repository, over ssh",
    ),
    pytest.param(
        DirectReference(
            kind=DirectKind.ARCHIVE, url="https://example.org/x-1.0.tar.gz", hashes={"sha256": "ab" * 32}
        ),
        {},
        "https://example.org/x-1.0.tar.gz#sha256=" + "ab" * 32,
        id="an archive with its hash",
    ),
    pytest.param(
        DirectReference(kind=DirectKind.DIRECTORY, path="./pkg", editable=True),
        {"file": False},
        "file:./pkg",
        id="a folder beside the file",
    ),
    pytest.param(
        DirectReference(kind=DirectKind.ARCHIVE, path="wheels/x-1.0-py3-none-any.whl"),
        {"hashes": {"sha256": "cd" * 32}},
        "file:wheels/x-1.0-py3-none-any.whl",
        id="a local wheel",
    ),
]


@pytest.mark.parametrize(("direct", "fields", "url"), DIRECT)
def test_direct_references(direct: DirectReference, fields: dict[str, Any], url: str, tmp_path: Path) -> None:
    text = write_conda_lock([resolution(pypi("x", direct=direct, **fields))], METADATA)
    (package,) = parse_text(text, tmp_path).package
    assert package.url == package.source.url == url
    (again,) = resolutions_of_lock(read_conda_lock(text, "f"))
    pin = again.pypi[0]
    assert pin.direct is not None
    assert pin.direct.kind is direct.kind
    assert (pin.direct.url, pin.direct.path) == (direct.url, direct.path)
    assert (pin.commit, pin.direct.editable) == (fields.get("commit"), direct.editable)
    assert pin.direct.subdirectory == direct.subdirectory


def test_a_hash_that_the_format_has_no_field_for_stands_in_the_address(tmp_path: Path) -> None:
    text = write_conda_lock([resolution(pypi("x", hashes={"sha512": "ab" * 64}))], METADATA)
    (package,) = parse_text(text, tmp_path).package
    assert package.url.endswith("#sha512=" + "ab" * 64)
    file = resolutions_of_lock(read_conda_lock(text, "f"))[0].pypi[0].file
    assert file is not None
    assert (file.hashes, file.url[-4:]) == ({"sha512": "ab" * 64}, ".whl")


def test_a_package_without_md5_is_named_and_still_read_by_us() -> None:
    text = write_conda_lock([resolution(conda("old", md5=None), conda("new"))], METADATA)
    lock = read_conda_lock(text, "f")
    assert lock.metadata.custom["lockstack.without-md5"] == "old"
    assert {p.name: sorted(p.hashes) for p in lock.packages} == {"old": ["sha256"], "new": ["md5", "sha256"]}


def test_conda_lock_refuses_an_entry_without_md5(tmp_path: Path) -> None:
    """Why the names are listed: if this ever passes, the list is no longer needed."""
    text = write_conda_lock([resolution(conda("old", md5=None))], METADATA)
    with pytest.raises(ValueError, match="must use MD5"):
        parse_text(text, tmp_path)


def test_what_was_written_is_read_back() -> None:
    lock = lock_of_resolutions(sample(), METADATA)
    text = format_conda_lock(lock)
    assert read_conda_lock(text, "f") == lock
    assert format_conda_lock(read_conda_lock(text, "f")) == text


@pytest.mark.parametrize("url", ["conda-forge", "https://${TOKEN}@c.example/conda-forge"])
@pytest.mark.parametrize("drafted", [0, 1, 2])
@pytest.mark.parametrize("kept", [None, {}])
def test_drafts_are_what_would_be_written(url: str, drafted: int, kept: dict[Any, Any] | None) -> None:
    channels = (LockedChannel(url=url, used_env_vars=("TOKEN",) if "TOKEN" in url else ()),)
    metadata, found = msgspec.structs.replace(METADATA, channels=channels), sample()
    for one in found[:drafted]:  # of another lockfile of this process
        Drafts(channels, EntryTexts(), kept).add(one)
    drafts = Drafts(channels, EntryTexts(), kept)
    for one in found[:drafted]:
        drafts.add(one)
    lock = lock_of_resolutions(found, metadata, drafts.packages)
    assert lock == lock_of_resolutions(found, metadata)
    assert format_conda_lock(lock, drafts.text) == write_conda_lock(found, metadata)
    other = msgspec.structs.replace(lock.packages[0], version="9")
    changed = msgspec.structs.replace(lock, packages=(other, *lock.packages[1:]))
    assert format_conda_lock(changed, drafts.text) == format_conda_lock(changed)


def test_resolutions_come_back_from_the_file() -> None:
    before = sample()
    text = write_conda_lock(before, METADATA)
    after = resolutions_of_lock(read_conda_lock(text, "f"))
    assert [r.target for r in after] == [r.target for r in before]
    for old, new in zip(before, after, strict=True):
        assert new.python == old.python
        assert [
            (p.record.name, p.record.version, p.record.build, p.url, p.subdir, p.channel, p.categories)
            for p in old.conda
        ] == [
            (p.record.name, p.record.version, p.record.build, p.url, p.subdir, p.channel, p.categories)
            for p in new.conda
        ]
        assert [(p.name, p.version, p.file, p.extras, p.dependencies, p.categories) for p in old.pypi] == [
            (p.name, p.version, p.file, p.extras, p.dependencies, p.categories) for p in new.pypi
        ]
        assert new.provided.items() >= old.provided.items()
    assert write_conda_lock(after, METADATA) == text


def test_two_resolutions_for_one_platform_are_refused() -> None:
    with pytest.raises(ValueError, match="linux-64"):
        write_conda_lock([resolution(), resolution()], METADATA)


def test_the_order_of_pins_and_categories_does_not_matter() -> None:
    text = write_conda_lock(sample(), METADATA)
    for seed in range(20):
        shuffled = random.Random(seed)  # noqa: S311  # an order, no secret
        parts = []
        for one in shuffled.sample(sample(), 2):
            pins = [*one.conda, *one.pypi]
            shuffled.shuffle(pins)
            parts.append(resolution(*pins, target=one.target, provided=one.provided))
        assert write_conda_lock(parts, METADATA) == text


TOKEN_CHANNEL = "https://example.org/t/${MY_TOKEN}/private"


def test_a_token_is_only_named(tmp_path: Path) -> None:
    channel = Channel(name="private", base_url="https://example.org/private")
    metadata = LockMetadata(
        content_hash={"linux-64": "0" * 64},
        channels=(LockedChannel(url=TOKEN_CHANNEL, used_env_vars=("MY_TOKEN",)),),
    )
    text = write_conda_lock([resolution(conda("a", channel=channel))], metadata)
    lock = parse_text(text, tmp_path)
    assert lock.package[0].url == f"{TOKEN_CHANNEL}/linux-64/a-1.0-h0_0.conda"
    assert lock.metadata.channels[0].used_env_vars == ("MY_TOKEN",)
    (again,) = resolutions_of_lock(read_conda_lock(text, "f"))
    assert again.conda[0].url == "https://example.org/private/linux-64/a-1.0-h0_0.conda"


def test_credentials_in_an_address_are_left_out() -> None:
    pin = pypi("x", url="https://someone:" + "hunter" + "2@example.org/x-1.0-py3-none-any.whl")
    assert "hunter" not in write_conda_lock([resolution(pin)], METADATA)


@pytest.mark.parametrize(
    ("depends", "expected"),
    [
        pytest.param(["a >=1,<2"], {"a": ">=1,<2"}, id="a version"),
        pytest.param(["a"], {"a": ""}, id="a name alone"),
        pytest.param(["a 1.0 py_0", "b * openblas"], {"a": "1.0 py_0", "b": "* openblas"}, id="a build"),
        pytest.param(["a>=1", "b==2"], {"a": ">=1", "b": "==2"}, id="no blank"),
        pytest.param(["a[version='>=1',build=x]"], {"a": "[version='>=1',build=x]"}, id="brackets"),
        pytest.param(["z", "a"], {"a": "", "z": ""}, id="sorted"),
        pytest.param(["a >=1", "a <3"], {"a": ">=1,<3"}, id="two specs of one name"),
        pytest.param(["a >=1", "a"], {"a": ">=1"}, id="two, one of them open"),
        pytest.param(["a 1.*|2.*", "a <3"], {"a": "(1.*|2.*),<3"}, id="alternatives are kept together"),
        pytest.param(["a 1.0 *_cpython", "a <3"], {"a": "1.0 *_cpython"}, id="the one with a build"),
        pytest.param(["a =*=cxx17*", "a >=2,<3"], {"a": "=*=cxx17*"}, id="a build behind a sign"),
        pytest.param(["a =1.0", "a <3"], {"a": "=1.0,<3"}, id="a sign without a build"),
        pytest.param(["conda-forge::a >=1"], {"a": ">=1"}, id="a channel is no part of the name"),
    ],
)
def test_dependencies(depends: list[str], expected: dict[str, str]) -> None:
    assert split_match_specs(depends) == expected
    assert list(split_match_specs(depends)) == sorted(expected)


HEAD = "version: 1\nmetadata:\n  content_hash: {}\n  channels: []\n  platforms: [linux-64]\n  sources: []\n"
BAD = [
    pytest.param("a: [", "f:2:1: not YAML: did not find expected node content", id="not YAML"),
    pytest.param(
        "- a\n", "f: not a conda-lock file: `version`, `metadata` and `package` are needed", id="a list"
    ),
    pytest.param("a: 2024-99-99\n", "f: not YAML: month must be in 1..12", id="no date"),
    pytest.param("", "f: not a conda-lock file: `version`, `metadata` and `package` are needed", id="empty"),
    pytest.param(
        HEAD.replace("1", "9", 1) + "package: []\n",
        "f: conda-lock version 9 is unknown; version 1 is read",
        id="version",
    ),
    pytest.param(
        "a: 1\n<<<<<<< HEAD\nb: 2\n=======\n", "f:2: holds the marks of an unfinished merge", id="merge marks"
    ),
    pytest.param(HEAD + "package: {}\n", "f: `package` must be a list", id="packages"),
    pytest.param(HEAD + "package:\n- 3\n", "f: `package[0]` must be a mapping", id="entry"),
    pytest.param(
        HEAD + "package:\n- {name: a, version: 1.0, manager: conda, platform: linux-64, url: u}\n",
        'f: `package[0].version` must be a text: write it as `"1.0"`',
        id="a version that YAML reads as a number",
    ),
    pytest.param(
        HEAD + "package:\n- {name: a, version: '1', manager: apt, platform: p, url: u, colour: red}\n",
        "f: `package[0].colour` is no field of version 1\nf: `package[0].manager` must be `conda` or `pip`",
        id="all faults at once",
    ),
    pytest.param(
        HEAD + "package:\n- {name: a, version: '1', manager: pip, platform: p, url: u}\n"
        "- {name: a, version: '2', manager: pip, platform: p, url: v}\n",
        "f: `package[1]` is a second, different a for p",
        id="two of one name",
    ),
]


@pytest.mark.parametrize(("text", "message"), BAD)
def test_faults_of_a_file(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read_conda_lock(text, "f")
    assert str(caught.value) == message
    assert isinstance(caught.value, InputErrors) == ("\n" in message)


TEXTS = st.text(min_size=1, max_size=8).filter(lambda text: "<<<<<<< " not in text)
PACKAGES = st.builds(
    LockedPackage,
    name=TEXTS,
    version=TEXTS,
    manager=st.sampled_from(["conda", "pip"]),
    platform=st.sampled_from(["linux-64", "osx-arm64"]),
    url=TEXTS,
    hashes=st.dictionaries(st.sampled_from(["md5", "sha256"]), TEXTS),
    dependencies=st.dictionaries(TEXTS, st.text(max_size=8), max_size=3),
    categories=st.frozensets(TEXTS, min_size=1, max_size=2),
    source_url=st.none() | TEXTS,
)


@settings(deadline=None, max_examples=examples(150))
@given(
    st.lists(PACKAGES, max_size=4, unique_by=lambda package: package.key),
    st.dictionaries(TEXTS, st.text(max_size=9)),
)
def test_any_lockfile_comes_back(packages: list[LockedPackage], custom: dict[str, str]) -> None:
    lock = CondaLock(
        metadata=LockMetadata(
            content_hash={"linux-64": "x"},
            channels=(LockedChannel(url="a"),),
            platforms=("linux-64", "osx-arm64"),
            custom=dict(sorted(custom.items())),
        ),
        packages=tuple(sorted(packages, key=lambda package: package.key)),
    )
    text = format_conda_lock(lock)
    assert read_conda_lock(text, "f") == lock
    assert yaml.safe_load(text)["version"] == 1


@settings(deadline=None, max_examples=examples(200))
@given(st.text(max_size=40) | st.text(alphabet="-: []{}\nab1'\"#&*!|>%@\t", max_size=40))
def test_no_text_ends_in_anything_but_an_input_error(text: str) -> None:
    with pytest.raises(InputError):
        read_conda_lock(text, "f")


def test_the_target_is_in_the_file() -> None:
    lock = read_conda_lock(write_conda_lock(sample(), METADATA), "f")
    custom = lock.metadata.custom
    assert custom["lockstack.virtual-packages.linux-64"] == "__archspec=1=x86_64 __glibc=2.28=0 __unix=0=0"
    assert custom["lockstack.channel-priority"] == "strict"
    assert custom["lockstack.python.linux-64"] == "3.11.9"
    assert custom["lockstack.provided.linux-64"] == "torch=pytorch=2.3.1"
    assert custom["lockstack.extras.linux-64"] == "azure-identity[a,b]"
    assert "lockstack.exclude-newer" not in custom
    assert LINUX.subdir in lock.metadata.platforms
