"""Makers' repositories are compared with the tables of facts: a clone of three small ones, made here."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest

from resolver.checks import facts
from scripts.propose_facts import compare_clone, compare_conda_code, ranges_without_builds
from scripts.repository_facts import (
    SOURCES,
    Clone,
    say_environments,
    say_flash_attn,
    say_image_requirements,
    say_images,
    say_vm_sizes,
)

ENVIRONMENT = "assets/training/environments"
DOCKERFILE = """\
FROM mcr.example.org/azureml/openmpi5.0-ubuntu24.04:{{latest-image-tag}}
# numpy==9.9 was here
RUN pip install 'torch==2.10.0+cu126' "tensorflow[and-cuda]==2.16.2" && \\
    pip install scikit-learn~=1.5.1
"""


def _git(folder: Path, *arguments: str) -> None:
    names = ("-c", "user.name=Tester", "-c", "user.email=tester@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(
        ["git", "-C", str(folder), *names, *arguments], check=True, capture_output=True, timeout=60
    )


def _commit(folder: Path, files: Mapping[str, str | None], *, tag: str | None = None, why: str = "x") -> None:
    """Write (None: delete) files and commit them."""
    if not (folder / ".git").exists():
        folder.mkdir(parents=True, exist_ok=True)
        _git(folder, "init", "--quiet", "--initial-branch=main")
    for name, text in files.items():
        path = folder / name
        if text is None:
            path.unlink()
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    _git(folder, "add", "--all")
    _git(folder, "commit", "--quiet", "--message", why)
    if tag:
        _git(folder, "tag", tag)


@pytest.fixture
def environments(tmp_path: Path) -> Clone:
    """Return a clone with one environment in the sources and one that was deleted."""
    folder = tmp_path / "assets"
    old = f"{ENVIRONMENT}/old"
    _commit(
        folder,
        {
            f"{old}/asset.yaml": "name: AzureML-old-cpu\ntype: environment\n",
            f"{old}/context/Dockerfile": "FROM ubuntu:20.04\n",
            f"{old}/context/conda_dependencies.yaml": "dependencies:\n- python=3.8\n- numpy>=1.10,<1.20\n",
            f"{ENVIRONMENT}/other/asset.yaml": "name: a-component\ntype: component\n",
            "test/resources/environment/good/asset.yaml": "name: a-trial\ntype: environment\n",
            "test/resources/environment/gone/asset.yaml": "name: a-gone-trial\ntype: environment\n",
        },
    )
    _commit(
        folder,
        {
            f"{old}/asset.yaml": None,
            "test/resources/environment/gone/asset.yaml": None,
            f"{ENVIRONMENT}/new/asset.yaml": "name: new-gpu\ntype: environment\n",
            f"{ENVIRONMENT}/new/context/Dockerfile": DOCKERFILE,
            f"{ENVIRONMENT}/new/context/tool.py": "# numpy==1.0\n",
        },
    )
    return Clone(folder)


def test_environments_are_read_with_the_deleted_ones(environments: Clone) -> None:
    new, old = say_environments(environments)
    assert (new["name"], new["current"], new["base"]) == (
        "new-gpu", True, "mcr.example.org/azureml/openmpi5.0-ubuntu24.04",
    )  # fmt: skip
    assert new["pins"] == {
        "scikit-learn": ["~=1.5.1"],
        "tensorflow": ["==2.16.2"],
        "torch": ["==2.10.0+cu126"],
    }
    assert (old["name"], old["current"], old["base"]) == ("old-cpu", False, "ubuntu:20.04")
    assert old["pins"] == {"numpy": [">=1.10,<1.20"], "python": ["=3.8"]}


def test_what_was_brought_back_by_mistake_stays_as_it_was_deleted(tmp_path: Path) -> None:
    folder, path = tmp_path / "assets", f"{ENVIRONMENT}/old"
    states = (
        ("FROM ubuntu:20.04\n", "adds it"),
        (None, "Remove old-cpu"),
        ("FROM ubuntu:99.04\n", "a merge of something else"),
        (None, 'Revert "a merge of something else"'),
    )
    for dockerfile, why in states:
        asset = "name: old-cpu\ntype: environment\n" if dockerfile else None
        _commit(folder, {f"{path}/asset.yaml": asset, f"{path}/context/Dockerfile": dockerfile}, why=why)
    [said] = say_environments(Clone(folder))
    assert (said["base"], said["current"]) == ("ubuntu:20.04", False)


def test_of_folders_with_one_name_the_one_that_was_deleted_last_counts(tmp_path: Path) -> None:
    folder, asset = tmp_path / "assets", "type: environment\n"
    early, late = "a/environments/AzureML-old-cpu", "b/environments/old-cpu"
    states: tuple[dict[str, str | None], ...] = (
        {
            f"{early}/asset.yaml": f"name: AzureML-old-cpu\n{asset}",
            f"{early}/context/Dockerfile": "FROM a:1\n",
        },
        {f"{early}/asset.yaml": None, f"{early}/context/Dockerfile": None},
        {f"{late}/asset.yaml": f"name: old-cpu\n{asset}", f"{late}/context/Dockerfile": "FROM b:1\n"},
        {f"{late}/asset.yaml": None, f"{late}/context/Dockerfile": None},
    )
    for files in states:
        _commit(folder, files)
    [said] = say_environments(Clone(folder))
    assert (said["folder"], said["base"]) == (late, "b:1")


def _image(cuda: str, *branches: int) -> str:
    """Return a Dockerfile as NVIDIA writes it, whose image for x86_64 lists these branches."""
    listed = " ".join(f"brand=tesla,driver>={low},driver<{low + 1}" for low in branches)
    return (
        f'FROM base as base-amd64\nENV NVIDIA_REQUIRE_CUDA "cuda>={cuda} {listed}"\n'
        f'FROM base as base-arm64\nENV NVIDIA_REQUIRE_CUDA "cuda>={cuda}"\n'
    )


def test_what_images_ask_of_the_driver_is_read_with_earlier_builds(tmp_path: Path) -> None:
    folder, old, new = tmp_path / "cuda", "dist/12.1.0/ubuntu2204/base", "dist/12.1.1/ubuntu2204/base"
    other = "dist/12.1.0/ubuntu18.04-ppc64le/base"
    earlier = {f"{old}/Dockerfile": _image("12.1", 450, 470, 510), f"{other}/Dockerfile": _image("12.1")}
    _commit(folder, earlier)
    _commit(
        folder,
        {
            f"{old}/Dockerfile": None,
            f"{other}/Dockerfile": None,
            f"dist/end-of-life/{old.removeprefix('dist/')}/Dockerfile": _image("12.1", 470, 525),
            f"{new}/Dockerfile": _image("12.1", 470, 525, 530),
            f"{new.replace('base', 'devel')}/Dockerfile": _image("12.1"),
            "dist/13.0.0/ubuntu2404/base/Dockerfile": _image("13.0", 535).replace(' "', '="'),
        },
    )
    newest, older = say_image_requirements(Clone(folder))
    assert newest == {"cuda": "13.0", "branches": {"tesla": [535]}}
    assert older == {
        "cuda": "12.1",
        "branches": {"tesla": [470]},  # 525 isn't listed by the first build, nor anything by other machines'
        "sometimes": {"tesla": [450, 510, 525, 530]},
    }
    rows = [{**older, "sometimes": {"tesla": [450]}, "certainty": "published"}]
    outcome = compare_clone(Clone(folder), SOURCES["image_requirements"], rows, "2030-01-31")
    assert outcome.differences == (
        '12.1: sometimes: the table says {"tesla": [450]}, the repository {"tesla": [450, 510, 525, 530]}',
    )
    assert [row["cuda"] for row in outcome.proposed] == ["13.0"]
    msgspec.convert(outcome.proposed[0], SOURCES["image_requirements"].row)


def test_what_differs_is_said_and_what_is_new_is_proposed(environments: Clone) -> None:
    rows = [
        {"name": "new-gpu", "current": True, "base": "ubuntu:22.04", "pins": {}, "certainty": "published"}
    ]
    outcome = compare_clone(environments, SOURCES["curated_environments"], rows, "2030-01-31")
    assert outcome.compared == 1
    assert [line.split(":")[1].strip() for line in outcome.differences] == ["pins", "base"]
    [proposed] = outcome.proposed
    assert (proposed["name"], proposed["pins"]["numpy"], proposed["date"]) == (
        "old-cpu", ">=1.10,<1.20", "2030-01-31",
    )  # fmt: skip


def test_base_images_come_from_the_list_and_the_history(tmp_path: Path) -> None:
    old = "base/gpu/openmpi4.1.0-cuda11.3-cudnn8-ubuntu20.04/Dockerfile"
    _commit(tmp_path / "c", {old: "FROM nvidia/cuda:11.3.1-cudnn8-devel-ubuntu20.04\n"})
    table = "| openmpi5.0-cuda12.6-ubuntu24.04 | 24.04 | OpenMPI, CUDA 12.6.3, cuDNN |\n"
    _commit(tmp_path / "c", {old: None, "README.md": table})
    new, gone = say_images(Clone(tmp_path / "c"))
    assert (new["ubuntu"], new["cuda"], new["status"]) == ("24.04", "12.6.3", "supported")
    assert (gone["image"].rsplit("/", 1)[1], gone["cuda"], gone["deprecated"]) == (
        "openmpi4.1.0-cuda11.3-cudnn8-ubuntu20.04", "11.3.1", True,
    )  # fmt: skip


def _workflow(torch: str, cuda: str, *excluded: tuple[str, str]) -> str:
    """Return a workflow whose matrix builds wheels for these; without pairs of torch and CUDA."""
    head = "jobs:\n  setup: {}\n  wheels:\n    strategy:\n      matrix:\n        os: [ubuntu-22.04]\n"
    axes = (
        f"        torch-version: [{torch}]\n        cuda-version: [{cuda}]\n        abi: ['TRUE', 'FALSE']\n"
    )
    rows = "".join(f"        - torch-version: '{t}'\n          cuda-version: '{c}'\n" for t, c in excluded)
    return head + axes + (f"        exclude:\n{rows}" if rows else "")


@pytest.mark.parametrize(
    ("workflow", "torch", "cuda", "nightlies"),
    [
        (
            _workflow("'2.2.0', '2.3.0.dev20240207'", "'11.8.0', '12.2.2'"),
            ["2.2"],
            ["11", "12"],
            {"2.3": ["11", "12"]},
        ),
        pytest.param(
            _workflow("'2.2.0', '2.2.0.dev20231106'", "'11.8.0'"),
            ["2.2"],
            ["11"],
            {},
            id="a nightly beside its release",
        ),
        pytest.param(
            _workflow(
                "'1.12.1', '2.0.1', '2.1.0.dev20230731'",
                "'11.8.0', '12.2.0'",
                ("1.12.1", "12.2.0"),
                ("2.0.1", "12.2.0"),
                ("2.1.0.dev20230731", "11.8.0"),
            ),
            ["1.12", "2.0"],
            ["11"],
            {"2.1": ["12"]},
            id="a CUDA that a nightly alone is built for",
        ),
        pytest.param(
            _workflow("'2.0.1', '2.1.0'", "'11.8.0'", ("2.0.1", "11.8.0")),
            ["2.1"],
            ["11"],
            {},
            id="a torch that is excluded for every CUDA",
        ),
        pytest.param(
            _workflow("'2.9.0', '2.10.0'", "11.8, 12.10", ("2.9.0", "11.8")),
            ["2.9", "2.10"],
            ["11", "12"],
            {},
            id="numbers without quotes",
        ),
    ],
)
def test_wheels_are_those_that_the_matrix_builds(
    tmp_path: Path, workflow: str, torch: list[str], cuda: list[str], nightlies: dict[str, list[str]]
) -> None:
    _commit(tmp_path / "f", {".github/workflows/publish.yml": workflow}, tag="v2.5.7")
    [said] = say_flash_attn(Clone(tmp_path / "f"))
    assert said == {
        "version": "2.5.7",
        "torch": torch,
        "cuda": cuda,
        "nightlies": nightlies,
        "workflow": "v2.5.7",
    }


def test_a_torch_that_lacks_an_included_header_got_no_wheel(tmp_path: Path) -> None:
    files = {
        ".github/workflows/publish.yml": _workflow("'2.1.2', '2.2.2'", "'11.8.0', '12.3.2'"),
        "csrc/flash_attn/src/flash.h": "#include <cuda.h>\n#include <ATen/cuda/PhiloxUtils.cuh> // unpack\n",
    }
    _commit(tmp_path / "f", files, tag="v2.7.1.post2")
    [said] = say_flash_attn(Clone(tmp_path / "f"))
    assert said["torch"] == ["2.2"]


@pytest.mark.parametrize(
    ("day", "versions"), [("2025-04-15", ["2.7.4"]), ("2025-06-14", [])], ids=["its last day", "it is gone"]
)
def test_a_tag_younger_than_its_runner_built_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, day: str, versions: list[str]
) -> None:
    monkeypatch.setenv("GIT_COMMITTER_DATE", f"{day}T12:00:00+00:00")
    workflow = _workflow("'2.6.0'", "'12.9.0'").replace("ubuntu-22.04", "ubuntu-20.04")
    _commit(tmp_path / "f", {".github/workflows/publish.yml": workflow}, tag="v2.7.4")
    assert [said["version"] for said in say_flash_attn(Clone(tmp_path / "f"))] == versions


@pytest.mark.parametrize(
    "workflow", [_workflow("'2.1.0.dev20230731'", "'12.2.0'"), "jobs: {}\n", "", "jobs:\n  a: {steps: []}\n"]
)
def test_a_tag_that_builds_for_no_release_says_nothing(tmp_path: Path, workflow: str) -> None:
    _commit(tmp_path / "f", {".github/workflows/publish.yml": workflow, "x": "x"}, tag="v2.5.7")
    assert list(say_flash_attn(Clone(tmp_path / "f"))) == []


def test_the_command_compares_a_clone(root: Path, tmp_path: Path) -> None:
    workflow = _workflow("'2.9.0'", "'12.9.1'")
    _commit(tmp_path / "f", {".github/workflows/publish.yml": workflow}, tag="v2.99.0")
    clone = f"Dao-AILab/flash-attention={tmp_path / 'f'}"
    command = [sys.executable, str(root / "scripts" / "propose_facts.py"), "--clone"]
    done = subprocess.run([*command, clone], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 5, done.stderr
    assert "1 rows proposed" in done.stdout
    assert '"version": "2.99.0"' in done.stdout
    unknown = subprocess.run([*command, "a/b=c"], capture_output=True, text=True, check=False, timeout=60)
    assert (unknown.returncode, "Azure/azureml-assets" in unknown.stderr) == (2, True)


def test_vm_sizes_come_from_the_pages_of_the_series(tmp_path: Path) -> None:
    head = "| Size Name | Accelerators (Qty.) | Accelerator-Memory (GB) |\n| --- | --- | --- |\n"
    names = "|  Size Name | vCPUs (Qty.) |\n|---|---|\n"
    folder = "articles/virtual-machines/sizes/gpu-accelerated"
    _commit(
        tmp_path / "docs",
        {
            f"{folder}/nca-series.md": (
                f"{names}| Standard_NC9a_T4 | 9 |\n\ntext\n\n{head}| Standard_NC9a_T4 | 1/2 | 16 |\n"
            ),
            f"{folder}/ndb-series.md": (
                f"{head}| Standard_ND40rs_v2 |  | 256 |\n| Standard_ND96isr_H100_v5 | 9 | 1 |\n"
            ),
            f"{folder}/amd-series.md": f"{names}| Standard_NV8as_v4 | 8 |\n",
            f"{folder}/includes/other.md": f"{head}| Standard_NC1 | 1 | 1 |\n",
        },
    )
    clone = Clone(tmp_path / "docs")
    assert list(say_vm_sizes(clone)) == [
        {"size": "Standard_NC9a_T4", "page": "nca-series.md", "gpus": "1/2"},
        {"size": "Standard_ND40rs_v2", "page": "ndb-series.md"},
        {"size": "Standard_ND96isr_H100_v5", "page": "ndb-series.md", "gpus": "9"},
    ]
    rows = [
        {"size": "Standard_ND96isr_H100_v5", "gpus": "8", "certainty": "published"},
        {"size": "Standard_Gone", "certainty": "published"},
        {"size": "Standard_Old", "certainty": "quoted"},
    ]
    outcome = compare_clone(clone, SOURCES["vm_sizes"], rows, "2030-01-31")
    assert [line.split(": ", 1)[0] for line in outcome.differences] == ["Standard_ND96isr_H100_v5"]
    assert [row["size"] for row in outcome.proposed] == ["Standard_NC9a_T4", "Standard_ND40rs_v2"]
    assert (outcome.unread, outcome.by_hand) == (("Standard_Gone",), 1)


BUILD_SCRIPT = """\
if [[ -n "$build_with_cuda" ]]; then
    export TORCH_CUDA_ARCH_LIST="3.7+PTX;5.0"
    if [[ $CUDA_VERSION == 10* ]]; then
        export TORCH_CUDA_ARCH_LIST="$TORCH_CUDA_ARCH_LIST;6.0"
    elif [[ $CUDA_VERSION == 12.1* || $CUDA_VERSION == 12.4* ]]; then
        TORCH_CUDA_ARCH_LIST="5.0;9.0"
    fi
    if [[ -n "$OVERRIDE_TORCH_CUDA_ARCH_LIST" ]]; then
        TORCH_CUDA_ARCH_LIST="$OVERRIDE_TORCH_CUDA_ARCH_LIST"
    fi
