"""Faults planted into environments that are sound without them; all records and wheels are real."""

# ruff: noqa: E501  # names of real files and messages stay in one piece

from __future__ import annotations

from dataclasses import dataclass, replace

from tests.checks.make import Env

CF, MAIN, PT = "conda-forge/linux-64", "pkgs/main/linux-64", "pytorch/linux-64"
IMAGE = "mcr.microsoft.com/azureml/openmpi5.0-ubuntu24.04:20260301.v1"
A100, V100 = "Standard_NC24ads_A100_v4", "Standard_ND40rs_v2"
#: What torch 2.9.0 of PyPI pins.
PINS_2_9 = (
    "nvidia-cuda-nvrtc-cu12==12.8.93 nvidia-cuda-runtime-cu12==12.8.90 nvidia-cuda-cupti-cu12==12.8.90 "
    "nvidia-cudnn-cu12==9.10.2.21 nvidia-cublas-cu12==12.8.4.1 nvidia-cufft-cu12==11.3.3.83 "
    "nvidia-curand-cu12==10.3.9.90 nvidia-cusolver-cu12==11.7.3.90 nvidia-cusparse-cu12==12.5.8.93 "
    "nvidia-nccl-cu12==2.27.5 nvidia-nvjitlink-cu12==12.8.93"
)
TRITON = "triton-3.5.0-cp311-cp311-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl"
TORCH = f"torch-2.9.0-cp311-cp311-manylinux_2_28_x86_64.whl torchvision==0.24.0 {TRITON} {PINS_2_9}"
PYTHON = f"{CF}/python-3.11.9-hb806964_0_cpython.conda"
#: conda-forge alone, no GPU.
FORGE = Env(
    conda=f"{PYTHON} {CF}/numpy-1.26.4-py311h64a7726_0.conda {CF}/libcurl-8.1.2-hca28451_1.conda "
    f"{CF}/openssl-3.5.0-h7b32b05_0.conda {CF}/libopenblas-0.3.29-pthreads_h94d23a6_0.conda "
    f"{CF}/libblas-3.9.0-30_h59b9bed_openblas.conda {CF}/libcblas-3.9.0-30_he106b2a_openblas.conda "
    f"{CF}/libgcc-ng-13.2.0-h77fa898_10.conda",
    asked=("channel:conda-forge", "channel:nodefaults", "python=3.11", "numpy", "libcurl"),
)
#: Python of conda-forge, torch 2.9.0 of PyPI, on an A100.
PIP = Env(
    conda=f"{PYTHON} {CF}/numpy-1.26.4-py311h64a7726_0.conda",
    pip=TORCH,
    vm=A100,
    driver="570.124.06",
    image=IMAGE,
    asked=(
        "channel:conda-forge",
        "channel:nodefaults",
        "python=3.11",
        "numpy",
        "pip:torch==2.9.0",
        "pip:torchvision",
    ),
    needs=("torch>triton", "torch>nvidia-cudnn-cu12", "torch>nvidia-nccl-cu12", "torchvision>torch"),
)
#: torch of the pytorch channel.
CONDA_TORCH = Env(
    conda=f"{PYTHON} {CF}/numpy-1.26.4-py311h64a7726_0.conda {PT}/pytorch-2.1.0-py3.11_cuda12.1_cudnn8.9.2_0.tar.bz2 "
    f"{PT}/torchvision-0.16.0-py311_cu121.tar.bz2 {PT}/pytorch-cuda-12.1-ha16c6d3_5.tar.bz2 "
    f"{CF}/mkl-2023.2.0-h84fe81f_50496.conda {CF}/llvm-openmp-15.0.7-h0cdce71_0.conda",
    vm=A100,
    asked=(
        "channel:pytorch",
        "channel:nvidia",
        "channel:conda-forge",
        "channel:nodefaults",
        "pytorch",
        "torchvision",
    ),
)
SOUND = {"conda-forge": FORGE, "pip torch": PIP, "pytorch channel": CONDA_TORCH}


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A fault: the rule that must speak, and the two things its finding must name."""

    why: str
    rule: str
    env: Env
    names: tuple[str, str]


def _conda(base: Env, *swaps: tuple[str, str]) -> Env:
    """Return the environment with records replaced: (part of the old address or ``+``, new address)."""
    addresses = base.conda.split()
    for old, new in swaps:
        addresses = [address for address in addresses if old == "+" or old not in address] + (
            [new] if new else []
        )
    return replace(base, conda=" ".join(addresses))


def _pip(base: Env, *swaps: tuple[str, str]) -> Env:
    """Return the environment with wheels replaced: (start of the old one or ``+``, new one)."""
    texts = base.pip.split()
    for old, new in swaps:
        texts = [text for text in texts if old == "+" or not text.startswith(old)] + ([new] if new else [])
    return replace(base, pip=" ".join(texts))


def _fault(why: str, rule: str, env: Env, *names: str) -> Fault:
    return Fault(why=why, rule=rule, env=env, names=(names[0], names[1]))


TORCH_2_11 = replace(
    PIP,
    pip="torch-2.11.0-cp311-cp311-manylinux_2_28_x86_64.whl torchvision==0.26.0 nvidia-cudnn-cu13==9.19.0.56",
)
FAULTS = [
    _fault(
        "V100 with torch 2.11 of PyPI",
        "gpu/architecture-missing",
        replace(TORCH_2_11, vm=V100),
        "torch 2.11.0",
        "V100",
    ),
    _fault(
        "CUDA 13 on driver 550",
        "gpu/driver-too-old",
        replace(TORCH_2_11, driver="550.54.15"),
        "torch 2.11.0",
        "driver 550.54.15",
    ),
    _fault(
        "two OpenMPs",
        "runtime/two-openmp",
        _conda(
            FORGE,
            ("+", f"{MAIN}/intel-openmp-2021.4.0-h06a4308_3561.conda"),
            ("+", f"{CF}/llvm-openmp-15.0.7-h0cdce71_0.conda"),
        ),
        "intel-openmp",
        "llvm-openmp",
    ),
    _fault(
        "defaults under conda-forge",
        "channel/families-linked",
        _conda(FORGE, ("openssl", f"{MAIN}/openssl-3.0.15-h5eee18b_0.conda")),
        "libcurl",
        "openssl",
    ),
    _fault(
        "openssl of defaults",
        "channel/openssl",
        _conda(FORGE, ("openssl", f"{MAIN}/openssl-3.0.15-h5eee18b_0.conda")),
        "openssl 3.0.15",
        "libcurl",
    ),
    _fault(
        "defaults although the file says conda-forge",
        "channel/defaults-despite-conda-forge",
        _conda(FORGE, ("openssl", f"{MAIN}/openssl-3.0.15-h5eee18b_0.conda")),
        "openssl 3.0.15",
        "environment.yml",
    ),
    _fault(
        "GCC runtime of defaults",
        "channel/gcc-runtime",
        _conda(FORGE, ("libgcc-ng", f"{MAIN}/libgcc-ng-11.2.0-h1234567_1.conda")),
        "libgcc-ng 11.2.0",
        "libcurl",
    ),
    _fault(
        "hdf5 of defaults",
        "channel/hdf5",
        _conda(
            FORGE,
            ("+", f"{CF}/h5py-3.12.1-nompi_py311hb639ac4_102.conda"),
            ("+", f"{MAIN}/hdf5-1.10.4-hb1b8bf9_0.conda"),
        ),
        "hdf5 1.10.4",
        "h5py",
    ),
    _fault(
        "icu of defaults",
        "channel/icu",
        _conda(
            FORGE, ("+", f"{CF}/libxml2-2.12.6-h232c23b_0.conda"), ("+", f"{MAIN}/icu-58.2-he6710b0_3.conda")
        ),
        "icu 58.2",
        "libxml2",
    ),
    _fault(
        "BLAS of two kinds",
        "runtime/two-blas",
        _conda(FORGE, ("libblas", f"{CF}/libblas-3.9.0-30_h2556b6b_mkl.conda")),
        "libblas",
        "libcblas",
    ),
    _fault(
        "numpy by conda and by pip",
        "runtime/pip-over-conda",
        _pip(FORGE, ("+", "numpy-2.2.6-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl")),
        "numpy 1.26.4",
        "numpy 2.2.6",
    ),
    _fault(
        "torch by conda and by pip",
        "torch/conda-and-pip",
        _pip(CONDA_TORCH, ("+", "torch-2.9.0-cp311-cp311-manylinux_2_28_x86_64.whl")),
        "pytorch 2.1.0",
        "torch 2.9.0",
    ),
    _fault(
        "MKL 2024.1 under the pytorch channel's torch",
        "torch/mkl-2024-1",
        _conda(CONDA_TORCH, ("/mkl-", f"{CF}/mkl-2024.1.0-ha957f24_693.conda")),
        "pytorch 2.1.0",
        "mkl 2024.1.0",
    ),
    _fault(
        "llvm-openmp 18 under the pytorch channel's torch",
        "torch/llvm-openmp-16",
        _conda(CONDA_TORCH, ("llvm-openmp", f"{CF}/llvm-openmp-18.1.8-hf5423f3_1.conda")),
        "pytorch 2.1.0",
        "llvm-openmp 18.1.8",
    ),
    _fault(
        "torchvision of another torch, conda",
        "torch/vision",
        _conda(CONDA_TORCH, ("/pytorch-2", f"{PT}/pytorch-2.3.1-py3.11_cuda12.1_cudnn8.9.2_0.tar.bz2")),
        "torchvision 0.16.0",
        "pytorch 2.3.1",
    ),
    _fault(
        "pip's torchvision over conda's torch",
        "torch/pip-extensions-over-conda",
        _pip(
            _conda(CONDA_TORCH, ("torchvision", "")),
            ("+", "torchvision-0.16.0-cp311-cp311-manylinux1_x86_64.whl"),
        ),
        "torchvision 0.16.0",
        "pytorch 2.1.0",
    ),
    _fault(
        "torchvision of another torch, pip",
        "torch/vision",
        _pip(PIP, ("torchvision", "torchvision==0.20.1")),
        "torchvision 0.20.1",
        "torch 2.9.0",
    ),
    _fault(
        "triton of another torch",
        "torch/triton",
        _pip(PIP, ("triton", "triton-3.3.0-cp311-cp311-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl")),
        "triton 3.3.0",
        "torch 2.9.0",
    ),
    _fault(
        "xformers of another torch",
        "torch/xformers",
        _pip(PIP, ("+", "xformers-0.0.30-cp311-cp311-manylinux_2_28_x86_64.whl")),
        "xformers 0.0.30",
        "torch 2.9.0",
    ),
    _fault(
        "vllm of another torch",
        "torch/vllm",
        _pip(PIP, ("+", "vllm-0.9.0-cp38-abi3-manylinux1_x86_64.whl")),
        "vllm 0.9.0",
        "torch 2.9.0",
    ),
    _fault(
        "NCCL lowered by another package",
        "gpu/nccl-pin",
        _pip(PIP, ("nvidia-nccl", "nvidia-nccl-cu12==2.18.1")),
        "torch 2.9.0",
        "nvidia-nccl-cu12 2.18.1",
    ),
    _fault(
        "cuDNN lowered by another package",
        "gpu/cudnn-pins",
        _pip(PIP, ("nvidia-cudnn", "nvidia-cudnn-cu12==9.1.0.70")),
        "torch 2.9.0",
        "nvidia-cudnn-cu12 9.1.0.70",
    ),
    _fault(
        "nvJitLink of an older toolkit",
        "cuda/nvjitlink",
        _pip(PIP, ("nvidia-nvjitlink", "nvidia-nvjitlink-cu12==12.1.105")),
        "nvidia-nvjitlink-cu12 12.1.105",
        "nvidia-cusparse-cu12 12.5.8.93",
    ),
    _fault(
        "CUDA 12 and CUDA 13",
        "cuda/two-majors",
        _pip(PIP, ("+", "cupy_cuda13x-13.6.0-cp311-cp311-manylinux2014_x86_64.whl")),
        "torch 2.9.0",
        "cupy-cuda13x",
    ),
    _fault(
        "numpy 2 under torch 2.2",
        "torch/numpy-2",
        _conda(
            _pip(FORGE, ("+", "torch-2.2.0-cp311-cp311-manylinux1_x86_64.whl")),
            ("numpy", f"{CF}/numpy-2.2.6-py311h5d046bc_0.conda"),
        ),
        "torch 2.2.0",
        "numpy 2.2.6",
    ),
    _fault(
        "torch for Python 3.8",
        "python/framework",
        replace(
            _conda(PIP, ("python-3", f"{CF}/python-3.8.18-hd12c33a_1_cpython.conda"), ("numpy", "")),
            pip="torch==2.9.0",
        ),
        "torch 2.9.0",
        "python 3.8.18",
    ),
    _fault(
        "wheel newer than the image's glibc",
        "image/glibc-too-old",
        replace(PIP, image="mcr.microsoft.com/azureml/openmpi3.1.2-cuda10.1-cudnn7-ubuntu18.04:20220303.v1"),
        "torch 2.9.0",
        "ubuntu18.04",
    ),
    _fault(
        "CPU build on an A100",
        "gpu/cpu-build",
        replace(_conda(FORGE, ("+", f"{CF}/pytorch-2.10.0-cpu_mkl_py311_h3da180d_103.conda")), vm=A100),
        "pytorch 2.10.0",
        "A100",
    ),
    _fault(
        "TensorFlow without its CUDA",
        "tensorflow/without-and-cuda",
        replace(
            FORGE, pip="tensorflow-2.17.0-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", vm=A100
        ),
        "tensorflow 2.17.0",
        "nvidia-cudnn",
    ),
    _fault(
        "onnxruntime and onnxruntime-gpu",
        "onnxruntime/twice",
        _pip(
            PIP,
            ("+", "onnxruntime_gpu-1.21.0-cp311-cp311-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl"),
            ("+", "onnxruntime-1.21.0-cp311-cp311-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl"),
        ),
        "onnxruntime 1.21.0",
        "onnxruntime-gpu 1.21.0",
    ),
    _fault(
        "two opencv",
        "runtime/opencv-twice",
        _pip(
            PIP,
            ("+", "opencv_python-4.6.0.66-cp36-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"),
            (
                "+",
                "opencv_python_headless-4.10.0.84-cp37-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
            ),
        ),
        "opencv-python 4.6.0.66",
        "opencv-python-headless 4.10.0.84",
    ),
    _fault(
        "retired VM size",
        "vm/retired",
        replace(FORGE, vm="Standard_NC6s_v3", today="2026-11-20"),
        "Standard_NC6s_v3",
        "NCv3",
    ),
    _fault(
        "JAX plugin of another release",
        "jax/one-release",
        _pip(
            PIP,
            ("+", "jax_cuda12_plugin-0.6.0-cp311-cp311-manylinux2014_x86_64.whl"),
            ("+", "jaxlib-0.6.2-cp311-cp311-manylinux2014_x86_64.whl"),
        ),
        "jax-cuda12-plugin 0.6.0",
        "jaxlib 0.6.2",
    ),
    _fault(
        "x86_64 lock on a Grace host",
        "vm/other-processor",
        replace(PIP, vm="Standard_ND128isr_NDR_GB200_v6"),
        "Standard_ND128isr_NDR_GB200_v6",
        "python",
    ),
]
