"""Members of a workspace, locked together: each one's file is an input, and no index is asked for another."""

from __future__ import annotations

import posixpath
from collections.abc import Callable

import pytest

from resolver.errors import InputErrors
from resolver.inputs.groups import GroupChoice
from resolver.inputs.reading import parse_inputs
from resolver.inputs.workspace import DEEPEST, Workspace, member_files
from resolver.model.requirements import Requirements

FILES = {
    "pyproject.toml": """\
[project]
name = "app"
version = "1"
requires-python = ">=3.11"
dependencies = ["the_lib[fast]>=1", "numpy"]

[dependency-groups]
dev = ["the-lib", "pytest"]

[tool.uv.sources]
the-lib = { workspace = true }

[tool.uv.workspace]
members = ["lib"]
""",
    "lib/pyproject.toml": """\
[project]
name = "The.Lib"
version = "1"
requires-python = "<3.13"
dependencies = ["pandas"]

[project.optional-dependencies]
fast = ["numba"]
""",
}


def parse(*names: str, **choice: object) -> Requirements:
    groups = GroupChoice(**choice) if choice else None  # type: ignore[arg-type]
    return parse_inputs(names, FILES.__getitem__, groups=groups)


def test_members_among_the_files_are_asked_for_by_their_own_lines() -> None:
    found = parse("pyproject.toml", "lib/pyproject.toml")
    assert [line.name for line in found.pypi] == ["numpy", "pandas"]
    assert found.requires_python == ">=3.11,<3.13"
    said = " ".join(notice.text for notice in found.notices)
    assert "extras of the member `the-lib` are taken in with `--extra`: `fast`" in said
    assert "not honoured: workspace" not in said


def test_the_order_of_files_does_not_matter_and_extras_and_groups_come_in_as_ever() -> None:
    found = parse("lib/pyproject.toml", "pyproject.toml", extras=("fast",), groups=("dev",))
    lines = {(line.name, line.category) for line in found.pypi}
    assert lines == {("pandas", "main"), ("numba", "fast"), ("numpy", "main"), ("pytest", "dev")}


def test_a_member_whose_file_is_not_read_is_said() -> None:
    found = parse("pyproject.toml")
    assert {line.name for line in found.pypi} == {"the-lib", "numpy"}
    assert [n.text for n in found.notices if "workspace" in n.text and "sources" in n.text] == [
        "pyproject.toml: `tool.uv.sources.the-lib`: not honoured: workspace (name its pyproject.toml as well)"
    ]


ROOT = """\
[project]
name = "app"
version = "1"
dependencies = ["lib[fast]"]
[tool.uv.sources]
lib = { workspace = true }
core = { workspace = true }
torch = { index = "cpu" }
[[tool.uv.index]]
name = "cpu"
url = "https://download.example.org/whl/cpu"
explicit = true
[tool.uv.workspace]
members = ["packages/*", "tools/**/src"]
exclude = ["packages/old"]
"""
DISK = {
    "ws/pyproject.toml": ROOT,
    "ws/packages/lib/pyproject.toml": (
        '[project]\nname = "lib"\nversion = "1"\ndependencies = ["core", "numpy"]\n'
        '[project.optional-dependencies]\nfast = ["numba", "core[io]"]\nslow = ["sympy"]\n'
    ),
    "ws/packages/core/pyproject.toml": (
        '[project]\nname = "core"\nversion = "1"\ndependencies = ["torch"]\n'
        '[project.optional-dependencies]\nio = ["pyarrow"]\n[dependency-groups]\ndev = ["pytest"]\n'
    ),
    "ws/packages/old/pyproject.toml": '[project]\nname = "old"\nversion = "1"\ndependencies = ["six"]\n',
    "ws/packages/.hidden/pyproject.toml": '[project]\nname = "hidden"\nversion = "1"\n',
    "ws/packages/notes/readme.md": "no project",
    "ws/tools/a/b/src/pyproject.toml": '[project]\nname = "tool"\nversion = "1"\ndependencies = ["idna"]\n',
    "ws/tools/node_modules/src/pyproject.toml": '[project]\nname = "js"\nversion = "1"\n',
}


