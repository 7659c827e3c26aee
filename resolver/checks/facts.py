"""Facts that the rules rest on: what each framework and library is built for and asks for.

The structs say what the rows of ``data/*.json`` hold (:mod:`resolver.machine.tables`); facts on
images, VM sizes, GPUs and drivers are in :mod:`resolver.machine.facts`.
"""

from __future__ import annotations

import functools
from collections.abc import Collection
from pathlib import Path

import msgspec

from resolver.checks.numpy_facts import NumpyAbi
from resolver.machine import facts as machine_facts
from resolver.machine.tables import Certainty, Cited, FactTables, Row, Table
from resolver.model.findings import Fact
from resolver.model.leading_numbers import conda_satisfies, release
from resolver.model.patterns import pattern

#: A key of ``requires_on`` that the name of a wheel alone decides.
_FILE_TAG = pattern(r"(many)?linux(?!-)|macosx_|win_")


class TorchVariants(Cited, frozen=True, kw_only=True):
    """CUDA variants of a PyTorch release, as the project's own release matrix says."""

    variants: tuple[str, ...] | None = None  #: None: no source
    cudnn: dict[str, str] = msgspec.field(default_factory=dict)  #: CUDA variant -> cuDNN
    cudnn_source: str = ""  #: where its versions stand; the matrix of variants doesn't name them
    cudnn_certainty: Certainty | None = None

    def cudnn_fact(self, text: str) -> Fact:
        """Return a fact about cuDNN in words that cites what says it."""
        return Fact(
            text=text,
            source=self.cudnn_source or self.source,
            date=self.date,
            certainty=self.cudnn_certainty or self.certainty,
        )


class TorchRelease(Row, frozen=True, kw_only=True):
    """A PyTorch release on PyPI: its wheels for Linux on x86_64, and whose else pin the same."""

    version: str
    platforms: tuple[str, ...]  #: whose wheels, each of them, have ``pins``, and of these ``triton``
    requires_python: str
    pythons: tuple[str, ...]  #: ``3.12``, ``3.13t``
    glibc: str  #: lowest glibc of its wheel tags
    cuda: str  #: the PyPI wheel is built for it
    cudnn: str
    triton: str | None = None  #: specifier
    triton_pythons: tuple[str, ...] = ()  #: those of ``pythons`` that get triton; empty: all of them
    pins: dict[str, str] = msgspec.field(default_factory=dict)  #: NVIDIA projects -> specifier
    matrix: TorchVariants
    disputed: tuple[str, ...] = ()


class TorchDefault(Row, frozen=True, kw_only=True):
    """CUDA of the wheel on PyPI for releases that have no row of their own, and for other processors."""

    first: str
    last: str
    cuda: str
    machine: str = "x86_64"  #: processor that the wheel is for


class TorchVariant(Row, frozen=True, kw_only=True):
    """What a variant of PyTorch asks for beyond its release's row; its own index alone knows its pins."""

    torch: str  #: at minor precision
    cuda: str
    requires: dict[str, str]  #: NVIDIA projects -> specifier


class TorchArch(Row, frozen=True, kw_only=True):
    """GPU code inside the builds of PyTorch for one platform."""

    channel: str
    first: str  #: first and last release, at minor precision
    last: str
    cuda: str
    platform: str = "linux-64"  #: whose builds were read; of others nothing is known
    sass: tuple[str, ...] | None = None  #: compute capabilities with real code; None: no source
    ptx: tuple[str, ...] = ()
    disputed: str | None = None


class TorchAbi(Row, frozen=True, kw_only=True):
    """C++ ABI of PyTorch's Linux wheels."""

    first: str  #: first and last release, at minor precision
    last: str
    variants: tuple[str, ...] = ()
    #: local versions that it holds for, "" is PyPI's wheel; empty: any that no other row names
    cxx11: bool

    @property
    def releases(self) -> str:
        """Name the releases in words."""
        span = self.first if self.first == self.last else f"{self.first} to {self.last}"
        return span + (f" ({', '.join(name or 'PyPI' for name in self.variants)})" if self.variants else "")


