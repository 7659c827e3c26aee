"""A fact is quoted where it holds and nowhere else: by channel, platform and release."""

from __future__ import annotations

import pytest

from resolver.checks.registry import all_rules, iter_findings
from resolver.model.findings import Finding
from tests.checks.make import Env, make_context

CF, MAIN, PT = "conda-forge/linux-64", "pkgs/main/linux-64", "pytorch/linux-64"
PT_CUDA = f"{PT}/pytorch-2.1.0-py3.11_cuda12.1_cudnn8.9.2_0.tar.bz2"
OPENMP_18 = f"{CF}/llvm-openmp-18.1.8-hf5423f3_1.conda"
NETCDF = f"{CF}/netcdf4-1.6.5-nompi_py311h74118c1_102.conda {MAIN}/libnetcdf-4.7.3-hb80b6cc_0.conda"
HDF5 = f"{CF}/h5py-3.12.1-nompi_py311hb639ac4_102.conda {MAIN}/hdf5-1.10.4-hb1b8bf9_0.conda"
CUDA_13_IMAGE = "mcr.microsoft.com/azureml/openmpi5.0-cuda13.1-ubuntu24.04:20260301.v1"
TORCH_2_1 = "torch-2.1.2-cp311-cp311-manylinux1_x86_64.whl"
RULES = {rule.id: rule for rule in all_rules()}


def _findings(rule: str, env: Env) -> list[Finding]:
    return list(iter_findings(make_context(env), [RULES[rule]]))


@pytest.mark.parametrize(
    ("rule", "env", "words"),
    [
        pytest.param(
            "channel/hdf5", Env(conda=HDF5), "an HDF5 library can abort", id="hdf5 compares its version"
        ),
        pytest.param("channel/hdf5", Env(conda=NETCDF), "not binary compatible", id="libnetcdf doesn't"),
        pytest.param(
            "image/cuda-unused",
            Env(pip=TORCH_2_1, image=CUDA_13_IMAGE),
            "NVIDIA's libraries",
            id="RUNPATH of wheels",
        ),
        pytest.param(
            "image/cuda-unused",
            Env(conda=PT_CUDA, image=CUDA_13_IMAGE),
            None,
            id="conda's torch has no wheels",
        ),
        pytest.param(
            "vm/grid-driver",
            Env(vm="Standard_NC144ds_xl_RTXPRO6000BSE_v6"),
            "GRID",
            id="NCv6 has the GRID driver",
        ),
        pytest.param(
            "torch/llvm-openmp-16", Env(conda=f"{PT_CUDA} {OPENMP_18}"), "on Linux", id="affinity of Linux"
        ),
        pytest.param(
            "gpu/cudnn-twice",
            Env(conda=f"{CF}/cudnn-8.9.7.29-h092f7fd_3.conda", pip="nvidia-cudnn-cu12==8.9.2.26"),
            "on LD_LIBRARY_PATH",
            id="two copies of one cuDNN",
        ),
        pytest.param(
            "gpu/cudnn-twice",
            Env(conda=f"{CF}/cudnn-8.9.7.29-h092f7fd_3.conda", pip="nvidia-cudnn-cu12==9.1.0.70"),
            "carry their major",
            id="cuDNN 8 and 9",
        ),
        pytest.param(
            "torch/cpuonly-ignored",
            Env(pip="torch==2.1.2+cu121", conda="pytorch/noarch/cpuonly-2.0-0.tar.bz2"),
            "that channel's pytorch",
            id="cpuonly binds no wheel",
        ),
    ],
)
def test_the_fact_speaks_of_what_was_found(rule: str, env: Env, words: str | None) -> None:
    [finding] = _findings(rule, env)
    if words is None:
        assert finding.fact is None
    else:
        assert finding.fact is not None
        assert words in finding.fact.text


@pytest.mark.parametrize(
    ("pip", "severity"),
    [
        pytest.param(
            "torch==2.6.0+cu124 torchvision==0.21.0+cu126", "warning", id="a minor is let pass from 0.16 on"
        ),
        pytest.param("torch==2.0.1+cu117 torchvision==0.15.2+cu118", "error", id="before it isn't"),
        pytest.param("torch==2.6.0+cu124 torchvision==0.21.0+cu118", "error", id="a major is refused"),
        pytest.param("torch==2.6.0+cu124 torchaudio==2.6.0+cu126", "error", id="torchaudio refuses a minor"),
    ],
)
def test_what_torch_s_extensions_refuse(pip: str, severity: str) -> None:
    assert [finding.severity.value for finding in _findings("torch/variants-differ", Env(pip=pip))] == [
        severity
    ]


def test_torch_for_the_cpu_brings_paddle_no_cudnn() -> None:
    paddle = "paddlepaddle_gpu-2.6.2-cp311-cp311-win_amd64.whl"
    env = Env(pip=f"{paddle} torch==2.6.0+cpu", subdir="win-64")
    assert _findings("gpu/paddle-and-torch-on-windows", env) == []


def test_llvm_openmp_pins_nothing_on_macos() -> None:
    assert _findings("torch/llvm-openmp-16", Env(conda=f"{PT_CUDA} {OPENMP_18}", subdir="osx-64")) == []


@pytest.mark.parametrize(
    ("version", "said"),
    [
        pytest.param("2.7.1.post1", None, id="addresses of its wheels for torch 2.1 are in public files"),
        pytest.param(
            "2.7.1.post2", "PhiloxUtils.cuh", id="the workflow asks for torch 2.1, the code needs 2.2"
        ),
        pytest.param("2.7.4", None, id="the workflow asks for torch 2.1; whether it was built isn't known"),
        pytest.param("2.7.4.post1", "2.2, 2.3, 2.4, 2.5, 2.6", id="the workflow doesn't ask for torch 2.1"),
        pytest.param("2.8.0", None, id="its workflow names a runner that was gone: no wheels, no row"),
    ],
)
def test_wheels_of_flash_attn_for_torch_2_1(version: str, said: str | None) -> None:
    found = _findings("torch/flash-attn", Env(pip=f"{TORCH_2_1} flash-attn=={version}"))
    assert len(found) == (said is not None)
    for finding in found:
        assert finding.severity.value == "warning"
        assert finding.fact is not None
        assert said is not None
        assert said in finding.fact.text


@pytest.mark.parametrize(
    ("version", "torch", "words"),
    [
        ("2.6.0", "2.4.0+cu121", "with a nightly before torch 2.4.0"),
        ("2.6.2", "2.4.1", "with a nightly before torch 2.4.0"),
        ("2.6.3", "2.4.0+cu121", None),
        ("2.1.2.post3", "2.1.0+cu121", "with a nightly before torch 2.1.0"),
        pytest.param(
            "2.1.2.post3", "2.1.0+cu118", "not for torch 2.1.0", id="the nightly was for CUDA 12 alone"
        ),
        ("2.3.6", "2.2.0", "with a nightly before torch 2.2.0"),
        ("2.7.3", "2.6.0", "with a nightly before torch 2.6.0"),
        pytest.param("2.6.2", "2.5.0", "not for torch 2.5.0", id="neither a release nor a nightly"),
    ],
)
def test_wheels_of_flash_attn_that_were_built_with_a_nightly(
    version: str, torch: str, words: str | None
) -> None:
    found = _findings("torch/flash-attn", Env(pip=f"torch=={torch} flash-attn=={version}"))
    assert [finding.severity.value for finding in found] == (["warning"] if words else [])
    assert all(words is not None and words in finding.message for finding in found)
