"""Other tools find the examples solvable on the sample: py-rattler the conda part, pip the other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

# In a process of its own, which ends without Python's shutdown: py-rattler's async functions may crash there.
RATTLER = """
import asyncio, json, os, sys
from rattler import (Channel, GenericVirtualPackage, MatchSpec, PackageName, SparseRepoData, Version,
                     solve_with_sparse_repodata)
from rattler.package.build_string import BuildString
job = json.load(sys.stdin)
data = [SparseRepoData(Channel(f"https://conda.example.org/{name}"), subdir,
                       f"{job['root']}/{name}/{subdir}/repodata.json")
        for name in job["channels"] for subdir in (job["subdir"], "noarch")]
facts = [GenericVirtualPackage(PackageName(n), Version(v), BuildString("0")) for n, v in job["facts"].items()]
try:
    found = asyncio.run(solve_with_sparse_repodata(
        specs=[MatchSpec(text) for text in job["specs"]], sparse_repodata=data, virtual_packages=facts))
    print(json.dumps({record.name.normalized: f"{record.version} {record.build}" for record in found}))
except Exception as error:
    print(json.dumps({"error": str(error)}))
sys.stdout.flush()
os._exit(0)
"""

LINUX = {"__unix": "0", "__linux": "5.10", "__glibc": "2.28", "__archspec": "1"}
MAC = {"__unix": "0", "__osx": "14.0", "__archspec": "1"}
CUDA = {"__cuda": "12.4"}


def _environment(root: Path, name: str) -> tuple[list[str], list[str], list[str]]:
    """Return (channels, match specs, pip lines) of an example."""
    data = yaml.safe_load((root / "examples" / name).read_text())
    channels: list[str] = []
    for channel in data["channels"]:
        channels += {"defaults": ["pkgs/main", "pkgs/r"], "nodefaults": []}.get(channel, [channel])
    pip = [line for item in data["dependencies"] if isinstance(item, dict) for line in item["pip"]]
    return channels, [item for item in data["dependencies"] if isinstance(item, str)], pip


def _solve(root: Path, name: str, facts: dict[str, str], subdir: str) -> dict[str, str]:
    channels, specs, _ = _environment(root, name)
    job = {"root": str(root / "examples/sample/conda"), "channels": channels, "specs": specs, "facts": facts,
           "subdir": subdir}  # fmt: skip
    command = [sys.executable, "-c", RATTLER]
    done = subprocess.run(
        command, input=json.dumps(job), capture_output=True, text=True, check=True, timeout=240
    )
    found: dict[str, str] = json.loads(done.stdout)
    return found


FRAUD = {"numpy": "1.26.4 py311", "shap": "0.45.1 ", "lightgbm": "4.3.0 "}
GPU = {"pytorch": "2.3.1 py3.11_cuda12.1", "cudnn": "8.9"}


@pytest.mark.parametrize(("name", "subdir", "facts", "holds"), [
    ("fraud-train/environment.yml", "linux-64", LINUX, FRAUD),
    ("fraud-train/environment.yml", "osx-arm64", MAC, FRAUD),
    ("gpu-train/environment.yml", "linux-64", LINUX | CUDA, GPU),
    ("gpu-train/environment-conda-forge.yml", "linux-64", LINUX | CUDA, {"pytorch": "2.3.1 cuda120_py312"}),
])  # fmt: skip
def test_rattler_solves_the_conda_part(
    root: Path, name: str, subdir: str, facts: dict[str, str], holds: dict[str, str]
) -> None:
    found = _solve(root, name, facts, subdir)
    assert "error" not in found
    for package, start in holds.items():
        assert found[package].startswith(start)


@pytest.mark.parametrize("folder", ["fraud-train", "gpu-train"])
def test_rattler_finds_no_solution_for_the_conflicts(root: Path, folder: str) -> None:
    found = _solve(root, f"{folder}/environment-conflict.yml", LINUX | CUDA, "linux-64")
    assert "Cannot solve" in found["error"]


def _pip(sample: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run pip against the sample index alone, whatever this machine's configuration says."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PIP_")}
    environment |= {"PIP_CONFIG_FILE": os.devnull, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    command = [sys.executable, "-m", "pip", "install", "--index-url", (sample / "pypi").as_uri(), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=240)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["fraud-train/environment.yml", "gpu-train/environment.yml"])
def test_pip_resolves_the_pip_part(root: Path, sample: Path, name: str) -> None:
    _, _, lines = _environment(root, name)
    platforms = [f"--platform={name}_x86_64" for name in ("manylinux_2_28", "manylinux2014", "manylinux1")]
    done = _pip(sample, "--dry-run", "--ignore-installed", "--python-version", "3.11", "--only-binary=:all:",
                "--implementation", "cp", *platforms, "--target", "unused", *lines)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Would install" in done.stdout


def test_pip_finds_no_solution_where_conda_pins_what_pip_forbids(root: Path, sample: Path) -> None:
    _, specs, lines = _environment(root, "fraud-train/environment-conflict-pip.yml")
    packaging = next(spec for spec in specs if spec.startswith("packaging"))
    done = _pip(sample, "--dry-run", "--ignore-installed", "--python-version", "3.11", "--only-binary=:all:",
                "--target", "unused", packaging, "mlflow-skinny==2.14.1")  # fmt: skip
    assert lines[-1] == "mlflow-skinny==2.14.1"
    assert done.returncode != 0
    assert "conflicting dependencies" in done.stderr


def test_pip_installs_a_wheel_of_the_sample(sample: Path, tmp_path: Path) -> None:
    here = tmp_path / "here"
    done = _pip(sample, "--no-deps", "--no-compile", "--target", str(here), "azure-identity==1.16.1")
    assert done.returncode == 0, done.stderr
    script = """if True:
        import azure_identity, importlib.metadata
        print(azure_identity.__version__, importlib.metadata.version("azure-identity"))
    """
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=here, timeout=240
    )
    assert run.stdout.split() == ["1.16.1", "1.16.1"]
