"""Hooks for pre-commit and the files of examples/recipes: by their schemas, and as they are used."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from resolver.inputs.dockerfile import image_of_dockerfile
from tests.cli.process import Done, environ, lock, make_project


def module(name: str) -> None:
    if importlib.util.find_spec(name) is None:
        pytest.skip(f"`{name}` is absent (dependency group `recipes`)")


@pytest.mark.parametrize(
    ("schema", "file"),
    [
        ("vendor.github-actions", "action.yml"),
        ("vendor.github-workflows", "examples/recipes/workflow.yml"),
        ("vendor.github-workflows", ".github/workflows/tests.yml"),
        ("vendor.github-workflows", ".github/workflows/weekly.yml"),
        ("vendor.renovate", "examples/recipes/renovate.json"),
    ],
)
def test_files_fit_their_schemas(schema: str, file: str, root: Path) -> None:
    module("check_jsonschema")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(root / file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("verb", "file"),
    [
        ("validate-manifest", ".pre-commit-hooks.yaml"),
        ("validate-config", "examples/recipes/pre-commit-config.yaml"),
    ],
)
def test_pre_commit_takes_its_files(verb: str, file: str, root: Path) -> None:
    module("pre_commit")
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", verb, str(root / file)],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def hooks(root: Path) -> dict[str, dict[str, Any]]:
    return {hook["id"]: hook for hook in yaml.safe_load((root / ".pre-commit-hooks.yaml").read_text())}


FILES = [
    ("environment.yml", "lock-fresh"),
    ("envs/train/environment.yaml", "lock-fresh"),
    ("conda-lock.yml", "lock-check"),
    ("envs/train.conda-lock.yml", "lock-check"),
    ("pixi.lock", "lock-check"),
    ("a/uv.lock", "lock-check"),
    ("pylock.toml", "lock-check"),
    ("pylock.dev.toml", "lock-check"),
    ("myenvironment.yml", None),
    ("conda-lock.yml.orig", None),
    ("Cargo.lock", None),
]


@pytest.mark.parametrize(("file", "wanted"), FILES)
def test_which_hook_takes_a_file(file: str, wanted: str | None, hooks: dict[str, dict[str, Any]]) -> None:
    takers = [name for name, hook in hooks.items() if re.search(hook["files"], file)]
    assert takers == ([wanted] if wanted else [])


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two environments with lockfiles, of which the second was changed afterwards."""
    folder = tmp_path_factory.mktemp("two")
    for name in ("a", "b"):
        assert lock(make_project(folder / name), folder=folder).code == 0
    file = folder / "b" / "environment.yml"
    file.write_text(file.read_text().replace("numpy=1.26.4", "numpy=1.26.3"))
    return folder


def run_hook(hook: dict[str, Any], *files: str, folder: Path) -> Done:
    """Call a hook as pre-commit does: its entry, then the files."""
    program, *arguments = hook["entry"].split()
    assert program == "lock"
    return lock(*arguments, *files, folder=folder)


def test_the_hook_looks_at_several_files(two: Path, hooks: dict[str, dict[str, Any]]) -> None:
    done = run_hook(hooks["lock-fresh"], "a/environment.yml", "b/environment.yml", folder=two)
    assert done.code == 5
    assert "2 files, 1 failed" in done.err
    assert "b/environment.yml:10:5" in done.err
    assert run_hook(hooks["lock-fresh"], "a/environment.yml", folder=two).code == 0
    assert run_hook(hooks["lock-check"], "a/conda-lock.yml", "b/conda-lock.yml", folder=two).code == 0


