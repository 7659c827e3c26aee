"""CUDA majors and toolkit releases mixed in one environment."""

from __future__ import annotations

import re
from collections.abc import Iterator

from resolver.checks import facts, stack
from resolver.checks.context import CheckContext
from resolver.checks.registry import Found, Proposal, rule
from resolver.model.findings import Severity
from resolver.model.leading_numbers import at_least, major, minor, release, satisfies
from resolver.model.resolution import CondaPin, PypiPin

#: What computes on the GPU: frameworks, and the libraries they load. Compilers and headers of another major
#: do no harm.
_COMPUTES = re.compile(
    r"(nvidia-)?(lib)?(cublas|cudnn|cusparse|cufft|cusolver|curand)(-cu\d+)?|(lib|py)?torch|tensorflow|jaxlib"
    r"|jax-cuda.*|cupy.*|cudf.*|onnxruntime-gpu|cvcuda.*|faiss-gpu.*|cudatoolkit|pytorch-cuda"
)
_CONDA_LIBRARIES = ("libcublas", "libcudnn", "cudnn", "libcufft", "libcusparse", "libcusolver")


@rule("cuda/two-majors", Severity.ERROR, "packages of two CUDA majors stand in one environment")
def two_majors(context: CheckContext) -> Iterator[Found]:
    """Find packages built for different CUDA majors (11, 12, 13).

    Each major has libraries of its own; frameworks of two majors load both, pass
    no memory or streams to each other, and their cuDNN and NCCL shadow each other.
    No resolver sees it: names and sonames differ. conda's cudatoolkit beside a
    newer cuda-version is the same fault. Where one major comes with tools alone
    (a compiler, NVRTC, NCCL) it is a warning.
    """
    groups: dict[int, list[CondaPin | PypiPin]] = {}
    for number, pin in stack.cuda_users(context):
        if str(pin.name) != "cuda-version" or _has_libraries(context):
            groups.setdefault(number, []).append(pin)
    if len(groups) < 2:
        return
    majors = sorted(groups)
    for pins in groups.values():
        pins.sort(key=lambda pin: _COMPUTES.fullmatch(str(pin.name)) is None)  # stable: frameworks stay first
    computing = [number for number in majors if any(_computes(pin) for pin in groups[number])]
    severity = None if len(computing) > 1 else Severity.WARNING
    both_conda = "cudatoolkit" in context.conda and "cuda-version" in context.conda
    yield Found(
        message=f"packages for CUDA {' and CUDA '.join(str(number) for number in majors)} in one environment",
        evidence=tuple(pin for number in majors for pin in groups[number][:2]),
        severity=severity,
        fact=facts.statement("cudatoolkit-and-cuda-version" if both_conda else "cuda-majors"),
        proposals=tuple(
            Proposal(text=f"CUDA {number} alone", conda=(f"cuda-version {number}.*",))
            for number in reversed(majors)
        ),
    )


def _computes(pin: CondaPin | PypiPin) -> bool:
    return str(pin.name) == "cuda-version" or _COMPUTES.fullmatch(str(pin.name)) is not None


def _has_libraries(context: CheckContext) -> bool:
    """Tell whether cuda-version, a package without files, speaks for CUDA libraries that depend on it."""
    users = (context.edges.get(name, ()) for name in _CONDA_LIBRARIES if name in context.conda)
    return any("cuda-version" in edges for edges in users)


@rule(
    "cuda/nvjitlink",
    Severity.ERROR,
    "nvJitLink is older than the cuSPARSE that needs it",
    facts=("cuda_components", "torch_releases"),
)
def nvjitlink(context: CheckContext) -> Iterator[Found]:
    """Compare nvJitLink with cuSPARSE among NVIDIA's wheels.

    cuSPARSE calls functions that carry the toolkit's number
    (`__nvJitLinkComplete_12_4`); an older nvJitLink lacks them. torch 2.1 to 2.4 don't pin it.
    """
    link, sparse = stack.nvidia_wheel(context, "nvjitlink"), stack.nvidia_wheel(context, "cusparse")
    if link is None or sparse is None or link[1] != sparse[1]:
        return
    toolkit = _toolkit_of(str(sparse[0].name), sparse[0].version)
    if toolkit is None or at_least(minor(link[0].version), minor(toolkit.cuda)):
        return
    yield Found(
        message=f"{link[0].name} {link[0].version} is older than CUDA {minor(toolkit.cuda)}, to which "
        f"{sparse[0].name} {sparse[0].version} belongs",
        evidence=(link[0], sparse[0]),
        fact=toolkit.fact(f"{sparse[0].name} {sparse[0].version} is part of CUDA {toolkit.cuda}"),
        proposals=(
            Proposal(
                text=f"{link[0].name}>={minor(toolkit.cuda)}",
                pypi=(f"{link[0].name}>={minor(toolkit.cuda)}",),
            ),
        ),
    )


