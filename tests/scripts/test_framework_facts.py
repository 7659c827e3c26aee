"""What TensorFlow's page and PyTorch's release matrix say is compared with the tables: clones made here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scripts.framework_facts import (
    feedstock_differences,
    page_differences,
    page_of_builds,
    variant_differences,
)
from scripts.repository_facts import Clone
from tests.scripts.test_repository_facts import _commit

PAGE = """\
### Linux
#### CPU
<tr><td>tensorflow-2.18.0</td><td>3.9-3.12</td><td>Clang 17.0.6</td><td>Bazel 6</td></tr>
#### GPU
<tr><td>tensorflow-2.18.0</td><td>3.9-3.12</td><td>Clang 17</td><td>Bazel 6</td><td>9.3</td><td>12.5</td></tr>
<tr><td>tensorflow-2.17.0</td><td>3.9-3.12</td><td>Clang 17</td><td>Bazel 6</td><td>8.9</td><td>12.3</td></tr>
### macOS
<tr><td>tensorflow-2.16.1</td><td>3.9-3.12</td><td>Clang 17</td><td>Bazel 6</td><td>8.9</td><td>12.3</td></tr>
"""
MATRIX = """\
CUDA_ARCHES_DICT = {
    "nightly": ["12.6", "13.2"],
    "release": ["12.6", "13.0"],
}
def initialize_globals(os):
    if os == "linux":
        CUDA_ARCHES.append("12.9")
        CUDA_AARCH64_ARCHES.append("12.9-aarch64")
"""


def _tensorflow(version: str, **tested: str) -> dict[str, Any]:
    return {"version": version, "tested": {"python": "3.9-3.12", "cuda": "12.5", "cudnn": "9.3", **tested}}


def test_the_builds_that_were_tested_are_read_from_the_page(tmp_path: Path) -> None:
    _commit(tmp_path / "docs", {"site/en/install/source.md": PAGE})
    clone = Clone(tmp_path / "docs")
    assert page_of_builds(clone) == {
        "2.18.0": {"python": "3.9-3.12", "cuda": "12.5", "cudnn": "9.3"},
        "2.17.0": {"python": "3.9-3.12", "cuda": "12.3", "cudnn": "8.9"},
    }
    rows = [
        _tensorflow("2.18.1"),
        _tensorflow("2.17.0", cudnn="8.9"),
        _tensorflow("2.16.1"),
    ]
    assert list(page_differences(clone, rows)) == [
        "tensorflow 2.17.0: cuda: the table says 12.5, the page 12.3",
        "tensorflow 2.16.1: no build that was tested stands on the page",
    ]


@pytest.mark.parametrize(
    ("variants", "words", "differences"),
    [
        (["12.6", "12.9", "13.0"], "; 12.9 for Linux in its initialize_globals", []),
        (["12.6", "13.0"], "", ["torch 2.9.0: the matrix adds CUDA 12.9 for Linux, the table hasn't it"]),
        (
            ["12.6", "12.9"],
            "; 12.9 for Linux",
            ["torch 2.9.0: the matrix has CUDA 13.0, the table hasn't"],
        ),
        (
            ["12.6", "12.8", "12.9", "13.0"],
            "; 12.9 for Linux",
            ["torch 2.9.0: the table has CUDA 12.8, the matrix hasn't"],
        ),
        (
            ["12.6", "12.9", "13.0"],
            "",
            ["torch 2.9.0: the table has CUDA 12.9, the matrix hasn't"],
        ),
    ],
)
def test_variants_are_those_of_the_matrix_and_what_its_code_adds(
    tmp_path: Path, variants: list[str], words: str, differences: list[str]
) -> None:
    path = "tools/scripts/generate_binary_build_matrix.py"
    _commit(tmp_path / "infra", {path: MATRIX}, tag="then")
    clone = Clone(tmp_path / "infra")
    then = clone.short("then")
    _commit(tmp_path / "infra", {path: MATRIX.replace("13.0", "13.4")})
    row = {"version": "2.9.0", "matrix": {"variants": variants, "source": f"infra {path}@{then}{words}"}}
    other = {"version": "2.8.0", "matrix": {"variants": ["12.6"], "source": "RELEASE.md, row 2.8"}}
    assert list(variant_differences(clone, [row, other])) == differences


def test_builds_of_conda_forge_are_read_from_each_commit_of_main(tmp_path: Path) -> None:
    folder = tmp_path / "feedstock"
    for version, names in (
        (
            "2.5.1",
            [
                "linux_64_blas_implmklcuda_compiler_version12.6.yaml",
                "linux_64_cuda_compiler_versionNone.yaml",
            ],
        ),
        ("2.6.0", ["linux_64_c_compiler_version13cuda_compiler_version12.6.yaml"]),
        ("2.6.0", ["win_64_cuda_compiler_version12.8.yaml", "linux_aarch64_cuda_compiler_version12.9.yaml"]),
    ):
        files = {f".ci_support/{name}": version for name in names}
        _commit(folder, {"recipe/meta.yaml": f'{{% set version = "{version}" %}}\n', **files})
    rows = [
        {"channel": "conda-forge", "first": "2.5", "last": "2.5.1", "linux": ["12.6"]},
        {"channel": "conda-forge", "first": "2.6", "last": "2.6.0", "linux": ["12.6"], "windows": ["12.6"]},
        {"channel": "pytorch", "first": "2.5", "last": "2.5.1", "linux": ["11.8"]},
    ]
    assert list(feedstock_differences(Clone(folder), rows)) == [
        "pytorch 2.6.0, windows: the table says CUDA 12.6, the feedstock 12.8",
    ]
