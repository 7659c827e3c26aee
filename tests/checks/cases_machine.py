"""Image and VM rules: a failing and a passing environment each."""

from __future__ import annotations

from tests.checks.make import Case, Env

AZUREML = "mcr.microsoft.com/azureml"
NEW, OLD = f"{AZUREML}/openmpi5.0-cuda12.6-ubuntu24.04", f"{AZUREML}/openmpi3.1.2-cuda10.1-cudnn7-ubuntu18.04"
TORCH_2_9 = "torch-2.9.0-cp311-cp311-manylinux_2_28_x86_64.whl"
TORCH_2_6 = "torch-2.6.0-cp311-cp311-manylinux1_x86_64.whl"
A100 = "Standard_NC24ads_A100_v4"

CASES = [
    Case(
        rule="image/glibc-too-old",
        names=("torch 2.9.0", "2.27"),
        fails=Env(pip=TORCH_2_9, image=f"{OLD}:20220303.v1"),
        passes=Env(pip=TORCH_2_9, image=f"{NEW}:20260301.v1"),
    ),
    Case(
        rule="image/virtual-package",
        names=("libcudnn", "__glibc 2.27"),
        fails=Env(
            conda="conda-forge/linux-64/libcudnn-9.10.2.21-hf7e9902_0.conda", image=f"{OLD}:20220303.v1"
        ),
        passes=Env(
            conda="conda-forge/linux-64/libcudnn-9.10.2.21-hf7e9902_0.conda", image=f"{NEW}:20260301.v1"
        ),
    ),
    Case(
        rule="image/deprecated",
        names=("cuda11.8-cudnn8-ubuntu22.04",),
        fails=Env(image=f"{AZUREML}/openmpi4.1.0-cuda11.8-cudnn8-ubuntu22.04:20250701.v1"),
        passes=Env(image=f"{NEW}:20260301.v1"),
    ),
    Case(
        rule="image/never-published",
        names=("openmpi4.1.0-cuda12.1-cudnn8-ubuntu22.04",),
        fails=Env(image=f"{AZUREML}/openmpi4.1.0-cuda12.1-cudnn8-ubuntu22.04:20230101.v1"),
        passes=Env(image=f"{AZUREML}/openmpi5.0-cuda13.3-ubuntu26.04:20270101.v1"),
    ),
    Case(
        rule="image/floating-tag",
        names=(NEW,),
        fails=Env(image=f"{NEW}:latest"),
        passes=Env(image=f"{NEW}:20260301.v1"),
    ),
    Case(
        rule="image/floating-tag",
        names=("azureml:sklearn-1.5@latest",),
        fails=Env(image="azureml:sklearn-1.5@latest"),
        passes=Env(image="azureml:sklearn-1.5:34"),
    ),
    Case(
        rule="azureml/curated-name",
        names=("acpt-pytorch-2.2-cuda12.1", "2.10.0"),
        fails=Env(image="azureml:acpt-pytorch-2.2-cuda12.1:50"),
        passes=Env(image="azureml:sklearn-1.5:34"),
    ),
    Case(
        rule="azureml/curated-deleted",
        names=("tensorflow-2.12-cuda11",),
        fails=Env(image="mcr.microsoft.com/azureml/curated/tensorflow-2.12-cuda11:20"),
        passes=Env(image="mcr.microsoft.com/azureml/curated/tensorflow-2.16-cuda12:20"),
    ),
    Case(
        rule="image/driver-requirement",
        names=("cuda12.8", "525.147"),
        fails=Env(image=f"{AZUREML}/openmpi5.0-cuda12.8-ubuntu24.04:20260301.v1", driver="525.147.05"),
        passes=Env(image=f"{AZUREML}/openmpi5.0-cuda12.8-ubuntu24.04:20260301.v1", driver="535.161.07"),
    ),
    Case(
        rule="image/cuda-shadows-wheels",
        names=("torch 2.9.0", "cuda12.4"),
        fails=Env(pip=TORCH_2_9, image=f"{AZUREML}/openmpi5.0-cuda12.4-ubuntu22.04:20260301.v1"),
        passes=Env(pip=TORCH_2_9, image=f"{AZUREML}/openmpi5.0-cuda12.8-ubuntu24.04:20260301.v1"),
    ),
    Case(
        rule="image/nvcc-mismatch",
        names=("deepspeed 0.17.1", "torch 2.6.0"),
        fails=Env(
            pip=f"{TORCH_2_6} deepspeed-0.17.1.tar.gz",
            image=f"{AZUREML}/openmpi5.0-cuda13.1-ubuntu24.04:20260301.v1",
        ),
        passes=Env(pip=f"{TORCH_2_6} deepspeed-0.17.1.tar.gz", image=f"{NEW}:20260301.v1"),
    ),
    Case(
        rule="image/cuda-unused",
        names=("torch 2.9.0", "13.1"),
        fails=Env(pip=TORCH_2_9, image=f"{AZUREML}/openmpi5.0-cuda13.1-ubuntu24.04:20260301.v1"),
        passes=Env(pip=TORCH_2_9, image=f"{AZUREML}/openmpi5.0-ubuntu24.04:20260301.v1"),
    ),
    Case(
        rule="image/cuda-compat",
        names=("compat", "580"),
        fails=Env(
            image="nvidia/cuda:12.4.1-cudnn-runtime-ubuntu22.04",
            driver="580.65.06",
            library_path="/usr/local/cuda/compat:/usr/local/cuda/lib64",
        ),
        passes=Env(
            image="nvidia/cuda:12.4.1-cudnn-runtime-ubuntu22.04",
            driver="535.161.07",
            library_path="/usr/local/cuda/compat:/usr/local/cuda/lib64",
        ),
    ),
    Case(
        rule="vm/retired",
        names=("Standard_NC6s_v3",),
        fails=Env(vm="Standard_NC6s_v3", today="2026-11-20"),
        passes=Env(vm=A100, today="2026-11-20"),
    ),
    Case(
        rule="vm/retired",
        names=("Standard_NV12s_v3",),
        severity="warning",
        fails=Env(vm="Standard_NV12s_v3", today="2026-05-01"),
        passes=Env(vm="Standard_NC4as_T4_v3"),
    ),
    Case(
        rule="vm/other-processor",
        names=("Standard_ND128isr_NDR_GB200_v6", "linux-64"),
        fails=Env(pip=TORCH_2_9, vm="Standard_ND128isr_NDR_GB200_v6"),
        passes=Env(
            pip="torch-2.9.0-cp311-cp311-manylinux_2_28_aarch64.whl",
            subdir="linux-aarch64",
            vm="Standard_ND128isr_NDR_GB200_v6",
        ),
    ),
    Case(
        rule="vm/operating-system",
        names=("win-64", "ubuntu24.04"),
        fails=Env(pip="torch==2.6.0", subdir="win-64", image=f"{NEW}:20260301.v1"),
        passes=Env(pip="torch==2.6.0", image=f"{NEW}:20260301.v1"),
    ),
    Case(
        rule="vm/grid-driver",
        names=("Standard_NV36ads_A10_v5",),
        fails=Env(vm="Standard_NV36ads_A10_v5"),
        passes=Env(vm=A100),
    ),
    Case(
        rule="vm/no-gpu",
        names=("vllm 0.9.0", "Standard_DS3_v2"),
        fails=Env(pip="vllm-0.9.0-cp38-abi3-manylinux1_x86_64.whl", vm="Standard_DS3_v2"),
        passes=Env(pip="vllm-0.9.0-cp38-abi3-manylinux1_x86_64.whl", vm=A100),
    ),
]
