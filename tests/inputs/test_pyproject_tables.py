"""Tables of other tools: what each text asks for, and what is said of the rest."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from resolver.errors import InputErrors
from resolver.inputs.groups import GroupChoice
from resolver.inputs.pyproject.reading import parse_pyproject
from resolver.model.requirements import Requirements

NOTHING = GroupChoice()
EVERYTHING = GroupChoice(all_extras=True, all_groups=True)
CONDA_LOCK = '[tool.conda-lock]\nchannels = ["conda-forge"]\ndefault-non-conda-source = "pip"\n'


class Case(NamedTuple):
    why: str
    text: str
    asked: list[str]  #: ``category: requirement``, conda ones behind ``conda``, constraints behind ``-c``
    said: list[str] = []  # noqa: RUF012  read only
    choice: GroupChoice = NOTHING


def asked(found: Requirements) -> list[str]:
    conda = [f"conda {r.category}: {r.spec}" for r in found.conda]
    pypi = []
    for r in found.pypi:
        extras = f"[{','.join(sorted(r.extras))}]" if r.extras else ""
        place = ""
        if r.direct is not None:
            what = r.direct.url or r.direct.path or ""
            place = f" @ {what}" + (f"@{r.direct.revision}" if r.direct.revision else "")
            place += " (editable)" if r.direct.editable else ""
        index = f" from {r.index}" if r.index else ""
        marker = f" ; {r.marker}" if r.marker else ""
        lead = "-c " if r.is_constraint else ""
        pypi.append(f"{lead}{r.category}: {r.name or ''}{extras}{r.specifier}{place}{marker}{index}")
    return conda + pypi


POETRY = """\
[tool.poetry]
name = "x"
[tool.poetry.dependencies]
python = "^3.10"
six = "~1.16"
click = "^8.0"
rich = {version = "^13", optional = true}
tqdm = {version = "*", optional = true}
lost = {version = "1.0", optional = true}
[tool.poetry.extras]
pretty = ["rich", "tqdm"]
[tool.poetry.dev-dependencies]
black = "^24.1"
[tool.poetry.group.test.dependencies]
pytest = "^7"
"""

CASES = [
    Case(
        "poetry: the main table alone; python limits the interpreter; the rest is named",
        POETRY,
        ["main: six<1.17,>=1.16", "main: click<9.0,>=8.0"],
        [
            "p.toml: `lost` is optional and in no extra: it is left out, as Poetry does",
            "p.toml: extras left out: `pretty` (taken with `--extra NAME`, `--all-extras`)",
            "p.toml: groups left out: `dev`, `test` (taken with `--group NAME`, `--all-groups`)",
        ],
    ),
    Case(
        "poetry: extras and groups that are asked for",
        POETRY,
        [
            "main: six<1.17,>=1.16",
            "main: click<9.0,>=8.0",
            "pretty: rich<14.0,>=13",
            "pretty: tqdm",
            "test: pytest<8.0,>=7",
        ],
        [
            "p.toml: `lost` is optional and in no extra: it is left out, as Poetry does",
            "p.toml: groups left out: `dev` (taken with `--group NAME`, `--all-groups`)",
        ],
        GroupChoice(extras=("pretty",), groups=("test",)),
    ),
    Case(
        "poetry beside conda-lock's table: all as categories, as conda-lock has it",
        POETRY + CONDA_LOCK + '[tool.conda-lock.dependencies]\nsqlite = ">=3.34"\n',
        [
            "conda main: python <4.0,>=3.10",
            "conda main: sqlite >=3.34",
            "main: six<1.17,>=1.16",
            "main: click<9.0,>=8.0",
            "pretty: rich<14.0,>=13",
            "pretty: tqdm",
            "main: lost==1.0",
            "dev: black<25.0,>=24.1",
            "test: pytest<8.0,>=7",
        ],
    ),
    Case(
        "poetry: places, markers, several tables for one project",
        "[tool.poetry.dependencies]\n"
        'a = {git = "https://example.org/a.git", rev = "abc1", subdirectory = "sub"}\n'
        'b = {path = "../b", develop = true}\n'
        'c = {url = "https://example.org/c-1.0.tar.gz"}\n'
        'd = [{version = "<=1.9", python = "<3.9"}, {version = "^2", python = ">=3.9"}]\n'
        'e = {version = "^1", platform = "win32", extras = ["x"]}\n'
        'f = {version = "^1", markers = "os_name == \'nt\'", allow-prereleases = true}\n',
        [
            "main: a @ git+https://example.org/a.git@abc1",
            "main:  @ ../b (editable)",
            "main: c @ https://example.org/c-1.0.tar.gz",
            'main: d<=1.9 ; python_version < "3.9"',
            'main: d<3.0,>=2 ; python_version >= "3.9"',
            'main: e[x]<2.0,>=1 ; sys_platform == "win32"',
            'main: f<2.0,>=1 ; os_name == "nt"',
        ],
    ),
    Case(
        "poetry 2: `[project]` gives the requirements, poetry's table their sources",
        '[project]\nname = "x"\ndependencies = ["a>=1", "b"]\n'
        '[tool.poetry.dependencies]\na = {source = "private"}\nz = "^1"\n'
        '[[tool.poetry.source]]\nname = "private"\nurl = "https://index.example.org/simple"\n'
        'priority = "explicit"\n',
        ["main: a>=1 from https://index.example.org/simple", "main: b"],
        ["p.toml: `[tool.poetry.dependencies]` `z`: left out, as Poetry takes `[project] dependencies`"],
    ),
    Case(
        "poetry 2: dynamic dependencies stand in poetry's table",
        '[project]\nname = "x"\nrequires-python = ">=3.9"\ndynamic = ["dependencies"]\n'
        '[tool.poetry.dependencies]\na = "^1"\n',
        ["main: a<2.0,>=1"],
    ),
    Case(
        "flit: requires, and its extras by name",
        '[tool.flit.metadata]\nmodule = "x"\n'
        'requires = ["requests >=2.6", "configparser; python_version == \'2.7\'"]\n'
        'requires-python = ">=3.7"\ndev-requires = ["black"]\n'
        '[tool.flit.metadata.requires-extra]\ntest = ["pytest >=2.7.3"]\n',
        ["main: requests>=2.6", 'main: configparser ; python_version == "2.7"'],
        ["p.toml: extras left out: `test`, `dev` (taken with `--extra NAME`, `--all-extras`)"],
    ),
    Case(
        "flit beside conda-lock's table: the extra test in category dev",
        '[tool.flit.metadata]\nmodule = "x"\nrequires = ["requests >=2.6"]\nrequires-python = ">=3.7"\n'
        '[tool.flit.metadata.requires-extra]\ntest = ["pytest >=2.7.3"]\ndoc = ["sphinx"]\n' + CONDA_LOCK,
        ["conda main: python >=3.7", "main: requests>=2.6", "dev: pytest>=2.7.3", "doc: sphinx"],
    ),
    Case(
        "pdm: groups by name, with an editable one; its sources",
        '[project]\nname = "x"\ndependencies = ["six"]\n'
        "[tool.pdm.dev-dependencies]\n"
        'test = ["pytest>=7", "-e file:///${PROJECT_ROOT}/sub#egg=sub"]\nlint = ["ruff"]\n'
        '[tool.pdm.resolution.overrides]\nsix = "1.15"\n',
        ["main: six==1.15", "test: pytest>=7", "test: sub @ ./sub (editable)"],
        [
            "p.toml: groups left out: `lint` (taken with `--group NAME`, `--all-groups`)",
        ],
        GroupChoice(groups=("test",)),
    ),
    Case(
        "pdm beside conda-lock's table: every group in category dev",
        '[project]\nname = "x"\ndependencies = ["six"]\n'
        '[tool.pdm.dev-dependencies]\ntest = ["pytest>=7"]\nlint = ["ruff"]\n' + CONDA_LOCK,
        ["main: six", "dev: pytest>=7", "dev: ruff"],
    ),
    Case(
        "uv: constraints, sources, groups; what it has no reader for is named",
        '[project]\nname = "x"\ndependencies = ["torch==2.6.0", "lib", "tool[cli]>=1"]\n'
        '[[tool.uv.index]]\nname = "gpu"\nurl = "https://download.example.org/whl/cu124"\nexplicit = true\n'
        '[tool.uv.sources]\ntorch = {index = "gpu"}\nlib = {git = "https://example.org/lib", tag = "v1"}\n'
        'tool = {path = "../tool", editable = true}\nidle = {path = "x"}\n'
        '[tool.uv]\nconstraint-dependencies = ["numpy<2"]\noverride-dependencies = ["sympy==1.12"]\n'
        'dev-dependencies = ["pytest"]\nmanaged = true\nconflicts = []\nexclude-newer = "2025-01-01"\n',
        [
            "main: torch==2.6.0 from https://download.example.org/whl/cu124",
            "main: lib @ git+https://example.org/lib@v1",
            "main: [cli] @ ../tool (editable)",
            "-c main: numpy<2",
        ],
        [
            "p.toml: `[tool.uv.sources]` without effect: no requirement of the file is on `idle`",
            (
                "p.toml: `[tool.uv]`: not honoured: `exclude-newer`"
                " (settings of `[tool.lockstack]`: `exclude-newer`)"
            ),
            "p.toml: groups left out: `dev` (taken with `--group NAME`, `--all-groups`)",
        ],
    ),
    Case(
        "uv: a source under a marker that no platform settles is named",
        '[project]\nname = "x"\ndependencies = ["a"]\n'
        '[tool.uv.sources]\na = [{path = "../a", marker = "python_version < \'3.12\'"}]\n',
        ["main: a"],
        ["p.toml: `tool.uv.sources.a`: not honoured: a marker on `python_version`"],
    ),
    Case(
        "uv: sources for an extra, for a group, and for what none of them limits",
        '[project]\nname = "x"\ndependencies = ["t", "u"]\n'
        '[project.optional-dependencies]\nCpu_x = ["t>=2"]\n'
        'gpu = ["t>=3"]\n[dependency-groups]\ng = ["u<9"]\n'
        '[[tool.uv.index]]\nname = "c"\nurl = "https://c.example.org"\nexplicit = true\n'
        '[[tool.uv.index]]\nname = "d"\nurl = "https://d.example.org"\nexplicit = true\n'
        '[tool.uv.sources]\nt = [{index = "c", extra = "cpu-x"}, {index = "d", extra = "gpu"}]\n'
        'u = [{index = "d", group = "g"}]\n',
        [
            "main: t",
            "Cpu_x: t>=2 from https://c.example.org",
            "gpu: t>=3 from https://d.example.org",
            "main: u",
            "g: u<9 from https://d.example.org",
        ],
        choice=EVERYTHING,
    ),
    Case(
        "conda-lock: without a default source requirements come from the index, which is said",
        '[project]\nname = "x"\ndependencies = ["a"]\n[tool.conda-lock]\nchannels = ["conda-forge"]\n',
        ["main: a"],
        [
            (
                "p.toml: `[tool.conda-lock]` has no `default-non-conda-source`: requirements outside its own "
                "table come from the package index (conda-lock takes conda packages)"
            )
        ],
    ),
    Case(
        "conda-lock: requirements as conda packages under conda's names, but for those from the index",
        '[project]\nname = "x"\n'
        'dependencies = ["torch~=2.1", "Y[z]>1 ; os_name == \'nt\'", "q", "d @ https://x.org/d.zip"]\n'
        '[tool.conda-lock]\ndefault-non-conda-source = "conda"\n[tool.conda-lock.dependencies]\n'
        'q = {source = "pypi"}\n',
        [
            "conda main: pytorch ~=2.1",
            "conda main: y >1",
            "main: q",
            "main: d @ https://x.org/d.zip",
            "main: q",
        ],
        [
            "p.toml: `torch` is asked for as conda's `pytorch`",
            "p.toml: `y`: conda packages have no extras, so `z` brings nothing in",
        ],
    ),
    Case(
        "conda-lock: only its own table counts where it says so",
        '[project]\nname = "x"\ndependencies = ["a"]\n[tool.conda-lock]\nskip-non-conda-lock = true\n'
        '[tool.conda-lock.dependencies]\nsqlite = ">=3.34"\n',
        ["conda main: sqlite >=3.34"],
    ),
    Case(
        "conda-lock: it doesn't read dependency groups, so they are asked for",
        '[project]\nname = "x"\ndependencies = ["a"]\n[dependency-groups]\nlint = ["ruff"]\n' + CONDA_LOCK,
        ["main: a"],
        ["p.toml: groups left out: `lint` (taken with `--group NAME`, `--all-groups`)"],
    ),
    Case(
        "tools without a reader are named where they hold requirements",
        '[project]\nname = "x"\ndependencies = ["a"]\n[tool.hatch.envs.test]\ndependencies = ["pytest"]\n'
        '[tool.ruff]\nline-length = 100\n[tool.rye]\ndev-dependencies = ["black"]\n',
        ["main: a"],
        ["p.toml: not read: `tool.hatch.envs.test.dependencies`, `tool.rye.dev-dependencies`"],
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.why)
def test_tables(case: Case) -> None:
    found = parse_pyproject(
        case.text,
        "p.toml",
        groups=case.choice,
        conda_name_of=lambda name: {"torch": "pytorch"}.get(name, name),
    )
    assert asked(found) == case.asked
    assert [notice.text for notice in found.notices] == case.said


def test_a_marker_limits_a_conda_requirement_to_platforms() -> None:
    text = (
        "[project]\ndependencies = [\"a ; sys_platform == 'win32'\"]\n"
        '[tool.conda-lock]\ndefault-non-conda-source = "conda"\n'
    )
    (requirement,) = parse_pyproject(text, "p.toml").conda
    assert requirement.platforms == {"win-64", "win-32", "win-arm64"}


def test_a_source_for_one_platform_leaves_the_others_to_the_default_index() -> None:
    text = (
        '[project]\ndependencies = ["a"]\n[[tool.uv.index]]\nname = "i"\n'
        'url = "https://i.org/simple"\nexplicit = true\n'
        '[tool.uv.sources]\na = [{index = "i", marker = "sys_platform == \'linux\'"}]\n'
    )
    limited, rest = parse_pyproject(text, "p.toml").pypi
    assert limited.index == "https://i.org/simple"
    assert limited.platforms is not None
    assert rest.platforms is not None
    assert "linux-64" in limited.platforms
    assert "win-64" in rest.platforms
    assert not limited.platforms & rest.platforms
    assert rest.index is None


INDEXES = [
    (
        "poetry: a primary source stands in place of the default",
        "priority = 'primary'",
        "https://a.org/s",
        (),
    ),
    ("poetry: a supplemental one stands beside it", "priority = 'supplemental'", None, ("https://a.org/s",)),
    ("poetry: an explicit one serves those who name it", "priority = 'explicit'", None, ()),
]


@pytest.mark.parametrize(("why", "line", "main", "extra"), INDEXES, ids=[why for why, *_ in INDEXES])
def test_poetry_sources(why: str, line: str, main: str | None, extra: tuple[str, ...]) -> None:
    del why
    text = (
        f"[tool.poetry.dependencies]\na = '*'\n[[tool.poetry.source]]\nname = 'n'\n"
        f"url = 'https://a.org/s'\n{line}\n"
    )
    found = parse_pyproject(text, "p.toml").indexes
    assert (found.index_url, found.extra_index_urls) == (main, extra)


def test_uv_indexes() -> None:
    text = (
        '[project]\ndependencies = []\n[tool.uv]\nno-index = false\nfind-links = ["wheels"]\n'
        '[[tool.uv.index]]\nurl = "https://a.org/s"\n[[tool.uv.index]]\n'
        'url = "https://b.org/s"\ndefault = true\n'
        '[[tool.uv.index]]\nurl = "https://c.org/s"\nexplicit = true\nname = "c"\n'
    )
    found = parse_pyproject(text, "p.toml").indexes
    assert found.index_url == "https://b.org/s"
    assert found.extra_index_urls == ("https://a.org/s",)
    assert found.find_links == ("wheels",)


def test_setuptools_files_of_dynamic_dependencies() -> None:
    text = (
        '[project]\ndynamic = ["dependencies"]\n[tool.setuptools.dynamic]\n'
        'dependencies = {file = ["req.txt"]}\n'
    )
    found = parse_pyproject(text, "sub/p.toml", {"sub/req.txt": "a>=1\n"}.__getitem__)
    assert asked(found) == ["main: a>=1"]
    assert found.files == ("sub/p.toml", "sub/req.txt")


FAULTS = [
    ('[tool.poetry.dependencies]\na = "^x"\n', "p.toml:2:1: `a`: not a version in Poetry's notation"),
    ('[tool.poetry.dependencies]\na = "^1 || ^2"\n', "p.toml:2:1: `a`: alternatives (`||`)"),
    (
        '[tool.poetry.dependencies]\npython = "2.7 || ^3.4"\n',
        'p.toml:2:1: `python = "2.7 || ^3.4"`: alternatives',
    ),
    ("[tool.poetry.dependencies]\na = 3\n", "p.toml:2:1: `a` is neither a version nor a table"),
    (
        "[tool.poetry.dependencies]\na = {extras = ['b']}\n",
        "`a`: neither `version` nor a place to take it from",
    ),
    (
        "[tool.poetry.dependencies]\na = {version = '1', source = 'n'}\n",
        "no `[[tool.poetry.source]]` is named `n`",
    ),
    (
        "[project]\ndependencies = ['a']\n[tool.uv.sources]\na = {index = 'n'}\n",
        "no `[[tool.uv.index]]` is named `n`",
    ),
    ("[project]\n[[tool.uv.index]]\nname = 'n'\n", "`[[tool.uv.index]]` without `url`"),
    (
        "[project]\n[tool.conda-lock]\ndefault-non-conda-source = 'pypi'\n",
        "`default-non-conda-source = 'pypi'`",
    ),
    ("[project]\n[tool.conda-lock]\nskip-non-conda-lock = 'yes'\n", "`skip-non-conda-lock` is not a boolean"),
    ("[project]\n[tool.conda-lock]\nskip-non-condalock = true\n", "unknown key `skip-non-condalock`"),
]


@pytest.mark.parametrize(("text", "message"), FAULTS, ids=[message for _, message in FAULTS])
def test_fault(text: str, message: str) -> None:
    with pytest.raises(InputErrors) as caught:
        parse_pyproject(text, "p.toml", groups=EVERYTHING)
    assert message in str(caught.value)