"""
OLD, NEW = {"first": "2.0", "last": "2.1", "cuda": "10.2"}, {"first": "2.1", "last": "2.1", "cuda": "12.4"}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({**OLD, "sass": ["3.7", "5.0", "6.0"], "ptx": ["3.7"]}, []),
        ({**OLD, "sass": ["3.7", "5.0", "6.0"]}, ["ptx: the table says nothing, the script 3.7"]),
        ({**OLD, "sass": ["5.0"], "ptx": ["3.7"]}, ["sass: the table says 5.0, the script 3.7 5.0 6.0"]),
        ({**NEW, "sass": ["5.0", "9.0"]}, []),
        ({**NEW, "sass": ["5.0", "9.0"], "ptx": ["9.0"]}, ["ptx: the table says 9.0, the script nothing"]),
        ({**NEW, "first": "2.2", "last": "2.3"}, None),
        ({**OLD, "cuda": "11.0"}, None),
        ({**OLD, "channel": "pypi"}, None),
    ],
)
def test_code_of_conda_builds_comes_from_the_build_script(
    tmp_path: Path, row: dict[str, object], said: list[str] | None
) -> None:
    _commit(tmp_path / "b", {"conda/pytorch-nightly/build.sh": BUILD_SCRIPT})
    _git(tmp_path / "b", "branch", "release/2.1")
    _git(tmp_path / "b", "branch", "someone/release/2.2")
    outcome = compare_conda_code(Clone(tmp_path / "b"), [{"channel": "pytorch", **row}])
    assert (outcome.compared, outcome.by_hand) == ((0, 1) if said is None else (1, 0))
    assert [line.split(": ", 1)[1] for line in outcome.differences] == (said or [])


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ({"first": "2.0", "last": "2.1", "cuda": "11.8"}, 0),
        ({"first": "2.0", "last": "2.1", "cuda": "11.7"}, 1),
        ({"first": "2.0", "last": "2.2", "cuda": "11.7"}, 1),
        ({"first": "1.9", "last": "2.2", "cuda": "9.2"}, 2),
        ({"first": "2.0", "last": "2.1", "cuda": "11.7", "channel": "pytorch"}, 0),
        ({"first": "2.0", "last": "2.1", "cuda": "11.7", "platform": "linux-aarch64"}, 0),
        ({"first": "2.0", "last": "2.1", "cuda": "11.7", "disputed": "a page says so"}, 0),
    ],
)
def test_a_range_covers_what_each_of_its_releases_was_built_for(row: dict[str, str], found: int) -> None:
    releases = [
        {"version": "2.0.1", "matrix": {"variants": ["11.7", "11.8"]}},
        {"version": "2.1.0", "matrix": {"variants": ["11.8"]}},
        {"version": "2.2.0", "matrix": {}},
    ]
    assert len(list(ranges_without_builds([{"channel": "pypi", **row}], releases))) == found


def test_the_ranges_of_the_tables_are_no_unions() -> None:
    rows = [
        json.loads(msgspec.json.encode(facts.table(row).rows))
        for row in (facts.TorchArch, facts.TorchRelease)
    ]
    assert list(ranges_without_builds(*rows)) == []