def seen_from(folder: str) -> tuple[Callable[[str], str], Callable[[str], tuple[str, ...]]]:
    """Return what reads files, and what lists folders, of `DISK` as they are named from a folder."""

    def read(name: str) -> str:
        path = posixpath.normpath(posixpath.join(folder, name))
        if path not in DISK:
            raise FileNotFoundError(name)
        return DISK[path]

    def folders(name: str) -> tuple[str, ...]:
        path = posixpath.normpath(posixpath.join(folder, name)) + "/"
        below = (file.removeprefix(path) for file in DISK if file.startswith(path))
        return tuple(sorted({rest.split("/")[0] for rest in below if "/" in rest}))

    return read, folders


def found_from(folder: str, *names: str, **choice: object) -> Requirements:
    read, folders = seen_from(folder)
    return parse_inputs(names, read, folders=folders, groups=GroupChoice(**choice))  # type: ignore[arg-type]


ALL = {("numpy", "main"), ("numba", "main"), ("torch", "main"), ("pyarrow", "main"), ("idna", "main")}


@pytest.mark.parametrize(("folder", "name"), [("", "ws/pyproject.toml"), ("ws", "pyproject.toml")])
def test_all_members_of_a_root_are_found_and_named(folder: str, name: str) -> None:
    found = found_from(folder, name)
    assert {(str(line.name), line.category) for line in found.pypi} == ALL
    (torch,) = [line for line in found.pypi if line.name == "torch"]
    assert torch.index == "https://download.example.org/whl/cpu"  # the root's sources hold for members
    lead = "ws/" if folder == "" else ""
    said = [notice.text for notice in found.notices]
    assert (
        f"{name}: of its workspace `core`, `lib`, `tool` come in ({lead}packages/core/pyproject.toml, "
        f"{lead}packages/lib/pyproject.toml, {lead}tools/a/b/src/pyproject.toml)"
    ) in said
    assert not any("not honoured" in text for text in said)
    assert f"{lead}packages/core/pyproject.toml: groups left out: `dev`" in " ".join(said)
    assert f"{lead}packages/lib/pyproject.toml: extras left out: `slow`" in " ".join(said)
    assert f"{lead}packages/core/pyproject.toml" in found.files


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("", "ws/packages/lib/pyproject.toml"),
        ("ws/packages", "lib/pyproject.toml"),
        ("ws/packages/lib", "pyproject.toml"),
    ],
)
def test_a_member_takes_those_in_that_it_asks_for(folder: str, name: str) -> None:
    found = found_from(folder, name)
    assert {str(line.name) for line in found.pypi} == {"numpy", "torch"}
    assert any("`core` comes in" in notice.text for notice in found.notices)
    more = found_from(folder, name, extras=("fast",))
    assert {str(line.name) for line in more.pypi} == {"numpy", "torch", "numba", "pyarrow"}


def test_groups_come_in_of_every_member() -> None:
    found = found_from("ws", "pyproject.toml", groups=("dev",))
    assert ("pytest", "dev") in {(str(line.name), line.category) for line in found.pypi}


def test_a_project_beside_a_workspace_is_no_member() -> None:
    found = found_from("", "ws/packages/old/pyproject.toml")
    assert {str(line.name) for line in found.pypi} == {"six"}
    assert found.notices == ()


def test_how_many_members_is_bounded() -> None:
    root = '[tool.uv.workspace]\nmembers = ["*"]\n[project]\nname = "r"\nversion = "1"\n'

    def read(name: str) -> str:
        if name != "pyproject.toml":
            raise FileNotFoundError(name)
        return root

    def folders(name: str) -> list[str]:
        return [f"m{number}" for number in range(501)] if name == "." else []

    with pytest.raises(InputErrors) as caught:
        parse_inputs(["pyproject.toml"], read, folders=folders)
    assert "the workspace has 501 members: at most 500 are taken" in str(caught.value)


def test_how_deep_is_bounded() -> None:
    asked: list[str] = []

    def folders(name: str) -> list[str]:
        asked.append(name)
        return ["down"]

    workspace = Workspace(file="pyproject.toml", members=("**/x",))
    assert member_files(workspace, folders) == ()
    assert max(name.count("/") for name in asked) <= DEEPEST
