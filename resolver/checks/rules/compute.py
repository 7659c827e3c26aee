"""Compute capability: what packages hold code for."""

from __future__ import annotations

from collections.abc import Iterator

from resolver.checks import facts, stack
from resolver.checks.context import CheckContext
from resolver.checks.registry import Found, Proposal, rule
from resolver.machine.drivers import toolkit_driver
from resolver.model.findings import Severity
from resolver.model.leading_numbers import at_least, release


@rule(
    "gpu/architecture-missing",
    Severity.ERROR,
    "PyTorch holds no code for the GPU's compute capability",
    facts=("torch_arch", "gpus", "vm_sizes"),
)
def architecture_missing(context: CheckContext) -> Iterator[Found]:
    """Compare the architectures compiled into PyTorch with the GPU's compute capability.

    Machine code (SASS) runs on GPUs of the same major and a capability that is
    not lower; portable code (PTX) runs on any newer one. With neither, the job
    ends in `no kernel image is available for execution on the device`. Where the
    exact list of a release has no source, the lists before and after it stand in,
    and the finding is a warning; so it is where the list, or the GPU's capability,
    is somebody else's account.
    """
    gpu = context.machine.gpu
    if gpu is None or gpu.capability is None:
        return
    for build in stack.torch_builds(context):
        if build.cuda is None:
            continue
        rows, exact = stack.arch_rows(build, context.target.subdir)
        if not rows or any(_covers(row, gpu.capability) for row in rows):
            continue
        row = rows[0]
        codes = ", ".join(row.sass or ())
        yield Found(
            message=f"torch {build.version} for CUDA {build.cuda} has no code for the {gpu.model} "
            f"(compute capability {gpu.capability})",
            evidence=(
                build.pin,
                f"compiled for {codes}" + ("" if exact else f" in the neighbouring release {row.first}"),
                f"GPU: {gpu.model}, compute capability {gpu.capability}",
            ),
            fact=row.fact(
                f"torch {_span(row)} from {row.channel} for CUDA {row.cuda} is compiled for "
                f"{codes}" + (f", PTX for {', '.join(row.ptx)}" if row.ptx else "")
            ),
            severity=None if exact and row.is_sure and gpu.is_sure else Severity.WARNING,
            proposals=_older_variants(build, gpu.capability),
        )


def _span(row: facts.TorchArch | facts.CudaArch) -> str:
    """Return the releases that a row speaks of."""
    return row.first if row.first == row.last else f"{row.first} to {row.last}"


def _covers(row: facts.TorchArch, capability: str) -> bool:
    if any(stack.runs_on(code, capability) for code in row.sass or ()):
        return True
    return any(release(code) <= release(capability) for code in row.ptx)


def _older_variants(build: stack.Build, capability: str) -> tuple[Proposal, ...]:
    rows = [
        row
        for row in facts.table(facts.TorchArch).rows
        if row.channel == "pypi" and row.platform == "linux-64" and row.sass and _covers(row, capability)
    ]
    best = max(rows, key=lambda row: (release(row.last), release(row.cuda)), default=None)
    if best is None or build.is_conda:
        return ()
    return (Proposal(text=f"torch=={best.last}.* for CUDA {best.cuda}", pypi=(f"torch=={best.last}.*",)),)


@rule(
    "gpu/toolkit-cannot-target",
    Severity.ERROR,
    "no package of this CUDA release can hold code for the GPU",
    facts=("cuda_arch", "gpus", "vm_sizes"),
)
def toolkit_cannot_target(context: CheckContext) -> Iterator[Found]:
    """Compare the CUDA major of every package with the GPUs that its toolkits can still compile for.

    Each CUDA release drops old GPUs: CUDA 12 starts at compute capability 5.0,
    CUDA 13 at 7.5. Whatever a package was built with, it can't hold code for less.
    """
    gpu = context.machine.gpu
    if gpu is None or gpu.capability is None:
        return
    capability = release(gpu.capability)
    seen: set[int] = set()
    for number, pin in stack.cuda_users(context):
        rows = [row for row in facts.table(facts.CudaArch).rows if release(row.first)[0] == number]
        if number in seen or not rows:
            continue
        lowest = min(row.lowest for row in rows)
        if capability[0] * 10 + capability[1] < lowest:
            seen.add(number)
            row = rows[0]
            yield Found(
                message=f"packages for CUDA {number} can't run on the {gpu.model}: compute capability "
                f"{gpu.capability} is below {lowest // 10}.{lowest % 10}",
                evidence=(pin, f"GPU: {gpu.model}, compute capability {gpu.capability}"),
                fact=row.fact(
                    f"CUDA {_span(row)} compiles for {row.lowest // 10}.{row.lowest % 10} and later"
                ),
                severity=None if gpu.is_sure else Severity.WARNING,
                proposals=(
                    Proposal(text=f"packages for CUDA {number - 1}", conda=(f"cuda-version <{number}",)),
                ),
            )