class Needs(Row, frozen=True, kw_only=True):
    """What the wheels of a release of a project require; each of them was read."""

    project: str
    version: str
    requires: dict[str, str] = msgspec.field(default_factory=dict)
    requires_on: dict[str, dict[str, str | None]] = msgspec.field(default_factory=dict)
    #: What some of its wheels ask for instead, by platform (``win``, ``osx``, ``linux-aarch64``,
    #: ``osx-arm64``) or tag (``cp312``, ``manylinux2014_x86_64``); None: not for this project

    def needs(self, subdir: str, tags: Collection[str], *, has_file: bool) -> dict[str, str]:
        """Return project -> specifier of what a wheel on a platform requires.

        ``tags`` are that of its Python and, where its file is known, those of its platform. Without the file
        nothing is said of what depends on it.
        """
        places = {subdir.split("-")[0], subdir, *tags}
        there: dict[str, str | None] = dict(self.required)
        for place, given in self.requires_on.items():
            if place in places:
                there.update(given)
        hidden = {
            name
            for place, given in self.requires_on.items()
            if not has_file and _FILE_TAG.match(place)
            for name in given
        }
        return {name: given for name, given in there.items() if given is not None and name not in hidden}

    @property
    def required(self) -> dict[str, str]:
        """What each wheel requires of which ``requires_on`` says nothing else."""
        return self.requires


class TorchPin(Needs, frozen=True, kw_only=True):
    """A release of a project that asks for one release of torch, and what it asks of torch's family."""

    torch: str  #: specifier

    @property
    def required(self) -> dict[str, str]:
        """Torch, and the rest of its family."""
        return {"torch": self.torch, **self.requires}


class PackageNeed(Needs, frozen=True, kw_only=True):
    """What a GPU package requires from one release to another."""

    last: str  #: newest release of which this was read; those between the two were read too
    requires_python: str | None = None


class GccRelease(Row, frozen=True, kw_only=True):
    """The newest symbol version of libstdc++ in a release of GCC and those up to the next row."""

    gcc: str
    glibcxx: str  #: ``3.4.30``


class ManylinuxPolicy(Row, frozen=True, kw_only=True):
    """The newest symbol version of libstdc++ that a manylinux tag allows.

    Every distribution with that glibc offers it.
    """

    glibc: str
    glibcxx: str


class GlibcxxNeed(Row, frozen=True, kw_only=True):
    """The newest symbol version of libstdc++ that a project's wheels ask for, from ``version`` on."""

    project: str
    version: str
    glibcxx: str
    through: str | None = None  #: what asks for it, where it isn't the wheel itself


class FlashAttnRelease(Row, frozen=True, kw_only=True):
    """The wheels that the workflow of a release of flash-attn builds for its project's pages; PyPI has none.

    A build may fail, and nobody lists what was published: a minor of torch that is neither in ``torch`` nor
    in ``nightlies``, or a CUDA major that isn't with it, has no wheel; what is named mostly has one.
    """

    version: str
    torch: tuple[str, ...]  #: minors of torch with a release that they are built with (``2.6``), oldest first
    cuda: tuple[str, ...]  #: CUDA majors of these, not each of them for each torch
    nightlies: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    #: further minors -> CUDA majors: wheels named for the minor, built with a nightly before its release
    mislabelled: tuple[str, ...] = ()
    #: torch minors whose wheels with ``cxx11abiFALSE`` hold the new C++ ABI all the same
    note: str = ""  #: builds that failed, or may have


class CudnnLoad(Row, frozen=True, kw_only=True):
    """The cuDNN major that a project's wheels hold a library of, from ``version`` to ``last``."""

    project: str
    version: str
    last: str  #: newest release of which this was read; those between the two were read too
    cudnn: int | None = None  #: None: they load none
    platforms: tuple[str, ...]  #: whose wheels were read (``linux-64``); of others nothing is known


