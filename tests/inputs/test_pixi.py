"""pixi's manifest, alone and in a pyproject.toml: what it asks for, and what is said of the rest."""

from __future__ import annotations

import re

import pytest

from resolver.errors import InputErrors
from resolver.inputs.groups import GroupChoice
from resolver.inputs.pyproject.reading import parse_pyproject
from resolver.inputs.reading import parse_inputs
from resolver.model.requirements import Requirements
from tests.inputs.test_pyproject_tables import asked

WHOLE = """\
[workspace]
name = "x"
channels = ["conda-forge", {channel = "nvidia", priority = 1}]
platforms = ["linux-64", "win-64"]
channel-priority = "disabled"

[tasks]
start = "python main.py"

[dependencies]
python = "3.11.*"
numpy = {version = ">=1.2,<2", build = "py311*", channel = "conda-forge"}
any = "*"

[pypi-dependencies]
torch = {version = ">=2", index = "https://download.example.org/whl/cu124", extras = ["opt"]}
exact = "1.0"
repo = {git = "https://example.org/r.git", rev = "abc"}
here = {path = ".", editable = true}

[target.win.dependencies]
pywin32 = ">=300"

[target.linux-64.pypi-dependencies]
uvloop = "*"

[system-requirements]
cuda = "12"

[pypi-options]
extra-index-urls = ["https://i.example.org/simple"]
no-build = true
dependency-overrides = {six = "*"}

[feature.gpu]
channels = ["pytorch"]
dependencies = {cuda-version = "12.*"}
[feature.test.dependencies]
pytest = "*"
[feature.docs.pypi-dependencies]
sphinx = "*"

[environments]
default = ["gpu"]
test = {features = ["test"], solve-group = "all"}
docs = ["docs"]
"""


def read(text: str, choice: GroupChoice | None = None) -> Requirements:
    return parse_inputs(["sub/pixi.toml"], lambda _: text, groups=choice)


def test_the_default_environment() -> None:
    found = read(WHOLE)
    assert asked(found) == [
        "conda main: python 3.11.*",
        "conda main: conda-forge::numpy >=1.2,<2 py311*",
        "conda main: any",
        "conda main: pywin32 >=300",
        "conda main: cuda-version 12.*",
        "main: torch[opt]>=2 from https://download.example.org/whl/cu124",
        "main: exact==1.0",
        "main: repo @ git+https://example.org/r.git@abc",
        "main:  @ . (editable)",
        "main: uvloop",
    ]
    assert [channel.text for channel in found.channels] == ["pytorch", "nvidia", "conda-forge"]
    assert found.platforms == ("linux-64", "win-64")
    assert found.name == "x"
    limits = {r.name: r.platforms for r in (*found.conda, *found.pypi) if r.platforms}
    assert limits == {"pywin32": {"win-64", "win-32", "win-arm64"}, "uvloop": {"linux-64"}}
    assert found.indexes.extra_index_urls == ("https://i.example.org/simple",)
    assert found.indexes.only_binary == {":all:"}


def test_what_is_not_honoured_is_named() -> None:
    assert [notice.text for notice in read(WHOLE).notices] == [
        "sub/pixi.toml: environments left out: `test`, `docs` (`--environment NAME`, `--all-environments`)",
        (
            "sub/pixi.toml: not honoured: `workspace.channel-priority`"
            " (settings of lockstack.toml: `channel-priority`)"
        ),
        "sub/pixi.toml: groups left out: `test`, `docs` (taken with `--group NAME`, `--all-groups`)",
    ]
    assert read(WHOLE).virtual_packages == ("__cuda=12",)


def test_a_feature_comes_in_as_a_group() -> None:
    found = read(WHOLE, GroupChoice(groups=("test",)))
    assert "conda test: pytest" in asked(found)
    assert all("sphinx" not in line for line in asked(found))


