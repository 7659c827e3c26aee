"""Members of a workspace, locked together: each one's file is an input, and no index is asked for another."""

from __future__ import annotations

from resolver.inputs.groups import GroupChoice
from resolver.inputs.reading import parse_inputs
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
