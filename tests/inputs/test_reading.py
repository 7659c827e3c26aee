from __future__ import annotations

import pytest

from resolver.errors import InputErrors, SourceError
from resolver.inputs.reading import parse_inputs
from resolver.model.requirements import Requirements
from tests.inputs.support import parse


def parse_files(files: dict[str, str]) -> Requirements:
    return parse_inputs([name for name in files if not name.startswith("_")], files.__getitem__)


KINDS = [
    ("environment.yml", "dependencies: [a]\n", ["a"], []),
    ("env", "name: x\ndependencies:\n- a\n", ["a"], []),
    ("env.json", '{"name": "x", "dependencies": ["a", {"pip": ["b"]}]}', ["a"], ["b"]),
    ("requirements.txt", "b\n", [], ["b"]),
    ("requirements", "# c\nb>=1\n", [], ["b>=1"]),
    ("reqs.in", "name\n", [], ["name"]),
    ("pyproject.toml", '[project]\nname = "x"\ndependencies = ["b"]\n', [], ["b"]),
    ("env.yml", "image: i\nconda_file:\n  dependencies: [a]\n", ["a"], []),
    ("env.yml", "$schema: https://s.example.org\nname: n\nimage: i\nconda_file: _c.yml\n", ["z"], []),
    ("env.yml", "image: i\nconda_file: |\n  dependencies:\n  - a\n", ["a"], []),
    ("env.json", '{"name": "n", "properties": {"condaFile": "name: x\\ndependencies:\\n- a\\n"}}', ["a"], []),
    ("env.json", '{"python": {"condaDependencies": {"dependencies": ["a"]}}}', ["a"], []),
    ("env.json", '{"name": "n", "python": {"userManagedDependencies": false}, "docker": {}}', ["v1"], []),
    (
        "python_env.yaml",
        "python: 3.10\nbuild_dependencies: [pip]\ndependencies:\n- -r _r.txt\n",
        [],
        ["pip", "q"],
    ),
]


@pytest.mark.parametrize(
    ("name", "text", "conda", "pypi"), KINDS, ids=[f"{k[0]}: {k[1][:25]!r}" for k in KINDS]
)
def test_kind_is_found_out(name: str, text: str, conda: list[str], pypi: list[str]) -> None:
    beside = {"conda_dependencies.yml": "dependencies: [v1]\n"}
    found = parse(text, name, {"_c.yml": "dependencies: [z]\n", "_r.txt": "q\n", **beside})
    assert [r.spec for r in found.conda] == conda
    assert [r.text for r in found.pypi] == pypi


def test_mlflow_names_the_interpreter() -> None:
    for written, specifier in (("3.10", "==3.10.*"), ("3.10.14", "==3.10.14"), ('"3.12"', "==3.12.*")):
        assert parse(f"python: {written}\nbuild_dependencies: []\n").requires_python == specifier


FOREIGN = [
    ("Dockerfile", "FROM ubuntu\nCOPY ctx/conda.yaml .\n", "a Dockerfile names an image", "`ctx/conda.yaml`"),
    ("x", "# c\nARG A=1\nFROM ${A}\n", "a Dockerfile names an image", "lock the conda file"),
    (
        "lock.txt",
        "# platform: linux-64\n@EXPLICIT\nhttps://c.example.org/a.conda\n",
        "is a lockfile already",
        "",
    ),
    (
        "conda-lock.yml",
        "version: 1\nmetadata: {}\npackage: []\n",
        "a conda-lock.yml is a lockfile already",
        "",
    ),
    ("pixi.lock", "version: 7\nenvironments: {}\npackages: []\n", "a pixi.lock is a lockfile already", ""),
    ("pylock.toml", "lock-version = '1.0'\n", "pylock.toml is a lockfile already", ""),
    (
        "meta.yaml",
        "package: {name: x}\nrequirements: {run: [a]}\n",
        "a conda recipe is not an environment",
        "",
    ),
    ("env.yml", "build: {path: .}\n", "an Azure ML environment without `conda_file`", "Dockerfile"),
    ("env.yml", "image: i\nbuild: {path: .}\n", "both `image` and `build`", "Dockerfile"),
    (
        "env.json",
        '{"python": {"interpreterPath": "python"}, "docker": {}}',
        "the conda definition `conda_dependencies.yml` is missing",
        "`save_to_directory` writes `conda_dependencies.yml`",
    ),
    (
        "env.json",
        '{"python": {"userManagedDependencies": true}, "docker": {}}',
        "an Azure ML environment without `conda_file`",
        "",
    ),
    ("env.yml", "image: i\nconda_file: azureml:x:1\n", "names an asset of a workspace", ""),
    ("pyproject.toml", "[tool.poetry]\nname = 'x'\n", "no `[project]`", "Poetry"),
]


