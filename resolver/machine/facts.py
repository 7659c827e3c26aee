"""Facts on machines: images, VM sizes, GPUs, drivers.

The structs say what the columns of ``data/`` mean; a test holds both together.
"""

from __future__ import annotations

from pathlib import Path

from resolver.machine.tables import Row, Tables


class CudaFamily(Row, frozen=True):
    """Oldest driver that runs any toolkit of a CUDA major."""

    major: int
    linux: str
    windows: str | None
    disputed: str | None
    source: int


class CudaToolkit(Row, frozen=True):
    """The driver that a toolkit comes with."""

    cuda: str
    update: str
    linux: str | None
    windows: str | None
    disputed: str | None
    source: int


class CudaCompat(Row, frozen=True):
    """Whether a cuda-compat package runs on a driver branch."""

    cuda: str
    branch: int
    verdict: str
    source: int


class GpuModel(Row, frozen=True):
    """Compute capability of a GPU model."""

    model: str
    names: tuple[str, ...]
    capability: str
    source: int


class VmSize(Row, frozen=True):
    """An Azure VM size with a GPU; ``size`` is None where only the series is known."""

    size: str | None
    series: str
    gpu: str
    capability: str | None
    gpus: str | None
    memory_gb: int | None
    retired: str | None  #: ISO date
    status: str
    vendor: str
    machine: str
    source: int


class BaseImage(Row, frozen=True):
    """A base image."""

    image: str
    ubuntu: str
    glibc: str | None
    cuda: str | None
    cudnn: str | None  #: ``unknown``: there is one, its version isn't stated
    deprecated: bool
    status: str
    source: int


class UbuntuGlibc(Row, frozen=True):
    """glibc of an Ubuntu release."""

    ubuntu: str
    glibc: str
    source: int


class CuratedEnvironment(Row, frozen=True):
    """A curated environment of Azure ML."""

    name: str
    base: str | None
    actual: str | None
    honest: bool | None  #: whether the name says what is inside; None: not read
    pins: dict[str, str]
    current: bool
    source: int


#: Every table: file name without its extension, and what a row is.
TABLES = Tables(
    Path(__file__).parent / "data",
    {
        "base_images": BaseImage,
        "cuda_compat": CudaCompat,
        "cuda_families": CudaFamily,
        "cuda_toolkits": CudaToolkit,
        "curated_environments": CuratedEnvironment,
        "gpus": GpuModel,
        "ubuntu_glibc": UbuntuGlibc,
        "vm_sizes": VmSize,
    },
)
table = TABLES.table
