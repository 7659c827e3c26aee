"""The rows that audits found wrong, doubtful or missing: each says what its source says, and stays so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from resolver.checks import facts
from resolver.checks.registry import run_checks
from resolver.machine.vm_sizes import find_vm_size
from resolver.model.leading_numbers import release
from tests.checks.make import Env, make_context


def _rows(table: str, /, **keys: Any) -> list[Any]:
    found = facts.table_named(table)[0].rows
    return [row for row in found if all(getattr(row, key) == value for key, value in keys.items())]


VALUES: list[tuple[str, Callable[[], Any], Any]] = [
    (
        "torch 2.7 for CUDA 12.8 has no code for 7.0",
        lambda: [
            (row.sass, row.ptx) for row in _rows("torch_arch", channel="pypi", first="2.7", cuda="12.8")
        ],
        [(("7.5", "8.0", "8.6", "9.0", "10.0", "12.0"), ("12.0",))],
    ),
    (
        "release wheels from 2.11 on for CUDA 13 hold no portable code",
        lambda: {
            row.ptx
            for row in _rows("torch_arch", channel="pypi")
            if row.cuda.startswith("13.") and row.first in {"2.11", "2.12", "2.13", "2.14", "2.15"}
        },
        {()},
    ),
    (
        "the protobuf of paddle on Linux, not that of Windows",
        lambda: [
            _rows("package_needs", project="paddlepaddle-gpu", version=version)[0].requires["protobuf"]
            for version in ("2.5.1", "2.5.2")
        ],
        [">=3.20.2", ">=3.20.2"],
    ),
    (
        "what acpt-pytorch-2.8-cuda12.6 installs",
        lambda: [
            (row.pins["torch"], row.honest)
            for row in _rows("curated_environments", name="acpt-pytorch-2.8-cuda12.6")
        ],
        [("==2.10.0+cu126", False)],
    ),
    (
        "Ubuntu 22.10's image isn't supported",
        lambda: [
            row.deprecated
            for row in _rows("base_images", image="mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.10")
        ],
        [True],
    ),
    (
        "the size with RDMA is told to end before its series, as its own page said first",
        lambda: [row.retired for row in _rows("vm_sizes", size="Standard_NC24rs_v3")],
        ["2025-03-31"],
    ),
    (
        "sizes with a K80, P100 or P40 were retired a week later than was announced first",
        lambda: {
            row.retired
            for series in ("NC (v1)", "NCv2", "ND (v1)", "NV (v1)")
            for row in _rows("vm_sizes", series=series)
        },
        {"2023-09-06"},
    ),
    (
        "conda-forge's torch 2.0.0 was built for CUDA 11.8 too",
        lambda: [row.linux[1] for row in _rows("conda_torch", channel="conda-forge", first="2.0.0")],
        ["11.8"],
    ),
    (
        "tensorflow 2.20 needs ml_dtypes",
        lambda: [row.ml_dtypes for row in _rows("tensorflow_releases", version="2.20.0")],
        [">=0.5.1,<1.0.0"],
    ),
    (
        "no CUDA build of torch for Windows from conda-forge before 2.5",
        lambda: {
            row.windows
            for row in _rows("conda_torch", channel="conda-forge")
            if release(row.first) < (2, 5)
        },
        {()},
    ),
    (
        "torchvision with a floor of torch",
        lambda: [(row.version, row.torch) for row in _rows("torch_pins", project="torchvision")][-2:],
        [("0.29.1", ">=2.14.0"), ("0.29.2", ">=2.14.0")],
    ),
    (
        "the protobuf of TensorFlow 2.9 and 2.10",
        lambda: {
            row.protobuf
            for row in _rows("tensorflow_releases")
            if row.version in {"2.9.0", "2.9.1", "2.9.2", "2.10.0"}
        },
        {"<3.20,>=3.9.2", "<4,>=3.9.2"},  # 2.9.0 says no upper bound: 3.20 serves it, 4.21 doesn't
    ),
    (
        "builds of torch for CUDA 12.9, on Linux alone",
        lambda: [
            row.version for row in _rows("torch_releases") if "12.9" in (row.matrix.variants or ())
        ],
        ["2.8.0", "2.9.0", "2.9.1", "2.10.0", "2.11.0", "2.12.1", "2.13.0"],
    ),
    (
        "pytorch 1.13 of conda-forge",
        lambda: [row.linux for row in _rows("conda_torch", channel="conda-forge", first="1.13.0")],
        [("11.2",)],
    ),
    (
        "the NCCL of a variant of another CUDA major than PyPI's",
        lambda: [row.requires for row in _rows("torch_variants", torch="2.12", cuda="12.6")],
        [{"nvidia-nccl-cu12": "==2.29.3"}],
    ),
    (
        "the cuDNN of onnxruntime-gpu 1.18.1 on PyPI, and who does without",
        lambda: [
            (row.version, row.cudnn, row.needs_cudnn)
            for row in _rows("onnxruntime_releases")
            if row.version in {"1.18.1", "1.27.0", "1.28.0"}
        ],
        [("1.18.1", "8", True), ("1.27.0", "9", True), ("1.28.0", "9", False)],
    ),
    (
        "xformers of torch 1.13 to 2.0",
        lambda: [
            row.version
            for row in _rows("torch_pins", project="xformers")
            if row.version in {"0.0.17", "0.0.18", "0.0.19"}
        ],
        ["0.0.17", "0.0.18", "0.0.19"],
    ),
    ("CUDA 13.5 on the index", lambda: len(_rows("cuda_components", cuda="13.5.0")), 1),
    (
        "the driver of CUDA 13.2 Update 2",
        lambda: [row.linux for row in _rows("cuda_toolkits", cuda="13.2", update="Update 2")],
        ["595.71.05"],
    ),
    (
        "the `pytorch` channel has code of its own",
        lambda: len(_rows("torch_arch", channel="pytorch")) > 10,
        True,
    ),
    (
        "sizes that the tables lacked",
        lambda: [
            (row.series, row.capability) if (row := find_vm_size(size)) else None
            for size in (
                "Standard_NC16lds_xl_RTXPRO6000BSE_v6", "Standard_NC64mds_xl_RTXPRO6000BSE_v6",
                "Standard_ND96isrf_H200_v5", "Standard_NC6_Promo", "Standard_NV24s_v2",
            )
        ],
        [
            ("NC_RTXPRO6000BSE_v6", "12.0"), ("NC_RTXPRO6000BSE_v6", "12.0"), ("ND_H200_v5", "9.0"),
            ("NC (v1)", "3.7"), ("NVv2", "5.2"),
        ],
    ),
    (
        "withdrawn releases were the turning points of numpy 2",
        lambda: {
            row.project: (row.last, row.before)
            for row in _rows("numpy_abi")
            if row.project in {"spacy", "scikit-image", "pymatgen", "imagecodecs", "netcdf4"}
        },
        {
            "spacy": ("3.7.6", "3.8.0"), "scikit-image": ("0.22.0", "0.23.0"), "netcdf4": ("1.6.5", "1.7.0"),
            "pymatgen": ("2024.7.18", "2024.8.8"), "imagecodecs": ("2024.1.1", "2024.6.1"),
        },
    ),
    (
        "no wheel of flash-attn for CUDA 12 and a final torch before 2.3.1.post1",
        lambda: [
            (release(row.version) >= (2, 3, 2) or row.version == "2.3.1.post1")
            for row in _rows("flash_attn_releases")
            if "12" in row.cuda
        ].count(False),
        0,
    ),
    (
        "the `pytorch` channel before 1.12 holds portable code for 3.7",
        lambda: {row.ptx for row in _rows("torch_arch", channel="pytorch") if release(row.first) < (1, 12)},
        {("3.7",)},
    ),
    (
        "what torch 1.11 to 1.13 on PyPI's side was built for",
        lambda: {
            (row.cuda, row.first, row.last)
            for row in _rows("torch_arch", channel="pypi")
            if release(row.first) in {(1, 11), (1, 12), (1, 13)}
        },
        {
            ("10.2", "1.11", "1.12"), ("11.3", "1.11", "1.12"), ("11.5", "1.11", "1.11"),
            ("11.6", "1.12", "1.13"), ("11.7", "1.13", "1.13"),
        },
    ),
    (
        "pkgs/free is older than the compilers of pkgs/main",
        lambda: [row.family for row in _rows("channel_families", channel="pkgs/free")],
        ["anaconda-4"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("read", "right"), [case[1:] for case in VALUES], ids=[case[0] for case in VALUES])
def test_a_row_says_what_its_source_says(read: Callable[[], Any], right: Any) -> None:
    assert read() == right


OLD = "535.161.08"
#: Environments of which a rule must not speak.
SILENT = [
    (
        "an image of CUDA 12.4 starts on 470",
        Env(image="nvidia/cuda:12.4.1-runtime-ubuntu22.04", driver="470.82.01"),
        "image/driver-requirement",
    ),
    (
        "a Tesla card on 450 starts an image of CUDA 12.2",
        Env(image="nvidia/cuda:12.2.0-runtime-ubuntu22.04", driver="450.80.02", gpu="V100"),
        "image/driver-requirement",
    ),
    (
        "an image of CUDA 13.1 starts on 535",
        Env(image="nvidia/cuda:13.1.1-runtime-ubuntu22.04", driver=OLD),
        "image/driver-requirement",
    ),
    (
        "torch 2.5.1 asks for no triton on Python 3.13",
        Env(pip="torch==2.5.1 triton==3.2.0", python="3.13.1"),
        "torch/triton",
    ),
    (
        "sglang asks for no torchcodec on aarch64",
        Env(pip="sglang==0.5.19 torchcodec==0.1", subdir="linux-aarch64"),
        "python/package-needs",
    ),
    (
        "triton brings its own ptxas",
        Env(pip="torch==2.6.0 triton==3.2.0", gpu="A100", driver=OLD),
        "gpu/driver-too-old-for-jit",
    ),
    (
        "cupy takes machine code",
        Env(pip="cupy-cuda12x==13.6.0", gpu="A100", driver=OLD),
        "gpu/driver-too-old-for-jit",
    ),
]


def test_markers_count_where_they_hold() -> None:
    spoken = {
        "torch/triton": Env(pip="torch==2.5.1 triton==3.2.0", python="3.12.1"),
        "python/package-needs": Env(pip="sglang==0.5.19 torchcodec==0.1"),
        "image/driver-requirement": Env(
            image="nvidia/cuda:12.2.0-runtime-ubuntu22.04", driver="450.80.02", gpu="RTX 3090"
        ),
    }
    for rule, env in spoken.items():
        assert rule in {finding.rule for finding in run_checks(make_context(env)).findings}, rule


@pytest.mark.parametrize(("env", "rule"), [case[1:] for case in SILENT], ids=[case[0] for case in SILENT])
def test_a_rule_goes_no_further_than_its_sources(env: Env, rule: str) -> None:
    assert rule not in {finding.rule for finding in run_checks(make_context(env)).findings}
