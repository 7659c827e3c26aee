"""Scripts that register environments, read and not run: what the SDKs made of them, and what is refused.

``cases/scripts.json`` is what six releases of azureml-core and azure-ai-ml 1.35.2 made of them. New
random scripts run beside an SDK where ``LOCKSTACK_AZUREML_CORE`` names interpreters that have both::

    uv venv sdk && uv pip install -p sdk/bin/python azureml-core==1.61.0.post4 azure-ai-ml 'setuptools<80' six
    LOCKSTACK_AZUREML_CORE=sdk/bin/python pytest tests/identity/test_scripts.py
"""

# ruff: noqa: S311  # seeded, so that a failure can be repeated

from __future__ import annotations

import json
import os
import random
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lockfiles.cli.main import main
from lockfiles.identity.anonymous import anonymous_version
from lockfiles.identity.definition import DefinitionKind, EnvironmentDefinition
from lockfiles.identity.read.reading import ReadOptions, read_definitions
from lockfiles.identity.sdk_versions import formula_for
from resolver.errors import InputError, InputErrors
from resolver.inputs.file_kinds import is_dockerfile
from tests.identity.conftest import values_of
from tests.identity.sdk_scripts import PROGRAM, random_script
from tests.support.amount import examples

VECTORS = json.loads((Path(__file__).parent / "cases" / "scripts.json").read_text(encoding="utf-8"))
FILES: dict[str, str] = VECTORS["files"]
BASE = "1.61.0.post4"
INTERPRETERS = [text for text in os.environ.get("LOCKSTACK_AZUREML_CORE", "").split(os.pathsep) if text]

V1 = (
    "from azureml.core import Environment, Workspace\n"
    "from azureml.core.conda_dependencies import CondaDependencies\n"
)
V2 = "from azure.ai.ml.entities import BuildContext, Environment\n"


def write(folder: Path, script: str, files: dict[str, str] = FILES) -> Path:
    for name, text in {**files, "reg.py": script}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder / "reg.py"


def read(folder: Path, script: str, **options: Any) -> tuple[EnvironmentDefinition, ...]:
    return read_definitions(write(folder, script), "reg.py", ReadOptions(**options))


def as_the_sdk_says(definition: EnvironmentDefinition, wanted: dict[str, Any]) -> dict[str, Any]:
    """Return what is read in the keys of what an SDK made."""
    found: dict[str, Any] = {"conda": definition.conda}
    if "user_managed" in wanted:
        found |= {
            "image": definition.image,
            "dockerfile": definition.base_dockerfile,
            "name": definition.name,
            "user_managed": definition.user_managed,
            "variables": dict(definition.variables),
        }
    elif "version" in wanted:
        found["image"] = definition.image
        is_hashed = definition.image is not None
        formula = formula_for("1.35.2")
        found["version"] = anonymous_version(definition, formula, from_python=True) if is_hashed else None
        if definition.build is not None:
            found["build"] = [definition.build.path, definition.build.dockerfile_path]
    return found


def assert_same(folder: Path, script: str, version: str, wanted: list[dict[str, Any]] | str) -> None:
    options = {"image": "given:1", "v1_sdk_version": version}
    if isinstance(wanted, str):
        with pytest.raises(InputError):
            read(folder, script, **options)
        return
    found = [
        as_the_sdk_says(definition, one)
        for definition, one in zip(read(folder, script, **options), wanted, strict=True)
    ]
    assert json.dumps(found, sort_keys=False) == json.dumps(
        [{key: one[key] for key in ours} for ours, one in zip(found, wanted, strict=True)]
    )


@pytest.mark.parametrize(
    ("version", "name"),
    [(version, name) for version, made in VECTORS["made"].items() for name in made],
)
def test_as_the_sdk_makes_it(version: str, name: str, tmp_path: Path) -> None:
    assert_same(tmp_path, VECTORS["scripts"][name], version, VECTORS["made"][version][name])


@pytest.mark.slow
@pytest.mark.skipif(not INTERPRETERS, reason="LOCKSTACK_AZUREML_CORE names no interpreter")
@pytest.mark.parametrize("interpreter", INTERPRETERS)
def test_beside_the_sdk(interpreter: str, tmp_path: Path) -> None:
    scripts = {f"{seed:03}": random_script(random.Random(seed)) for seed in range(1000, 1200)}
    for name, script in scripts.items():
        write(tmp_path / "cases" / name, script)
    program = tmp_path / "program.py"
    program.write_text(PROGRAM, encoding="utf-8")
    done = subprocess.run(
        [interpreter, program, tmp_path / "cases"], capture_output=True, text=True, check=True, timeout=600
    )
    made = json.loads(done.stdout)
    for name, script in scripts.items():
        assert_same(tmp_path / "cases" / name, script, made["version"], made["cases"][name])


