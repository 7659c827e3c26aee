"""Makers' repositories are compared with the tables of facts: a clone of three small ones, made here."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from scripts.propose_facts import compare_clone
from scripts.repository_facts import (
    SOURCES,
    Clone,
    say_environments,
    say_flash_attn,
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


def _commit(folder: Path, files: Mapping[str, str | None], *, tag: str | None = None) -> None:
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
    _git(folder, "commit", "--quiet", "--message", "x")
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
        },
    )
    _commit(
        folder,
        {
            f"{old}/asset.yaml": None,
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


def test_nightlies_of_torch_serve_no_release(tmp_path: Path) -> None:
    workflow = "torch-version: ['2.2.0', '2.3.0.dev20240207']\n  cuda-version: ['11.8.0', '12.2.2']\n"
    _commit(tmp_path / "f", {".github/workflows/publish.yml": workflow}, tag="v2.5.7")
    [said] = say_flash_attn(Clone(tmp_path / "f"))
    assert (said["version"], said["torch"], said["cuda"]) == ("2.5.7", ["2.2"], ["11", "12"])


def test_the_command_compares_a_clone(root: Path, tmp_path: Path) -> None:
    workflow = "torch-version: ['2.9.0']\n  cuda-version: ['12.9.1']\n"
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
