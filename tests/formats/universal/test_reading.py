"""Lockfiles for many environments, each read for one: the same project, locked by four tools."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lockfiles.formats.conda_lock.target_keys import INDEXES
from lockfiles.formats.reading import LockContent, LockReadOptions, read_lockfile
from resolver.errors import InputError
from tests.formats.universal.specimens import HASH, PLACE, SPECIMENS
from tests.support.amount import examples


def read(name: str, text: str | None = None, **options: object) -> LockContent:
    return read_lockfile(SPECIMENS[name] if text is None else text, name, LockReadOptions(**options))  # type: ignore[arg-type]


@pytest.fixture(params=SPECIMENS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_the_platform_s_packages_with_their_categories_and_files(name: str) -> None:
    [found] = read(name).resolutions
    assert (found.target.subdir, found.python, found.conda) == ("linux-64", "3.11", ())
    assert {pin.name: sorted(pin.categories) for pin in found.pypi} == {
        "check": ["dev"],
        "requests": ["main"],
        "socks": ["main"],
    }
    [requests] = [pin for pin in found.pypi if pin.name == "requests"]
    assert requests.file is not None
    assert requests.file.file_name == "requests-2.31.0-py3-none-any.whl", "the wheel before the sdist"
    assert requests.file.hashes == {"sha256": HASH.removeprefix("sha256:")}
    assert requests.file.url in ("", f"{PLACE}/requests-2.31.0-py3-none-any.whl")
    assert dict(requests.dependencies).keys() == ({"socks"} if name != "poetry.lock" else set())


def test_markers_choose_by_platform(name: str) -> None:
    content = read(name, platforms=("win-64", "linux-64"))
    held = {one.target.subdir: {pin.name for pin in one.pypi} for one in content.resolutions}
    assert held == {
        "linux-64": {"check", "requests", "socks"},
        "win-64": {"check", "requests", "socks", "tool"},
    }
    assert content.metadata.platforms == ("linux-64", "win-64")


def test_groups_are_chosen_by_name(name: str) -> None:
    assert read(name).groups == ("dev",)
    [without] = read(name, groups=()).resolutions
    assert [pin.name for pin in without.pypi] == ["requests", "socks"]
    [beside] = read(name, groups=("dev",)).resolutions
    assert [pin.name for pin in beside.pypi] == ["check", "requests", "socks"]
    with pytest.raises(InputError, match="holds no group `docs`") as error:
        read(name, groups=("docs",))
    assert error.value.hint == "Its groups: `dev`."


def test_a_python_that_it_is_not_for_is_refused(name: str) -> None:
    with pytest.raises(InputError, match=r"isn't for (Python 3\.12|linux-64)"):
        read(name, python="3.12", platforms=("linux-64",))


def test_a_package_without_a_file_is_refused_by_name(name: str) -> None:
    text = re.sub(
        r"(?m)^marker.*\n", "", SPECIMENS[name].replace(", marker = \"sys_platform == 'win32'\"", "")
    )
    if name == "pylock.toml":
        text = text.replace('name = "check"\n', 'name = "check"\nmarker = "\'dev\' in dependency_groups"\n')
    with pytest.raises(InputError, match=r"`tool` has no file for Python 3\.11 on linux-64") as error:
        read(name, text, platforms=("linux-64",))
    assert error.value.hint == "`--platform` and `--python` choose another."
    content = read(name, text)
    assert [one.target.subdir for one in content.resolutions] == ["win-64"], "the first that has all files"
    assert "read for win-64" in " ".join(notice.text for notice in content.notices)


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("uv.lock", "version = 1\n", "version = 2\n", "uv.lock version 2 is unknown; 1 is read"),
        ("uv.lock", 'name = "check"\n', "", "not in the form of a uv.lock: `name` is missing"),
        ("uv.lock", 'source = { editable = "." }', "source = 1", "not in the form of a uv.lock"),
        ("poetry.lock", '"2.1"', '"3.0"', "poetry.lock version 3.0 is unknown"),
        ("poetry.lock", "[metadata]", "[meta]", "not in the form of a poetry.lock: `metadata` is missing"),
        ("pdm.lock", '"4.5.0"', '"5.0"', "pdm.lock version 5.0 is unknown"),
        ("pdm.lock", "[[package]]", "[[package", "not TOML"),
        ("pylock.toml", 'lock-version = "1.0"', "", "not in the form of a pylock.toml"),
    ],
)
def test_faults_are_named(name: str, old: str, new: str, message: str) -> None:
    assert old in SPECIMENS[name]
    with pytest.raises(InputError) as error:
        read(name, SPECIMENS[name].replace(old, new, 1))
    assert message in str(error.value)


UNROOTED = """\
[[package]]
name = "asked"
version = "1"
optional = false
python-versions = "*"

[package.dependencies]
colour = {version = "*", markers = "sys_platform == \\"win32\\""}
shared = "^1.2"