class Refusal(NamedTuple):
    script: str
    message: str
    line: int


REFUSALS = {
    "image of the surroundings": Refusal(
        V2 + "import os\nIMAGE = os.environ['IMAGE']\nEnvironment(name='a', image=IMAGE)\n",
        "`os.environ['IMAGE']` is known only when the script runs",
        3,
    ),
    "conda file of an argument": Refusal(
        V2 + "def make(path):\n    return Environment(image='x:1', conda_file=path)\n",
        "`path` is known only when the script runs",
        3,
    ),
    "options in a mapping": Refusal(
        V2 + "OPTIONS = {'image': 'x:1'}\nEnvironment(**OPTIONS)\n",
        "`OPTIONS` is known only when the script runs",
        3,
    ),
    "image chosen": Refusal(
        V2 + "import sys\nimage = 'a:1' if sys.argv else 'b:1'\nEnvironment(image=image)\n",
        "`'a:1' if sys.argv else 'b:1'` is known only when the script runs",
        3,
    ),
    "set in a branch": Refusal(
        V1 + "import sys\nimage = 'a:1'\nif sys.argv:\n    image = 'b:1'\n"
        "env = Environment('a')\nenv.docker.base_image = image\n",
        "`image` is known only when the script runs",
        5,
    ),
    "changed in a branch": Refusal(
        V1 + "import sys\nenv = Environment('a')\nif sys.argv:\n    env.docker.base_image = 'b:1'\n",
        "an environment is changed in a branch, a loop or a function: only a run shows whether",
        6,
    ),
    "changed in a function": Refusal(
        V1 + "env = Environment('a')\ndef change():\n    env.docker.base_image = 'b:1'\n",
        "an environment is changed in a branch, a loop or a function: only a run shows whether",
        5,
    ),
    "changed in a loop that may stop": Refusal(
        V1 + "env = Environment('a')\nfor one in ['a', 'b']:\n    if one == 'b':\n        break\n"
        "    env.python.conda_dependencies.add_pip_package(one)\n",
        "an environment is changed in a branch, a loop or a function: only a run shows whether",
        7,
    ),
    "loop over what isn't known": Refusal(
        V1
        + "cd = CondaDependencies()\nfor line in open('requirements.txt'):\n    cd.add_pip_package(line)\n",
        "an environment is changed in a branch, a loop or a function: only a run shows whether",
        5,
    ),
    "handed on": Refusal(
        V1 + "def tune(env):\n    print(env)\nenv = Environment('a')\ntune(env)\n",
        "an environment is handed on: `tune` may change it",
        6,
    ),
    "list changed": Refusal(
        V1 + "names = ['a']\nnames.append('numpy')\nCondaDependencies.create(pip_packages=names)\n",
        "`names.append('numpy')` is known only when the script runs",
        4,
    ),
    "of a function": Refusal(
        V1 + "env = make()\nenv.python.conda_dependencies.add_pip_package('torch')\n",
        "`make().python.conda_dependencies.add_pip_package` is set, of an object that isn't known without "
        "running the script",
        4,
    ),
    "section replaced": Refusal(
        V1 + "env = Environment('a')\nenv.docker = other\n", "a change of `docker` isn't read", 4
    ),
    "option as a package": Refusal(
        V1 + "CondaDependencies().add_pip_package('--pre')\n",
        "`--pre` is an option: the SDK takes it by `set_pip_option`",
        3,
    ),
    "fields by place": Refusal(V2 + "Environment('a', 'x:1')\n", "the SDK takes the fields by name", 2),
    "argument that isn't there": Refusal(
        V2 + "Environment(name='a', docker_image='x:1')\n", "the argument `docker_image` isn't read", 2
    ),
    "conda file missing": Refusal(
        V1 + "Environment.from_conda_specification('a', 'gone.yml')\n", "`gone.yml` doesn't exist", 3
    ),
    "conda file of v2 missing": Refusal(
        V2 + "Environment(name='a', image='x:1', conda_file='gone.yml')\n",
        "`conda_file` names `gone.yml`, which doesn't exist",
        2,
    ),
    "image and context": Refusal(
        V2 + "Environment(name='a', image='x:1', build=BuildContext(path='context'))\n",
        "both `image` and `build`: an environment has exactly one of them",
        2,
    ),
    "neither": Refusal(
        V2 + "Environment(name='a')\n", "neither `image` nor `build`: an environment needs one of them", 2
    ),
    "a registered one": Refusal(
        V1 + "env = Environment.get(Workspace.from_config(), name='shared')\n",
        "the script takes its environment from `shared`",
        3,
    ),
    "a file": Refusal(
        "from azure.ai.ml import load_environment\nenv = load_environment('environment.yml')\n",
        "the script takes its environment from `environment.yml`",
        2,
    ),
    "no Python": Refusal("import (\n", "no Python: invalid syntax", 1),
}