def test_in_a_pyproject() -> None:
    text = (
        '[project]\nname = "t"\nrequires-python = ">=3.11"\ndependencies = ["idna"]\n'
        '[dependency-groups]\nlint = ["ruff"]\n'
        '[tool.pixi.project]\nchannels = ["conda-forge"]\nplatforms = ["linux-64"]\n'
        '[tool.pixi.dependencies]\nnumpy = "*"\n[tool.pixi.pypi-dependencies]\n'
        't = {path = ".", editable = true}\n'
        '[tool.pixi.environments]\nlint = ["lint"]\n[tool.pixi.package]\nname = "t"\n'
    )
    found = parse_pyproject(text, "p.toml")
    assert asked(found) == [
        "conda main: python >=3.11",
        "conda main: numpy",
        "main: idna",
        "main:  @ . (editable)",
    ]
    assert [channel.text for channel in found.channels] == ["conda-forge"]
    assert found.requires_python is None
    assert [notice.text for notice in found.notices] == [
        "p.toml: environments left out: `lint` (`--environment NAME`, `--all-environments`)",
        "p.toml: not honoured: `tool.pixi.package`",
        "p.toml: groups left out: `lint` (taken with `--group NAME`, `--all-groups`)",
    ]


FAULTS = [
    (
        "[dependencies]\na = {git = 'https://example.org/a'}\n",
        "pixi.toml:2:1: `a` is a conda package from `git`",
    ),
    ("[dependencies]\na = 3\n", "pixi.toml:2:1: `a` is neither a version nor a table"),
    ("[dependencies]\na = '>>1'\n", "pixi.toml:2:1: "),
    ("[pypi-dependencies]\na = {extras = 'b'}\n", "`a`: `extras` is not a list of texts"),
    ("[target.lunix.dependencies]\na = '*'\n", "unknown target `lunix`"),
    ("[workspace]\nchannels = [3]\n", "an item of `channels` is no channel"),
    ("[workspace]\nplatforms = ['linux']\n", "unknown platform `linux`"),
    ("[environments]\ndefault = ['no']\n", "pixi.toml:2:13: no feature `no`"),
    ("[environments]\nx = 1\n", "environment `x` is no list of features"),
    ("[dependencies\n", "not TOML"),
]


@pytest.mark.parametrize(("text", "message"), FAULTS, ids=[message for _, message in FAULTS])
def test_fault(text: str, message: str) -> None:
    with pytest.raises(InputErrors) as caught:
        read(text)
    assert message in str(caught.value)


ENVIRONMENTS = """\
[workspace]
channels = ["conda-forge"]
platforms = ["linux-64", "win-64", "osx-arm64"]
[dependencies]
python = "3.11.*"
[target.win.dependencies]
pywin32 = "*"
[system-requirements]
libc = "2.17"
cuda = "11"
[feature.gpu]
platforms = ["linux-64", "win-64"]
system-requirements = {cuda = "12.4", macos = "13.0", libc = {family = "musl", version = "1.2"}}
[feature.gpu.dependencies]
cuda-version = "*"
[feature.test]
channels = ["pytorch"]
[feature.test.dependencies]
pytest = "*"
[environments]
gpu = {features = ["gpu"], solve-group = "a"}
both = {features = ["gpu", "test"], solve-group = "a"}
test = {features = ["test"], no-default-feature = true}
"""


def chosen(*names: str) -> Requirements:
    return read(ENVIRONMENTS, GroupChoice(environments=names))


def test_an_environment_alone_is_its_main_part() -> None:
    found = chosen("gpu")
    assert asked(found) == [
        "conda main: python 3.11.*",
        "conda main: pywin32",
        "conda main: cuda-version",
    ]
    assert found.platforms == ("linux-64", "win-64")
    assert found.virtual_packages == ("__glibc=2.17", "__cuda=12.4", "__osx=13.0")
    said = [notice.text for notice in found.notices]
    assert "sub/pixi.toml: not honoured: `feature.gpu.system-requirements.libc`" in said
    assert "locked without `both` of its solve-group" in " ".join(said)


