"""pixi's manifest, alone and in a pyproject.toml: what it asks for, and what is said of the rest."""

from __future__ import annotations

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
        "sub/pixi.toml: not honoured: `system-requirements` (`--virtual-package __cuda=12`)",
        (
            "sub/pixi.toml: not honoured: `workspace.channel-priority`"
            " (settings of lockstack.toml: `channel-priority`)"
        ),
        "sub/pixi.toml: groups left out: `test`, `docs` (taken with `--group NAME`, `--all-groups`)",
    ]


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