class CudaBinaries(Row, frozen=True, kw_only=True):
    """The newest CUDA that a project's wheels hold a binary for, from ``version`` to ``last``."""

    project: str
    version: str
    last: str  #: newest release of which this was read; those between the two were read too
    cuda: str
    platforms: tuple[str, ...]  #: whose wheels were read (``linux-64``); of others nothing is known


class TestedBuild(Cited, frozen=True, kw_only=True):
    """The build of a TensorFlow release that its makers tested."""

    python: str
    cuda: str
    cudnn: str


class TensorflowRelease(Row, frozen=True, kw_only=True):
    """A TensorFlow release on PyPI: its wheels for Linux on x86_64, and whose else ask for the same."""

    version: str
    platforms: tuple[str, ...]
    #: whose wheels ask for this keras, numpy, protobuf and ml-dtypes; elsewhere another project's do
    requires_python: str | None = None
    pythons: tuple[str, ...]
    glibc: str
    keras: str
    numpy: tuple[str, ...]
    protobuf: str
    ml_dtypes: str | None = None
    and_cuda: dict[str, str] | None = None
    tested: TestedBuild
    note: str | None = None


class JaxPlugin(Row, frozen=True, kw_only=True):
    """A release of a CUDA plugin of JAX."""

    project: str
    version: str
    requires_python: str | None = None
    requires: dict[str, str] = msgspec.field(default_factory=dict)
    #: its PJRT, and the NVIDIA packages that it asks for with its extra ``with_cuda`` alone


class OnnxRelease(Row, frozen=True, kw_only=True):
    """A release of onnxruntime-gpu on PyPI.

    ``pythons``, ``glibc`` and ``needs_cudnn`` are of its wheels for Linux on x86_64, the extras of all.
    """

    version: str
    platforms: tuple[str, ...]  #: whose wheels are for ``cuda`` and ``cudnn``
    cuda: str
    cudnn: str | None = None
    needs_cudnn: bool = True  #: its CUDA provider is linked against cuDNN; else it does without
    extras: dict[str, dict[str, str]] = msgspec.field(default_factory=dict)
    requires_python: str | None = None
    pythons: tuple[str, ...]
    glibc: str
    disputed: str | None = None


class CudaArch(Row, frozen=True, kw_only=True):
    """Compute capabilities (times ten) a toolkit compiles for."""

    first: str
    last: str
    lowest: int
    highest: int


class CudaComponents(Row, frozen=True, kw_only=True):
    """Versions of the NVIDIA packages of one toolkit."""

    cuda: str
    components: dict[str, str]


class CudnnSupport(Row, frozen=True, kw_only=True):
    """Compute capabilities in a cuDNN release's support matrix."""

    version: str
    family: str  #: ``cu12``
    capabilities: tuple[str, ...]
    note: str | None = None


class CondaTorch(Row, frozen=True, kw_only=True):
    """CUDA versions that a conda channel built PyTorch for; empty: not known."""

    channel: str
    first: str
    last: str
    linux: tuple[str, ...] = ()
    windows: tuple[str, ...] = ()


class ChannelFamily(Row, frozen=True, kw_only=True):
    """Which toolchain a channel's compiled packages are built with; ``addon`` channels fit any."""

    channel: str
    family: str


class ChannelOverlap(Row, frozen=True, kw_only=True):
    """Compiled packages that a channel shares with conda-forge."""

    channel: str
    names: tuple[str, ...]