def test_environments_that_are_read_together_have_features_as_categories() -> None:
    found = chosen("gpu", "both")
    assert asked(found) == [
        "conda main: python 3.11.*",
        "conda main: pywin32",
        "conda gpu: cuda-version",
        "conda test: pytest",
    ]
    assert [channel.text for channel in found.channels] == ["pytorch", "conda-forge"]
    assert all("solve-group" not in notice.text for notice in found.notices)
    rows = {one.name: (one.categories, one.platforms, one.solve_group) for one in found.environments}
    assert rows["both"] == ({"main", "gpu", "test"}, ("linux-64", "win-64"), "a")
    assert rows["default"] == ({"main"}, ("linux-64", "win-64", "osx-arm64"), None)


def test_lines_of_an_environment_hold_on_its_platforms_alone() -> None:
    found = chosen("gpu", "default")
    limits = {line.name: line.platforms for line in found.conda}
    assert found.platforms == ("linux-64", "win-64", "osx-arm64")
    assert limits["python"] is None
    assert limits["cuda-version"] == {"linux-64", "win-64"}


def test_without_the_default_feature_its_tables_do_not_count() -> None:
    found = chosen("test")
    assert asked(found) == ["conda main: pytest"]
    assert found.virtual_packages == ()


def test_groups_of_a_pyproject_are_features() -> None:
    text = (
        '[project]\nname = "t"\ndependencies = ["idna"]\n[project.optional-dependencies]\nx = ["six"]\n'
        '[dependency-groups]\nlint = ["ruff"]\ndocs = ["sphinx"]\n'
        '[tool.pixi.workspace]\nchannels = ["conda-forge"]\nplatforms = ["linux-64"]\n'
        '[tool.pixi.environments]\nlint = ["lint", "x"]\n'
        'bare = {features = ["lint"], no-default-feature = true}\n'
    )
    lint = parse_pyproject(text, "p.toml", groups=GroupChoice(environments=("lint",)))
    assert [str(line.name) for line in lint.pypi] == ["idna", "six", "ruff"]
    assert {line.category for line in lint.pypi} == {"main"}
    bare = parse_pyproject(text, "p.toml", groups=GroupChoice(environments=("bare",)))
    assert [str(line.name) for line in bare.pypi] == ["ruff"]


def test_an_environment_that_is_not_there() -> None:
    with pytest.raises(InputErrors) as caught:
        chosen("tset")
    assert "no environment `tset`" in str(caught.value)


PLACES = """\
dependencies.rich = "1"
[feature.a.dependencies]
numpy = "1"  # line 3
[feature."b c".dependencies]
numpy = "2"  # line 5
[feature.c]
dependencies = {scipy = "1", numpy = "3"}
[feature.d.target.linux-64.dependencies]
numpy = "4"  # line 9
[feature.e.dependencies.numpy]
version = "5"
[feature.f]
pypi-dependencies.numpy = "==6"
[environments]
a = ["a"]
b = ["b c"]
c = ["c"]
d = ["d"]
e = ["e"]
f = ["f"]
[workspace]
channels = ["x"]
platforms = ["linux-64"]
"""


@pytest.mark.parametrize(
    ("environment", "place"), [("a", 3), ("b", 5), ("c", 7), ("d", 9), ("e", 10), ("f", 13)]
)
@pytest.mark.parametrize("lead", ["", "tool.pixi."])
def test_a_line_stands_in_the_table_that_is_read(environment: str, place: int, lead: str) -> None:
    """Other tables have a key of that name, too, and aren't read."""
    text, name = PLACES, "pixi.toml"
    if lead:
        text, name = "[tool.pixi]\n" + re.sub(r"(?m)^\[", f"[{lead}", PLACES), "pyproject.toml"
    found = parse_inputs([name], lambda _: text.encode(), groups=GroupChoice(environments=(environment,)))
    (line,) = [one for one in (*found.conda, *found.pypi) if one.name == "numpy"]
    assert line.origin.line == place + bool(lead)
