"""Stacks that people reported broken, and sound ones that a check once blamed: what is said of each."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from resolver.checks.registry import run_checks
from tests.checks.make import Env, make_context

CF, MAIN = "conda-forge/linux-64", "pkgs/main/linux-64"


@dataclass(frozen=True, kw_only=True)
class Stack:
    """A stack, the rule that must speak (None: no error at all), and what it must name."""

    why: str
    env: Env
    rule: str | None = None
    names: tuple[str, ...] = ()
    severity: str = "error"


BROKEN = [
    Stack(
        why="bitsandbytes before CUDA 13 beside a torch for it",
        env=Env(pip="bitsandbytes==0.45.0 torch==2.11.0", gpu="8.0"),
        rule="torch/bitsandbytes",
        names=("bitsandbytes 0.45.0", "torch 2.11.0"),
        severity="warning",
    ),
    Stack(
        why="pandas compiled against numpy 1 (numpy.dtype size changed)",
        env=Env(pip="pandas==2.1.4 numpy==2.0.1"),
        rule="torch/numpy-2",
        names=("pandas 2.1.4", "numpy 2.0.1"),
    ),
    Stack(
        why="thinc compiled against numpy 1, which spaCy doesn't say",
        env=Env(pip="spacy==3.7.5 thinc==8.2.5 numpy==2.0.1"),
        rule="torch/numpy-2",
        names=("thinc 8.2.5", "numpy 2.0.1"),
    ),
    Stack(
        why="flash-attn made for torch up to 2.6",
        env=Env(pip="torch==2.7.0+cu128 flash-attn==2.7.4.post1", gpu="8.0"),
        rule="torch/flash-attn",
        names=("flash-attn 2.7.4.post1", "torch 2.7.0"),
        severity="warning",
    ),
    Stack(
        why="wheels for aarch64 begin at 8.0, those for x86_64 at 7.5",
        env=Env(pip="torch==2.15.0+cu132", subdir="linux-aarch64", gpu="7.5"),
        rule="gpu/architecture-missing",
        names=("torch 2.15.0+cu132", "8.0, 9.0, 10.0, 11.0, 12.0"),
    ),
    Stack(
        why="ctranslate2 loads cuDNN 8, torch brings 9",
        env=Env(pip="ctranslate2==4.4.0 torch==2.4.1 nvidia-cudnn-cu12==9.1.0.70", gpu="8.0"),
        rule="gpu/cudnn-major",
        names=("ctranslate2 4.4.0", "nvidia-cudnn-cu12 9.1.0.70"),
    ),
    Stack(
        why="jaxlib for cuDNN 8.6 over torch's 8.5",
        env=Env(pip="jaxlib==0.4.11+cuda11.cudnn86 torch==2.0.1 nvidia-cudnn-cu11==8.5.0.96", gpu="8.0"),
        rule="gpu/cudnn-pins",
        names=("jaxlib 0.4.11+cuda11.cudnn86", "nvidia-cudnn-cu11 8.5.0.96"),
    ),
    Stack(
        why="torchvision of another CUDA than PyPI's torch",
        env=Env(pip="torch==2.6.0 torchvision==0.21.0+cu126", gpu="8.0"),
        rule="torch/variants-differ",
        names=("torch 2.6.0", "torchvision 0.21.0+cu126"),
        severity="warning",
    ),
    Stack(
        why="xformers of another CUDA than PyPI's torch",
        env=Env(pip="torch==2.6.0 xformers==0.0.29.post3+cu118"),
        rule="torch/variants-differ",
        names=("torch 2.6.0", "xformers 0.0.29.post3+cu118"),
        severity="warning",
    ),
    Stack(
        why="a transcriber that loads cuDNN 8 beside a torch that brings 9",
        env=Env(pip="faster-whisper==0.10.0 ctranslate2==4.4.0 torch==2.5.1"),
        rule="gpu/cudnn-major",
        names=("ctranslate2 4.4.0", "torch 2.5.1", "9.1.0.70"),
        severity="warning",
    ),
    Stack(
        why="the same beside a variant of torch, whose pins its own index says",
        env=Env(pip="onnxruntime-gpu==1.17.1 torch==2.5.1+cu124"),
        rule="gpu/cudnn-major",
        names=("onnxruntime-gpu 1.17.1", "torch 2.5.1+cu124"),
        severity="warning",
    ),
    Stack(
        why="TensorFlow 2.9.0 names no upper bound of protobuf and fails with 4",
        env=Env(pip="tensorflow==2.9.0 protobuf==4.21.0"),
        rule="tensorflow/protobuf",
        names=("tensorflow 2.9.0", "protobuf 4.21.0"),
    ),
    Stack(
        why="TensorFlow 2.10 with protobuf 4",
        env=Env(pip="tensorflow==2.10.0 protobuf==4.25.3"),
        rule="tensorflow/protobuf",
        names=("tensorflow 2.10.0", "protobuf 4.25.3"),
    ),
    Stack(
        why="the pytorch channel's build for CUDA 12.1 ends at 9.0",
        env=Env(conda="pytorch/linux-64/pytorch-2.3.1-py3.11_cuda12.1_cudnn8.9.2_0.tar.bz2", gpu="12.0"),
        rule="gpu/architecture-missing",
        names=("pytorch 2.3.1",),
    ),
    Stack(
        why="a card by its shop name has no code in an older wheel",
        env=Env(pip="torch==2.6.0+cu124", gpu="RTX 5090"),
        rule="gpu/architecture-missing",
        names=("torch 2.6.0+cu124", "RTX 5090"),
    ),
    Stack(
        why="torch 2.7.1 for CUDA 12.8 starts at 7.5",
        env=Env(pip="torch==2.7.1+cu128", gpu="7.0"),
        rule="gpu/architecture-missing",
        names=("torch 2.7.1+cu128",),
    ),
    Stack(
        why="PyPI's torch of 1.x is for CUDA 10.2",
        env=Env(pip="torch==1.12.1", gpu="A100"),
        rule="gpu/architecture-missing",
        names=("torch 1.12.1", "A100"),
    ),
    Stack(
        why="PyPI's torch 1.8 on an RTX 30",
        env=Env(pip="torch==1.8.1", gpu="RTX 3090"),
        rule="gpu/architecture-missing",
        names=("torch 1.8.1", "RTX 3090"),
    ),
    Stack(
        why="PyPI's torch has no CUDA on Windows",
        env=Env(pip="torch==2.5.1", subdir="win-64", gpu="8.0"),
        rule="gpu/cpu-build",
        names=("torch 2.5.1",),
    ),
    Stack(
        why="PyPI's torch has no CUDA on aarch64 up to 2.10",
        env=Env(pip="torch==2.5.1", subdir="linux-aarch64", gpu="9.0"),
        rule="gpu/cpu-build",
        names=("torch 2.5.1",),
    ),
    Stack(
        why="sglang pins its torch",
        env=Env(pip="sglang==0.5.5 torch==2.9.1"),
        rule="python/package-needs",
        names=("sglang 0.5.5", "torch 2.9.1"),
    ),
    Stack(
        why="torchvision 0.29.2 needs torch 2.14",
        env=Env(pip="torch==2.13.0 torchvision==0.29.2"),
        rule="torch/vision",
        names=("torchvision 0.29.2", "torch 2.13.0"),
    ),
    Stack(
        why="xformers 0.0.17 pins torch 2.0.0",
        env=Env(pip="xformers==0.0.17 torch==2.0.1"),
        rule="torch/xformers",
        names=("xformers 0.0.17", "torch 2.0.1"),
    ),
    Stack(
        why="release wheels of torch 2.14 hold no portable code",
        env=Env(pip="torch==2.14.1", gpu="13.0"),
        rule="gpu/architecture-missing",
        names=("torch 2.14.1",),
    ),
    Stack(
        why="an image for CUDA 14 on a driver for 13",
        env=Env(image="nvidia/cuda:14.0.0-runtime-ubuntu22.04", driver="580.65.06"),
        rule="image/driver-requirement",
        names=("14.0", "580.65.06"),
    ),
    Stack(
        why="a deleted curated environment by the name that guides use",
        env=Env(image="azureml:AzureML-sklearn-0.24-ubuntu18.04-py37-cpu:1"),
        rule="azureml/curated-deleted",
        names=("sklearn-0.24-ubuntu18.04-py37-cpu",),
    ),
    Stack(
        why="the same, by its address in the registry",
        env=Env(
            image="azureml://registries/azureml/environments/AzureML-sklearn-0.24-ubuntu18.04-py37-cpu/versions/1"
        ),
        rule="azureml/curated-deleted",
        names=("sklearn-0.24-ubuntu18.04-py37-cpu",),
    ),
    Stack(
        why="an older CUDA on LD_LIBRARY_PATH and no image",
        env=Env(pip="torch==2.6.0+cu124", library_path="/usr/local/cuda-12.1/lib64"),
        rule="image/cuda-shadows-wheels",
        names=("torch 2.6.0+cu124", "/usr/local/cuda-12.1/lib64"),
        severity="warning",
    ),
    Stack(
        why="a viewer's wheel over the C++ runtime of defaults",
        env=Env(conda=f"{MAIN}/libstdcxx-ng-11.2.0-h1234567_1.conda", pip="open3d==0.18.0"),
        rule="runtime/glibcxx",
        names=("open3d 0.18.0", "libstdcxx-ng 11.2.0", "3.4.30", "3.4.29"),
        severity="warning",
    ),
    Stack(
        why="an image that was never made, by a name like the others",
        env=Env(image="mcr.microsoft.com/azureml/openmpi4.1.0-cuda12.1-cudnn8-ubuntu22.04:20240101.v1"),
        rule="image/never-published",
        names=("openmpi4.1.0-cuda12.1-cudnn8-ubuntu22.04",),
        severity="warning",
    ),
    Stack(
        why="an image by the name that the SDK's first version gave it",
        env=Env(image="mcr.microsoft.com/azureml/base-gpu:openmpi3.1.2-cuda10.1-cudnn7-ubuntu18.04"),
        rule="image/deprecated",
        names=("base-gpu", "10.1"),
        severity="warning",
    ),
    Stack(
        why="the first version's default image, whose tag says nothing",
        env=Env(image="mcr.microsoft.com/azureml/base:0.2.4"),
        rule="image/deprecated",
        names=("azureml/base",),
        severity="warning",
    ),
    Stack(
        why="a curated environment holds another torch than its name says",
        env=Env(image="azureml:acpt-pytorch-2.8-cuda12.6:3"),
        rule="azureml/curated-name",
        names=("acpt-pytorch-2.8-cuda12.6", "2.10.0"),
        severity="warning",
    ),
]

TF_2_17, TF_2_15 = (
    "tensorflow==2.17.1 torch==2.3.1 nvidia-cudnn-cu12==8.9.2.26 nvidia-nccl-cu12==2.20.5",
    "tensorflow==2.15.1 torch==2.2.2 nvidia-cudnn-cu12==8.9.2.26 nvidia-nccl-cu12==2.19.3",
)
A100 = "Standard_NC24ads_A100_v4"

SOUND = [
    Stack(
        why="conda-forge's packages for Windows use MSYS2's runtimes of the channel that repackages them",
        env=Env(
            conda="conda-forge/win-64/libblas-3.9.0-1_h8933c1f_netlib.tar.bz2 "
            "pkgs/msys2/win-64/m2w64-gcc-libs-5.3.0-7.tar.bz2",
            subdir="win-64",
        ),
    ),
    Stack(
        why="and so do those of pkgs/main",
        env=Env(
            conda="pkgs/main/win-64/ccache-3.7.9-h1c70317_0.conda "
            "pkgs/msys2/win-64/m2w64-gcc-libs-5.3.0-7.tar.bz2",
            subdir="win-64",
        ),
    ),
    Stack(
        why="ctranslate2 and torch load the same cuDNN",
        env=Env(pip="ctranslate2==4.5.0 torch==2.5.1"),
    ),
    Stack(
        why="a newer C++ runtime of conda-forge serves the viewer's wheel",
        env=Env(conda=f"{CF}/libstdcxx-ng-13.2.0-h95c4c6d_6.conda", pip="open3d==0.20.0 pyrender==0.1.45"),
    ),
    Stack(why="PyPI's xformers beside PyPI's torch", env=Env(pip="xformers==0.0.23.post1 torch==2.1.2")),
    Stack(
        why="xformers of the variant's own index beside a CPU torch is another rule's matter",
        env=Env(pip="torch==2.1.2+cu121 torchvision==0.16.2+cu121 torchaudio==2.1.2+cu121"),
    ),
    Stack(
        why="the wheel of PyPI for aarch64 is for CUDA from 2.11 on",
        env=Env(pip="torch==2.11.0", subdir="linux-aarch64", gpu="9.0", driver="580.65.06"),
    ),
    Stack(
        why="flash-attn's wheel for this torch, with the ABI that its name says",
        env=Env(
            pip="flash_attn-2.8.3+cu12torch2.6cxx11abiTRUE-cp311-cp311-linux_x86_64.whl torch==2.6.0+cu126"
        ),
    ),
    Stack(why="jaxlib of jax's own release", env=Env(pip="jax==0.9.0.1 jaxlib==0.9.0.1")),
    Stack(
        why="cuDNN of a variant, newer than that it was built with",
        env=Env(pip="torch==2.0.1+cu118 nvidia-cudnn-cu11==8.9.5.29"),
    ),
    Stack(
        why="wheels for aarch64 have code for Jetson Thor",
        env=Env(pip="torch==2.15.0+cu132", subdir="linux-aarch64", gpu="11.0"),
    ),
    Stack(
        why="ctranslate2 has its own convolution from 4.6.3 on and loads no cuDNN",
        env=Env(pip="ctranslate2==4.6.3 torch==2.2.2 nvidia-cudnn-cu12==8.9.2.26", gpu="8.0"),
    ),
    Stack(why="plain TensorFlow 2.17 pins no NVIDIA package", env=Env(pip=TF_2_17)),
    Stack(why="plain TensorFlow 2.15 pins no NVIDIA package", env=Env(pip=TF_2_15)),
    Stack(
        why="pinned tensorflow[and-cuda] brings its CUDA",
        env=Env(pip="tensorflow==2.15.1", gpu="A100", asked=("pip:tensorflow[and-cuda]==2.15.1",)),
    ),
    Stack(
        why="an image for 12.4 starts on driver branch 535",
        env=Env(
            pip="torch==2.5.1",
            vm=A100,
            driver="535.161.08",
            image="mcr.microsoft.com/azureml/openmpi5.0-cuda12.4-ubuntu22.04:20260301.v1",
        ),
    ),
    Stack(
        why="vllm's own compiler is no second CUDA",
        env=Env(pip="vllm==0.33.0 torch==2.14.0 nvidia-cutlass-dsl-libs-cu12==4.6.2"),
    ),
    Stack(
        why="paddle's other protobuf is that of Windows",
        env=Env(pip="paddlepaddle-gpu==2.5.2 protobuf==3.20.3"),
    ),
    Stack(why="torch 2.8 for CUDA 12.8 has 7.0", env=Env(pip="torch==2.8.0+cu128", gpu="7.0")),
    Stack(
        why="the torch of ten months with torchvision's floor",
        env=Env(pip="torch==2.15.0 torchvision==0.29.2"),
    ),
    Stack(
        why="conda-forge's newer GCC runtime serves packages of defaults",
        env=Env(conda=f"{MAIN}/openssl-3.0.15-h5eee18b_0.conda {CF}/libgcc-ng-13.2.0-h77fa898_10.conda"),
    ),
    Stack(
        why="CUDA 13.5 on a driver of its major",
        env=Env(pip="nvidia-cuda-runtime==13.5.37", driver="580.65.06"),
    ),
    Stack(
        why="the wheels' own CUDA on LD_LIBRARY_PATH",
        env=Env(pip="torch==2.6.0+cu124", library_path="/usr/local/cuda-12.4/lib64"),
    ),
    Stack(why="a wheel for AMD on AMD", env=Env(pip="torch==2.6.0+rocm6.2.4", gpu="MI300X")),
    Stack(
        why="a Windows wheel of the project's own index",
        env=Env(pip="torch==2.5.1+cu124", subdir="win-64", gpu="8.0"),
    ),
]


@pytest.mark.parametrize("stack", BROKEN, ids=lambda stack: stack.why)
def test_reported_stacks_are_named(stack: Stack) -> None:
    report = run_checks(make_context(stack.env))
    found = [finding for finding in report.findings if finding.rule == stack.rule]
    texts = {" ".join([finding.message, *finding.evidence]): finding for finding in found}
    told = [finding for text, finding in texts.items() if all(name in text for name in stack.names)]
    assert told, [*texts] or [finding.rule for finding in report.findings]
    assert told[0].severity.value == stack.severity


@pytest.mark.parametrize("stack", SOUND, ids=lambda stack: stack.why)
def test_sound_stacks_have_no_error(stack: Stack) -> None:
    report = run_checks(make_context(stack.env))
    assert [
        f"{item.rule}: {item.message}" for item in report.findings if item.severity.value == "error"
    ] == []
    assert not [item.rule for item in report.findings if item.rule == "cuda/two-majors"]
