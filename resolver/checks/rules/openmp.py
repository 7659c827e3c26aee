"""OpenMP runtimes, BLAS, and what wheels bring a second time."""

from __future__ import annotations

import re
from collections.abc import Iterator

from resolver.checks import facts
from resolver.checks.context import CheckContext
from resolver.checks.registry import Found, Proposal, rule
from resolver.checks.rules.channels import family
from resolver.checks.stack import channel_name
from resolver.model.dependency_text import dependency_name
from resolver.model.findings import Severity
from resolver.model.names import pypi_name
from resolver.model.resolution import CondaPin

_BLAS_PARTS = ("libblas", "libcblas", "liblapack", "liblapacke")
_IMPLEMENTATION = re.compile(r"(mkl|openblas|blis|netlib|accelerate|newaccelerate)")
#: CUDA libraries: conda name -> stem of the nvidia-* project.
_CUDA_LIBRARIES = {
    "libcublas": "cublas",
    "libcufft": "cufft",
    "libcurand": "curand",
    "libcusolver": "cusolver",
    "libcusparse": "cusparse",
    "cudnn": "cudnn",
    "libcudnn": "cudnn",
    "nccl": "nccl",
    "cuda-cudart": "cuda-runtime",
    "libnvjitlink": "nvjitlink",
    "cuda-nvrtc": "cuda-nvrtc",
}
#: PyPI projects whose conda package has another name.
_CONDA_NAMES = {
    "torch": "pytorch",
    "opencv-python": "opencv",
    "opencv-python-headless": "opencv",
    "pytables": "tables",
    "tables": "pytables",
    "msgpack": "msgpack-python",
    "ruamel-yaml": "ruamel.yaml",
    "graphviz": "python-graphviz",
    "matplotlib": "matplotlib-base",
    "dask": "dask-core",
    "faiss-cpu": "faiss",
    "faiss-gpu-cu12": "faiss",
    "jax-cuda12-plugin": "jaxlib",
    "build": "python-build",
}


@rule("runtime/two-openmp", Severity.ERROR, "two OpenMP runtimes are installed that both will be loaded")
def two_openmp(context: CheckContext) -> Iterator[Found]:
    """Find Intel's and LLVM's OpenMP (libiomp5 and libomp) in one conda environment.

    Both claim the same symbols: `OMP: Error #15: Initializing libiomp5.so, but
    found libomp already initialized`. With torch of the pytorch channel over MKL
    of defaults this pair is what the channel intended, and the finding is a note;
    on Windows, where conda-forge's packages bring both, it is a warning.
    """
    intel, llvm = context.conda.get("intel-openmp"), context.conda.get("llvm-openmp")
    if intel is None or llvm is None:
        return
    torch = context.conda.get("pytorch")
    meant = (
        torch is not None and channel_name(torch) == "pytorch" and family(intel) == "defaults" == family(llvm)
    )
    yield Found(
        message=f"intel-openmp {intel.record.version} and llvm-openmp {llvm.record.version} are both "
        "installed",
        evidence=(intel, llvm),
        fact=facts.statement("two-openmp"),
        severity=Severity.NOTE if meant else (Severity.WARNING if context.system == "win" else None),
        proposals=(
            Proposal(text="LLVM's OpenMP for all", conda=("_openmp_mutex * *_llvm",)),
            Proposal(text="OpenBLAS instead of MKL", conda=("nomkl",)),
        ),
    )


@rule(
    "runtime/wheel-openmp", Severity.WARNING, "a torch wheel brings an OpenMP runtime beside the one of conda"
)
def wheel_openmp(context: CheckContext) -> Iterator[Found]:
    """Find pip's torch beside conda packages that load OpenMP (MKL, llvm-openmp, intel-openmp).

    On macOS and Windows the wheel's libomp or libiomp5md collides with conda's by
    name (`OMP: Error #15`, as soon as both are loaded). On Linux it is libgomp
    under a name of its own: both run, and share the cores badly.
    """
    wheel = context.pypi.get("torch")
    names = (
        ("intel-openmp", "llvm-openmp", "mkl")
        if context.system == "linux"
        else ("intel-openmp", "llvm-openmp")
    )
    runtime = next((context.conda[name] for name in names if name in context.conda), None)
    if wheel is None or runtime is None:
        return
    users = [
        pin
        for pin in context.resolution.conda
        if runtime.record.name in context.edges.get(pin.record.name, ())
    ]
    yield Found(
        message=f"torch {wheel.version} from pip brings an OpenMP runtime, conda brings "
        f"{runtime.record.name}",
        evidence=(wheel, runtime, *users[:2]),
        fact=facts.statement("wheel-openmp"),
        proposals=(
            Proposal(text="torch from conda as well", conda=("pytorch",)),
            Proposal(text="conda without MKL", conda=("nomkl",)),
        ),
    )


