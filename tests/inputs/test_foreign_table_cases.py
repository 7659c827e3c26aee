"""Files of other tools from public reports: nothing that they ask for is dropped in silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from resolver.inputs.reading import parse_inputs
from resolver.model.requirements import Requirements

#: Case folder and file -> what must be asked for, and words of what must be said.
CASES = [
    (
        "inputs/pyproject-foreign-tables/poetry.toml",
        {"python", "six", "click", "attrs", "tomli", "pytest"},
        "default-non-conda-source",
    ),
    (
        "inputs/pyproject-foreign-tables/flit.toml",
        {"python", "requests", "configparser", "pytest", "sqlite"},
        "default-non-conda-source",
    ),
    ("inputs/pyproject-foreign-tables/pdm.toml", {"six"}, "groups left out: `test`"),
    ("inputs/pyproject-foreign-tables/uv.toml", {"torch", "numpy"}, ""),
    ("inputs/pyproject-foreign-tables/pixi.toml", {"python", "numpy", "idna"}, ""),
    (
        "inputs/pyproject-foreign-tables/condalock.toml",
        {
            *("python", "pyyaml", "numpy", "pandas", "python-dateutil", "tables", "matplotlib", "seaborn"),
            "scikit-learn",
        },
        "",
    ),
    ("inputs/skip-non-conda-lock/pyproject.toml", {"sqlite"}, ""),
    (
        "suites/poetry-table-dropped/pyproject.toml",
        {"python", "requests", "toml", "tomlkit", "pytest", "sqlite", "certifi"},
        "default-non-conda-source",
    ),
    ("suites/poetry-table-dropped/f/pyproject.toml", {"requests", "sqlite"}, "default-non-conda-source"),
]


@pytest.mark.parametrize(("path", "names", "said"), CASES, ids=[path for path, *_ in CASES])
def test_case(shared: Path, path: str, names: set[str], said: str) -> None:
    file = shared / "cases" / path
    if not file.is_file():
        pytest.skip("the folder of cases does not stand beside the project")
    found: Requirements = parse_inputs(
        # a pyproject.toml whatever its name in the folder
        ["pyproject.toml"],
        lambda _: file.read_bytes(),
    )
    assert {str(r.name) for r in (*found.conda, *found.pypi)} == names
    assert said in "\n".join(notice.text for notice in found.notices)
