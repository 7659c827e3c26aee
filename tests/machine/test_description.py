"""Flags, images and VM sizes become facts about the machine, and virtual packages."""

from __future__ import annotations

import pytest

from resolver.errors import InputError
from resolver.machine import facts
from resolver.machine.description import describe_machine, virtual_packages
from resolver.machine.drivers import newest_cuda, toolkit_driver
from resolver.machine.gpus import find_gpu
from resolver.machine.image import read_image
from resolver.machine.vm_sizes import _SERIES_HINTS, find_vm_size
from resolver.model.images import split_reference


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
        ("NVIDIA A100-SXM4-80GB", "8.0"),
        ("Tesla V100-SXM2-16GB", "7.0"),
        ("Tesla P100-PCIE-16GB", "6.0"),
        ("NVIDIA H100 80GB HBM3", "9.0"),
        ("NVIDIA GeForce RTX 3080 Ti Laptop GPU", "8.6"),
        ("RTX 5090", "12.0"),
        ("rtx-4090", "8.9"),
        ("GTX 1080 Ti", "6.1"),
        ("NVIDIA A10G", "8.6"),
        ("NVIDIA A30", "8.0"),
        ("NVIDIA A40-48Q", "8.6"),
        ("NVIDIA RTX A6000", "8.6"),
        ("Quadro RTX 6000", "7.5"),
        ("NVIDIA RTX 6000 Ada Generation", "8.9"),
        ("NVIDIA RTX PRO 6000 Blackwell Server Edition", "12.0"),
        ("NVIDIA RTX PRO 4500 Blackwell", "12.0"),
        ("NVIDIA L4", "8.9"),
        ("NVIDIA TITAN V", "7.0"),
        ("NVIDIA TITAN X (Pascal)", "6.1"),
        ("NVIDIA GeForce GTX TITAN X", "5.2"),
        ("NVIDIA GeForce RTX 2050", "8.6"),
        ("NVIDIA GeForce RTX 2080 Ti", "7.5"),
        ("NVIDIA RTX 4000 SFF Ada Generation", "8.9"),
        ("NVIDIA RTX 500 Ada Generation Laptop GPU", "8.9"),
        ("NVIDIA T1000 8GB", "7.5"),
        ("GRID T4-8C", "7.5"),
        ("RTX4090", "8.9"),
        ("rtx4070ti super", "8.9"),
        ("8xA100", "8.0"),
        ("A100:4", "8.0"),
        ("sm_90a", "9.0"),
        ("10.7", "10.7"),
    ],
)
def test_gpu_models_and_capabilities(text: str, capability: str) -> None:
    assert find_gpu(text).capability == capability


@pytest.mark.parametrize(
    ("text", "brand"),
    [
        ("NVIDIA A100-SXM4-80GB", "tesla"),
        ("Tesla V100S-PCIE-32GB", "tesla"),
        ("Quadro GV100", "quadro"),
        ("NVIDIA RTX A6000", "quadro"),
        ("NVIDIA RTX 6000 Ada Generation", "quadro"),
        ("NVIDIA GeForce RTX 3080 Ti Laptop GPU", "geforce"),
        ("NVIDIA TITAN V", "geforce"),
        ("8.6", None),
        ("AMD Instinct MI250X", None),
    ],
)
def test_gpus_have_a_brand(text: str, brand: str | None) -> None:
    assert find_gpu(text).brand == brand


@pytest.mark.parametrize(
    ("text", "vendor"),
    [
        ("MI300X", "amd"),
        ("AMD Instinct MI300X", "amd"),
        ("Radeon PRO W7900", "amd"),
        ("Apple M3 Max", "apple"),
        ("M4 Pro", "apple"),
    ],
)
def test_gpus_of_other_makers_have_no_capability(text: str, vendor: str) -> None:
    gpu = find_gpu(text)
    assert (gpu.vendor, gpu.capability, gpu.model) == (vendor, None, text)


@pytest.mark.parametrize(
    ("text", "vendor"),
    [
        ("RTX 9090x", "nvidia"),
        ("RTX 4000", "nvidia"),  # Quadro RTX, RTX Ada: the number alone tells neither
        ("MI455X", "amd"),
        ("NVIDIA GeForce RTX 6090", "nvidia"),
        ("B400", "nvidia"),
        ("AMD Instinct QX9", "amd"),
    ],
)
def test_a_gpu_that_may_be_newer_is_unknown(text: str, vendor: str) -> None:
    machine = describe_machine(gpu=text)
    assert machine.gpu is not None
    assert (machine.gpu.model, machine.gpu.capability, machine.gpu.vendor) == (text, None, vendor)
    assert [unknown.subject for unknown in machine.unknown] == [f"GPU {text}"]


