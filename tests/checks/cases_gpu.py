"""GPU, framework and Python rules: a failing and a passing environment each, of real records and wheels."""

# ruff: noqa: E501  # names of real files and messages stay in one piece

from __future__ import annotations

from tests.checks.make import Case, Env

CF, PT = "conda-forge/linux-64", "pytorch/linux-64"
V100, A100, T4 = "Standard_ND40rs_v2", "Standard_NC24ads_A100_v4", "Standard_NC4as_T4_v3"
TORCH_2_11 = "torch-2.11.0-cp311-cp311-manylinux_2_28_x86_64.whl"
TORCH_2_9 = "torch-2.9.0-cp311-cp311-manylinux_2_28_x86_64.whl"
TORCH_2_7 = "torch-2.7.0-cp311-cp311-manylinux_2_28_x86_64.whl"
TORCH_2_6 = "torch-2.6.0-cp311-cp311-manylinux1_x86_64.whl"
TORCH_2_2 = "torch-2.2.0-cp311-cp311-manylinux1_x86_64.whl"
TF_2_17 = "tensorflow-2.17.0-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"
TF_2_16 = "tensorflow-2.16.1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"
TF_2_15 = "tensorflow-2.15.0-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"
TF_2_12 = "tensorflow-2.12.0-cp310-cp310-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"
JAX_PLUGIN = "jax_cuda12_plugin-0.6.0-cp311-cp311-manylinux2014_x86_64.whl"
ORT_1_21 = "onnxruntime_gpu-1.21.0-cp311-cp311-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl"
CF_CUDA = f"{CF}/pytorch-2.10.0-cuda129_mkl_py311_h333e2d5_303.conda"
CF_CPU = f"{CF}/pytorch-2.10.0-cpu_mkl_py311_h3da180d_103.conda"
PT_CUDA = f"{PT}/pytorch-2.1.0-py3.11_cuda12.1_cudnn8.9.2_0.tar.bz2"
PY311, PY38 = f"{CF}/python-3.11.9-hb806964_0_cpython.conda", f"{CF}/python-3.8.18-hd12c33a_1_cpython.conda"
NUMPY_1, NUMPY_2 = f"{CF}/numpy-1.26.4-py311h64a7726_0.conda", f"{CF}/numpy-2.2.6-py311h5d046bc_0.conda"

LIBSTDCXX_11 = "pkgs/main/linux-64/libstdcxx-ng-11.2.0-h1234567_1.conda"