@rule("runtime/mkl-and-libgomp", Severity.WARNING, "MKL's Intel threading beside a torch that loads libgomp")
def mkl_and_libgomp(context: CheckContext) -> Iterator[Found]:
    """Find mkl-service and Intel's OpenMP (defaults, intel) beside torch of pip, which loads libgomp for all.

    mkl-service says which OpenMP MKL runs on, and hands it on in the environment. A child process
    that loads torch first then ends with `MKL_THREADING_LAYER=INTEL is incompatible with libgomp`; the order
    of imports decides. Other wheels keep their libgomp to themselves.
    """
    mkl, intel = context.conda.get("mkl"), context.conda.get("intel-openmp")
    service, wheel = context.conda.get("mkl-service"), context.pypi.get("torch")
    if mkl is None or intel is None or service is None or wheel is None or context.system != "linux":
        return
    yield Found(
        message=f"mkl {mkl.record.version} runs on intel-openmp, and {wheel.name} {wheel.version} from pip "
        "loads libgomp",
        evidence=(mkl, service, wheel),
        fact=facts.statement("mkl-libgomp"),
        proposals=(Proposal(text="OpenBLAS instead of MKL", conda=("nomkl",)),),
    )


@rule("runtime/two-blas", Severity.WARNING, "two BLAS implementations are installed")
def two_blas(context: CheckContext) -> Iterator[Found]:
    """Find MKL and OpenBLAS in one environment, and parts of BLAS of different implementations.

    Parts (libblas, libcblas, liblapack) of two implementations are an error. Both
    installed with one chosen is a warning: something links the other directly.
    """
    kinds: dict[str, CondaPin] = {}
    for name in _BLAS_PARTS:
        match = _IMPLEMENTATION.search(context.conda[name].record.build) if name in context.conda else None
        # BLIS and Accelerate have no LAPACK of their own: netlib's beside them is meant.
        if match and (match[1] != "netlib" or name in ("libblas", "libcblas")):
            kinds.setdefault(match[1], context.conda[name])
    if len(kinds) > 1:
        yield Found(
            message=f"parts of BLAS are of {' and '.join(sorted(kinds))}",
            evidence=tuple(kinds.values()),
            fact=facts.statement("two-blas"),
            severity=Severity.ERROR,
        )
        return
    mkl = context.conda.get("mkl")
    openblas = context.conda.get("libopenblas") or (context.conda["libblas"] if "netlib" in kinds else None)
    if mkl is not None and openblas is not None:
        chosen = next(iter(kinds), "openblas")
        yield Found(
            message=f"mkl {mkl.record.version} and {openblas.record.name} {openblas.record.version} are "
            f"both installed; BLAS is {chosen}",
            evidence=(mkl, openblas),
            fact=facts.statement("two-blas"),
            proposals=(Proposal(text=f"one BLAS: {chosen}", conda=(f"libblas * *{chosen}",)),),
        )


@rule(
    "runtime/cuda-libraries-twice", Severity.WARNING, "conda and nvidia-* wheels bring the same CUDA library"
)
def cuda_libraries_twice(context: CheckContext) -> Iterator[Found]:
    """Find CUDA libraries that conda packages and NVIDIA's wheels both bring.

    Which copy a process loads depends on the order of imports; with different
    releases the loser's users fail.
    """
    pairs = []
    for name, stem in _CUDA_LIBRARIES.items():
        conda = context.conda.get(name)
        wheel = next(
            (pin for key, pin in context.pypi.items() if re.fullmatch(rf"nvidia-{stem}(-cu\d+)?", key)), None
        )
        if conda is not None and wheel is not None:
            pairs.append((conda, wheel))
    if pairs:
        conda, wheel = pairs[0]
        yield Found(
            message=f"{conda.record.name} {conda.record.version} from conda and {wheel.name} "
            f"{wheel.version} from pip"
            + (f", and {len(pairs) - 1} more libraries" if len(pairs) > 1 else ""),
            evidence=tuple(pin for pair in pairs[:4] for pin in pair),
            fact=facts.statement("cuda-libraries-twice"),
        )


@rule("runtime/pip-over-conda", Severity.ERROR, "the same project is installed by conda and by pip")
def pip_over_conda(context: CheckContext) -> Iterator[Found]:
    """Find projects that both conda and pip install: pip's files overwrite conda's in the same folder.

    torch and pytorch are left to `torch/conda-and-pip`.
    """
    for name, wheel in context.pypi.items():
        record = context.conda.get(name)
        if record is None and name in context.resolution.provided:
            record = context.conda.get(str(context.resolution.provided[pypi_name(name)][0]))
        if record is None and name in _CONDA_NAMES and name != "torch":
            record = context.conda.get(_CONDA_NAMES[name])
        needs_python = record is not None and any(
            dependency_name(text) in ("python", "python_abi") for text in record.record.depends
        )
        if record is not None and needs_python:
            yield Found(
                message=f"{name} comes from conda ({record.record.version}) and from pip ({wheel.version})",
                evidence=(record, wheel),
                fact=facts.statement("pip-over-conda"),
                severity=Severity.WARNING if record.record.version == wheel.version else None,
                proposals=(
                    Proposal(
                        text=f"{name} from conda alone", conda=(f"{record.record.name} =={wheel.version}",)
                    ),
                ),
            )