@pytest.mark.parametrize(
    ("text", "near"),
    [("H1000", "`H100`"), ("V10", "`V100`"), ("A10O", "`A10`"), ("xyz", "look like `A100`"), ("RTX", "`RTX")],
)
def test_an_unknown_gpu_is_refused_with_near_names(text: str, near: str) -> None:
    with pytest.raises(InputError, match="unknown GPU model") as raised:
        find_gpu(text)
    assert raised.value.hint is not None
    assert near in raised.value.hint
    assert "`8.0` always works" in raised.value.hint


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("Standard_NC24ads_A100_v5", "`Standard_NC24ads_A100_v4`"),
        ("Standard_NV48s_v2", "`Standard_NV48s_v3`"),
        ("Standard_Foo", "Sizes look like"),
        ("Standard_NX99", "Sizes look like"),
        ("D4s", "Sizes look like"),
        ("DS3_v2", "Did you mean `Standard_DS3_v2`?"),
        ("HB120rs_v3", "Did you mean `Standard_HB120rs_v3`?"),
        ("A100", "a GPU alone is `--gpu`"),
    ],
)
def test_an_unknown_size_is_refused(text: str, hint: str) -> None:
    with pytest.raises(InputError) as raised:
        find_vm_size(text)
    assert hint in (raised.value.hint or "")


@pytest.mark.parametrize(
    "text",
    [
        "Standard_DS3_v2",
        "Standard_E4ds_v5",
        "Standard_HB120rs_v3",
        "Standard_F72s_v2",
        "Standard_M416-208s_v2",
    ],
)
def test_sizes_without_a_gpu(text: str) -> None:
    assert find_vm_size(text) is None


def test_a_driver_branch_is_its_first_release() -> None:
    machine = describe_machine(driver="535")
    assert (machine.driver, machine.cuda) == ("535.54.03", "12.2")
    assert machine.assumptions == ("driver 535: 535.54.03, the branch's first",)
    assert machine.driver_is_known


UNKNOWN = {
    "driver 620.10": {"driver": "620.10"},
    "CUDA 13.9": {"cuda": "13.9"},
    "CUDA 14.0": {"image": "nvidia/cuda:14.0.0-runtime-ubuntu22.04"},
    "compute capability 10.7": {"gpu": "10.7"},
    "image python:3.12-slim": {"image": "python:3.12-slim"},
    "image azureml:no-such-environment:3": {"image": "azureml:no-such-environment:3"},
    "image mcr.microsoft.com/azureml/openmpi4.1.0-cuda12.1-cudnn8-ubuntu22.04:1": {
        "image": "mcr.microsoft.com/azureml/openmpi4.1.0-cuda12.1-cudnn8-ubuntu22.04:1"
    },
}


@pytest.mark.parametrize("subject", UNKNOWN)
def test_what_the_facts_do_not_reach_is_said_once(subject: str) -> None:
    machine = describe_machine(**UNKNOWN[subject])
    assert [found.subject for found in machine.unknown] == [subject]
    assert machine.unknown[0].date <= facts.table(facts.CuratedEnvironment).read
    assert "\n" not in machine.unknown[0].text


def test_what_the_facts_know_is_not_unknown() -> None:
    machine = describe_machine(
        image="mcr.microsoft.com/azureml/openmpi5.0-cuda12.6-ubuntu24.04:1", gpu="T4", driver="580.65.06"
    )
    assert machine.unknown == ()


@pytest.mark.parametrize(
    ("image", "driver", "starts"),
    [
        ("12.4.1", "535.161.08", True),
        ("12.4.1", "470.256.02", True),
        ("12.4.1", "545.23.08", False),
        ("12.6.3", "550.54.15", None),  # not on cards for games, and which card it is nobody says
        ("13.1.1", "535.288.01", None),
        ("13.1.1", "545.23.08", False),
        ("13.1.2", "560.35.05", None),  # 13.1.1 doesn't list 560
        ("13.4.1", "535.288.01", None),
        ("13.4.1", "470.256.02", False),
        ("13.1.1", "590.48.01", True),
        ("13.5.0", "625.10", None),
        ("13.5.0", "580.65.06", None),
        ("14.0.0", "580.65.06", False),
    ],
)
def test_images_start_on_the_branches_they_list(image: str, driver: str, starts: bool | None) -> None:
    machine = describe_machine(image=f"nvidia/cuda:{image}-runtime-ubuntu22.04", driver=driver)
    assert machine.starts_image is starts