@pytest.mark.parametrize("case", REFUSALS.values(), ids=list(REFUSALS))
def test_refused(case: Refusal, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, case.script)
    error = caught.value.errors[0] if isinstance(caught.value, InputErrors) else caught.value
    assert (error.message, error.origin and error.origin.line) == (case.message, case.line)


def test_every_fault_is_named(tmp_path: Path) -> None:
    script = (
        V1 + "env = Environment('a')\nenv.docker.base_image = image()\nenv.python.conda_dependencies = cd\n"
    )
    with pytest.raises(InputErrors) as caught:
        read(tmp_path, script)
    assert [error.origin and error.origin.line for error in caught.value.errors] == [4, 5]


def test_a_fault_is_named_once(tmp_path: Path) -> None:
    script = V2 + "def make(path):\n    return Environment(name='a', build=BuildContext(path=path))\n"
    with pytest.raises(InputError, match="`path` is known only when the script runs") as caught:
        read(tmp_path, script)
    assert not isinstance(caught.value, InputErrors)


@pytest.mark.parametrize("text", ["", "import os\nprint(os.getcwd())\n", "x = [1]\nx.sort()\n"])
def test_no_environment(text: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no environment is made in this script"):
        read(tmp_path, text)


@pytest.mark.parametrize(
    "text", ["(" * 5000 + ")" * 5000, "x = " + "-" * 5000 + "1", "x = '\0'", "for a in [1]:\n" * 30 + " pass"]
)
def test_hostile(text: str, tmp_path: Path) -> None:
    with pytest.raises(InputError):
        read(tmp_path, text)


DOUBLED = {
    "a text": ("a = 'x'\n", "a = a + a\n", "name=a"),
    "a text, added to itself": ("a = 'x'\n", "a += a\n", "name=a"),
    "a formatted text": ("a = 'x'\n", "a = f'{a}{a}'\n", "name=a"),
    "a path": ("import os\na = 'x'\n", "a = os.path.join(a, a)\n", "name=a"),
    "a list": ("a = ['x']\n", "a = a + a\n", "tags={'t': a}"),
    "lists in a list": ("a = ['x']\n", "a = [a, a]\n", "conda_file={'dependencies': a}"),
    "mappings in a mapping": ("a = {'x': 'y'}\n", "a = {'p': a, 'q': a}\n", "conda_file=a"),
    "a list in itself": ("a = []\n", "a.append(a)\n", "conda_file={'dependencies': a}"),
    "lists within lists": ("a = 'x'\n", "a = [a]\n" * 50, "conda_file={'dependencies': a}"),
    "a number of 20,000 digits": (f"a = 0x{'f' * 5000}\n", "a = f'{a}'\n", "name=a"),
}


@pytest.mark.parametrize("why", DOUBLED)
def test_values_that_double_line_by_line(why: str, tmp_path: Path) -> None:
    begin, step, put = DOUBLED[why]
    script = f"{V2}{begin}{step * 60}Environment(image='x:1', {put})\n"
    try:
        found = read(tmp_path, script)
    except InputError as error:
        words = ("known only when the script runs", "without end", "no Python that can be read")
        assert any(said in str(error) for said in words), str(error)  # noqa: PT017
    else:
        assert len(repr(found)) < 4_000_000


def test_loops_end(tmp_path: Path) -> None:
    loops = "".join(f"{' ' * depth}for x{depth} in [1, 2, 3, 4, 5, 6, 7, 8]:\n" for depth in range(8))
    with pytest.raises(InputError, match="too long to follow"):
        read(tmp_path, f"{loops}{' ' * 8}y = x0\n")


def test_nothing_is_run(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    script = V2 + f"open({str(mark)!r}, 'w').close()\nenv = Environment(name='a', image='x:1')\n"
    assert [one.image for one in read(tmp_path, script)] == ["x:1"]
    assert not mark.exists()


def test_names_needn_t_be_plain(tmp_path: Path) -> None:
    script = V2 + "import os\nEnvironment(name=os.environ['N'], version=n(), image='x:1', tags=tags())\n"
    (definition,) = read(tmp_path, script)
    assert (definition.name, definition.version, definition.image) == (None, None, "x:1")
    assert definition.kind is DefinitionKind.PYTHON


def test_places(tmp_path: Path) -> None:
    script = V2 + (
        "BASE = 'x:1'\n"
        "env = Environment(name='a', image=BASE, conda_file={'dependencies': ['python=3.10',\n"
        "    {'pip': ['torch']}]})\n"
    )
    (definition,) = read(tmp_path, script)
    assert str(definition.origin("image")) == "reg.py:2:8"
    assert str(definition.conda_origin("dependencies", 1, "pip", 0)) == "reg.py:4:14"
    assert str(definition.origin("name")) == "reg.py:3:24"


def test_places_in_an_untouched_conda_file(tmp_path: Path) -> None:
    (definition,) = read(tmp_path, V1 + "env = Environment.from_conda_specification('a', 'conda.yml')\n")
    assert str(definition.conda_origin("dependencies", 0)) == "conda.yml:5:5"


def test_paths_are_those_of_the_script_or_of_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = V2 + "Environment(name='a', image='x:1', conda_file='deploy/conda.yml')\n"
    write(tmp_path / "deploy", script)
    monkeypatch.chdir(tmp_path)
    (definition,) = read_definitions(Path("deploy/reg.py"))
    assert definition.conda == {
        "name": "x",
        "channels": ["conda-forge"],
        "dependencies": ["python=3.10", {"pip": ["torch==2.5.1"]}],
    }


def test_same_identifiers_as_the_file(tmp_path: Path, lock_hash: Callable[..., dict[str, Any]]) -> None:
    script = write(tmp_path, V2 + "Environment(name='a', image='x:1', conda_file='conda.yml')\n")
    (tmp_path / "environment.yml").write_text(
        "name: a\nimage: x:1\nconda_file: conda.yml\n", encoding="utf-8"
    )
    by_call = lock_hash(script)["definitions"][0]
    by_file = lock_hash(tmp_path / "environment.yml")["definitions"][0]
    assert by_call["kind"] == "python"
    for kind in ("v2-anonymous-version", "conda-environment", "content"):
        assert values_of(by_call, kind) == values_of(by_file, kind) != []


def test_findings_point_into_the_script(tmp_path: Path, lock_hash: Callable[..., dict[str, Any]]) -> None:
    script = write(tmp_path, V2 + "Environment(image='x:latest', properties={'a': 'b'})\n")
    findings = lock_hash(script)["definitions"][0]["findings"]
    found = {finding["rule"]: finding for finding in findings}
    assert "azureml/refused-field" not in found  # the SDK's objects have properties
    assert "azureml/name-missing" not in found  # inside a job none is needed
    tag = next(finding for rule, finding in found.items() if "image" in rule)
    assert (tag["origin"]["file"], tag["origin"]["line"]) == (str(script), 2)


def test_several_are_told_apart(tmp_path: Path) -> None:
    script = V2 + "one = Environment(image='x:1')\nEnvironment(image='y:1')\n"
    assert [found.label for found in read(tmp_path, script)] == ["reg.py#one", "reg.py#3"]


def test_a_default_image_that_is_not_known(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has a default image that isn't known"):
        read(tmp_path, V1 + "Environment('a')\n", v1_sdk_version="1.20.0")
    (definition,) = read(tmp_path, V1 + "Environment('a')\n", v1_sdk_version="1.20.0", image="mine:1")
    assert definition.image == "mine:1"


def test_lock_of_a_script(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(write(tmp_path, V2))]) == 2
    error = capsys.readouterr().err
    assert "a Python script isn't run to see what it asks for" in error
    assert "`lock hash` reads the calls of Azure ML's SDK" in error


def test_imports_are_no_dockerfile() -> None:
    assert not is_dockerfile("from a import b\n", "reg")
    assert not is_dockerfile("from a import (b,\n c)\n", "reg")
    assert is_dockerfile("from a\n", "reg")
    assert is_dockerfile("ARG X\nFROM --platform=linux/amd64 a:1 as b\n", "reg")


LINES = [line for script in VECTORS["scripts"].values() for line in script.splitlines()]


@settings(
    max_examples=examples(200), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.sampled_from(LINES), max_size=12))
def test_any_lines_are_read_or_refused(tmp_path: Path, lines: list[str]) -> None:
    try:
        found = read(tmp_path, V1 + V2 + "\n".join(lines) + "\n", image="x:1")
    except InputError:
        return
    assert found
