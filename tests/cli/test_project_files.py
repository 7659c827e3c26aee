"""Project files through the command: what is asked for is locked, what isn't is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from lockfiles.formats.conda_lock.text import read_conda_lock
from tests.cli.here import lock
from tests.cli.process import make_project

POETRY = """\
[tool.poetry.dependencies]
python = "^3.10"
numpy = ">=1.20"
[tool.poetry.group.train.dependencies]
shap = "*"
[tool.conda-lock]
channels = ["conda-forge"]
platforms = ["linux-64"]
default-non-conda-source = "conda"
"""
PIXI = """\
[workspace]
channels = ["conda-forge"]
platforms = ["linux-64"]
[dependencies]
python = "3.11.*"
numpy = "*"
[feature.train.dependencies]
shap = "*"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the settings of the example, and no environment file."""
    make_project(tmp_path).unlink()
    return tmp_path


def locked(folder: Path, name: str) -> dict[str, str]:
    """The category of each package of a lockfile."""
    found = read_conda_lock((folder / name).read_text(), name)
    return {package.name: min(package.categories) for package in found.packages}


def test_a_file_of_conda_lock_with_poetrys_table(folder: Path) -> None:
    (folder / "pyproject.toml").write_text(POETRY)
    done = lock("pyproject.toml", "-o", "out.yml", folder=folder)
    assert done.code == 0, done.err
    found = locked(folder, "out.yml")
    assert (found["python"], found["numpy"], found["shap"]) == ("main", "main", "train")


def test_a_feature_of_a_pixi_manifest_is_named_until_it_is_asked_for(folder: Path) -> None:
    (folder / "pixi.toml").write_text(PIXI)
    done = lock("pixi.toml", "-o", "out.yml", "--json", folder=folder)
    assert done.code == 0, done.err
    assert "shap" not in locked(folder, "out.yml")
    assert [notice["names"] for notice in done.json["notices"] if notice["code"] == "groups-left-out"] == [
        ["train"]
    ]
    done = lock("pixi.toml", "-o", "out.yml", "--group", "train", folder=folder)
    assert done.code == 0, done.err
    assert locked(folder, "out.yml")["shap"] == "train"
    assert "left out" not in done.err


def test_a_group_that_no_file_has_is_refused(folder: Path) -> None:
    (folder / "pixi.toml").write_text(PIXI)
    done = lock("pixi.toml", "--group", "trian", folder=folder)
    assert done.code == 2
    assert "`--group trian`: no input file has this group" in done.err
    assert "did you mean `train`?" in done.err


def test_a_project_comes_from_one_index_in_one_run(folder: Path) -> None:
    (folder / "pyproject.toml").write_text(
        '[project]\nname = "t"\ndependencies = ["a"]\n'
        '[[tool.uv.index]]\nname = "i"\nurl = "https://index.example.org/simple"\nexplicit = true\n'
        '[tool.uv.sources]\na = [{index = "i", marker = "sys_platform == \'linux\'"}]\n'
    )
    done = lock("pyproject.toml", "-p", "linux-64", "-p", "win-64", folder=folder)
    assert done.code == 2
    assert "`a` is to come from different indexes on different platforms" in done.err


def test_extras_that_name_two_indexes_come_in_one_at_a_time(folder: Path) -> None:
    (folder / "pyproject.toml").write_text(
        '[project]\nname = "t"\n[project.optional-dependencies]\nx = ["a"]\ny = ["a"]\n'
        '[[tool.uv.index]]\nname = "i"\nurl = "https://i.example.org"\n'
        '[[tool.uv.index]]\nname = "j"\nurl = "https://j.example.org"\n'
        '[tool.uv.sources]\na = [{index = "i", extra = "x"}, {index = "j", extra = "y"}]\n'
    )
    done = lock("pyproject.toml", "--all-extras", "-p", "linux-64", folder=folder)
    assert done.code == 2
    assert "`a` is to come from different indexes\n" in done.err
    assert "Take the extras or groups that name them one at a time." in done.err


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("environment.yml", "channels: [conda-forge]\ndependencies: []\n"),
        ("pyproject.toml", "[project]\nname = 't'\n[tool.conda-lock]\nchannels = ['conda-forge']\n"),
        ("pixi.toml", "[workspace]\nchannels = ['conda-forge']\n"),
        ("requirements.txt", "# nothing yet\n"),
    ],
)
def test_a_file_that_asks_for_nothing_locks_nothing(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text)
    done = lock(name, "-o", "out.yml", folder=folder)
    assert done.code == 0, done.err
    assert locked(folder, "out.yml") == {}