CASES = [
    Case(
        rule="runtime/glibcxx",
        names=("open3d 0.20.0", "libstdcxx-ng 11.2.0"),
        severity="error",
        fails=Env(conda=LIBSTDCXX_11, pip="open3d==0.20.0"),
        passes=Env(conda=LIBSTDCXX_11, pip="numexpr==2.14.2"),
    ),
    Case(
        rule="runtime/glibcxx",
        names=("deepspeed 0.15.1", "libstdcxx-ng 11.2.0", "ubuntu:24.04"),
        severity="warning",
        fails=Env(conda=LIBSTDCXX_11, pip="deepspeed-0.15.1.tar.gz", image="ubuntu:24.04"),
        passes=Env(conda=LIBSTDCXX_11, pip="deepspeed-0.15.1.tar.gz", image="ubuntu:20.04"),
    ),
    Case(
        rule="runtime/glibcxx",
        names=("newer 1.0", "libstdcxx-ng 11.2.0", "manylinux_2_35"),
        severity="warning",
        fails=Env(conda=LIBSTDCXX_11, pip="newer-1.0-cp311-cp311-manylinux_2_35_x86_64.whl"),
        passes=Env(conda=LIBSTDCXX_11, pip="newer-1.0-cp311-cp311-manylinux_2_34_x86_64.whl"),
    ),
    Case(
        rule="runtime/glibcxx",
        names=("open3d 0.20.0", "ubuntu:20.04"),
        severity="error",
        fails=Env(pip="open3d==0.20.0", image="ubuntu:20.04"),
        passes=Env(pip="open3d==0.20.0", image="ubuntu:22.04"),
    ),
    Case(
        rule="torch/compiled-for-pypi",
        names=("xformers 0.0.22.post7", "torch 2.1.0+cpu"),
        severity="error",
        fails=Env(pip="xformers==0.0.22.post7 torch==2.1.0+cpu"),
        passes=Env(pip="xformers==0.0.22.post7 torch==2.1.0"),
    ),
    Case(
        rule="torch/compiled-for-pypi",
        names=("vllm 0.10.2", "torch 2.8.0+cu126"),
        severity="warning",
        fails=Env(pip="vllm==0.10.2 torch==2.8.0+cu126"),
        passes=Env(pip="vllm==0.10.2 torch==2.8.0+cu128"),
    ),
    Case(
        rule="gpu/architecture-missing",
        names=("torch 2.11.0", "V100"),
        severity="error",
        fails=Env(pip=TORCH_2_11, vm=V100),
        passes=Env(pip=TORCH_2_11, vm=A100),
    ),
    Case(
        rule="gpu/architecture-missing",
        names=("torch 2.6.0+cu118", "RTX 5090"),
        severity="error",
        fails=Env(pip="torch==2.6.0+cu118", gpu="RTX 5090"),
        passes=Env(pip="torch==2.6.0+cu118", gpu="V100"),
    ),
    Case(
        rule="gpu/architecture-missing",
        names=("torch 2.10.0+cu129", "GTX 1080"),
        severity="warning",  # of that variant only the build script of its days was read
        fails=Env(pip="torch==2.10.0+cu129", gpu="GTX 1080"),
        passes=Env(pip="torch==2.10.0+cu129", gpu="V100"),
    ),
    Case(
        rule="gpu/toolkit-cannot-target",
        names=("CUDA 13", "V100"),
        fails=Env(pip="nvidia_cudnn_cu13-9.19.0.56-py3-none-manylinux_2_27_x86_64.whl", vm=V100),
        passes=Env(pip="nvidia_cudnn_cu12-9.10.2.21-py3-none-manylinux_2_27_x86_64.whl", vm=V100),
    ),
    Case(  # P6: its capability is nobody's word but its chip's
        rule="gpu/toolkit-cannot-target",
        names=("CUDA 13", "P6"),
        severity="warning",
        fails=Env(pip="nvidia_cudnn_cu13-9.19.0.56-py3-none-manylinux_2_27_x86_64.whl", gpu="Tesla P6"),
        passes=Env(pip="nvidia_cudnn_cu13-9.19.0.56-py3-none-manylinux_2_27_x86_64.whl", gpu="H20"),
    ),
    Case(
        rule="gpu/architecture-missing",
        names=("torch 2.11.0", "P6"),
        severity="warning",
        fails=Env(pip=TORCH_2_11, gpu="Tesla P6"),
        passes=Env(pip=TORCH_2_11, gpu="A100X"),
    ),
    Case(
        rule="gpu/flash-attention-2",
        names=("flash-attn 2", "P6"),
        severity="warning",
        fails=Env(pip="flash-attn==2.8.3", gpu="Tesla P6"),
        passes=Env(pip="flash-attn==2.8.3", gpu="A100X"),
    ),
    Case(
        rule="gpu/ptx-only",
        names=("torch 2.9.0", "13.0"),
        fails=Env(pip="torch==2.9.0+cu130", gpu="13.0"),
        passes=Env(pip="torch==2.9.0+cu130", gpu="GB10"),
    ),
    Case(
        rule="gpu/driver-too-old",
        names=("torch 2.11.0", "550.54"),
        fails=Env(pip=TORCH_2_11, driver="550.54.15"),
        passes=Env(pip=TORCH_2_9, driver="550.54.15"),
    ),
    Case(
        rule="gpu/driver-too-old-for-jit",
        names=("numba-cuda", "torch 2.9.0"),
        fails=Env(pip=f"{TORCH_2_9} numba-cuda==0.20.0", driver="535.104.05"),
        passes=Env(
            pip=f"{TORCH_2_9} triton-3.5.0-cp311-cp311-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl "
            "cupy-cuda12x==13.6.0",
            driver="535.104.05",
        ),
    ),
    Case(
        rule="gpu/rocm-build",
        names=("torch 2.6.0+rocm6.2.4", "A100"),
        fails=Env(pip="torch==2.6.0+rocm6.2.4", gpu="A100"),
        passes=Env(pip="torch==2.6.0+rocm6.2.4", gpu="MI300X"),
    ),
    Case(
        rule="torch/no-mac-variant",
        names=("torch 2.3.1+cu121", "osx-arm64"),
        fails=Env(pip="torch==2.3.1+cu121", subdir="osx-arm64"),
        passes=Env(pip="torch==2.3.1", subdir="osx-arm64"),
    ),
    Case(
        rule="gpu/cpu-build",
        names=("pytorch", "A100"),
        severity="error",
        fails=Env(conda=CF_CPU, vm=A100),
        passes=Env(conda=CF_CUDA, vm=A100),
    ),
    Case(
        rule="gpu/cpu-build",
        names=("pytorch", "cpuonly"),
        severity="note",
        fails=Env(conda=CF_CPU, vm=A100, asked=("pytorch", "cpuonly")),
        passes=Env(conda=CF_CPU),
    ),
    Case(
        rule="gpu/cuda-build-without-gpu",
        names=("pytorch", "Standard_DS3_v2"),
        fails=Env(conda=CF_CUDA, vm="Standard_DS3_v2"),
        passes=Env(conda=CF_CPU, vm="Standard_DS3_v2"),
    ),
    Case(
        rule="gpu/not-nvidia",
        names=("torch 2.9.0", "Standard_ND96isr_MI300X_v5"),
        fails=Env(pip=TORCH_2_9, vm="Standard_ND96isr_MI300X_v5"),
        passes=Env(pip=TORCH_2_9, vm=A100),
    ),
    Case(
        rule="gpu/cudnn-architecture",
        names=("nvidia-cudnn-cu12", "V100"),
        fails=Env(pip="nvidia-cudnn-cu12==9.17.0.29", vm=V100),
        passes=Env(pip="nvidia-cudnn-cu12==9.10.2.21", vm=V100),
    ),
    Case(
        rule="gpu/flash-attention-2",
        names=("flash-attn", "T4"),
        fails=Env(pip="flash_attn-2.8.3.tar.gz", vm=T4),
        passes=Env(pip="flash_attn-2.8.3.tar.gz", vm=A100),
    ),
    Case(
        rule="cuda/two-majors",
        names=("torch 2.11.0", "nvidia-cudnn-cu12"),
        severity="error",
        fails=Env(pip=f"{TORCH_2_11} {TF_2_17} nvidia-cudnn-cu12==8.9.7.29"),
        passes=Env(pip=f"{TORCH_2_9} {TF_2_17} nvidia-cudnn-cu12==9.10.2.21"),
    ),
    Case(
        rule="cuda/two-majors",
        names=("cudatoolkit", "cuda-version"),
        severity="error",
        fails=Env(
            conda=f"{CF}/cudatoolkit-11.8.0-h4ba93d1_13.conda conda-forge/noarch/cuda-version-12.1-h1d6eff3_2.conda "
            f"{CF}/libcublas-12.4.5.8-hd3aeb46_1.conda"
        ),
        passes=Env(
            conda=f"{CF}/cudatoolkit-11.8.0-h4ba93d1_13.conda conda-forge/noarch/cuda-version-11.8-h70ddcb2_3.conda"
        ),
    ),
    Case(
        rule="cuda/nvjitlink",
        names=("nvidia-nvjitlink-cu12", "nvidia-cusparse-cu12"),
        fails=Env(pip="nvidia-nvjitlink-cu12==12.1.105 nvidia-cusparse-cu12==12.3.1.170"),
        passes=Env(pip="nvidia-nvjitlink-cu12==12.4.127 nvidia-cusparse-cu12==12.3.1.170"),
    ),
    Case(
        rule="cuda/components-mixed",
        names=("nvidia-cublas-cu12", "nvidia-cufft-cu12"),
        fails=Env(pip="nvidia-cublas-cu12==12.1.3.1 nvidia-cufft-cu12==11.2.1.3"),
        passes=Env(pip="nvidia-cublas-cu12==12.4.5.8 nvidia-cufft-cu12==11.2.1.3"),
    ),
    Case(
        rule="cuda/cupy-twice",
        names=("cupy-cuda11x", "cupy-cuda12x"),
        fails=Env(
            pip="cupy_cuda11x-13.5.1-cp311-cp311-manylinux2014_x86_64.whl cupy_cuda12x-13.5.1-cp311-cp311-manylinux2014_x86_64.whl"
        ),
        passes=Env(pip="cupy_cuda12x-13.5.1-cp311-cp311-manylinux2014_x86_64.whl"),
    ),
    Case(
        rule="cuda/torch-pins",
        names=("torch 2.6.0", "nvidia-cublas-cu12"),
        fails=Env(pip=f"{TORCH_2_6} nvidia-cublas-cu12==12.8.4.1"),
        passes=Env(pip=f"{TORCH_2_6} nvidia-cublas-cu12==12.4.5.8"),
    ),
    Case(
        rule="gpu/cudnn-pins",
        names=("torch 2.7.0", "jax-cuda12-plugin"),
        fails=Env(pip=f"{TORCH_2_7} {JAX_PLUGIN}"),
        passes=Env(pip=f"{TORCH_2_9} {JAX_PLUGIN}"),
    ),
    Case(
        rule="gpu/cudnn-pins",
        names=("jax-cuda12-plugin", "nvidia-cudnn-cu12"),
        fails=Env(pip=f"{JAX_PLUGIN} nvidia-cudnn-cu12==9.1.0.70"),
        passes=Env(pip=f"{JAX_PLUGIN} nvidia-cudnn-cu12==9.10.2.21"),
    ),
    Case(
        rule="gpu/nccl-pin",
        names=("torch 2.6.0", "nvidia-nccl-cu12"),
        fails=Env(pip=f"{TORCH_2_6} nvidia-nccl-cu12==2.18.1"),
        passes=Env(pip=f"{TORCH_2_6} nvidia-nccl-cu12==2.21.5"),
    ),
    Case(
        rule="gpu/cudnn-twice",
        names=("cudnn 8.9.7.29", "nvidia-cudnn-cu12 8.5"),
        severity="error",
        fails=Env(conda=f"{CF}/cudnn-8.9.7.29-h092f7fd_3.conda", pip="nvidia-cudnn-cu12==8.5.0.96"),
        passes=Env(conda=f"{CF}/cudnn-8.9.7.29-h092f7fd_3.conda"),
    ),
    Case(
        rule="gpu/cudnn-twice",
        names=("nvidia-cudnn-cu12 9.10", "nvidia-cudnn-cu13 9.19"),
        severity="warning",
        fails=Env(pip="nvidia-cudnn-cu12==9.10.2.21 nvidia-cudnn-cu13==9.19.0.56"),
        passes=Env(pip="nvidia-cudnn-cu13==9.19.0.56"),
    ),
    Case(
        rule="gpu/cudnn-major",
        names=("onnxruntime-gpu 1.21.0", "nvidia-cudnn-cu12 8.9"),
        fails=Env(pip=f"{ORT_1_21} nvidia-cudnn-cu12==8.9.2.26"),
        passes=Env(pip=f"{ORT_1_21} nvidia-cudnn-cu12==9.1.0.70"),
    ),
    Case(
        rule="gpu/cudnn-major",
        names=("onnxruntime-gpu 1.18.1", "nvidia-cudnn-cu11 9.1"),
        fails=Env(pip="onnxruntime-gpu==1.18.1 nvidia-cudnn-cu11==9.1.0.70"),
        passes=Env(pip="onnxruntime-gpu==1.28.0 nvidia-cudnn-cu11==8.9.5.29"),  # it does without
    ),
    Case(
        rule="gpu/nccl-pin",
        names=("torch 2.12.0+cu126", "nvidia-nccl-cu12 2.27.5"),
        fails=Env(pip="torch==2.12.0+cu126 nvidia-nccl-cu12==2.27.5"),
        passes=Env(pip="torch==2.12.0+cu126 nvidia-nccl-cu12==2.29.3"),
    ),
    Case(
        rule="gpu/image-cudnn-older",
        names=("nvidia-cudnn-cu11", "openmpi4.1.0-cuda11.0.3-cudnn8-ubuntu18.04"),
        fails=Env(
            pip="nvidia-cudnn-cu11==8.7.0.84",
            image="mcr.microsoft.com/azureml/openmpi4.1.0-cuda11.0.3-cudnn8-ubuntu18.04:20230227.v1",
        ),
        passes=Env(
            pip="nvidia-cudnn-cu11==8.7.0.84",
            image="mcr.microsoft.com/azureml/openmpi5.0-ubuntu24.04:20260301.v1",
        ),
    ),
    Case(
        rule="gpu/paddle-and-torch-on-windows",
        names=("paddlepaddle-gpu", "torch"),
        fails=Env(pip="paddlepaddle_gpu-2.6.2-cp311-cp311-win_amd64.whl torch==2.6.0+cu124", subdir="win-64"),
        passes=Env(pip="paddlepaddle_gpu-2.6.2-cp311-cp311-win_amd64.whl", subdir="win-64"),
    ),
    Case(
        rule="torch/conda-and-pip",
        names=("pytorch 2.10.0", "torch 2.9.0"),
        fails=Env(conda=CF_CUDA, pip=TORCH_2_9),
        passes=Env(conda=CF_CUDA),
    ),
    Case(
        rule="torch/pip-extensions-over-conda",
        names=("torchvision", "pytorch"),
        severity="error",
        fails=Env(conda=PT_CUDA, pip="torchvision-0.16.0-cp311-cp311-manylinux1_x86_64.whl"),
        passes=Env(conda=f"{PT_CUDA} {PT}/torchvision-0.16.0-py311_cu121.tar.bz2"),
    ),
    Case(
        rule="torch/variants-differ",
        names=("torch 2.6.0+cu124", "torchvision 0.21.0+cpu"),
        fails=Env(pip="torch==2.6.0+cu124 torchvision==0.21.0+cpu"),
        passes=Env(pip="torch==2.6.0+cu124 torchvision==0.21.0+cu124"),
    ),
    Case(
        rule="torch/variants-differ",
        names=("pytorch", "torchvision"),
        fails=Env(conda=f"{CF_CPU} {CF}/torchvision-0.25.0-cuda129_py311_he7cc6d5_4.conda"),
        passes=Env(conda=f"{CF_CUDA} {CF}/torchvision-0.25.0-cuda129_py311_he7cc6d5_4.conda"),
    ),
    Case(
        rule="torch/no-such-variant",
        names=("environment.yml", "11.8"),
        fails=Env(asked=("pip:torch==2.9.0+cu118",)),
        passes=Env(asked=("pip:torch==2.9.0+cu128",)),
    ),
    Case(
        rule="torch/no-such-variant",
        names=("environment.yml", "12.9"),
        fails=Env(asked=("pip:torch==2.12.0+cu129",)),
        passes=Env(asked=("pip:torch==2.12.1+cu129",)),
    ),
    Case(
        rule="torch/bitsandbytes",
        names=("bitsandbytes 0.44.1", "12.5", "built for 12.6"),
        fails=Env(pip="bitsandbytes==0.44.1 torch==2.6.0+cu126"),
        passes=Env(pip="bitsandbytes==0.45.0 torch==2.6.0+cu126"),
    ),
    Case(
        rule="torch/bitsandbytes",
        names=("bitsandbytes 0.49.2", "13.0", "built for 13.2"),
        fails=Env(pip="bitsandbytes==0.49.2 torch==2.13.0+cu132"),
        passes=Env(pip="bitsandbytes==0.50.0 torch==2.13.0+cu132"),
    ),
    Case(
        rule="torch/bitsandbytes",
        names=("bitsandbytes", "torch 2.6.0"),
        fails=Env(pip=f"{TORCH_2_6} bitsandbytes-0.41.2.post1-py3-none-any.whl"),
        passes=Env(pip=f"{TORCH_2_6} bitsandbytes-0.45.1-py3-none-manylinux_2_24_x86_64.whl"),
    ),
    Case(
        rule="torch/vision",
        names=("torchvision 0.20.1", "torch 2.6.0"),
        fails=Env(pip=f"{TORCH_2_6} torchvision==0.20.1"),
        passes=Env(pip=f"{TORCH_2_6} torchvision==0.21.0"),
    ),
    Case(
        rule="torch/vision",
        names=("torchvision 0.16.0", "pytorch 2.3.1"),
        fails=Env(
            conda=f"{PT}/pytorch-2.3.1-py3.11_cuda12.1_cudnn8.9.2_0.tar.bz2 {PT}/torchvision-0.16.0-py311_cu121.tar.bz2"
        ),
        passes=Env(
            conda=f"{PT}/pytorch-2.3.1-py3.11_cuda12.1_cudnn8.9.2_0.tar.bz2 {PT}/torchvision-0.18.1-py311_cu121.tar.bz2"
        ),
    ),
    Case(
        rule="torch/audio",
        names=("torchaudio 2.5.1", "torch 2.6.0"),
        fails=Env(pip=f"{TORCH_2_6} torchaudio==2.5.1"),
        passes=Env(pip=f"{TORCH_2_6} torchaudio==2.6.0"),
    ),
    Case(
        rule="torch/text",
        names=("torchtext 0.18.0", "torch 2.6.0"),
        fails=Env(pip=f"{TORCH_2_6} torchtext==0.18.0"),
        passes=Env(pip="torch==2.3.1 torchtext==0.18.0"),
    ),
    Case(
        rule="torch/triton",
        names=("triton 3.3.0", "torch 2.6.0"),
        fails=Env(
            pip=f"{TORCH_2_6} triton-3.3.0-cp311-cp311-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl"
        ),
        passes=Env(
            pip=f"{TORCH_2_6} triton-3.2.0-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"
        ),
    ),
    Case(
        rule="torch/xformers",
        names=("xformers 0.0.30", "torch 2.6.0"),
        fails=Env(pip=f"{TORCH_2_6} xformers-0.0.30-cp311-cp311-manylinux_2_28_x86_64.whl"),
        passes=Env(pip=f"{TORCH_2_6} xformers-0.0.29.post3-cp311-cp311-manylinux_2_28_x86_64.whl"),
    ),
    Case(
        rule="torch/vllm",
        names=("vllm 0.9.0", "torch 2.6.0"),
        fails=Env(pip=f"{TORCH_2_6} vllm-0.9.0-cp38-abi3-manylinux1_x86_64.whl"),
        passes=Env(pip=f"{TORCH_2_6} vllm-0.8.5-cp38-abi3-manylinux1_x86_64.whl"),
    ),
    Case(
        rule="torch/vllm",
        names=("vllm 0.11.2", "xformers 0.0.32.post1"),
        fails=Env(pip="vllm==0.11.2 xformers==0.0.32.post1"),
        passes=Env(  # vllm asks for xformers on x86_64 alone
            pip="vllm==0.11.2 xformers==0.0.32.post1", subdir="linux-aarch64"
        ),
    ),
    Case(
        rule="torch/flash-attn",
        names=("flash-attn", "torch 2.6.0"),
        fails=Env(
            pip=f"{TORCH_2_6} flash_attn-2.7.4.post1+cu12torch2.5cxx11abiFALSE-cp311-cp311-linux_x86_64.whl"
        ),
        passes=Env(
            pip=f"{TORCH_2_6} flash_attn-2.7.4.post1+cu12torch2.6cxx11abiFALSE-cp311-cp311-linux_x86_64.whl"
        ),
    ),
    Case(
        rule="torch/flash-attn-source",
        names=("flash-attn",),
        fails=Env(pip="flash_attn-2.8.3.tar.gz"),
        passes=Env(pip="flash_attn-2.7.4.post1+cu12torch2.6cxx11abiFALSE-cp311-cp311-linux_x86_64.whl"),
    ),
    Case(
        rule="torch/numpy-2",
        names=("torch 2.2.0", "numpy 2.2.6"),
        fails=Env(pip=TORCH_2_2, conda=NUMPY_2),
        passes=Env(pip=TORCH_2_2, conda=NUMPY_1),
    ),
    Case(
        rule="torch/mkl-2024-1",
        names=("pytorch 2.1.0", "mkl 2024.1.0"),
        fails=Env(conda=f"{PT_CUDA} {CF}/mkl-2024.1.0-ha957f24_693.conda"),
        passes=Env(conda=f"{PT_CUDA} {CF}/mkl-2023.2.0-h84fe81f_50496.conda"),
    ),
    Case(
        rule="torch/llvm-openmp-16",
        names=("pytorch 2.1.0", "llvm-openmp 18"),
        fails=Env(conda=f"{PT_CUDA} {CF}/llvm-openmp-18.1.8-hf5423f3_1.conda"),
        passes=Env(conda=f"{PT_CUDA} {CF}/llvm-openmp-15.0.7-h0cdce71_0.conda"),
    ),
    Case(
        rule="torch/cpuonly-ignored",
        names=("pytorch", "cpuonly"),
        fails=Env(conda=f"{CF_CUDA} pytorch/noarch/cpuonly-2.0-0.tar.bz2"),
        passes=Env(conda=f"{PT}/pytorch-2.1.0-py3.11_cpu_0.tar.bz2 pytorch/noarch/cpuonly-2.0-0.tar.bz2"),
    ),
    Case(
        rule="torch/pytorch-cuda",
        names=("pytorch-cuda 11.8", "pytorch 2.10.0"),
        fails=Env(conda=f"{CF_CUDA} {PT}/pytorch-cuda-11.8-h7e8668a_5.tar.bz2"),
        passes=Env(conda=f"{PT_CUDA} {PT}/pytorch-cuda-12.1-ha16c6d3_5.tar.bz2"),
    ),
    Case(
        rule="torch/no-such-conda-variant",
        names=("pytorch 2.10.0", "cuda-version=12.4"),
        fails=Env(conda=CF_CUDA, asked=("pytorch", "cuda-version=12.4")),
        passes=Env(conda=CF_CUDA, asked=("pytorch", "cuda-version=12.9")),
    ),
    Case(
        rule="tensorflow/without-and-cuda",
        names=("tensorflow 2.17.0",),
        severity="error",
        fails=Env(pip=TF_2_17, vm=A100),
        passes=Env(pip=f"{TF_2_17} nvidia-cudnn-cu12==8.9.7.29", vm=A100),
    ),
    Case(
        rule="tensorflow/windows-gpu",
        names=("tensorflow 2.17.0", "win-64"),
        fails=Env(pip="tensorflow-2.17.0-cp311-cp311-win_amd64.whl", subdir="win-64", gpu="A100"),
        passes=Env(pip="tensorflow-2.10.1-cp310-cp310-win_amd64.whl", subdir="win-64", gpu="A100"),
    ),
    Case(
        rule="tensorflow/2-16-1",
        names=("tensorflow 2.16.1", "nvidia-cudnn-cu12"),
        fails=Env(pip=f"{TF_2_16} nvidia-cudnn-cu12==8.9.7.29"),
        passes=Env(pip=f"{TF_2_17} nvidia-cudnn-cu12==8.9.7.29"),
    ),
    Case(
        rule="tensorflow/numpy",
        names=("tensorflow 2.12.0", "numpy 1.26.4"),
        fails=Env(pip=TF_2_12, conda=NUMPY_1),
        passes=Env(pip=TF_2_17, conda=NUMPY_1),
    ),
    Case(
        rule="tensorflow/keras",
        names=("tensorflow 2.15.0", "keras 3.15.0"),
        fails=Env(pip=f"{TF_2_15} keras-3.15.0-py3-none-any.whl"),
        passes=Env(pip=f"{TF_2_17} keras-3.15.0-py3-none-any.whl"),
    ),
    Case(
        rule="tensorflow/protobuf",
        names=("tensorflow 2.17.0", "protobuf 5.29.0"),
        fails=Env(pip=f"{TF_2_17} protobuf==5.29.0"),
        passes=Env(pip=f"{TF_2_17} protobuf==4.25.3"),
    ),
    Case(
        rule="tensorflow/keras-3",
        names=("tensorflow-probability", "tensorflow 2.17.0"),
        fails=Env(pip=f"{TF_2_17} tensorflow_probability-0.23.0-py2.py3-none-any.whl"),
        passes=Env(
            pip=f"{TF_2_17} tensorflow_probability-0.23.0-py2.py3-none-any.whl tf_keras-2.17.0-py3-none-any.whl"
        ),
    ),
    Case(
        rule="jax/one-release",
        names=("jax-cuda12-plugin 0.6.0", "jaxlib 0.6.2"),
        fails=Env(pip=f"{JAX_PLUGIN} jaxlib-0.6.2-cp311-cp311-manylinux2014_x86_64.whl"),
        passes=Env(pip=f"{JAX_PLUGIN} jaxlib-0.6.0-cp311-cp311-manylinux2014_x86_64.whl"),
    ),
    Case(
        rule="jax/no-plugin",
        names=("jaxlib 0.6.0", "A100"),
        fails=Env(pip="jaxlib-0.6.0-cp311-cp311-manylinux2014_x86_64.whl", vm=A100),
        passes=Env(pip=f"{JAX_PLUGIN} jaxlib-0.6.0-cp311-cp311-manylinux2014_x86_64.whl", vm=A100),
    ),
    Case(
        rule="onnxruntime/twice",
        names=("onnxruntime", "onnxruntime-gpu"),
        fails=Env(
            pip=f"{ORT_1_21} onnxruntime-1.21.0-cp311-cp311-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl"
        ),
        passes=Env(pip=ORT_1_21),
    ),
    Case(
        rule="onnxruntime/libraries",
        names=("onnxruntime-gpu 1.21.0", "nvidia-cudnn-cu13"),
        fails=Env(pip=f"{ORT_1_21} nvidia-cudnn-cu13==9.19.0.56"),
        passes=Env(pip=f"{ORT_1_21} nvidia-cudnn-cu12==9.10.2.21"),
    ),
    Case(
        rule="python/framework",
        names=("torch 2.11.0", "python 3.8.18"),
        fails=Env(conda=PY38, pip="torch==2.11.0"),
        passes=Env(conda=PY311, pip="torch==2.11.0"),
    ),
    Case(
        rule="python/wheel-tag",
        names=("torch 2.6.0", "python 3.8.18"),
        fails=Env(conda=PY38, pip=TORCH_2_6),
        passes=Env(conda=PY311, pip=TORCH_2_6),
    ),
    Case(
        rule="python/requires-python",
        names=("triton 3.5.0", "python 3.8.18"),
        fails=Env(conda=PY38, pip="triton==3.5.0"),
        passes=Env(conda=PY311, pip="triton==3.5.0"),
    ),
    Case(
        rule="python/package-needs",
        names=("numba 0.58.0", "numpy 1.26.4"),
        fails=Env(
            conda=NUMPY_1, pip="numba-0.58.0-cp311-cp311-manylinux2014_x86_64.manylinux_2_17_x86_64.whl"
        ),
        passes=Env(
            conda=NUMPY_1, pip="numba-0.58.1-cp311-cp311-manylinux2014_x86_64.manylinux_2_17_x86_64.whl"
        ),
    ),
    Case(
        rule="pip/local-version-without-index",
        names=("environment.yml", "torch==2.6.0+cu124"),
        fails=Env(asked=("pip:torch==2.6.0+cu124",)),
        passes=Env(asked=("pip:torch==2.6.0+cu124", "index:https://download.pytorch.org/whl/cu124")),
    ),
    Case(
        rule="pip/variant-index-without-pin",
        names=("torch>=2.6", "cu124"),
        fails=Env(pip=TORCH_2_9, asked=("pip:torch>=2.6", "index:https://download.pytorch.org/whl/cu124")),
        passes=Env(
            pip="torch==2.6.0+cu124", asked=("pip:torch>=2.6", "index:https://download.pytorch.org/whl/cu124")
        ),
    ),
]
