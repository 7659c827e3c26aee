"""What is read, and the one clear message for each mistake."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from lockfiles.identity.definition import DefinitionKind
from lockfiles.identity.read.reading import ReadOptions, read_definitions
from resolver.errors import InputError, InputErrors
from tests.identity.vectors import write_files

CONDA = "channels: [conda-forge]\ndependencies:\n  - python=3.10\n"


@dataclass(frozen=True, kw_only=True)
class Case:
    why: str
    files: dict[str, str | None]
    read: str
    message: str
    hint: str | None = None
    options: ReadOptions = field(default_factory=ReadOptions)


MISTAKES = [
    Case(
        why="a missing file",
        files={},
        read="environment.yml",
        message="environment.yml: no such file",
    ),
    Case(
        why="a conda file where an environment file belongs",
        files={"conda.yml": CONDA},
        read="conda.yml",
        options=ReadOptions(kind=DefinitionKind.AZUREML_V2),
        message="conda.yml:1:1: a conda file stands where an environment file belongs "
        "(it has `channels` or `dependencies`)",
        hint="Write a file with `image: ...` and `conda_file: this_file.yml`, and give that one.",
    ),
    Case(
        why="conda keys beside an image",
        files={"environment.yml": "image: x:1\n" + CONDA},
        read="environment.yml",
        message="environment.yml:1:1: a conda file stands where an environment file belongs "
        "(it has `channels` or `dependencies`)",
        hint="Write a file with `image: ...` and `conda_file: this_file.yml`, and give that one.",
    ),
    Case(
        why="a conda file inline in a job",
        files={"job.yml": "command: echo\nenvironment:\n  dependencies: [python]\n"},
        read="job.yml",
        message="job.yml:3:3: a conda file stands where an environment file belongs "
        "(it has `channels` or `dependencies`)",
        hint="Write a file with `image: ...` and `conda_file: this_file.yml`, and give that one.",
    ),
    Case(
        why="image and build",
        files={"environment.yml": "image: x:1\nbuild:\n  path: .\n", "Dockerfile": "FROM x\n"},
        read="environment.yml",
        message="environment.yml:3:3: both `image` and `build`: an environment has exactly one of them",
        hint="Name the base image in the Dockerfile's `FROM`, or drop `build`.",
    ),
    Case(
        why="neither image nor build",
        files={"environment.yml": "name: a\nconda_file: conda.yml\n", "conda.yml": CONDA},
        read="environment.yml",
        message="environment.yml:1:1: neither `image` nor `build`: an environment needs one of them",
    ),
    Case(
        why="the conda file is missing",
        files={"environment.yml": "image: x:1\nconda_file: conda.yaml\n"},
        read="environment.yml",
        message="environment.yml:2:13: `conda_file` names `conda.yaml`, which doesn't exist",
        hint="The path is relative to the environment file.",
    ),
    Case(
        why="the build context is missing",
        files={"environment.yml": "build:\n  path: context\n"},
        read="environment.yml",
        message="environment.yml:2:9: the build context `context` doesn't exist",
    ),
    Case(
        why="the Dockerfile is missing",
        files={"environment.yml": "build:\n  path: context\n", "context": None},
        read="environment.yml",
        message="environment.yml:2:3: no `Dockerfile` in the build context `context`",
        hint="Name it with `dockerfile_path`, relative to the context.",
    ),
    Case(
        why="a misspelled field",
        files={"environment.yml": "image: x:1\nconda_fiel: conda.yml\n"},
        read="environment.yml",
        message="environment.yml:2:13: unknown field `conda_fiel`",
        hint="Did you mean `conda_file`?",
    ),
    Case(
        why="a template",
        files={"environment.yml": "image: x:{{latest-image-tag}}\n"},
        read="environment.yml",
        message="environment.yml:1:10: `{{latest-image-tag}}` is a template placeholder",
        hint="fill the template in first; lock the file that comes out",
    ),
    Case(
        why="broken YAML",
        files={"environment.yml": "image: [x\n"},
        read="environment.yml",
        message="environment.yml:1:8: not YAML: an unclosed `[`",
        hint="close the bracket",
    ),
    Case(
        why="an unsafe tag",
        files={"environment.yml": "image: !!python/object/apply:os.system [echo]\n"},
        read="environment.yml",
        message="environment.yml:1:8: not YAML: could not determine a constructor for the tag "
        "'tag:yaml.org,2002:python/object/apply:os.system'",
    ),
    Case(
        why="a document that holds itself",
        files={"environment.yml": "image: x\ntags: &a {b: *a}\n"},
        read="environment.yml",
        message="environment.yml: aliases (`*name`) make the document too large or endless",
    ),
    Case(
        why="an empty file",
        files={"environment.yml": "# nothing\n"},
        read="environment.yml",
        message="environment.yml: the file is empty: "
        "an environment file has `image`, `build` or `dependencies`",
    ),
    Case(
        why="something else",
        files={"other.yml": "a: 1\n"},
        read="other.yml",
        message="other.yml:1:1: not recognised as an environment",
        hint="A conda file has `dependencies`, an Azure ML file `image` or `build`, a job `environment`.",
    ),
    Case(
        why="a Dockerfile alone",
        files={"Dockerfile": "FROM x\n"},
        read="Dockerfile",
        message="Dockerfile: a Dockerfile alone is no definition: what it copies counts too",
        hint="Give its folder: `.`.",
    ),
    Case(
        why="a folder without a definition",
        files={"folder/environment.yml": CONDA},
        read="folder",
        message="folder: the folder holds neither `Dockerfile` nor `azureml_environment.json`",
        hint="Did you mean `folder/environment.yml`?",
    ),
    Case(
        why="a job without an environment",
        files={"job.yml": "command: echo\ntask: x\n"},
        read="job.yml",
        message="job.yml:1:1: no environment in this job",
        hint="Give the environment's own file, or a job with an `environment:`.",
    ),
    Case(
        why="a job that names an environment in no known way",
        files={"job.yml": "command: echo\nenvironment: sklearn\n"},
        read="job.yml",
        message="job.yml:2:14: `sklearn` is no reference to an environment",
        hint="Write `azureml:NAME:VERSION`, `azureml:NAME@latest`, or the environment itself.",
    ),
    Case(
        why="an environment file where a conda file belongs",
        files={"environment.yml": "image: x:1\nconda_file: other.yml\n", "other.yml": "image: y:1\n"},
        read="environment.yml",
        message="environment.yml:2:13: `conda_file` leads to an environment file, a conda file is needed",
    ),
    Case(
        why="a v1 folder without its conda definition",
        files={
            "azureml_environment.json": '{"name": "a", "python": {}, "docker": {"baseImage": "x:1"}}',
        },
        read=".",
        message="azureml_environment.json:1:25: the conda definition `conda_dependencies.yml` is missing",
        hint="`save_to_directory` writes `conda_dependencies.yml` beside `azureml_environment.json`.",
    ),
]


@pytest.mark.parametrize("case", MISTAKES, ids=lambda case: case.why)
def test_mistake(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_files(tmp_path, case.files)
    with pytest.raises(InputError) as caught:
        read_definitions(Path(case.read), case.read, case.options)
    assert str(caught.value) == case.message
    assert caught.value.hint == case.hint


def test_all_faults_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = "image: x:1\nos_type: beos\ntags: [a]\nnmae: n\nconda_file: gone.yml\n"
    write_files(tmp_path, {"environment.yml": text.replace("nmae: n\n", "")})
    with pytest.raises(InputErrors) as caught:
        read_definitions(Path("environment.yml"))
    assert [error.message for error in caught.value.errors] == [
        "`os_type` is `beos`, it must be `linux` or `windows`",
        "`tags` must be a mapping",
        "`conda_file` names `gone.yml`, which doesn't exist",
    ]


def test_environments_of_a_pipeline(tmp_path: Path) -> None:
    job = (
        "type: pipeline\njobs:\n  prepare:\n    environment: azureml:curated@latest\n"
        "  train:\n    inputs: {x: '${{parent.inputs.x}}'}\n    environment:\n      image: x:1\n"
        "      conda_file: {dependencies: [python]}\n"
    )
    write_files(tmp_path, {"pipeline.yml": job})
    first, second = read_definitions(tmp_path / "pipeline.yml", "pipeline.yml")
    assert (first.label, first.reference) == ("pipeline.yml#jobs.prepare", "azureml:curated@latest")
    assert (second.label, second.image, second.anonymous) == ("pipeline.yml#jobs.train", "x:1", True)
    assert second.conda == {"dependencies": ["python"]}


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    write_files(
        tmp_path,
        {"deep/environment.yml": "image: x:1\nconda_file: ../shared/conda.yml\n", "shared/conda.yml": CONDA},
    )
    (definition,) = read_definitions(tmp_path / "deep" / "environment.yml")
    assert definition.conda is not None
    assert str(definition.conda_origin("dependencies", 0)).endswith("shared/conda.yml:3:5")


def test_v1_base_dockerfile(tmp_path: Path) -> None:
    write_files(
        tmp_path,
        {
            "azureml_environment.json": '{"python": {"userManagedDependencies": true}, "docker": {}}',
            "BaseDockerfile": "FROM x:1\n",
        },
    )
    (definition,) = read_definitions(tmp_path)
    assert (definition.base_dockerfile, definition.image, definition.user_managed) == (
        "FROM x:1\n",
        None,
        True,
    )
