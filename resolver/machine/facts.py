"""Facts on machines: images, VM sizes, GPUs, drivers.

The structs say what the rows of ``data/*.json`` hold (:mod:`resolver.machine.tables`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from resolver.machine.tables import FactTables, Row


class CudaFamily(Row, frozen=True, kw_only=True):
    """Oldest driver that runs any toolkit of a CUDA major."""

    major: int
    linux: str
    windows: str | None = None
    disputed: str | None = None


class CudaToolkit(Row, frozen=True, kw_only=True):
    """The driver that a toolkit comes with."""

    cuda: str
    update: str = ""
    linux: str | None = None
    windows: str | None = None
    disputed: str | None = None


class CudaCompat(Row, frozen=True, kw_only=True):
    """Whether a cuda-compat package runs on a driver branch."""

    cuda: str
    branch: int
    verdict: str


#: How NVIDIA sells a GPU: for data centres, for workstations (Quadro, RTX), for games (GeForce, Titan).
Brand = Literal["tesla", "quadro", "geforce"]


class ImageRequirement(Row, frozen=True, kw_only=True):
    """What images of nvidia/cuda start on besides a driver that knows their CUDA."""

    cuda: str
    branches: dict[Brand, tuple[int, ...]]  #: brand of the GPU -> driver branches that each image lists
    #: the same of branches that one lists and another doesn't: an update, a distribution, an earlier build
    sometimes: dict[Brand, tuple[int, ...]] = msgspec.field(default_factory=dict)


class GpuModel(Row, frozen=True, kw_only=True):
    """Compute capability of a GPU model."""

    model: str
    names: tuple[str, ...]  #: as people and nvidia-smi call it, without the maker; ``#`` is any digit
    capability: str | None = None  #: None: no CUDA
    vendor: str = "nvidia"
    brand: Brand = "tesla"


class VmSize(Row, frozen=True, kw_only=True):
    """An Azure VM size with a GPU; ``size`` is None where only the series is known."""

    size: str | None = None
    series: str
    gpu: str
    capability: str | None = None
    gpus: str | None = None
    retired: str | None = None  #: ISO date
    status: str
    vendor: str
    machine: str


class VmDriver(Row, frozen=True, kw_only=True):
    """The driver that a series of VM sizes takes instead of the one for data centres."""

    series: str
    driver: str


class BaseImage(Row, frozen=True, kw_only=True):
    """A base image; of a repository whose tags are images of their own, what holds for each of them."""

    image: str
    ubuntu: str | None = None
    glibc: str | None = None
    cuda: str | None = None
    cudnn: str | None = None  #: ``unknown``: there is one, its version isn't stated
    deprecated: bool = False
    status: str
    earlier_names: tuple[str, ...] = ()  #: repository and tag in the SDK's first version: ``base-gpu:...``


class UbuntuGlibc(Row, frozen=True, kw_only=True):
    """glibc of an Ubuntu release."""

    ubuntu: str
    glibc: str


class CuratedEnvironment(Row, frozen=True, kw_only=True):
    """A curated environment of Azure ML."""

    name: str
    base: str | None = None
    actual: str | None = None
    honest: bool | None = None  #: whether the name says what is inside; None: not read
    pins: dict[str, str] = msgspec.field(default_factory=dict)
    current: bool


#: The families (files under ``data/``) and their tables.
TABLES = FactTables(
    Path(__file__).parent / "data",
    {
        "curated_environments": {"curated_environments": CuratedEnvironment},
        "drivers": {
            "cuda_families": CudaFamily,
            "cuda_toolkits": CudaToolkit,
            "cuda_compat": CudaCompat,
            "image_requirements": ImageRequirement,
        },
        "gpus": {"gpus": GpuModel},
        "images": {"base_images": BaseImage, "ubuntu_glibc": UbuntuGlibc},
        "vm_sizes": {"vm_sizes": VmSize, "vm_drivers": VmDriver},
    },
)
table = TABLES.table
