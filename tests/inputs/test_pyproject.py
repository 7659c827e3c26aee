from __future__ import annotations

import pytest

from resolver.errors import InputErrors
from resolver.inputs.groups import GroupChoice
from resolver.inputs.pyproject.reading import parse_pyproject

WHOLE = """\
[project]
name = "My.Pkg"
requires-python = ">=3.10"
dependencies = [
    "numpy>=1.2 ; sys_platform == 'linux'",
    'torch',
]

[project.optional-dependencies]
docs = ["sphinx"]
all = ["my-pkg[docs]", "rich"]

[dependency-groups]
lint = ["ruff", {include-group = "types"}]
types = ["mypy"]
"""


def test_project_table() -> None:
    everything = GroupChoice(all_extras=True, all_groups=True)
    found = parse_pyproject(WHOLE, "pyproject.toml", groups=everything)
    assert not found.notices
    listed = [(r.text, r.category, str(r.origin)) for r in found.pypi]
    assert listed == [
        ("numpy>=1.2 ; sys_platform == 'linux'", "main", "pyproject.toml:5:6"),
        ("torch", "main", "pyproject.toml:6:6"),
        ("sphinx", "docs", "pyproject.toml:10:10"),
        ("sphinx", "all", "pyproject.toml:10:10"),
        ("rich", "all", "pyproject.toml:11:25"),
        ("ruff", "lint", "pyproject.toml:14:10"),
        ("mypy", "lint", "pyproject.toml:15:11"),
        ("mypy", "types", "pyproject.toml:15:11"),
    ]
    assert found.requires_python == ">=3.10"


def test_groups_come_in_when_asked_for() -> None:
    found = parse_pyproject(WHOLE, "p.toml", groups=GroupChoice(extras=("Docs",), groups=("types",)))
    assert [r.category for r in found.pypi] == ["main", "main", "docs", "types"]
    assert [notice.text for notice in found.notices] == [
        "p.toml: extras left out: `all` (taken with `--extra NAME`, `--all-extras`)",
        "p.toml: groups left out: `lint` (taken with `--group NAME`, `--all-groups`)",
    ]


UNKNOWN = [
    (GroupChoice(extras=("doc",)), "`--extra doc`: no input file has this extra", "did you mean `docs`?"),
    (GroupChoice(extras=("lint",)), "`--extra lint`: no input file", "it is a group: `--group lint`"),
    (GroupChoice(groups=("docs",)), "`--group docs`: no input file", "it is an extra: `--extra docs`"),
    (GroupChoice(groups=("xyz",)), "`--group xyz`: no input file", "there are `lint`, `types`"),
]


@pytest.mark.parametrize(("choice", "message", "hint"), UNKNOWN, ids=[hint for *_, hint in UNKNOWN])
def test_a_group_that_no_file_has(choice: GroupChoice, message: str, hint: str) -> None:
    with pytest.raises(InputErrors) as caught:
        parse_pyproject(WHOLE, "p.toml", groups=choice)
    assert caught.value.errors[0].message.startswith(message)
    assert caught.value.errors[0].hint == hint


def test_conda_lock_table() -> None:
    text = (
        '[project]\nname = "x"\nrequires-python = ">=3.10"\n[tool.conda-lock]\nchannels = ["conda-forge"]\n'
        'platforms = ["linux-64"]\n[tool.conda-lock.dependencies]\nnumpy = ">=1.2"\npip = "*"\n'
        'torch = {version = "2.3", build = "cuda*", channel = "pytorch"}\n'
        'q = {version = "1.0", source = "pypi"}\n'
    )
    found = parse_pyproject(text, "p.toml")
    assert [(r.spec, r.origin.line) for r in found.conda] == [
        ("python >=3.10", 3),
        ("numpy >=1.2", 8),
        ("pip", 9),
        ("pytorch::torch 2.3 cuda*", 10),
    ]
    assert [(r.text, r.origin.line) for r in found.pypi] == [("q==1.0", None)]
    assert [c.text for c in found.channels] == ["conda-forge"]
    assert found.platforms == ("linux-64",)


FAULTS = [
    ("[project\n", "p.toml:1:9: not TOML: Expected ']' at the end of a table declaration"),
    ("[project]\ndependencies = 'a'\n", "p.toml:2:1: `dependencies` is not a list of texts"),
    ("[project]\ndependencies = ['a=1']\n", "p.toml:2:18: `a=1` has one `=`"),
    ("[project]\ndynamic = ['dependencies']\n", "p.toml:2:1: `dependencies` is dynamic"),
    ("[project]\nrequires-python = '3'\n", "p.toml:2:1: `requires-python = '3'` is not a specifier"),
    ("project = 3\n", "p.toml:1:1: `project` is not a table"),
    ("[tool.conda-lock]\nplatforms = ['linux']\n", "p.toml:2:15: unknown platform `linux`"),
    ("[dependency-groups]\na = [{include-group = 'a'}]\n[project]\n", "dependency group `a` includes itself"),
    (
        "[dependency-groups]\n"
        + "".join(f"g{n} = [{{include-group = 'g{n + 1}'}}]\n" for n in range(60))
        + "g60 = ['a']\n",
        "is the 50th within one another",
    ),
    ("[dependency-groups]\na = [{include-group = 'b'}]\n[project]\n", "dependency group `b` does not exist"),
    ("[dependency-groups]\na = [3]\n[project]\n", "p.toml:2:1: an item of group `a` is no requirement"),
    ("[project.optional-dependencies]\na = 3\n", "p.toml:2:1: `a` is not a list of texts"),
    ("[tool.conda-lock.dependencies]\nx = 3\n", "p.toml:2:1: `x` is neither a version nor a table of texts"),
    ("", "no `[project]`, no `[tool.poetry]` and no `[tool.conda-lock]`"),
]


def test_groups_that_include_one_another_twice_are_added_once() -> None:
    doubled = "".join(
        f"g{n + 1} = [{{include-group = 'g{n}'}}, {{include-group = 'g{n}'}}]\n" for n in range(40)
    )
    text = f"[project]\nname = 'x'\n[dependency-groups]\ng0 = ['a']\n{doubled}"
    found = parse_pyproject(text, "p.toml", groups=GroupChoice(groups=("g40",)))
    assert [r.text for r in found.pypi] == ["a"]


@pytest.mark.parametrize(("text", "message"), FAULTS, ids=[message for _, message in FAULTS])
def test_fault(text: str, message: str) -> None:
    with pytest.raises(InputErrors) as caught:
        parse_pyproject(text, "p.toml", groups=GroupChoice(all_extras=True, all_groups=True))
    assert message in str(caught.value)