@rule(
    "gpu/ptx-only",
    Severity.WARNING,
    "the GPU is served by PTX alone, compiled when the job starts",
    facts=("torch_arch", "cuda_toolkits"),
)
def ptx_only(context: CheckContext) -> Iterator[Found]:
    """Find a torch that reaches the GPU only through PTX.

    The driver compiles it at the first start, which takes minutes, and the
    driver must be as new as the toolkit that made the PTX: the lower floor of
    the CUDA major doesn't do.
    """
    gpu = context.machine.gpu
    build = stack.torch_build(context)
    if gpu is None or gpu.capability is None or build is None or build.cuda is None:
        return
    rows, exact = stack.arch_rows(build, context.target.subdir)
    if not exact or any(stack.runs_on(code, gpu.capability) for row in rows for code in row.sass or ()):
        return
    row = next((row for row in rows if _covers(row, gpu.capability)), None)
    if row is not None:
        toolkit = toolkit_driver(build.cuda, context.system)
        floor = f"; the driver must be {toolkit.linux} or newer" if toolkit and toolkit.linux else ""
        yield Found(
            message=f"torch {build.version} reaches the {gpu.model} through PTX for {', '.join(row.ptx)} "
            f"only{floor}",
            evidence=(build.pin, f"GPU: {gpu.model}, compute capability {gpu.capability}"),
            fact=row.fact(
                f"torch {_span(row)} for CUDA {row.cuda}: machine code for "
                f"{', '.join(row.sass or ())}, "
                f"PTX for {', '.join(row.ptx)}"
            ),
        )


@rule(
    "gpu/cudnn-architecture",
    Severity.WARNING,
    "cuDNN no longer lists the GPU's compute capability",
    facts=("cudnn_support",),
)
def cudnn_architecture(context: CheckContext) -> Iterator[Found]:
    """Compare cuDNN's support matrix with the GPU.

    cuDNN dropped Maxwell, Pascal and Volta between 9.11 and 9.17. Releases between two
    matrices are only judged where both say the same.
    """
    gpu = context.machine.gpu
    wheel = stack.nvidia_wheel(context, "cudnn")
    if gpu is None or gpu.capability is None or (wheel is None and "cudnn" not in context.conda):
        return
    pin = wheel[0] if wheel else context.conda["cudnn"]
    version = stack.pypi_version(pin)
    rows = [
        row for row in facts.table(facts.CudnnSupport).rows if wheel is None or row.family == f"cu{wheel[1]}"
    ]
    below = [row for row in rows if at_least(version, row.version)]
    listed = max((release(row.version)[:2] for row in facts.table(facts.CudnnSupport).rows), default=())
    if not below or release(version)[:2] > listed:
        return
    newest = max(release(row.version) for row in below)
    held = [row for row in below if release(row.version) == newest]
    device = release(gpu.capability)
    if all(
        all(release(code)[0] != device[0] or release(code) > device for code in row.capabilities)
        for row in held
    ):
        row = held[0]
        yield Found(
            message=f"cuDNN {version} doesn't support compute capability {gpu.capability} ({gpu.model})",
            evidence=(pin, f"its matrix lists {', '.join(row.capabilities)}"),
            fact=row.fact(f"cuDNN {row.version} for {row.family}: {', '.join(row.capabilities)}"),
        )


@rule("gpu/flash-attention-2", Severity.ERROR, "flash-attn 2 needs a GPU of compute capability 8.0 or later")
def flash_attention_2(context: CheckContext) -> Iterator[Found]:
    """Compare flash-attn with the GPU.

    It holds code for Ampere and later only (A100, A10, H100; not V100, T4).
    """
    gpu = context.machine.gpu
    pin = context.pypi.get("flash-attn") or context.conda.get("flash-attn")
    if gpu is None or gpu.capability is None or pin is None:
        return
    if facts.holds("flash-attention-2", flash_attn=stack.pypi_version(pin), capability=gpu.capability):
        yield Found(
            message=f"flash-attn {stack.pypi_version(pin)} doesn't run on the {gpu.model} (compute "
            f"capability {gpu.capability})",
            evidence=(pin, f"GPU: {gpu.model}"),
            fact=facts.statement("flash-attention-2"),
            severity=None if gpu.is_sure else Severity.WARNING,
        )