def _toolkit_of(project: str, version: str) -> facts.CudaComponents | None:
    rows = facts.table(facts.CudaComponents).rows
    return next((row for row in rows if row.components.get(project) == version), None)


@rule(
    "cuda/components-mixed",
    Severity.WARNING,
    "NVIDIA's wheels are of different toolkit releases",
    facts=("cuda_components",),
)
def components_mixed(context: CheckContext) -> Iterator[Found]:
    """Find NVIDIA wheels of one CUDA major that belong to different toolkits.

    cuBLAS, cuSOLVER, cuSPARSE and the runtime are tested together; a mix happens
    when one requirement pins some of them and another leaves the rest open.
    """
    groups: dict[str, PypiPin] = {}
    for name, pin in context.pypi.items():
        stem = re.fullmatch(
            r"nvidia-(cublas|cufft|curand|cusolver|cusparse|cuda-runtime|cuda-nvrtc|cuda-cupti)(-cu\d+)?",
            name,
        )
        toolkit = _toolkit_of(name, pin.version) if stem else None
        if toolkit is not None:
            groups.setdefault(minor(toolkit.cuda), pin)
    if len(groups) < 2 or len({major(key) for key in groups}) > 1:
        return
    first, last = min(groups, key=release), max(groups, key=release)
    yield Found(
        message=f"NVIDIA's wheels belong to CUDA {' and CUDA '.join(sorted(groups, key=release))}",
        evidence=(groups[first], groups[last]),
        fact=next(row for row in facts.table(facts.CudaComponents).rows if minor(row.cuda) == first).fact(
            f"{groups[first].name} {groups[first].version} is of CUDA {first}, "
            f"{groups[last].name} {groups[last].version} of CUDA {last}"
        ),
    )


@rule("cuda/cupy-twice", Severity.ERROR, "cupy is installed for two CUDA majors")
def cupy_twice(context: CheckContext) -> Iterator[Found]:
    """Find two of cupy, cupy-cuda11x, cupy-cuda12x, cupy-cuda13x.

    They are one module and overwrite each other.
    """
    found: list[CondaPin | PypiPin] = [
        pin for name, pin in context.pypi.items() if re.fullmatch(r"cupy(-cuda\d+x?|-rocm.*)?", name)
    ]
    found += [context.conda[name] for name in ("cupy", "cupy-core") if name in context.conda][:1]
    if len(found) > 1:
        yield Found(
            message=f"cupy is installed {len(found)} times",
            evidence=tuple(found),
            fact=facts.statement("cupy-one"),
        )


@rule(
    "cuda/torch-pins",
    Severity.ERROR,
    "an NVIDIA wheel isn't the one its torch is linked against",
    facts=("torch_releases",),
)
def torch_pins(context: CheckContext) -> Iterator[Found]:
    """Compare NVIDIA's wheels with the versions that the torch wheel of PyPI pins.

    A lock can't break the pins; `pip install` of another package afterwards can,
    and does (a newer cuDNN for JAX, a newer NCCL for XGBoost). cuDNN and NCCL
    have their own rules.
    """
    wheel = context.pypi.get("torch")
    row = stack.torch_release(wheel.version) if wheel is not None else None
    if wheel is None or row is None or "+" in wheel.version or context.target.subdir not in row.platforms:
        return
    for name, specifier in row.pins.items():
        pin = context.pypi.get(name)
        if pin is None or re.match(r"nvidia-(cudnn|nccl)", name) or satisfies(pin.version, specifier):
            continue
        yield Found(
            message=f"{name} {pin.version} stands where torch {wheel.version} asks for {specifier}",
            evidence=(wheel, pin),
            fact=stack.torch_release_fact(row, f"torch {row.version} requires {name}{specifier}"),
            severity=None if major(pin.version) != major(specifier.lstrip("<>=~!")) else Severity.WARNING,
            proposals=(Proposal(text=f"{name}{specifier}", pypi=(f"{name}{specifier}",)),),
        )