def test_cards_for_games_start_only_what_lists_them() -> None:
    image = "nvidia/cuda:12.6.3-runtime-ubuntu22.04"
    assert describe_machine(image=image, driver="550.54.15", gpu="RTX 4090").starts_image is False
    assert describe_machine(image=image, driver="550.54.15", gpu="A100").starts_image is True
    assert describe_machine(image=image, driver="550.54.15").starts_image is None


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
        ("Standard_NV12s_v2", "NVv2"),
        ("Standard_ND128isr_GB300_v6", "ND_GB300_v6"),
        ("Standard_ND96isr_MI300X_v5", "ND_MI300X_v5"),
        ("Standard_NV8as_v4", "NVv4"),
        ("Standard_ND12s", "ND (v1)"),
        ("Standard_NC24r", "NC (v1)"),
        ("Standard_NV32ms_v3", "NVv3"),
        ("Standard_ND96isrf_H100_v5", "ND_H100_v5"),
        ("Standard_ND96is_MI300X_v5", "ND_MI300X_v5"),
        ("Standard_ND128isrf_NDR_GB200_v6", "ND_GB200_v6"),
        ("Standard_NC32ds_xl_RTXPRO6000BSE_v6", "NC_RTXPRO6000BSE_v6"),
        ("Standard_NV28adms_V710_v5", "NVadsV710_v5"),
        ("NC24ads A100 v4", "NC_A100_v4"),
        ("nc4as-t4-v3", "NCasT4_v3"),
        ("ND96isr_H100_v5", "ND_H100_v5"),
        (" Standard_NC6s_v3 ", "NCv3"),
    ],
)
def test_sizes_of_a_series_without_a_list(size: str, series: str) -> None:
    row = find_vm_size(size)
    assert row is not None
    assert row.series == series


def test_a_series_that_a_name_tells_has_a_row() -> None:
    """Without one a GPU would be taken for none."""
    assert {series for _, series in _SERIES_HINTS} <= {row.series for row in facts.table(facts.VmSize).rows}


@pytest.mark.parametrize("size", ["Standard_DS3_v2", "Standard_E8ds_v5", "Standard_NP10s", "Basic_A1"])
def test_cpu_size_has_no_gpu(size: str) -> None:
    machine = describe_machine(vm_size=size)
    assert machine.has_gpu is False
    assert virtual_packages(machine) == ()


@pytest.mark.parametrize(
    "text", ["A100", "MI300X", "V100", "Standard_NC24ad_A100_v4", "D4s_v5", "p3.2xlarge", "a2-highgpu-1g"]
)
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="size"):
        describe_machine(vm_size=text)


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
        ("__cuda_arch", "8.0"),
        ("__glibc", "2.39"),
    ]
    assert machine.assumptions == ("CUDA 12.6: the driver must know the CUDA of the image to start it",)


def test_flags_outrank_what_is_assumed() -> None:
    machine = describe_machine(vm_size="Standard_NC24ads_A100_v4", driver="550.54.15", glibc="2.31")
    assert [(package.name, package.version) for package in virtual_packages(machine)] == [
        ("__cuda", "12.4"),
        ("__cuda_arch", "8.0"),
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


@pytest.mark.parametrize(
    "text",
    [
        "azureml:acpt-pytorch-2.8-cuda12.6:3",
        "AzureML-acpt-pytorch-2.8-cuda12.6",
        "AzureML-ACPT-pytorch-2.8-cuda12.6@latest",
    ],
)
def test_curated_environment_brings_its_base(text: str) -> None:
    image = read_image(text)
    assert (image.ubuntu, image.cuda, image.glibc) == ("22.04", "12.6", "2.35")


@pytest.mark.parametrize(
    "text", ["an image", "mcr.microsoft.com/azureml/", "https://mcr.microsoft.com/azureml/base", ":3"]
)
def test_what_is_no_reference_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="no reference of an image"):
        describe_machine(image=text)


def test_an_environment_without_its_prefix_is_named() -> None:
    """As an image's reference it says nothing, and may be one."""
    (unknown,) = describe_machine(image="sklearn-1.5").unknown
    assert unknown.text.endswith("the environment of that name is `azureml:sklearn-1.5`")


def test_an_account_of_somebody_else_is_not_sure() -> None:
    assert find_gpu("V100").is_sure
    assert not find_gpu("Tesla P6").is_sure
    unsure = next(row.size for row in facts.table(facts.VmSize).rows if not row.is_sure)
    gpu = describe_machine(vm_size=unsure).gpu
    assert gpu is not None
    assert not gpu.is_sure


def test_an_image_that_is_called_like_an_environment_is_an_image() -> None:
    assert read_image("azureml-local/thing:1").repository == "azureml-local/thing"


def test_a_gpu_without_a_known_cuda_has_no_architecture_either() -> None:
    assert virtual_packages(describe_machine(gpu="MI300X")) == ()
    assert virtual_packages(describe_machine(gpu="none", driver="550.54.15")) == ()