@pytest.mark.parametrize(
    ("name", "text", "message", "hint"), FOREIGN, ids=[f"{f[0]}: {f[2]}" for f in FOREIGN]
)
def test_foreign_file_is_named(name: str, text: str, message: str, hint: str) -> None:
    with pytest.raises(InputErrors) as caught:
        parse(text, name)
    (error,) = caught.value.errors
    assert message in error.message
    assert hint in (error.hint or "")


def test_places_inside_an_azure_ml_definition_are_those_of_the_file() -> None:
    text = "image: i\nconda_file: |\n  dependencies:\n    - a==\n    - pip:\n      - b=1\nname: n\n"
    with pytest.raises(InputErrors) as caught:
        parse(text, "env.yml")
    assert [str(error.origin) for error in caught.value.errors] == ["env.yml:4:7", "env.yml:6:9"]


ONE = """\
name: a
channels: [x, y]
platforms: [linux-64]
dependencies: [numpy>=1]
variables: {A: 1}
"""
OTHER = """\
channels: [y, z]
platforms: [osx-64, linux-64]
category: dev
dependencies: [numpy<2]
variables: {A: 1, B: 2}
"""


def test_several_files_all_hold() -> None:
    texts = "scipy\n--extra-index-url https://i.example.org/simple\n"
    found = parse_files({"a.yml": ONE, "b.yml": OTHER, "r.txt": texts})
    assert [r.spec for r in found.conda] == ["numpy>=1", "numpy<2"]
    assert [r.category for r in found.conda] == ["main", "dev"]
    assert [c.text for c in found.channels] == ["x", "y", "z"]
    assert found.platforms == ("linux-64", "osx-64")
    assert found.variables == {"A": "1", "B": "2"}
    assert found.indexes.extra_index_urls == ("https://i.example.org/simple",)
    assert found.files == ("a.yml", "b.yml", "r.txt")
    assert found.name == "a"


CONTRADICTIONS = [
    (
        "channels: [x, y]\n",
        "channels: [y, x]\n",
        "channel `x` stands behind `y` here, and before it in a.yml:1:12",
    ),
    ("variables: {A: 1}\n", "variables: {A: 2}\n", "the variable `A` has another value in a.yml:1:13"),
]


@pytest.mark.parametrize(("one", "other", "message"), CONTRADICTIONS, ids=["channel order", "variables"])
def test_files_that_contradict_each_other(one: str, other: str, message: str) -> None:
    with pytest.raises(InputErrors) as caught:
        parse_files({"a.yml": one + "dependencies: []\n", "b.yml": other + "dependencies: []\n"})
    assert message in str(caught.value)


def test_two_main_indexes_contradict_each_other() -> None:
    with pytest.raises(InputErrors, match=r"b\.txt:1:1: another main index than in a\.txt:1:1"):
        parse_files({"a.txt": "-i https://a.example.org\n", "b.txt": "-i https://b.example.org\n"})


def test_faults_of_several_files_come_together() -> None:
    with pytest.raises(InputErrors) as caught:
        parse_files({"a.yml": "dependencies: [a==]\n", "b.txt": "a=1\n"})
    assert [str(error.origin) for error in caught.value.errors] == ["a.yml:1:16", "b.txt:1:1"]


def test_a_file_named_twice_counts_once() -> None:
    found = parse_inputs(["a.txt", "a.txt"], {"a.txt": "x\n"}.__getitem__)
    assert len(found.pypi) == 1


def test_no_file_and_absent_file() -> None:
    with pytest.raises(InputErrors, match="no input file"):
        parse_inputs([], str)
    with pytest.raises(InputErrors, match=r"none\.yml: no such file"):
        parse_inputs(["none.yml"], lambda path: open(path).read())  # noqa: SIM115, PTH123


def test_an_included_address_that_fails_is_the_sources_failure() -> None:
    def read(path: str) -> str:
        if path.startswith("https:"):
            raise SourceError("the server answered 404", path, "is the address right?")
        return "a\n-r https://c.example.org/x.txt\n"

    with pytest.raises(SourceError, match="the server answered 404") as caught:
        parse_inputs(["r.txt"], read)
    assert caught.value.hint == "is the address right?"
