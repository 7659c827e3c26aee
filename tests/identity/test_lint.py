"""What the lint says of definitions and contexts."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from lockfiles.identity.lint.registry import LINT, lint, lint_report
from lockfiles.identity.read.reading import read_definitions
from lockfiles.rules import every_rule
from resolver.model.findings import Finding, Severity, sort_findings, worst_severity
from tests.identity.vectors import write_files

FACTS = {rule.id: rule.fact for rule in LINT.all()}
PINNED = "dependencies: [python=3.11.9, pip==24.0, {pip: [azureml-defaults==1.57.0]}]\n"
DIGEST = "sha256:" + "ab" * 32
IMAGE = f"image: registry.example.org/base:1@{DIGEST}\n"


@dataclass(frozen=True, kw_only=True)
class Case:
    why: str
    files: dict[str, str | None]
    expected: list[tuple[str, str, str]] = field(default_factory=list)  # rule, severity, place
    read: str = "environment.yml"
    inference: bool = False


def environment(text: str, conda: str = PINNED) -> dict[str, str | None]:
    """Return an environment file, named where the text doesn't name it, and its conda file."""
    return {"environment.yml": text if "name:" in text else f"{text}name: x\n", "conda.yml": conda}


def v1_definition(dockerfile: str, **python: object) -> dict[str, str | None]:
    """Return a definition of the first SDK with a base Dockerfile, and its conda file."""
    data = {
        "name": "x",
        "version": "1",
        "python": {"condaDependenciesFile": "conda_dependencies.yml", **python},
        "docker": {"baseImage": None, "baseDockerfile": dockerfile},
    }
    return {"azureml_environment.json": json.dumps(data), "conda_dependencies.yml": PINNED}


