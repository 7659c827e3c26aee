"""Flags, images and VM sizes become facts about the machine, and virtual packages."""

from __future__ import annotations

import pytest

from resolver.errors import InputError
from resolver.machine import facts
from resolver.machine.description import (
    describe_machine,
    find_gpu,
    find_vm_size,
    newest_cuda,
    toolkit_driver,
    virtual_packages,
)
from resolver.machine.image import find_image_reference, read_image, split_reference


@pytest.mark.parametrize(
    ("text", "capability"),
    [
        ("A100", "8.0"),
        ("NVIDIA A100 80GB PCIe", "8.0"),
        ("Tesla T4", "7.5"),
        ("v100", "7.0"),
        ("Tesla V100 16GB", "7.0"),
        ("L40S", "8.9"),
        ("GB200", "10.0"),
        ("8.6", "8.6"),
        ("sm_90", "9.0"),
        ("12.0", "12.0"),
        ("120", "12.0"),
        ("H100", "9.0"),
    ],
)
def test_gpu_models_and_capabilities(text: str, capability: str) -> None:
    assert find_gpu(text).capability == capability


def test_amd_gpu_has_no_capability() -> None:
    gpu = find_gpu("MI300X")
    assert (gpu.vendor, gpu.capability) == ("amd", None)


@pytest.mark.parametrize(
    "row",
    [row for row in facts.table(facts.VmSize).rows if row.size],
    ids=lambda row: row.size,
)
def test_every_vm_size_is_found_in_any_case(row: facts.VmSize) -> None:
    assert row.size is not None
    assert find_vm_size(row.size.upper()) is row


@pytest.mark.parametrize(
    ("size", "series"),
    [
        ("Standard_NC12s_v2", "NCv2"),
        ("Standard_ND96isr_MI300X_v5", "ND_MI300X_v5"),
        ("Standard_NV8as_v4", "NVv4"),
        ("Standard_ND12s", "ND (v1)"),
        ("Standard_NC24r", "NC (v1)"),
    ],
)
def test_sizes_of_a_series_without_a_list(size: str, series: str) -> None:
    row = find_vm_size(size)
    assert row is not None
    assert row.series == series


def test_cpu_size_has_no_gpu() -> None:
    machine = describe_machine(vm_size="Standard_DS3_v2")
    assert machine.has_gpu is False
    assert virtual_packages(machine) == ()


@pytest.mark.parametrize(
    ("driver", "cuda"),
    [
        ("535.161.07", "12.2"),
        ("550.54.15", "12.4"),
        ("580.65.06", "13.0"),
        ("470.82.01", "11.4"),
        ("525.60.13", "12.0"),
        ("100.1", None),
    ],
)
def test_newest_cuda_of_a_driver(driver: str, cuda: str | None) -> None:
    assert newest_cuda(driver) == cuda


def test_a_toolkit_comes_with_its_first_driver() -> None:
    row = toolkit_driver("12.4")
    assert row is not None
    assert row.linux == "550.54.14"
    assert toolkit_driver("99.9") is None


def test_image_and_size_give_virtual_packages() -> None:
    machine = describe_machine(
        image="mcr.microsoft.com/azureml/openmpi5.0-cuda12.6-ubuntu24.04:20260301.v1",
        vm_size="Standard_NC24ads_A100_v4",
    )
    assert [(package.name, package.version) for package in virtual_packages(machine)] == [
        ("__cuda", "12.6"),
        ("__glibc", "2.39"),
    ]
    assert machine.assumptions == ("CUDA 12.6: the driver must know the CUDA of the image to start it",)


def test_flags_outrank_what_is_assumed() -> None:
    machine = describe_machine(vm_size="Standard_NC24ads_A100_v4", driver="550.54.15", glibc="2.31")
    assert [(package.name, package.version) for package in virtual_packages(machine)] == [
        ("__cuda", "12.4"),
        ("__glibc", "2.31"),
    ]
    assert machine.assumptions == ()
    assert machine.driver_is_known


def test_without_a_driver_the_oldest_supported_branch_is_assumed() -> None:
    machine = describe_machine(gpu="A100")
    assert machine.cuda == "12.2"
    assert machine.assumptions
    assert not machine.driver_is_known