class Signature(Row, frozen=True, kw_only=True):
    """A known failure in a log: how it is told, why it happened, what to look at and to do.

    It is found by ``pattern`` (a sentence that only it has), or by what a loader says: ``states``
    with the ``library``, ``symbol``, symbol ``version`` and the file that asks (``by``), each a
    pattern of the whole name but for ``by``. ``{library}``, ``{symbol}`` and ``{version}`` in the
    words stand for what the log says.
    """

    id: str
    pattern: str = ""
    states: tuple[str, ...] = ()  #: :class:`resolver.checks.loaders.LoaderState`
    library: str = ""
    symbol: str = ""
    version: str = ""
    by: str = ""
    cause: str
    look: str  #: what to look at
    remedy: str
    rules: tuple[str, ...] = ()  #: that see the cause in an environment
    packages: tuple[str, ...] = ()  #: patterns of the names that it is about, of either ecosystem
    needs_gpu: bool = False  #: said on every machine without a GPU too: counts where one is meant
    is_general: bool = False  #: counts where no signature before it fits the same place


class Statement(Row, frozen=True, kw_only=True):
    """A sentence that rules quote by its key, and the versions that it speaks of."""

    key: str
    text: str
    versions: dict[str, str] = msgspec.field(default_factory=dict)
    #: package, ``capability`` (of a GPU) -> the versions, as conda writes them (``>=2024.1``, ``5.3|6.2``)

    def speaks_of(self, name: str, version: str) -> bool:
        """Tell whether it holds for a version of what it names, by the leading numbers."""
        numbers = ".".join(str(number) for number in release(version))
        return conda_satisfies(numbers, self.versions[name])


#: The families (files under ``data/``) and their tables.
TABLES = FactTables(
    Path(__file__).parent / "data",
    {
        "channels": {"channel_families": ChannelFamily, "channel_overlap": ChannelOverlap},
        "cuda": {"cuda_arch": CudaArch, "cuda_components": CudaComponents},
        "cudnn": {"cudnn_support": CudnnSupport},
        "jax": {"jax_plugins": JaxPlugin},
        "libstdcxx": {
            "gcc_releases": GccRelease,
            "manylinux_policies": ManylinuxPolicy,
            "glibcxx_needs": GlibcxxNeed,
        },
        "numpy": {"numpy_abi": NumpyAbi},
        "onnxruntime": {"onnxruntime_releases": OnnxRelease},
        "packages": {
            "package_needs": PackageNeed,
            "torch_pins": TorchPin,
            "cudnn_loads": CudnnLoad,
            "cuda_binaries": CudaBinaries,
            "flash_attn_releases": FlashAttnRelease,
        },
        "pytorch": {
            "torch_releases": TorchRelease,
            "torch_arch": TorchArch,
            "torch_abi": TorchAbi,
            "conda_torch": CondaTorch,
            "torch_defaults": TorchDefault,
            "torch_variants": TorchVariant,
        },
        "signatures": {"signatures": Signature},
        "statements": {"statements": Statement},
        "tensorflow": {"tensorflow_releases": TensorflowRelease},
    },
)
table = TABLES.table


def table_named(name: str) -> tuple[Table[Row], Path]:
    """Return a table of this folder or of the machine's with its file; KeyError for an unknown name."""
    return next(
        (tables.table(rows[name]), tables.folder / f"{family}.json")
        for tables in (TABLES, machine_facts.TABLES)
        for family, rows in tables.families.items()
        if name in rows
    )


@functools.cache
def _statements() -> dict[str, Statement]:
    return {row.key: row for row in table(Statement).rows}


def statement(key: str) -> Fact:
    """Return the sentence kept under ``key`` with its source; KeyError for an unknown key."""
    row = _statements()[key]
    return row.fact(row.text)


def before(key: str, name: str) -> str:
    """Return what selects the versions before those that a sentence speaks of: ``<16`` for ``>=16``."""
    return f"<{_statements()[key].versions[name].removeprefix('>=')}"


def holds(key: str, **versions: str) -> bool:
    """Tell whether a sentence speaks of all these versions (``llvm_openmp="16.0.6"``); KeyError as above."""
    row = _statements()[key]
    return all(row.speaks_of(name.replace("_", "-"), version) for name, version in versions.items())