CASES = [
    Case(why="nothing to say", files=environment(IMAGE + "conda_file: conda.yml\n")),
    Case(
        why="unpinned and partly pinned packages",
        files=environment(
            IMAGE + "conda_file: conda.yml\n",
            "dependencies:\n  - python=3.10\n  - numpy\n  - scipy>=1.2\n  - pip==24.0\n"
            "  - pip:\n    - rich\n",
        ),
        expected=[
            ("azureml/unpinned-package", "warning", "conda.yml:3:5"),
            ("azureml/unpinned-package", "warning", "conda.yml:4:5"),
            ("azureml/unpinned-package", "warning", "conda.yml:7:7"),
            ("azureml/partly-pinned", "note", "conda.yml:2:5"),
        ],
    ),
    Case(
        why="wheels and sdists are named with their version",
        files=environment(
            IMAGE + "conda_file: conda.yml\n",
            "dependencies:\n  - python=3.11.9\n  - pip==24.0\n  - pip:\n"
            "    - https://example.org/my_custom-0.1-py3-none-any.whl\n"
            "    - https://example.org/my_custom-0.1.tar.gz#egg=x\n"
            "    - six @ https://example.org/six-1.0.zip\n"
            f"    - six @ git+https://example.org/six@{'ab' * 20}\n"
            "    - six @ git+https://example.org/six@main\n"
            "    - https://example.org/archive/main.zip\n",
        ),
        expected=[
            ("azureml/unpinned-package", "warning", "conda.yml:9:7"),
            ("azureml/unpinned-package", "warning", "conda.yml:10:7"),
        ],
    ),
    Case(
        why="a file without a name",
        files={"environment.yml": IMAGE},
        expected=[("azureml/name-missing", "warning", "environment.yml:1:1")],
    ),
    Case(
        why="fields without a value",
        files=environment("name: x\ndescription:\ntags:\n" + IMAGE),
        expected=[
            ("azureml/empty-field", "error", "environment.yml:2:13"),
            ("azureml/empty-field", "error", "environment.yml:3:6"),
        ],
    ),
    Case(
        why="inside a job a name may be empty, a description not",
        files={"job.yml": f"command: x\nenvironment:\n  name:\n  version:\n  description:\n  {IMAGE}"},
        read="job.yml",
        expected=[("azureml/empty-field", "error", "job.yml:5:15")],
    ),
    Case(
        why="properties, in a file and inside a job",
        files={"job.yml": f"command: x\nenvironment:\n  properties: {{a: b}}\n  {IMAGE}"},
        read="job.yml",
        expected=[("azureml/refused-field", "error", "job.yml:3:15")],
    ),
    Case(
        why="a tag that is called by a number",
        files=environment("tags: {2024: a, b: 1}\n" + IMAGE),
        expected=[("azureml/tag-not-text", "error", "environment.yml:1:7")],
    ),
    Case(
        why="conda in a base Dockerfile",
        files=v1_definition("FROM base:1\nRUN conda install -y numpy\n# RUN pip install x\n"),
        read="azureml_environment.json",
        expected=[("azureml/conda-in-dockerfile", "warning", "azureml_environment.json:1:142")],
    ),
    Case(
        why="pip in a base Dockerfile that is named by its path",
        files={
            **v1_definition("./BaseDockerfile"),
            "BaseDockerfile": "FROM a:1\nRUN python3 -m pip install x\n",
        },
        read="azureml_environment.json",
        expected=[("azureml/conda-in-dockerfile", "warning", "azureml_environment.json:1:142")],
    ),
    Case(
        why="files of requirements and projects of this machine",
        files=environment(
            "conda_file:\n  dependencies:\n    - python=3.10.14\n    - pip==24.0\n    - pip:\n"
            "        - -r requirements.txt\n        - -e .\n        - -cpins.txt\n        - .\n"
            f"        - --find-links wheels\n        - -e git+https://h.example/a.git@{'0123456789' * 4}\n"
            f"        - -r https://h.example/r.txt\n        - --pre\n        - -f https://h.example/w\n{IMAGE}"
        ),
        expected=[("azureml/local-path", "error", f"environment.yml:{line}:11") for line in range(6, 11)],
    ),
    Case(
        why="a base Dockerfile whose own Python is used",
        files=v1_definition("FROM base:1\nRUN conda install -y numpy\n", userManagedDependencies=True),
        read="azureml_environment.json",
    ),
    Case(
        why="a base image without a tag",
        files=environment("image: registry.example.org/base\nconda_file: conda.yml\n"),
        expected=[("azureml/unpinned-image", "warning", "environment.yml:1:8")],
    ),
    Case(
        why="latest",
        files=environment("image: registry.example.org/base:latest\nconda_file: conda.yml\n"),
        expected=[("azureml/unpinned-image", "warning", "environment.yml:1:8")],
    ),
    Case(
        why="a tag without a digest",
        files=environment("image: registry.example.org:5000/base:20250101.v1\nconda_file: conda.yml\n"),
        expected=[("azureml/image-tag-moves", "note", "environment.yml:1:8")],
    ),
    Case(
        why="conda dependencies on a build environment",
        files={
            **environment("build: {path: context}\nconda_file: conda.yml\n"),
            "context/Dockerfile": f"FROM base@{DIGEST}\n",
        },
        expected=[("azureml/conda-ignored", "error", "environment.yml:2:13")],
    ),
    Case(
        why="an inline environment with a name and version",
        files={"job.yml": f"command: x\nenvironment:\n  name: sklearn\n  version: 3\n  {IMAGE}"},
        read="job.yml",
        expected=[("azureml/inline-name", "warning", "job.yml:3:9")],
    ),
    Case(
        why="a reserved prefix",
        files=environment("name: AzureML-mine\n" + IMAGE),
        expected=[("azureml/reserved-name", "error", "environment.yml:1:7")],
    ),
    Case(
        why="a dockerignore that isn't honoured, and a Dockerfile's base",
        files={
            "context/Dockerfile": "# the base\n\nFROM base:latest AS build\nRUN x\nFROM build\n",
            "context/.dockerignore": "*.log\n",
        },
        read="context",
        expected=[
            ("azureml/dockerignore", "warning", "context/.dockerignore"),
            ("azureml/unpinned-image", "warning", "context/Dockerfile:3:6"),
        ],
    ),
    Case(
        why="names and contents that run into each other",
        files={"context/Dockerfile": f"FROM base@{DIGEST}\n", "context/a": "bc"},
        read="context",
        expected=[("azureml/context-collision", "note", "context")],
    ),
    Case(
        why="names that differ in case only",
        files={"context/Dockerfile": f"FROM base@{DIGEST}\n", "context/a.txt": "1\n", "context/A.txt": "2\n"},
        read="context",
        expected=[("azureml/context-case", "warning", "context")],
    ),
    Case(
        why="two files of one base name",
        files={
            "context/Dockerfile": f"FROM base@{DIGEST}\n",
            "context/a/x.py": "1\n",
            "context/b/x.py": "2\n",
        },
        read="context",
        expected=[("azureml/same-base-name", "note", "context")],
    ),
    Case(
        why="serving without the inference server",
        files=environment(IMAGE + "conda_file: conda.yml\n", "dependencies: [python=3.11.9]\n"),
        inference=True,
        expected=[("azureml/inference-defaults", "warning", "conda.yml:1:15")],
    ),
    Case(
        why="an inference configuration says that it is for serving",
        files=environment(
            IMAGE
            + "conda_file: conda.yml\ninference_config:\n"
            + "".join(f"  {r}_route: {{path: /, port: 1}}\n" for r in ("liveness", "readiness", "scoring")),
            "dependencies: [python=3.11.9]\n",
        ),
        expected=[("azureml/inference-defaults", "warning", "conda.yml:1:15")],
    ),
    Case(
        why="wheels and folders of this machine",
        files=environment(
            IMAGE + "conda_file: conda.yml\n",
            "dependencies:\n- pip==24.0\n- pip:\n  - ./own-1.0-py3-none-any.whl\n  - -e ../lib\n"
            "  - own @ file:///home/me/own.whl\n  - fine @ https://x.example.org/fine-1.0-py3-none-any.whl\n",
        ),
        expected=[
            ("azureml/local-path", "error", "conda.yml:4:5"),
            ("azureml/local-path", "error", "conda.yml:5:5"),
            ("azureml/local-path", "error", "conda.yml:6:5"),
        ],
    ),
    Case(
        why="a pip section without pip",
        files=environment(
            IMAGE + "conda_file: conda.yml\n", "dependencies: [python=3.11.9, {pip: [a==1.0]}]\n"
        ),
        expected=[("azureml/conda-without-pip", "note", "conda.yml:1:15")],
    ),
    Case(
        why="a number where a package belongs",
        files=environment(IMAGE + "conda_file: conda.yml\n", "dependencies: [python=3.11.9, 3.10]\n"),
        expected=[
            ("azureml/number-item", "error", "conda.yml:1:31"),
            ("azureml/unpinned-package", "warning", "conda.yml:1:31"),
        ],
    ),
    Case(
        why="credentials in an index and a variable",
        files=environment(
            IMAGE + "conda_file: conda.yml\n",
            "dependencies:\n- pip==24.0\n- pip:\n  - --index-url https://me:planted@feed.example.org/simple\n"
            "  - a==1.0\nvariables:\n  API_TOKEN: planted\n  MODE: fast\n",
        ),
        expected=[
            ("azureml/secret", "error", "conda.yml:4:5"),
            ("azureml/secret", "error", "conda.yml:7:14"),
        ],
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.why)
def test_findings(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_files(tmp_path, case.files)
    (definition,) = read_definitions(Path(case.read), case.read)
    findings = lint(definition, inference=case.inference)
    assert [(f.rule, f.severity.value, str(f.origin)) for f in findings] == case.expected
    for finding in findings:
        assert finding.fact is FACTS[finding.rule]
        assert finding.fix
        assert "planted" not in str(finding.to_json())


def test_every_rule_is_met_by_a_case() -> None:
    met = {rule for case in CASES for rule, _, _ in case.expected}
    assert met == set(FACTS)


def test_finding_as_json(tmp_path: Path) -> None:
    write_files(tmp_path, {"environment.yml": "name: AzureML-mine\n" + IMAGE})
    (definition,) = read_definitions(tmp_path / "environment.yml", "environment.yml")
    (finding,) = lint(definition)
    assert finding.fact is not None
    assert finding.fact is FACTS[finding.rule]
    assert finding.to_json() == {
        "rule": "azureml/reserved-name",
        "severity": "error",
        "message": "the name `AzureML-mine` begins with a reserved word",
        "evidence": [],
        "fact": finding.fact.to_json(),
        "fix": "Choose a name that doesn't begin with `AzureML` or `Microsoft`.",
        "origin": {"file": "environment.yml", "line": 1, "column": 7},
    }


def test_every_rule_has_a_fact_an_explanation_and_an_id_of_its_own() -> None:
    for rule in LINT.all():
        assert rule.fact is not None, rule.id
        assert rule.explanation, rule.id
    ids = [rule.id for rule in every_rule()]
    assert len(ids) == len(set(ids))


def test_a_silenced_rule_keeps_its_finding_and_reason(tmp_path: Path) -> None:
    write_files(tmp_path, {"environment.yml": "name: AzureML-mine\n" + IMAGE})
    (definition,) = read_definitions(tmp_path / "environment.yml", "environment.yml")
    report = lint_report(definition, silence={"azureml/reserved-name": "ours"})
    assert report.findings == ()
    assert [(finding.rule, reason) for finding, reason in report.silenced] == [
        ("azureml/reserved-name", "ours")
    ]


def test_worst_first() -> None:
    made = [
        Finding(rule=rule, severity=severity, message="m")
        for rule, severity in (
            ("b", Severity.NOTE),
            ("a", Severity.NOTE),
            ("c", Severity.ERROR),
            ("d", Severity.WARNING),
        )
    ]
    assert [finding.rule for finding in sort_findings(made)] == ["c", "d", "a", "b"]
    assert worst_severity(made) is Severity.ERROR
    assert worst_severity([]) is None


INSTALLING = {
    "RUN pip install x": ["pip install"],
    "RUN pip3.11 --no-cache-dir -q install x": ["pip3.11 --no-cache-dir -q install"],
    "RUN apt-get update && \\\n    # the packages\n    pip \\\n    install x": ["pip install"],
    "RUN ENV=1 /opt/conda/bin/pip install x": ["pip install"],
    "RUN uv pip install x": ["pip install"],
    "RUN python3 -I -m pip install x": ["python3 -I -m pip install"],
    'RUN ["pip", "install", "x"]': ["pip install"],
    'RUN ["/opt/conda/bin/conda", "install", "-y", "x"]': ["conda install"],
    "RUN <<EOF\nset -e\npip install x\nEOF\nRUN true": ["pip install"],
    "RUN conda env create -f e.yml\nRUN mamba -y install x": ["conda env create", "mamba -y install"],
    "RUN --mount=type=cache,target=/root/.cache pip install x": ["pip install"],
    "RUN conda run -n a pip install x": ["pip install"],
    "RUN apt-get install -y python3-pip install-info": [],
    "RUN apt-get install -y python3-pip": [],
    "LABEL use='pip install x'": [],
    "RUN true  # none\n# RUN pip install x\nCOPY pip install /opt/": [],
    "RUN pip-compile && pip download x && conda clean -a": [],
    "ENTRYPOINT [\"pip\", \"install\", \"x\"]": [],
}  # fmt: skip


@pytest.mark.parametrize(("text", "calls"), INSTALLING.items())
def test_installing_in_a_base_dockerfile(text: str, calls: list[str], tmp_path: Path) -> None:
    write_files(tmp_path, v1_definition(f"FROM base@{DIGEST}\n{text}\n"))
    (definition,) = read_definitions(tmp_path / "azureml_environment.json")
    found = [one for one in lint(definition) if one.rule == "azureml/conda-in-dockerfile"]
    assert [one.message.split("`")[1] for one in found] == calls
