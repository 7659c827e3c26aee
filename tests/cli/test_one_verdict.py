"""`lock` and `lock hash` read an Azure ML definition once: the same file gets the same verdict from both."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from lockfiles.cli.main import main
from lockfiles.identity.items import iter_items
from lockfiles.identity.read.reading import read_definitions
from resolver.inputs.reading import parse_inputs
from tests.identity.vectors import write_files

CONDA = "channels: [conda-forge]\ndependencies:\n  - python=3.11\n  - pip:\n    - requests==2.31.0\n"
STANDS_WRONG = "a conda file stands where an environment file belongs"
TAG = "tag:yaml.org,2002:python/object/apply:os.system"
V1 = '{"name": "a", "python": {%s}, "docker": {"baseImage": "x:1"}}'


@dataclass(frozen=True, kw_only=True)
class Case:
    why: str
    text: str
    file: str = "environment.yml"
    others: dict[str, str | None] = field(default_factory=lambda: {"conda.yml": CONDA})
    faults: tuple[str, ...] = ()  #: `place: message`, in order; none: both read it


def v2(text: str) -> str:
    return f"image: x:1\n{text}"


GOOD = [
    Case(why="a conda file beside it", text=v2("conda_file: conda.yml\n")),
    Case(why="inline", text=v2("conda_file:\n  dependencies: [python=3.11, {pip: [requests==2.31.0]}]\n")),
    Case(
        why="inline as a block of text",
        text=v2("conda_file: |\n  dependencies:\n  - python=3.11\n  - pip:\n    - requests==2.31.0\n"),
    ),
    Case(why="with a `file:` in front", text=v2("conda_file: file:conda.yml\n")),
    Case(
        why="every field",
        text=v2("name: a\nversion: 3\nos_type: linux\ntags: {a: b}\nconda_file: conda.yml\n"),
    ),
    Case(
        why="a schema",
        text=v2("$schema: https://s.example.org/environment.schema.json\nconda_file: conda.yml\n"),
    ),
    Case(
        why="the service's JSON",
        file="environment.json",
        text=json.dumps({"name": "a", "properties": {"image": "x:1", "condaFile": CONDA}}),
    ),
    Case(
        why="v1, inline",
        file="azureml_environment.json",
        text=V1 % '"condaDependencies": {"dependencies": ["python=3.11", {"pip": ["requests==2.31.0"]}]}',
    ),
    Case(
        why="v1, a file beside it",
        file="azureml_environment.json",
        text=V1 % '"userManagedDependencies": false',
        others={"conda_dependencies.yml": CONDA},
    ),
    Case(
        why="v1, a file that it names",
        file="azureml_environment.json",
        text=V1 % '"condaDependenciesFile": "conda.yml"',
    ),
    Case(
        why="merge keys and anchors",
        text=v2("conda_file:\n  dependencies: &d [python=3.11, {pip: &p [requests==2.31.0]}]\n"),
    ),
]

FAULTY = [
    Case(
        why="a misspelt field",
        text=v2("conda_fiel: conda.yml\n"),
        faults=("environment.yml:2:13: unknown field `conda_fiel`",),
    ),
    Case(
        why="two misspelt fields",
        text=v2("nmae: a\nconda_file: conda.yml\nverson: 1\n"),
        faults=("environment.yml:2:7: unknown field `nmae`", "environment.yml:4:9: unknown field `verson`"),
    ),
    Case(
        why="a misspelt key of the conda file",
        text=v2("conda_file: conda.yml\n"),
        others={"conda.yml": "channels: [a]\ndependencis: [python]\n"},
        faults=("conda.yml:2:1: unknown key `dependencis`",),
    ),
    Case(
        why="a misspelt key inline",
        text=v2("conda_file:\n  channels: [a]\n  dependecies: [python]\n"),
        faults=("environment.yml:4:3: unknown key `dependecies`",),
    ),
    Case(
        why="a misspelt key in v1",
        file="azureml_environment.json",
        text=V1 % '"condaDependencies": {"dependecies": ["python"]}',
        faults=("azureml_environment.json:1:48: unknown key `dependecies`",),
    ),
    Case(
        why="a key twice",
        text=v2("name: a\nname: b\nconda_file: conda.yml\n"),
        faults=("environment.yml:3:1: `name` stands here a second time (first in line 2)",),
    ),
    Case(
        why="a key of the conda file twice",
        text=v2("conda_file: conda.yml\n"),
        others={"conda.yml": "dependencies: [a]\ndependencies: [b]\n"},
        faults=("conda.yml:2:1: `dependencies` stands here a second time (first in line 1)",),
    ),
    Case(
        why="dependencies that are no list",
        text=v2("conda_file:\n  dependencies: {numpy: 1.2}\n"),
        faults=("environment.yml:3:17: `dependencies` is a mapping; a list is meant",),
    ),
    Case(
        why="image and build",
        text=v2("build: {path: .}\nconda_file: conda.yml\n"),
        others={"conda.yml": CONDA, "Dockerfile": "FROM x\n"},
        faults=("environment.yml:2:8: both `image` and `build`: an environment has exactly one of them",),
    ),
    Case(
        why="conda keys beside an image",
        text=v2(CONDA),
        faults=(f"environment.yml:1:1: {STANDS_WRONG} (it has `channels` or `dependencies`)",),
    ),
    Case(
        why="an environment file where a conda file belongs",
        text=v2("conda_file: conda.yml\n"),
        others={"conda.yml": "image: y:1\n"},
        faults=("environment.yml:2:13: `conda_file` leads to an environment file, a conda file is needed",),
    ),
    Case(
        why="a conda file that isn't there",
        text=v2("conda_file: gone.yml\n"),
        faults=("environment.yml:2:13: `conda_file` names `gone.yml`, which doesn't exist",),
    ),
    Case(
        why="a conda file that is a list",
        text=v2("conda_file: conda.yml\n"),
        others={"conda.yml": "- python\n"},
        faults=("conda.yml:1:1: a conda file is a mapping with `dependencies`",),
    ),
    Case(
        why="a list as conda file",
        text=v2("conda_file: [a]\n"),
        faults=("environment.yml:2:13: `conda_file` is a list; a mapping or a path is meant",),
    ),
    Case(
        why="an asset of a workspace",
        text=v2("conda_file: azureml:a:1\n"),
        faults=("environment.yml:2:13: `conda_file: azureml:a:1` names an asset of a workspace",),
    ),
    Case(
        why="a number as image, and odd kinds",
        text="image: 1.5\nos_type: beos\ntags: [a]\nconda_file: conda.yml\n",
        faults=(
            "environment.yml:1:8: `image` is the number 1.5, not text",
            "environment.yml:2:10: `os_type` is `beos`, it must be `linux` or `windows`",
            "environment.yml:3:7: `tags` must be a mapping",
        ),
    ),
    Case(
        why="a build without its path",
        text="build: {pth: .}\nconda_file: conda.yml\n",
        faults=("environment.yml:1:8: `build` needs a `path`: the folder with the Dockerfile",),
    ),
    Case(
        why="a broken inference configuration",
        text=v2("inference_config: [a]\nconda_file: conda.yml\n"),
        faults=("environment.yml:2:19: `inference_config` must be a mapping of three routes",),
    ),
    Case(
        why="a template",
        text="image: x:{{latest-image-tag}}\nconda_file: conda.yml\n",
        faults=("environment.yml:1:10: `{{latest-image-tag}}` is a template placeholder",),
    ),
    Case(
        why="a template in the conda file",
        text=v2("conda_file: conda.yml\n"),
        others={"conda.yml": "dependencies:\n- python={{ version }}\n"},
        faults=("conda.yml:2:10: `{{ version }}` is a template placeholder",),
    ),
    Case(
        why="a tab",
        text="image: x:1\nconda_file:\n\tdependencies: [a]\n",
        faults=("environment.yml:3:1: a tab in the indentation",),
    ),
    Case(
        why="an unclosed quote in the conda file",
        text=v2("conda_file: conda.yml\n"),
        others={"conda.yml": "dependencies:\n- 'python\n"},
        faults=("conda.yml:2:3: an unclosed quote",),
    ),
    Case(
        why="an unclosed bracket",
        text="image: [x\n",
        faults=("environment.yml:1:8: not YAML: an unclosed `[`",),
    ),
    Case(
        why="an unsafe tag",
        text="image: !!python/object/apply:os.system [echo]\n",
        faults=(f"environment.yml:1:8: not YAML: could not determine a constructor for the tag '{TAG}'",),
    ),
    Case(
        why="a document that holds itself",
        text="image: x\ntags: &a {b: *a}\n",
        faults=("environment.yml: aliases (`*name`) make the document too large or endless",),
    ),
    Case(
        why="v1 without its conda definition",
        file="azureml_environment.json",
        text=V1 % "",
        others={},
        faults=("azureml_environment.json:1:25: the conda definition `conda_dependencies.yml` is missing",),
    ),
    Case(
        why="marks of an unfinished merge",
        text="image: x:1\n<<<<<<< HEAD\nconda_file: a.yml\n=======\nconda_file: b.yml\n>>>>>>> main\n",
        faults=("environment.yml:2: holds the marks of an unfinished merge",),
    ),
]


def verdict(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, list[Any]]:
    """Return the exit code and the errors as JSON values."""
    code = main([*arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)["errors"]


@pytest.mark.parametrize("case", FAULTY, ids=lambda case: case.why)
def test_one_verdict(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write_files(tmp_path, {case.file: case.text, **case.others})
    code, errors = verdict([case.file], capsys)
    assert code == 2
    shown = [
        ":".join(str(error[key]) for key in ("file", "line", "column") if error[key])
        + f": {error['message']}"
        for error in errors
    ]
    assert tuple(shown) == case.faults
    again, told = verdict(["hash", case.file], capsys)
    for error in (*errors, *told):
        error.pop("kind")
    assert (again, told) == (code, errors)


def test_what_only_one_of_them_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An identifier needs an image, a lockfile needs packages: neither is a fault of the file's form."""
    monkeypatch.chdir(tmp_path)
    write_files(tmp_path, {"a.yml": "conda_file: {dependencies: [python]}\n", "b.yml": "image: x:1\n"})
    assert parse_inputs(["a.yml"], lambda name: Path(name).read_bytes()).conda
    _, [error] = verdict(["hash", "a.yml"], capsys)
    assert error["message"] == "neither `image` nor `build`: an environment needs one of them"
    assert read_definitions(Path("b.yml"), "b.yml")
    _, [error] = verdict(["b.yml"], capsys)
    assert error["message"] == "an Azure ML environment without `conda_file`: there is nothing to lock"


@pytest.mark.parametrize("case", GOOD, ids=lambda case: case.why)
def test_both_read_the_same_packages(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_files(tmp_path, {case.file: case.text, **case.others})
    asked = parse_inputs([case.file], lambda name: Path(name).read_bytes())
    (definition,) = read_definitions(Path(case.file), case.file)
    assert definition.conda is not None
    names = [(entry.pip, item.name) for entry, item in iter_items(definition.conda)]
    assert names == [(False, item.name) for item in asked.conda] + [(True, item.name) for item in asked.pypi]
    places = [str(definition.conda_origin(*entry.path)) for entry, _ in iter_items(definition.conda)]
    if "condaFile" not in case.text:  # text inside JSON has no lines of its own
        assert places == [str(item.origin) for item in (*asked.conda, *asked.pypi)]