[[package]]
name = "colour"
version = "1"
optional = false
python-versions = "*"

[[package]]
name = "only-of-extra"
version = "1"
optional = true
python-versions = "*"

[[package]]
name = "shared"
version = "1.4"
optional = false
python-versions = "*"

[[package]]
name = "shared"
version = "2.0"
optional = false
python-versions = "*"

[extras]
more = ["only-of-extra"]

[metadata]
lock-version = "1.1"
python-versions = "^3.8"

[metadata.files]
asked = [{file = "asked-1-py3-none-any.whl", hash = "sha256:00"}]
colour = [{file = "colour-1-py3-none-any.whl", hash = "sha256:00"}]
only-of-extra = [{file = "only_of_extra-1-py3-none-any.whl", hash = "sha256:00"}]
shared = [{file = "shared-1.4-py3-none-any.whl", hash = "sha256:00"}]
"""


def test_without_roots_what_others_need_elsewhere_alone_is_left_out() -> None:
    content = read("poetry.lock", UNROOTED)
    [found] = content.resolutions
    assert {(pin.name, pin.version, *sorted(pin.categories)) for pin in found.pypi} == {
        ("asked", "1", "main"),
        ("only-of-extra", "1", "more"),
        ("shared", "1.4", "main"),
    }
    assert found.python == "3.8"
    assert [notice.code for notice in content.notices] == ["read-for-python", "categories-unknown"]
    [windows] = read("poetry.lock", UNROOTED, platforms=("win-64",)).resolutions
    assert "colour" in {pin.name for pin in windows.pypi}


CONFLICTING = """\
version = 1
requires-python = "==3.12.*"
conflicts = [[
    { package = "app", extra = "cpu" },
    { package = "app", extra = "cuda" },
]]

[[package]]
name = "app"
version = "1"
source = { virtual = "." }

[package.optional-dependencies]
cpu = [{ name = "torch", version = "2.0+cpu", source = { registry = "https://c.example.org" } }]
cuda = [
    { name = "helper", marker = "extra == 'extra-3-app-cuda'" },
    { name = "torch", version = "2.0", source = { registry = "https://i.example.org" } },
]

[[package]]
name = "helper"
version = "1"
source = { git = "https://g.example.org/h?tag=v1&subdirectory=py#012345678901234567890123456789abcdef0123" }

[[package]]
name = "torch"
version = "2.0"
source = { registry = "https://i.example.org" }
wheels = [{ url = "https://i.example.org/torch-2.0-py3-none-any.whl", hash = "sha256:00" }]

[[package]]
name = "torch"
version = "2.0+cpu"
source = { registry = "https://c.example.org" }
wheels = [{ url = "https://c.example.org/torch-2.0%2Bcpu-py3-none-any.whl", hash = "sha256:00" }]
"""


def test_groups_that_exclude_each_other() -> None:
    content = read("uv.lock", CONFLICTING)
    assert [(pin.name, pin.version) for pin in content.resolutions[0].pypi] == [("torch", "2.0+cpu")]
    assert "`cuda`: left out" in " ".join(notice.text for notice in content.notices)
    [cuda] = read("uv.lock", CONFLICTING, groups=("cuda",)).resolutions
    helper, torch = cuda.pypi
    assert (torch.version, torch.index) == ("2.0", "https://i.example.org")
    assert helper.direct is not None
    assert (helper.direct.url, helper.direct.revision, helper.direct.subdirectory, helper.commit) == (
        "git+https://g.example.org/h",
        "v1",
        "py",
        "012345678901234567890123456789abcdef0123",
    )
    with pytest.raises(InputError, match=r"`cpu`, `cuda`: different versions of `torch`"):
        read("uv.lock", CONFLICTING, groups=("cpu", "cuda"))


@settings(deadline=None, max_examples=examples(80))
@given(st.data())
def test_damage_is_an_input_error(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(SPECIMENS)))
    lines = SPECIMENS[name].split("\n")
    place = data.draw(st.integers(0, len(lines) - 1))
    key, equals, _ = lines[place].partition(" = ")
    value = data.draw(st.sampled_from(["1", '"x"', "[]", "[1]", '["x"]', "{}", "{ a = 1 }", "[{}]", "true"]))
    lines[place : place + 1] = [f"{key} = {value}"] if equals and data.draw(st.booleans()) else []
    try:
        content = read(name, "\n".join(lines))
    except InputError as error:
        assert name in str(error)  # noqa: PT017  # either outcome is right
    else:
        assert all(pin.name for one in content.resolutions for pin in one.pypi)


def test_the_index_that_most_packages_come_from_is_the_main_one() -> None:
    other = SPECIMENS["uv.lock"].replace("https://i.example.org", "https://own.example.org", 1)
    assert other != SPECIMENS["uv.lock"]
    content = read("uv.lock", other)
    assert content.metadata.custom[INDEXES].split() == [
        "https://own.example.org/simple",
        "https://i.example.org/simple",
    ], "the main one is asked last"
