"""A pyproject.toml with `[tool.conda-lock]` is read as conda-lock itself reads it."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet

from resolver.inputs.pyproject.reading import parse_pyproject
from resolver.model.names import pypi_name

pytest.importorskip("conda_lock", reason="conda-lock is the oracle")

#: Versions that tell specifiers apart.
VERSIONS = (
    *(
        "0.0.1",
        "0.0.3",
        "0.0.4",
        "0.1",
        "0.2.3",
        "0.3",
        "1.0",
        "1.15",
        "1.16.0",
        "1.17",
        "1.2.3",
        "1.3",
        "1.9",
    ),
    *(
        "2.0",
        "2.2",
        "2.13",
        "3.7",
        "3.9",
        "3.10",
        "4.0",
        "5.1.2",
        "7.0",
        "8.1",
        "13.9",
        "22.2",
        "24.1",
        "25.0",
    ),
)
TAIL = '[tool.conda-lock]\nchannels = ["conda-forge"]\ndefault-non-conda-source = "{source}"\n'
OWN = '[tool.conda-lock.dependencies]\nsqlite = ">=3.34"\nforced = {{source = "pypi", version = "*"}}\n'


def theirs(text: str, folder: Path) -> set[tuple[Any, ...]]:
    """What conda-lock makes of a file, without its table of names."""
    from conda_lock.src_parser.pyproject_toml import parse_pyproject_toml

    path, names = folder / "pyproject.toml", folder / "names.json"
    path.write_text(text, encoding="utf-8")
    names.write_text("{}", encoding="utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = parse_pyproject_toml(path, platforms=["linux-64"], mapping_url=str(names))
    return {
        (dep.manager, pypi_name(dep.name), dep.category, *admitted(dep.version), tuple(sorted(dep.extras)))
        for dep in found.dependencies["linux-64"]
    }


def ours(text: str) -> set[tuple[Any, ...]]:
    found = parse_pyproject(text, "pyproject.toml")
    conda = {
        ("conda", pypi_name(r.name), r.category, *admitted(r.spec.partition(" ")[2]), ())
        for r in found.conda
        if r.platforms is None or "linux-64" in r.platforms
    }
    return conda | {
        ("pip", r.name, r.category, *admitted(r.specifier), tuple(sorted(r.extras))) for r in found.pypi
    }


def admitted(version: str) -> tuple[str, ...]:
    """The versions of the list above that a text of either side admits."""
    text = version.strip()
    if text in ("", "*"):
        return VERSIONS
    text = text if text[0] in "<>=!~" else f"=={text}"
    specifier = SpecifierSet(text)
    return tuple(version for version in VERSIONS if version in specifier)


BUILD = '[build-system]\nrequires = ["{0}"]\nbuild-backend = "{0}.x"\n'
POETRY = (
    '[tool.poetry]\nname = "x"\n[tool.poetry.dependencies]\npython = "^3.7"\n'
    'requests = "^2.13.0"\ntoml = ">=0.1"\n'
    'tomlkit = {version = ">=0.0.3,<1.0", optional = true}\nforced = "^1.2"\n'
    'lone = {version = "~1.16", optional = true}\n'
    'src = {version = "^1", source = "pypi"}\n[tool.poetry.dev-dependencies]\npytest = "~5.1.0"\n'
    '[tool.poetry.extras]\ntomlkit = ["tomlkit"]\n[tool.poetry.group.docs.dependencies]\nsphinx = "^0.2.3"\n'
)
FLIT = (
    '[tool.flit.metadata]\nmodule = "x"\n'
    'requires = ["requests >=2.13.0", "forced==1.3", "a; sys_platform == \'linux\'"]\n'
    '[tool.flit.metadata.requires-extra]\ntest = ["pytest >=2.2"]\ndoc = ["sphinx"]\n'
)
PDM = (
    '[project]\nname = "x"\ndependencies = ["requests>=2.13,<3", "A_b.c~=1.2", "forced!=1.3"]\n'
    '[project.optional-dependencies]\ndev = ["black"]\nextra = ["tqdm<2"]\n'
    '[tool.pdm.dev-dependencies]\nlint = ["ruff"]\ntest = ["pytest>=7"]\n'
)
PROJECT = (
    '[project]\nname = "x"\ndependencies = ["requests", "forced"]\n'
    '[project.optional-dependencies]\ntest = ["pytest"]\ndocs = ["sphinx>=1.3"]\n'
    '[tool.poetry.dependencies]\nignored = "^1"\n'
)
FILES = [
    ("poetry", BUILD.format("poetry") + POETRY),
    ("poetry without a build system it knows", BUILD.format("setuptools") + POETRY),
    ("flit", BUILD.format("flit_core") + FLIT),
    ("pdm", BUILD.format("pdm") + PDM),
    ("project, whatever stands in poetry's table", BUILD.format("poetry") + PROJECT),
]


@pytest.mark.parametrize("source", ["pip", "conda"])
@pytest.mark.parametrize(("why", "text"), FILES, ids=[why for why, _ in FILES])
def test_tables_as_conda_lock_reads_them(why: str, text: str, source: str, tmp_path: Path) -> None:
    del why
    text += TAIL.format(source=source) + OWN.format()
    expected = theirs(text, tmp_path)
    found = ours(text)
    assert expected
    # A package that its own table takes from the index without a version adds nothing there.
    assert {one for one in found if one[1] != "forced"} == {one for one in expected if one[1] != "forced"}
    assert {one for one in expected if one[1] == "forced"} <= found


def test_only_its_own_table(tmp_path: Path) -> None:
    text = (
        BUILD.format("poetry")
        + POETRY
        + TAIL.format(source="pip")
        + "skip-non-conda-lock = true\n"
        + OWN.format()
    )
    kept = {one for one in ours(text) if one[1] != "forced"}
    assert kept == theirs(text, tmp_path) == {("conda", "sqlite", "main", *admitted(">=3.34"), ())}


numbers = st.lists(st.integers(0, 14), min_size=1, max_size=3).map(lambda ns: ".".join(map(str, ns)))
clauses = st.builds(lambda o, n: f"{o}{n}", st.sampled_from(["^", "~", ">=", "<", "==", "!=", ""]), numbers)


@settings(deadline=None)  # the oracle's first import takes its time
@given(st.lists(clauses, min_size=1, max_size=2).map(", ".join))
def test_versions_as_conda_lock_translates_them(text: str) -> None:
    from conda_lock.src_parser.pyproject_toml import poetry_version_to_conda_version

    from resolver.inputs.pyproject.poetry_versions import poetry_specifier

    translated = str(poetry_version_to_conda_version(text))
    parts = [part if part[0] in "<>=!~" else f"=={part}" for part in translated.split(",")]
    assert admitted(poetry_specifier(text)) == admitted(",".join(parts))