def test_amd_size_gives_no_cuda() -> None:
    assert virtual_packages(describe_machine(vm_size="Standard_ND96isr_MI300X_v5")) == ()


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("ubuntu", ("ubuntu", None, None)),
        ("ubuntu:22.04", ("ubuntu", "22.04", None)),
        ("host.example.org:5000/a/b", ("host.example.org:5000/a/b", None, None)),
        ("a/b:{{latest-image-tag:\\d{6}}}", ("a/b", "{{latest-image-tag:\\d{6}}}", None)),
        ("host.example.org:5000/a/b:1@sha256:ab", ("host.example.org:5000/a/b", "1", "sha256:ab")),
    ],
)
def test_references_are_split(text: str, parts: tuple[str, str | None, str | None]) -> None:
    assert split_reference(text) == parts


@pytest.mark.parametrize(
    ("text", "ubuntu", "cuda", "cudnn"),
    [
        ("nvidia/cuda:12.4.1-cudnn-devel-ubuntu22.04", "22.04", "12.4.1", "unknown"),
        ("nvcr.io/nvidia/cuda:12.3.2-cudnn9-devel-ubuntu22.04", "22.04", "12.3.2", "9"),
        (
            "mcr.microsoft.com/aifx/acpt/stable-ubuntu2204-cu126-py310-torch280:biweekly.202601.1",
            "22.04",
            "12.6",
            None,
        ),
        ("mcr.microsoft.com/azureml/openmpi4.1.0-cuda11.8-cudnn8-ubuntu22.04", "22.04", "11.8.0", "8"),
        ("pytorch/pytorch:2.5.1-cuda12.4-cudnn9-runtime", None, "12.4", "9"),
        ("mcr.microsoft.com/azureml/inference-base-cuda12.4-ubuntu22.04:1", "22.04", "12.4", None),
        ("ubuntu:24.04", "24.04", None, None),
        ("python:3.12-slim", None, None, None),
    ],
)
def test_images_say_what_is_inside(
    text: str, ubuntu: str | None, cuda: str | None, cudnn: str | None
) -> None:
    image = read_image(text)
    assert (image.ubuntu, image.cuda, image.cudnn) == (ubuntu, cuda, cudnn)
    assert (image.glibc is None) == (ubuntu is None)


@pytest.mark.parametrize(
    ("text", "floating"),
    [
        ("ubuntu", True),
        ("ubuntu:latest", True),
        ("ubuntu:22.04", False),
        ("ubuntu@sha256:ab", False),
        ("azureml:sklearn-1.5@latest", True),
        ("azureml:sklearn-1.5", True),
        ("azureml:sklearn-1.5:34", False),
        ("azureml://registries/azureml/environments/sklearn-1.5/versions/34", False),
        ("azureml://registries/azureml/environments/sklearn-1.5/versions/latest", True),
    ],
)
def test_floating_references(text: str, floating: bool) -> None:
    assert read_image(text).is_floating is floating


def test_curated_environment_brings_its_base() -> None:
    image = read_image("azureml:acpt-pytorch-2.8-cuda12.6:3")
    assert (image.ubuntu, image.cuda, image.glibc) == ("22.04", "12.6", "2.35")


def test_from_is_followed_through_stages_and_arguments() -> None:
    text = (
        "# syntax=docker/dockerfile:1\nARG VERSION=12.4.1\n"
        "FROM nvidia/cuda:${VERSION}-runtime-ubuntu22.04 AS base\n"
        "FROM --platform=linux/amd64 base AS middle\nENV LD_LIBRARY_PATH /usr/local/cuda/lib64\nFROM middle\n"
    )
    reference, origin, path = find_image_reference(text, "Dockerfile")
    assert reference == "nvidia/cuda:12.4.1-runtime-ubuntu22.04"
    assert str(origin) == "Dockerfile:3"
    assert path == "/usr/local/cuda/lib64"


def test_file_without_an_image_is_an_input_error() -> None:
    with pytest.raises(InputError, match="names no base image"):
        find_image_reference("RUN true\n", "Dockerfile")
