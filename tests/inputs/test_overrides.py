"""Overrides as uv, PDM and pixi write them, in place of the user's own lines."""

from __future__ import annotations

import re

import pytest

from resolver.errors import InputErrors
from resolver.inputs.groups import GroupChoice
from resolver.inputs.overrides import with_overrides
from resolver.inputs.reading import parse_inputs
from resolver.model.requirements import Requirements

PROJECT = '[project]\nname = "x"\ndependencies = ["a[x]>=1 ; python_version < \'3.9\'", "b<2", "c"]\n'
PIXI = '[workspace]\nchannels = []\nplatforms = ["linux-64"]\n[pypi-dependencies]\na = ">=1"\n'
CONSTRAINT = 'constraint-dependencies = ["b<9"]\n'
EXCLUDES = '[tool.pdm.resolution]\nexcludes = ["c"]\n'


def read(**files: str) -> Requirements:
    named = {name.replace("_", "."): text for name, text in files.items()}
    return parse_inputs(list(named), named.__getitem__, groups=GroupChoice(all_groups=True))


def lines(found: Requirements) -> list[str]:
    return [f"{r.category}: {'constraint ' if r.is_constraint else ''}{r.text}" for r in found.pypi]


CASES = [
    (
        "uv: the whole line goes, its marker and extras too",
        '[tool.uv]\noverride-dependencies = ["a==3", "dep==1"]\n',
        ["main: a==3", "main: b<2", "main: c"],
        ["a==3", "dep==1"],
    ),
    (
        "uv: several of one project, each with its marker; constraints stay",
        '[tool.uv]\noverride-dependencies = ["b==3; os_name == \'nt\'", "b==4"]\n' + CONSTRAINT,
        [
            "main: a[x]>=1 ; python_version < '3.9'",
            "main: b==3; os_name == 'nt'",
            "main: b==4",
            "main: c",
            "main: constraint b<9",
        ],
        ["b==3; os_name == 'nt'", "b==4"],
    ),
    (
        "uv: nothing asks for it",
        '[tool.uv]\nexclude-dependencies = ["B", "dep"]\n',
        ["main: a[x]>=1 ; python_version < '3.9'", "main: c"],
        ["no b", "no dep"],
    ),
    (
        "uv: the override comes in with the group that its line stands in",
        '[tool.uv]\noverride-dependencies = ["d==3"]\n[dependency-groups]\ntest = ["d<2"]\n',
        ["main: a[x]>=1 ; python_version < '3.9'", "main: b<2", "main: c", "test: d==3"],
        ["d==3"],
    ),
    (
        "PDM: version, range; extras and marker stay",
        '[tool.pdm.resolution]\nexcludes = ["c"]\n[tool.pdm.resolution.overrides]\na = "3.0"\nb = ">=3,<4"\n',
        ["main: a[x]==3.0 ; python_version < '3.9'", "main: b<4,>=3"],
        ["a==3.0", "b>=3,<4", "no c"],
    ),
]


@pytest.mark.parametrize(("why", "table", "expected", "overrides"), CASES, ids=[case[0] for case in CASES])
def test_read(why: str, table: str, expected: list[str], overrides: list[str]) -> None:  # noqa: ARG001
    found = read(p_toml=PROJECT + table)
    assert [line.replace('"', "'") for line in lines(found)] == expected
    assert [str(override) for override in found.overrides] == overrides
    left_out = [notice.package for notice in found.notices]
    assert left_out == [o.name for o in found.overrides if not o.requirement and o.name in ("a", "b", "c")]
    assert with_overrides(found) == found


def test_an_address_of_pdm() -> None:
    table = '[tool.pdm.resolution.overrides]\na = "https://f.example.org/a-3-py3-none-any.whl"\n'
    found = read(p_toml=PROJECT + table).pypi[0]
    assert found.direct is not None
    assert found.direct.url == "https://f.example.org/a-3-py3-none-any.whl"
    assert found.extras == {"x"}


def test_a_source_of_uv_holds_for_the_override_too() -> None:
    found = read(
        p_toml=PROJECT + '[tool.uv]\noverride-dependencies = ["b==3", "dep==1"]\n[tool.uv.sources]\n'
        'b = {url = "https://f.example.org/b-3-py3-none-any.whl"}\n'
        'dep = {git = "https://example.org/dep.git", rev = "abc"}\n'
    )
    places = [o.requirement.direct.url for o in found.overrides if o.requirement and o.requirement.direct]
    assert places == ["https://f.example.org/b-3-py3-none-any.whl", "git+https://example.org/dep.git"]
    assert [r.name for r in found.pypi if r.direct is not None] == ["b"]


def test_pixi() -> None:
    found = read(pixi_toml=PIXI + '[pypi-options.dependency-overrides]\na = "==3"\ndep = "*"\n')
    assert lines(found) == ["main: a==3"]
    assert [str(override) for override in found.overrides] == ["a==3", "dep"]


def test_an_index_of_pixi_s_holds_for_the_override() -> None:
    table = (
        '[pypi-options.dependency-overrides]\na = {version = "==3", index = "https://i.example.org/simple"}\n'
    )
    found = read(pixi_toml=PIXI + table)
    (override,) = found.overrides
    assert override.requirement is not None
    assert override.requirement.index == "https://i.example.org/simple"
    assert [line.index for line in found.pypi] == ["https://i.example.org/simple"]
    assert not found.notices


def test_an_override_of_one_file_holds_for_the_lines_of_all() -> None:
    table = '[project]\nname = "y"\n[tool.uv]\noverride-dependencies = ["six==1.16"]\n'
    found = read(requirements_txt="six<1\n", p_toml=table)
    assert lines(found) == ["main: six==1.16"]
    assert str(found.pypi[0].origin).startswith("p.toml:4")


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ('[tool.uv]\noverride-dependencies = ["./folder"]\n', "`./folder` names no project"),
        ('[tool.uv]\noverride-dependencies = ["a=="]\n', "a=="),
        ("[tool.uv]\noverride-dependencies = [{}]\n", "is not a list of texts"),
        ("[tool.pdm.resolution.overrides]\na = {}\n", "`a` is overridden by no version"),
    ],
)
def test_faults(table: str, message: str) -> None:
    with pytest.raises(InputErrors, match=re.escape(message)):
        read(p_toml=PROJECT + table)
