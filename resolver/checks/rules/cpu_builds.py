"""CPU builds on GPU machines, and the reverse."""

from __future__ import annotations

from collections.abc import Iterator

from resolver.checks import facts, stack
from resolver.checks.context import CheckContext
from resolver.checks.registry import Found, Proposal, rule
from resolver.model.findings import Severity


@rule("gpu/cpu-build", Severity.ERROR, "a CPU build was chosen for a machine with a GPU")
def cpu_build(context: CheckContext) -> Iterator[Found]:
    """Find frameworks in their CPU build although the target has an NVIDIA GPU.

    The job runs, slowly, on the CPU; `torch.cuda.is_available()` is false. It
    happens when the environment was solved where no GPU is, or from an index of
    CPU wheels. A CPU build that was asked for (`cpuonly`, `pytorch-cpu`,
    `=*=cpu*`) is a note; where only `__cuda` speaks of a GPU it is a warning.
    """
    if not context.wants_gpu:
        return
    severity = Severity.ERROR if context.machine.gpu is not None else Severity.WARNING
    for build in stack.torch_builds(context):
        if not build.is_cpu:
            continue
        asked = _asked_for_cpu(context)
        yield Found(
            message=f"torch {build.version} is a CPU build, the target has "
            + (context.machine.gpu.model if context.machine.gpu else "a CUDA driver"),
            evidence=(
                build.pin,
                *((f"asked for: {asked}",) if asked else ()),
                f"GPU: {context.machine.gpu.model}"
                if context.machine.gpu
                else f"__cuda {context.cuda_limit}",
            ),
            severity=Severity.NOTE if asked else severity,
            fact=facts.statement(
                "cpu-build" if build.is_conda or "+" in build.version else "torch-default-wheels"
            ),
            proposals=(Proposal(text="a CUDA build", conda=(f"pytorch =={build.version} *cuda*",)),)
            if build.is_conda
            else (),
        )
    for name in ("tensorflow", "jaxlib", "xgboost", "lightgbm", "faiss"):
        pin = context.conda.get(name)
        if pin is not None and pin.record.build.startswith("cpu") and name in ("tensorflow", "jaxlib"):
            yield Found(
                message=f"{name} {pin.record.version} is a CPU build, the target has a GPU",
                evidence=(pin,),
                severity=min(severity, Severity.WARNING, key=lambda item: -item.rank),
                fact=facts.statement("cpu-build"),
                proposals=(Proposal(text="a CUDA build", conda=(f"{name} * *cuda*",)),),
            )


def _asked_for_cpu(context: CheckContext) -> str | None:
    if context.requirements is None:
        return None
    for item in context.requirements.conda:
        if str(item.name) in ("cpuonly", "pytorch-cpu", "nocuda") or (
            "torch" in str(item.name) and "cpu" in item.spec
        ):
            return f"{item.origin}: {item.spec}"
    for wheel in context.requirements.pypi:
        if wheel.name == "torch" and (
            "+cpu" in wheel.text or (wheel.index or "").rstrip("/").endswith("/cpu")
        ):
            return f"{wheel.origin}: {wheel.text}"
    return None


@rule("gpu/cuda-build-without-gpu", Severity.WARNING, "a CUDA build was chosen for a machine without a GPU")
def cuda_build_without_gpu(context: CheckContext) -> Iterator[Found]:
    """Find CUDA builds for a target that is declared to have no GPU.

    They work, on the CPU, and carry gigabytes of libraries that nothing uses.
    Only a declared machine counts (a VM size without a GPU, `--gpu none`).
    """
    if context.machine.has_gpu is not False:
        return
    for build in stack.torch_builds(context):
        if build.cuda is not None:
            yield Found(
                message=f"torch {build.version} is built for CUDA {build.cuda}, the target has no GPU",
                evidence=(
                    build.pin,
                    f"VM size {context.machine.vm_size}" if context.machine.vm_size else "--gpu none",
                ),
                fact=facts.statement("cuda-without-gpu"),
                proposals=(Proposal(text="the CPU build", conda=(f"pytorch =={build.version} *cpu*",)),)
                if build.is_conda
                else (),
            )


@rule(
    "gpu/not-nvidia",
    Severity.ERROR,
    "packages for CUDA on a machine whose GPU isn't NVIDIA's",
    facts=("vm_sizes",),
)
def not_nvidia(context: CheckContext) -> Iterator[Found]:
    """Find CUDA packages for a VM size with an AMD GPU: nothing in them can use it."""
    gpu = context.machine.gpu
    if gpu is None or gpu.vendor == "nvidia":
        return
    user = next(iter(stack.cuda_users(context)), None)
    if user is not None:
        row = context.machine.vm
        yield Found(
            message=f"{context.machine.vm_size or gpu.model} has no NVIDIA GPU, and the environment is for "
            f"CUDA {user[0]}",
            evidence=(user[1], f"GPU: {gpu.model}"),
            fact=row.fact(f"series {row.series}: {row.gpu}") if row else None,
        )


@rule("gpu/rocm-build", Severity.ERROR, "a ROCm build was chosen for a machine with an NVIDIA GPU")
def rocm_build(context: CheckContext) -> Iterator[Found]:
    """Find torch and its extensions of a ROCm index (`+rocm6.2`) for an NVIDIA GPU: they don't see it."""
    gpu = context.machine.gpu
    if gpu is None or gpu.vendor != "nvidia":
        return
    for name in ("torch", "torchvision", "torchaudio"):
        pin = context.pypi.get(name)
        if pin is not None and "+rocm" in pin.version:
            yield Found(
                message=f"{name} {pin.version} is built for AMD GPUs, the target has {gpu.model}",
                evidence=(pin, f"GPU: {gpu.model}"),
                fact=facts.statement("rocm-build"),
            )