def test_pre_commit_runs_the_hooks(two: Path, hooks: dict[str, dict[str, Any]]) -> None:
    """By pre-commit itself, as local hooks: its way to files and exit codes."""
    module("pre_commit")
    own = [
        {
            **hook,
            "language": "system",
            "entry": f"{sys.executable} -m lockfiles.cli {hook['entry'].partition(' ')[2]}",
        }
        for hook in hooks.values()
    ]
    (two / ".pre-commit-config.yaml").write_text(yaml.safe_dump({"repos": [{"repo": "local", "hooks": own}]}))
    variables = environ(two)
    variables.pop("PYTHONWARNINGS")  # those of pre-commit are its own
    subprocess.run(["git", "init", "-q"], cwd=two, check=True)
    subprocess.run(["git", "add", "a", "b", ".pre-commit-config.yaml"], cwd=two, check=True)
    command = [sys.executable, "-m", "pre_commit", "run", "--all-files", "--color", "never"]
    done = subprocess.run(
        command, cwd=two, env=variables, capture_output=True, text=True, check=False, timeout=120
    )
    lines = done.stdout.splitlines()
    assert done.returncode == 1, done.stdout + done.stderr
    assert [line.rpartition(".")[2] for line in lines if "..." in line] == ["Failed", "Passed"]
    assert "exit code: 5" in done.stdout


def test_renovate_finds_the_pins_of_the_example(root: Path) -> None:
    recipe = json.loads((root / "examples" / "recipes" / "renovate.json").read_text())
    text = (
        root / "examples" / "fraud-train" / "environment.yml"
    ).read_text() + "  - scipy=1.11.*\n  - six=1=py_0\n"
    parsed = yaml.safe_load((root / "examples" / "fraud-train" / "environment.yml").read_text())[
        "dependencies"
    ]
    wanted = {
        "conda": [tuple(line.split("=")) for line in parsed if isinstance(line, str) and "=" in line],
        "pypi": [tuple(line.split("==")) for line in parsed[-1]["pip"]],
    }
    for manager in recipe["customManagers"]:
        (expression,) = manager["matchStrings"]
        assert "(?=" not in expression  # RE2 has no looking ahead
        found = re.findall(expression.replace("(?<", "(?P<"), text)
        assert found == wanted[manager["datasourceTemplate"]]
        (name,) = manager["managerFilePatterns"]
        assert re.search(name.strip("/"), "envs/environment.yml")


@pytest.mark.parametrize(("page", "file"), [(0, "pre-commit-config.yaml"), (2, "workflow.yml")])
def test_the_page_shows_what_the_recipes_have(page: int, file: str, root: Path) -> None:
    shown = yaml.safe_load((root / "docs" / "ci.md").read_text().split("```yaml\n")[page + 1].split("```")[0])
    recipe = yaml.safe_load((root / "examples" / "recipes" / file).read_text())
    assert shown.items() <= recipe.items()


def test_the_image_stands_on_what_the_user_gives_by_digest(root: Path) -> None:
    """Our own reader takes the Dockerfile, and finds the base that the user gives."""
    path = root / "examples" / "recipes" / "azureml.Dockerfile"
    text = path.read_text()
    assert [line.split()[1] for line in text.splitlines() if line.startswith("FROM")] == [
        "${BUILDER}",
        "${BASE}",
    ]
    filled = text.replace("ARG BASE\n", f"ARG BASE=mcr.microsoft.com/azureml/base@sha256:{'0' * 64}\n", 1)
    image = image_of_dockerfile(filled, str(path))
    assert image is not None
    assert image.reference.endswith(f"@sha256:{'0' * 64}")


@pytest.mark.skipif(sys.platform != "linux", reason="the sample's environments are for Linux")
def test_the_commands_of_the_image_do_what_they_should(root: Path, tmp_path: Path) -> None:
    """Without Docker: what its RUN lines ask of `lock`, in a folder with what its COPY line brings."""
    text = (root / "examples" / "recipes" / "azureml.Dockerfile").read_text().replace("\\\n", "")
    commands = re.findall(r"/lockstack/bin/lock ([^&>\n]+)", text)
    assert len(commands) == 2
    assert lock(make_project(tmp_path), folder=tmp_path).code == 0
    for command in commands:
        words = command.replace("/opt/environment", str(tmp_path / "environment")).split()
        done = lock(*words, folder=tmp_path)
        assert done.code == 0, done.err
    assert (tmp_path / "environment" / "conda-meta" / "history").is_file()
    broken = (tmp_path / "environment.yml").read_text().replace("numpy=1.26.4", "numpy=1.26.3")
    (tmp_path / "environment.yml").write_text(broken)
    assert lock(*commands[0].split(), folder=tmp_path).code == 5
