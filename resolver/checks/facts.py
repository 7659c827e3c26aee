"""Facts that the rules rest on, as rows with a source and a date, read when first asked for.

One JSON file a subject under ``data/``: ``sources`` are pairs of name and date,
``columns`` name the fields of a row, each row ends in the index of its source.
The structs below say what the columns mean; a test holds both together.
"""

from __future__ import annotations

import functools
from pathlib import Path

from resolver.machine import facts as machine_facts
from resolver.machine.tables import Row, Table, Tables
from resolver.model.findings import Fact


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


#: Every table: file name without its extension, and what a row is.
TABLES = Tables(
    Path(__file__).parent / "data",
    {
        "channel_families": ChannelFamily,
        "channel_overlap": ChannelOverlap,
        "conda_torch": CondaTorch,
        "cuda_arch": CudaArch,
        "cuda_components": CudaComponents,
        "cudnn_support": CudnnSupport,
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
    },
)
table = TABLES.table


def table_named(name: str) -> tuple[Table[Row], Path]:
    """Return a table of this folder or of the machine's with its file; KeyError for an unknown name."""
    tables = TABLES if name in TABLES.rows else machine_facts.TABLES
    return tables.table(tables.rows[name]), tables.folder / f"{name}.json"


@functools.cache
def _statements() -> dict[str, Statement]:
    return {row.key: row for row in table(Statement).rows}


def statement(key: str) -> Fact:
    """Return the sentence kept under ``key`` with its source; KeyError for an unknown key."""
    row = _statements()[key]
    return table(Statement).fact(row.text, row.source)
