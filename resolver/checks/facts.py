"""Facts that the rules rest on, as rows with a source and a date, read when first asked for.

One JSON file a subject under ``data/``: ``sources`` are pairs of name and date,
``columns`` name the fields of a row, each row ends in the index of its source.
The structs below say what the columns mean; a test holds both together.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec

from resolver.model.findings import Fact

FOLDER = Path(__file__).parent / "data"


class Row(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Base of every row; a subclass ends in ``source``, an index into the table's sources."""


class TorchRelease(Row, frozen=True):
    """A PyTorch release on PyPI (wheel for Linux, x86_64)."""

    version: str
    requires_python: str
    pythons: tuple[str, ...]  #: ``3.12``, ``3.13t``
    glibc: str  #: lowest glibc of its wheel tags
    cuda: str  #: the PyPI wheel is built for it
    cudnn: str
    triton: str | None  #: specifier
    pins: dict[str, str]  #: NVIDIA projects -> specifier
    vision: tuple[str, ...]  #: torchvision versions that pin this release
    audio: tuple[str, ...]
    variants: tuple[str, ...] | None  #: CUDA variants of the project's own index; None: no source
    matrix_cudnn: dict[str, str]  #: CUDA variant -> cuDNN, as the release matrix says
    disputed: tuple[str, ...]
    matrix_source: int
    source: int


class TorchArch(Row, frozen=True):
    """GPU code inside one build of PyTorch."""

    channel: str
    first: str  #: first and last release, at minor precision
    last: str
    cuda: str
    sass: tuple[str, ...] | None  #: compute capabilities with real code; None: no source
    ptx: tuple[str, ...]
    note: str | None
    disputed: str | None
    source: int


class TorchAbi(Row, frozen=True):
    """C++ ABI of PyTorch's Linux wheels."""

    torch: str
    cxx11: bool
    source: int


class TorchPin(Row, frozen=True):
    """A release of a project that asks for one release of torch."""

    project: str
    version: str
    torch: str  #: specifier
    requires: dict[str, str]
    source: int


class PackageNeed(Row, frozen=True):
    """What a GPU package requires from this release on."""

    project: str
    version: str
    requires_python: str | None
    requires: dict[str, str]
    source: int


class NumpyAbi(Row, frozen=True):
    """A project that numpy 2 breaks before the release ``before``."""

    project: str
    before: str
    system: str | None  #: only on ``win``; None: everywhere
    symptom: str
    source: int


class TensorflowRelease(Row, frozen=True):
    """A TensorFlow release on PyPI."""

    version: str
    requires_python: str | None
    pythons: tuple[str, ...]
    glibc: str
    keras: str
    numpy: tuple[str, ...]
    protobuf: str
    ml_dtypes: str | None
    and_cuda: dict[str, str] | None
    tested_python: str
    tested_cuda: str
    tested_cudnn: str
    note: str | None
    tested_source: int
    source: int


class JaxPlugin(Row, frozen=True):
    """A release of a CUDA plugin of JAX."""

    project: str
    version: str
    requires_python: str | None
    requires: dict[str, str]
    source: int


class OnnxRelease(Row, frozen=True):
    """A release of onnxruntime-gpu on PyPI."""

    version: str
    cuda: str
    cudnn: str | None
    extras: dict[str, dict[str, str]]
    requires_python: str | None
    pythons: tuple[str, ...]
    glibc: str
    disputed: str | None
    source: int


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


class CudaArch(Row, frozen=True):
    """Compute capabilities (times ten) a toolkit compiles for."""

    first: str
    last: str
    lowest: int
    highest: int
    source: int


class CudaComponents(Row, frozen=True):
    """Versions of the NVIDIA packages of one toolkit."""

    cuda: str
    components: dict[str, str]
    source: int


class CudnnSupport(Row, frozen=True):
    """Compute capabilities in a cuDNN release's support matrix."""

    version: str
    family: str  #: ``cu12``
    capabilities: tuple[str, ...]
    note: str | None
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


class CondaTorch(Row, frozen=True):
    """CUDA versions that a conda channel built PyTorch for."""

    channel: str
    first: str
    last: str
    linux: tuple[str, ...]
    windows: tuple[str, ...]
    source: int


class ChannelFamily(Row, frozen=True):
    """Which toolchain a channel's compiled packages are built with; ``addon`` channels fit any."""

    channel: str
    family: str
    note: str
    source: int


class ChannelOverlap(Row, frozen=True):
    """Compiled packages that a channel shares with conda-forge."""

    channel: str
    names: tuple[str, ...]
    source: int


class Signature(Row, frozen=True):
    """A failure's message in a log."""

    id: str
    pattern: str
    layer: str
    cause: str
    remedy: str
    rules: tuple[str, ...]
    confidence: str
    source: int


class Statement(Row, frozen=True):
    """A sentence that rules quote by its key."""

    key: str
    text: str
    source: int


R = TypeVar("R", bound=Row)


class Table(msgspec.Struct, Generic[R], frozen=True, gc=False):
    """All rows of one subject."""

    about: str
    read: str  #: ISO date of the reading
    sources: tuple[tuple[str, str], ...]  #: name, ISO date
    columns: tuple[str, ...]
    rows: tuple[R, ...]

    def fact(self, text: str, source: int) -> Fact:
        """Return a fact that cites one of the sources."""
        name, date = self.sources[source]
        return Fact(text=text, source=name, date=date)


#: Every table: file name without its extension, and what a row is.
TABLES: dict[str, type[Row]] = {
    "base_images": BaseImage,
    "channel_families": ChannelFamily,
    "channel_overlap": ChannelOverlap,
    "conda_torch": CondaTorch,
    "cuda_arch": CudaArch,
    "cuda_compat": CudaCompat,
    "cuda_components": CudaComponents,
    "cuda_families": CudaFamily,
    "cuda_toolkits": CudaToolkit,
    "cudnn_support": CudnnSupport,
    "curated_environments": CuratedEnvironment,
    "gpus": GpuModel,
    "jax_plugins": JaxPlugin,
    "numpy_abi": NumpyAbi,
    "onnxruntime_releases": OnnxRelease,
    "package_needs": PackageNeed,
    "signatures": Signature,
    "statements": Statement,
    "tensorflow_releases": TensorflowRelease,
    "torch_abi": TorchAbi,
    "torch_arch": TorchArch,
    "torch_pins": TorchPin,
    "torch_releases": TorchRelease,
    "ubuntu_glibc": UbuntuGlibc,
    "vm_sizes": VmSize,
}
_NAMES = {row: name for name, row in TABLES.items()}


_READ: dict[type[Row], Any] = {}


def table(row: type[R]) -> Table[R]:
    """Return the table of a row type; it is read once."""
    found: Table[R] | None = _READ.get(row)
    if found is None:
        data = (FOLDER / f"{_NAMES[row]}.json").read_bytes()
        found = _READ[row] = msgspec.json.decode(data, type=Table[row])  # type: ignore[valid-type]
    return found


@functools.cache
def _statements() -> dict[str, Statement]:
    return {row.key: row for row in table(Statement).rows}


def statement(key: str) -> Fact:
    """Return the sentence kept under ``key`` with its source; KeyError for an unknown key."""
    row = _statements()[key]
    return table(Statement).fact(row.text, row.source)
